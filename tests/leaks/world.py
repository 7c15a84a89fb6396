"""Two reps of different teams, each with one record of every object.

All words of the hidden one bear a mark, so that any answer to somebody else that holds the mark has
told too much.
"""

from __future__ import annotations

import io
import random
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.cast import Cast
from wubu.control.alerts.evaluating import evaluate_all
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.records import actions
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

MARK = "孙悦机密"
LATIN = "sunsecret"  # where only Latin letters fit
PHONE = "13987654321"
AMOUNT = 7_654_321_09  # fen, of what no published figure counts
NUMBERS = ("7,654,321", "7654321", "765.4")
TOLD = (MARK, LATIN, PHONE, "139 8765 4321", *NUMBERS)
WORDS = ("text", "longtext")


@dataclass
class World:
    """Records by object key: those of 张伟 and those of 孙悦, and what hangs on the latter."""

    cast: Cast
    mine: dict[str, Record] = field(default_factory=dict)
    theirs: dict[str, Record] = field(default_factory=dict)
    crossed: dict[str, Record] = field(default_factory=dict)  # 张伟's, linked to 孙悦's
    file_id: int = 0


def build(cast: Cast) -> World:
    world = World(cast)
    for key in in_order():
        world.mine[key] = _make(key, cast.zhang_wei.id, world.mine, marked=False)
    kept = actions.store_file(
        actor=SYSTEM,
        name=f"{LATIN}.txt",
        content=io.BytesIO(MARK.encode()),
        content_type="text/plain",
    )
    world.file_id = kept.id
    for key in in_order():
        world.theirs[key] = _make(key, cast.sun_yue.id, world.theirs, marked=True)
    _attach(world)
    _cross(world)
    evaluate_all()
    return world


def in_order() -> list[str]:
    """Every object, what is pointed at before what points."""
    done: list[str] = []

    def visit(key: str) -> None:
        if key in done:
            return
        for f in snapshot().object(key).live_fields:
            if f.type == "link" and f.target != key and f.required:
                visit(f.target)
        done.append(key)

    for spec in snapshot().live:
        visit(spec.key)
    return done


def _make(key: str, owner: int, made: dict[str, Record], *, marked: bool) -> Record:
    spec = snapshot().object(key)
    rnd = random.Random(f"{key} {marked}")  # ids differ from run to run
    values: dict[str, Any] = {}
    for f in spec.live_fields:
        kind = FIELD_TYPES[f.type]
        if f.type == "member":
            values[f.key] = owner
        elif f.type == "link" and f.target in made and f.target != key:
            values[f.key] = made[f.target].id
        elif f.type in ("link", "links", "team", "attachment", "serial") or kind.computed:
            continue
        else:
            values[f.key] = _value(f, rnd, key, marked)
    if "pool" in spec.fields:
        values["pool"] = False
    if rule := spec.options.get("children_total"):
        values[rule["field"]] = "100%"
    return actions.create(actor=SYSTEM, object_key=key, values=values)


def _value(f: FieldSpec, rnd: random.Random, key: str, marked: bool) -> Any:
    if f.type in ("date", "datetime"):
        day = now() if f.type == "datetime" else today()
        return day - timedelta(days=1)
    if (key, f.key) == ("payment", "amount"):
        return "1"  # too little: what is due is overdue
    if (key, f.key) == ("contract", "status"):
        return "active"  # and so it counts
    if not marked:
        if f.type in WORDS and not f.options.get("format"):
            return f"张伟的{key}"[: f.options.get("max", 99)]
        return None if f.unique else FIELD_TYPES[f.type].sample(f, rnd)
    match f.type:
        case "text" | "longtext" if not f.options.get("format"):
            return f"{MARK}{key}"[: f.options.get("max", 99)]
        case "email":
            return f"{LATIN}@example.com"
        case "url":
            return f"https://{LATIN}.example.com/"
        case "phone":
            return PHONE
        case "money" if key not in ("contract", "payment"):
            return f"{AMOUNT // 100}.{AMOUNT % 100:02}"
        case _:
            return None if f.unique else FIELD_TYPES[f.type].sample(f, rnd)


def _attach(world: World) -> None:
    contract = world.theirs["contract"]
    actions.update(
        actor=SYSTEM, object_key="contract", id=contract.id, values={"files": [world.file_id]}
    )


def _cross(world: World) -> None:
    """An opportunity and a follow-up that 张伟 took over, while the customer stayed with 孙悦."""
    theirs, owner = world.theirs, world.cast.zhang_wei.id
    customer, contact = theirs["customer"].id, theirs["contact"].id
    for key, values in {
        "opportunity": {"name": "接手的商机", "customer": customer, "contact": contact},
        "follow_up": {"content": "接手后的跟进", "customer": customer, "contact": contact},
        "quote": {"customer": customer},
        "contract": {"name": "接手的合同", "customer": customer, "amount": "1"},
    }.items():
        given = {**values, "owner": owner}
        world.crossed[key] = actions.create(actor=SYSTEM, object_key=key, values=given)


def told(text: str) -> list[str]:
    """The marks that a text gives away; JSON writes Chinese as codes."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    return [mark for mark in TOLD if mark in plain]
