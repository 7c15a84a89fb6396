"""The generated reference says what the code says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import docs
from scripts.reference import language
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.formula import queries as formulas
from wubu.measure.metrics.kinds import KINDS

ROOT = docs.ROOT


def text(name: str) -> str:
    return (docs.FOLDER / name).read_text(encoding="utf-8")


def test_no_page_is_stale(unit: None) -> None:
    assert docs.stale(docs.pages()) == [], "run: make docs"


def test_every_field_type_is_there() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", text("fields.md"), re.M))
    assert set(FIELD_TYPES) <= rows


def test_every_kind_of_metric_is_there() -> None:
    assert set(KINDS) <= set(re.findall(r"^\| `(\w+)` \|", text("metrics.md"), re.M))


def test_every_function_is_explained_in_both_languages_with_an_example() -> None:
    assert language.undocumented() == []


def test_the_formulas_of_the_introduction_are_understood(unit: None) -> None:
    block = re.search(r"```\n(.*?)```", text("language.md"), re.S)
    assert block
    for line in block[1].splitlines():
        formulas.parse(line, snapshot=snapshot(), object_key="opportunity")


def names_in(path: Path) -> Iterator[str]:
    found = re.findall(r"environ(?:\.get|\.pop)?[\(\[]\s*\"([A-Z_]+)\"", path.read_text("utf-8"))
    yield from (name for name in found if name.startswith("WUBU_") or name == "DATABASE_URL")


def test_every_setting_is_listed_and_every_listed_one_is_read() -> None:
    used = {
        name
        for folder in ("wubu", "scripts", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for name in names_in(path)
    }
    listed = set(re.findall(r"`(WUBU_[A-Z_]+|DATABASE_URL)`", text("configuration.md")))
    assert used - listed == set()
    assert {name for name in listed if not any_mention(name)} == set()


def any_mention(name: str) -> bool:
    places = [*(ROOT / "wubu").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]
    places += [p for p in (ROOT / "tests").rglob("*.py") if p != Path(__file__)]
    return any(name in path.read_text("utf-8") for path in places)


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_commands_of_the_readme_are_in_the_makefile(name: str) -> None:
    said = set(re.findall(r"`?make ([a-z]+)", (ROOT / name).read_text("utf-8")))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert {"demo", "test"} <= said <= targets
