"""Links resolve, commands exist, logins are those of the demo."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.reference.cli import verbs
from wubu.demo.command import LOGINS
from wubu.demo.staff import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"^\$? ?(?:[\w./-]*/)?(wubu|make)(?: +(?=[a-z])([a-z]+))", re.M)
IDS = [str(page.relative_to(ROOT)) for page in PAGES]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made on the web."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def code_blocks(page: Path) -> str:
    return "\n".join(re.findall(r"```(?:sh)?\n(.*?)```", page.read_text("utf-8"), re.S))


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_resolve(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        assert place.exists(), f"{page.name}: {target}"
        assert ROOT in place.parents, f"{page.name}: {target} leaves the project"
        if anchor and place.suffix == ".md":
            assert anchor in anchors(place), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_commands_exist(page: Path) -> None:
    known = {name: {verb for verb, _ in verbs()} for name in ("wubu",)}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    known["make"] = set(re.findall(r"^([a-z]+):", makefile, re.M))
    said = COMMAND.findall(code_blocks(page))
    said += re.findall(r"`(wubu|make) ([a-z]+)[^`]*`", page.read_text("utf-8"))
    for command, verb in said:
        assert verb in known[command], f"{page.name}: {command} {verb}"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_no_page_names_a_place_on_somebodys_machine(page: Path) -> None:
    assert not re.search(r"/(?:work|tmp|home|root)/", page.read_text("utf-8"))


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_demo_logins_are_real(name: str) -> None:
    words = (ROOT / name).read_text("utf-8")
    assert f"`{PASSWORD}`" in words
    assert all(f"`{login}`" in words for login, _ in LOGINS["demo"])


def test_pictures_are_shown_and_small() -> None:
    pictures = list((ROOT / "docs" / "images").glob("*"))
    words = "".join(page.read_text("utf-8") for page in PAGES)
    assert [p.name for p in pictures if p.name not in words] == []
    assert sum(p.stat().st_size for p in pictures) < 4 * 2**20
