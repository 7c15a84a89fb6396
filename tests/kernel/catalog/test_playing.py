"""Rooms speak of roles: no key of the sales pack stands in the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from wubu.kernel.catalog import playing
from wubu.kernel.catalog.queries import snapshot

ROOT = Path(__file__).parents[3] / "wubu"
# What is about the sales pack: its practice data and the demo companies.
# Keys that are names of roles too, and are used as such.
ROLES = {"customer", "contact", "opportunity", "contract", "product"}
ABOUT = ("packs/", "demo/", "collect/practice/", "collect/imports/recipes/")


@pytest.mark.django_db
def test_the_sales_pack_plays_them(unit: None) -> None:
    objects = snapshot().live
    customers, deals = playing.customers(objects), playing.deals(objects)
    assert customers is not None
    assert deals is not None
    assert (customers.key, deals.key) == ("customer", "opportunity")
    assert [o.key for o in playing.activities(objects)] == ["follow_up", "follow_plan", "visit"]


def test_a_company_without_any_of_them() -> None:
    assert playing.customers(()) is None
    assert playing.deals(()) is None
    assert playing.activities(()) == ()


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every text of a program but for examples, words for people and docstrings."""
    for node in ast.iter_child_nodes(tree):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called == "Text" or (isinstance(node, ast.keyword) and node.arg == "example"):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield from strings(node)


@pytest.mark.django_db
def test_no_key_of_the_pack_stands_in_the_program(unit: None) -> None:
    keys = {o.key for o in snapshot().live} - ROLES
    address = re.compile(rf"/o/({'|'.join(sorted(keys))})\b")
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(ABOUT) or "migrations" in name:
            continue
        for node in strings(ast.parse(path.read_text(encoding="utf-8"))):
            words = node.value.split()
            if (words and set(words) <= keys) or address.search(node.value):
                found.append(f"{name}:{node.lineno}: {node.value}")
    for path in sorted([*ROOT.rglob("*.html"), *ROOT.rglob("*.js")]):
        if "vendor" not in path.parts:
            found += [f"{path.name}: {m[0]}" for m in address.finditer(path.read_text("utf-8"))]
    assert found == []
