"""The layer checks catch what they are there for."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

from grimp import ImportGraph

from scripts.contracts import ModelsStayHome

ROOT = Path(__file__).resolve().parents[2]


def graph(*imports: tuple[str, str]) -> ImportGraph:
    made = ImportGraph()
    for importer, imported in imports:
        made.add_import(importer=importer, imported=imported)
    return made


def found(made: ImportGraph) -> list[str]:
    contract = ModelsStayHome("", {}, {"name": "", "type": ""})
    return [importer for importer, _, _ in contract.check(made, False).metadata["found"]]


def test_a_room_may_import_its_own_models() -> None:
    assert found(graph(("wubu.kernel.people.actions", "wubu.kernel.people.models"))) == []


def test_another_room_may_not() -> None:
    assert found(graph(("wubu.web.pages.shell.today", "wubu.kernel.people.models"))) == [
        "wubu.web.pages.shell.today"
    ]


def test_a_room_whose_name_begins_alike_is_another_room() -> None:
    assert found(graph(("wubu.kernel.peoplex.actions", "wubu.kernel.people.models"))) == [
        "wubu.kernel.peoplex.actions"
    ]


def test_the_order_of_the_rooms_is_the_method() -> None:
    config = ConfigParser()
    config.read(ROOT / ".importlinter")
    layers = config["importlinter:contract:rooms"]["layers"].split()
    steps = ["web", "improve", "motivate", "control", "measure", "collect", "kernel"]
    assert layers[-7:] == [f"wubu.{step}" for step in steps]
