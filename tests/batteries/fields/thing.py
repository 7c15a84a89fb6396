"""An object that has a field of every type, and something for it to link to."""

from __future__ import annotations

import io
import random
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Record
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Actor, Text

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
COLORS = (
    Choice("red", Text("红色 🔴", "Red 🔴"), "red"),
    Choice("blue", Text("蓝色", "Blue"), "blue"),
    Choice("green", Text("أخضر", "Green אבג"), "green"),
)
SHADES = (
    Choice("crimson", Text("深红", "Crimson"), parent="red"),
    Choice("navy", Text("海军蓝", "Navy"), parent="blue"),
    Choice("any", Text("任意", "Any")),
)
KINDS = tuple(FIELD_TYPES)
TYPED = tuple(k for k, t in FIELD_TYPES.items() if not t.computed)
OPTIONS: dict[str, dict[str, Any]] = {
    "formula": {"formula": "{number} + 1", "result": "number"},
    "rollup": {"object": "part", "via": "thing", "agg": "sum", "field": "worth"},
    "lookup": {"via": "link", "field": "grade"},
    "number": {"decimals": 2},
    "address": {"index": True},
}


def _field(object_key: str, key: str, kind: str, **more: Any) -> FieldSpec:
    label = FIELD_TYPES[kind].label
    return FieldSpec(object_key, key, kind, more.pop("label", label), **more)


def objects() -> list[ObjectSpec]:
    """``thing`` with a field ``x`` of each type ``x``; ``place`` it links to; its ``part``."""
    place = {
        "name": _field("place", "name", "text", label=Text("地名", "Name of place")),
        "grade": _field("place", "grade", "choice", choices=COLORS),
        "worth": _field("place", "worth", "money"),
        "home": _field("place", "home", "address"),
        "boss": _field("place", "boss", "member"),
        "photos": _field("place", "photos", "image"),
        "papers": _field("place", "papers", "attachment"),
        "marks": _field("place", "marks", "multichoice", choices=COLORS),
        "crew": _field("place", "crew", "members"),
        "houses": _field("place", "houses", "teams"),
        "near": _field("place", "near", "links", target="place"),
    }
    thing = {}
    for place_no, kind in enumerate(KINDS):
        of = FIELD_TYPES[kind]
        thing[kind] = _field(
            "thing",
            kind,
            kind,
            position=place_no + 1,
            choices=COLORS if of.has_choices else (),
            target="place" if of.has_target else "",
            options=OPTIONS.get(kind, {}),
        )
    thing["shade"] = _field(
        "thing",
        "shade",
        "choice",
        label=Text("色调", "Shade"),
        choices=SHADES,
        options={"depends_on": "choice"},
    )
    part = {
        "thing": _field("part", "thing", "link", target="thing"),
        "worth": _field("part", "worth", "money"),
    }
    return [
        ObjectSpec("place", Text("地点", "Place"), Text("地点", "Places"), fields=place,
                   roles={"title": "name"}, options={"searchable": True}),
        ObjectSpec("thing", Text("东西", "Thing"), Text("东西", "Things"), fields=thing,
                   roles={"title": "text"}, options={"searchable": True, "list": list(KINDS)}),
        ObjectSpec("part", Text("零件", "Part"), Text("零件", "Parts"), fields=part,
                   part_of="thing"),
    ]  # fmt: skip


def install() -> None:
    schema.apply(schema.plan(objects()), actor=SYSTEM)


def spec() -> ObjectSpec:
    return snapshot().object("thing")


def file_id(actor: Actor = SYSTEM, name: str = "photo.png") -> int:
    return records.store_file(
        actor=actor, name=name, content=io.BytesIO(PIXEL), content_type="image/png"
    ).id


def place(name: str = "上海", **values: Any) -> Record:
    given = {"name": name, "grade": "red", "worth": "10", **values}
    return records.create(actor=SYSTEM, object_key="place", values=given)


def sample(kind: str, rnd: random.Random, world: dict[str, Any]) -> Any:
    """A raw value of a typed field, links and files included."""
    of = FIELD_TYPES[kind]
    if of.files:
        return [file_id()]
    aim = {"place": "places", "member": "members", "team": "teams"}.get(
        of.refers_to(spec().fields[kind])
    )
    if aim:
        some = rnd.sample(world[aim], 2)
        return some if of.many else some[0]
    return of.sample(spec().fields[kind], rnd)


def samples(rnd: random.Random, world: dict[str, Any]) -> dict[str, Any]:
    return {kind: sample(kind, rnd, world) for kind in TYPED}
