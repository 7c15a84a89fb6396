"""coverage.md is true: its pages answer, its commands and tests exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from scripts.reference.cli import verbs

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "coverage.md"
ROW = re.compile(r"^\| (A-\d{3}) \|", re.M)


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if ROW.match(line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_it_works() -> None:
    assert len(rows()) > 40
    assert all(len(row) == 4 for row in rows())


def test_every_number_stands_once_and_in_order() -> None:
    numbers = [row[0] for row in rows()]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_pages_commands_and_tests_exist(row: list[str]) -> None:
    known = {verb for verb, _ in verbs()}
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    places = re.findall(r"`([^`]+)`", row[2])
    assert places, "name a page or a command"
    for place in places:
        first, *rest = place.split()
        if first == "wubu":
            assert rest[0] in known, place
        elif first == "make":
            assert rest[0] in targets, place
        elif place.endswith((".md", ".yaml", ".py")):
            assert (ROOT / place).exists(), place
        else:
            path = re.sub(r"<\w+>", "1", place.split("?")[0])
            try:
                resolve(path)
            except Resolver404:
                pytest.fail(f"{row[0]}: no page answers {place}")
    tests = re.findall(r"`([^`]+)`", row[3])
    assert tests, "name a test"
    for test in tests:
        name, _, function = test.partition("::")
        file = ROOT / "tests" / name
        assert file.exists(), test
        if function:
            assert re.search(rf"def {function}\b", file.read_text("utf-8")), test
