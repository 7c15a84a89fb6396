"""One concept, one word: labels, glossary and names in the code agree."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scripts import docs
from wubu.kernel.definitions.kinds import kinds
from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.jobs.types import STATES
from wubu.kernel.packs.content.sections import sections
from wubu.kernel.permissions.rules import ACTIONS, AREAS, LEVELS, SCOPES
from wubu.kernel.types import Text
from wubu.measure.metrics.kinds import KINDS
from wubu.web import pages
from wubu.web.entries import STEPS

WUBU = docs.ROOT / "wubu"
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| `([^`|]+)` \| ([^|]+) \|$", re.M)
# Words that needed this page to be understood, and what is written instead.
FORBIDDEN_IN_LABELS = (
    r"\b[Hh]olds? from\b",  # Effective from
    r"\b[Kk]ept by\b",  # Owner
    r"\b[Ll]et it rest\b|\bat rest\b|\b[Oo]ut of use\b",  # Disable
    r"\b[Ww]ake it\b|\b[Bb]ring back\b|\b[Bb]rought back\b",  # Enable, Restore
    r"\b[Tt]aken? back\b",  # Undo, Revoke
    r"\b[Pp]ut (it )?off\b",  # Snooze
    r"\bworth\b|\bscene\b",  # Management value, Context
    r"\bthe way it goes\b",
)
FORBIDDEN_IN_CODE = frozenset(
    {
        *("Eyes", "Sighted", "Sights", "keep_sights", "Heart", "Looking", "looking", "Stay"),
        *("stays", "stays_during", "standing", "Standing", "sweep", "sweeping", "hold_and_ask"),
        *("put_off", "tell_purged", "Taking", "Few", "swept", "hearts", "duty"),
    }
)


@cache
def rows() -> list[tuple[str, str, str]]:
    text = (docs.FOLDER / "glossary.md").read_text(encoding="utf-8")
    found = [(m[1].strip(), m[2].strip(), m[3].strip()) for m in ROW.finditer(text)]
    return [row for row in found if row[0] != "English"]


def labels() -> Iterator[tuple[str, Text]]:
    """Every label that names a concept of the product, with where it stands."""
    yield from ((f"step {key}", label) for key, label, _ in STEPS)
    yield from ((f"navigation {e.url}", e.label) for e in pages.entries())
    yield from ((f"field type {key}", t.label) for key, t in FIELD_TYPES.items())
    yield from ((f"metric kind {key}", k.label) for key, k in KINDS.items())
    yield from ((f"rule kind {k.name}", k.label) for k in kinds())
    yield from ((f"section {s.name}", s.label) for s in sections())
    for where, words in (("right", ACTIONS), ("scope", SCOPES), ("level", LEVELS), ("area", AREAS)):
        yield from ((f"{where} {key}", label) for key, label in words.items())
    yield from ((f"state of jobs {key}", label) for key, label in STATES.items())


def test_each_label_is_in_the_glossary() -> None:
    known = {(en, zh) for en, zh, _ in rows()}
    missing = [f"{where}: {t.en} · {t.zh}" for where, t in labels() if (t.en, t.zh) not in known]
    assert missing == [], "docs/reference/glossary.md does not name them"


def test_each_english_word_has_one_chinese_one() -> None:
    """Within a section: “Teams” is a field of several teams among fields, the tree elsewhere."""
    text = (docs.FOLDER / "glossary.md").read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        chinese: dict[str, set[str]] = {}
        for m in ROW.finditer(section):
            chinese.setdefault(m[1].strip(), set()).add(m[2].strip())
        assert {en: zh for en, zh in chinese.items() if len(zh) > 1} == {}


def test_names_in_code_exist() -> None:
    wrong = []
    for _, _, name in rows():
        if "." not in name:
            continue  # a key
        module, leaf = name, ""
        while module:
            try:
                found = importlib.import_module(f"wubu.{module}")
            except ModuleNotFoundError:
                module, _, last = module.rpartition(".")
                leaf = f"{last}.{leaf}".rstrip(".")
                continue
            break
        if not module or (leaf and not hasattr(found, leaf)):
            wrong.append(name)
    assert wrong == []


def sources() -> Iterator[Path]:
    yield from (p for p in WUBU.rglob("*.py") if "migrations" not in p.parts)


def texts() -> Iterator[tuple[str, str]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text":
                for arg in node.args[1:2]:
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str):
                        yield f"{path.relative_to(WUBU)}:{node.lineno}", arg.value
    for path in (WUBU / "web/templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"""\{%\s*t\s+(["']).*?\1\s+(["'])(.*?)\2""", text):
            yield str(path.relative_to(WUBU)), found[3]


@pytest.mark.parametrize("pattern", FORBIDDEN_IN_LABELS)
def test_old_words_do_not_come_back_in_labels(pattern: str) -> None:
    assert [f"{where}: {text}" for where, text in texts() if re.search(pattern, text)] == []


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.alias):
            yield node.lineno, (node.asname or node.name).rpartition(".")[2]


def test_old_words_do_not_come_back_in_code() -> None:
    found = [
        f"{path.relative_to(WUBU)}:{line}: {name}"
        for path in sources()
        for line, name in names(ast.parse(path.read_text(encoding="utf-8")))
        if name in FORBIDDEN_IN_CODE
    ]
    found += [str(p.relative_to(WUBU)) for p in sources() if p.stem in FORBIDDEN_IN_CODE]
    assert found == []


def test_first_lines_of_docstrings_are_whole() -> None:
    wrong = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            kinds_ = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            said = ast.get_docstring(node) if isinstance(node, kinds_) else None
            first = said.split("\n")[0] if said else "."
            if "\n" in (said or "") and not first.endswith((".", "?", "!")):
                wrong.append(f"{path.relative_to(WUBU)}: {first}")
    assert wrong == []
