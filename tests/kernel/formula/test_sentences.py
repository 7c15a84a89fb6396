"""Formulas as people would say them, and every formula of every pack without a raw key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.kernel.formula.company import SNAPSHOT
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import parse
from wubu.kernel.packs.content.build import objects
from wubu.kernel.packs.files.loading import load, shipped_keys
from wubu.kernel.types import Refused, Text

BOOL = ValueType("bool")
LABELS = {
    "pool": Text("在公海", "In the pool"),
    "done": Text("已完成", "Done"),
    "key": Text("是否重点", "Is important"),
    "seal": Text("需要盖章", "Needs a seal"),
    "vip": Text("重点客户", "Key account"),
    "checked": Text("合规确认", "Compliance confirmed"),
    "child": Text("有子公司", "Has subsidiaries"),
}
SAID = [
    ("{pool} = TRUE", "在公海", "It is in the pool"),
    ("{pool} = FALSE", "不在公海", "It is not in the pool"),
    ("{pool} <> TRUE", "不在公海", "It is not in the pool"),
    ("NOT COALESCE({done}, FALSE)", "未完成", "It is not done"),
    ("NOT NOT {done}", "已完成", "It is done"),
    ("{key}", "重点为“是”", "It is important"),
    ("NOT {seal}", "不需要盖章", "It does not need a seal"),
    ("NOT {checked}", "“合规确认”为否", "Compliance is not confirmed"),
    ("{vip}", "“重点客户”为是", "It has “Key account” ticked"),
    ("NOT {child}", "没有子公司", "It has no subsidiaries"),
    ("{stage} = 'won'", "阶段是“赢单”", "Stage is “Won”"),
    ("{stage} <> 'won'", "阶段不是“赢单”", "Stage is not “Won”"),
    ("NOT {stage} = 'won'", "阶段不是“赢单”", "Stage is not “Won”"),
    ("{stage} IN ('won')", "阶段是“赢单”", "Stage is “Won”"),
    (
        "{stage} NOT IN ('won', 'lost')",
        "阶段不是“赢单”或“输单”",
        "Stage is neither “Won” nor “Lost”",
    ),
    ("NOT {amount} < 5", "金额不低于 5", "Amount is at least 5"),
    ("NOT ISBLANK({note})", "备注已填写", "Note is filled in"),
    ("NOT CONTAINS({note}, '急')", "备注不包含“急”", "Note does not contain “急”"),
    (
        "COALESCE({amount}, 0) > 1",
        "金额（没有则按 0 算）大于 1",
        "Amount (0 if empty) is more than 1",
    ),
    ("{closed_on} = TODAY()", "结束日期是今天", "Closed on is today"),
    (
        "{amount} > 1 AND {stage} = 'won' AND {done}",
        "金额大于 1，且阶段是“赢单”，且已完成",
        "Amount is more than 1, stage is “Won”, and it is done",
    ),
    (
        "{done} OR ({amount} > 1 AND NOT {pool})",
        "已完成，或（金额大于 1，且不在公海）",
        "It is done, or (amount is more than 1 and it is not in the pool)",
    ),
    (
        "NOT ({amount} > 1 AND {done})",
        "并非（金额大于 1，且已完成）",
        "Not (amount is more than 1 and it is done)",
    ),
    ("TRUE", "总是", "Always"),
]


def catalog() -> Snapshot:
    deal = SNAPSHOT.objects["t_deal"]
    more = {k: FieldSpec("t_deal", k, "bool", label) for k, label in LABELS.items()}
    spec = replace(deal, fields={**deal.fields, **more}, model=None)
    return Snapshot("sentences", {**SNAPSHOT.objects, "t_deal": spec})


@pytest.mark.parametrize(("text", "zh", "en"), SAID)
def test_it_works(text: str, zh: str, en: str) -> None:
    made = parse(text, snapshot=catalog(), object_key="t_deal", expect=BOOL)
    assert made.sentence("zh") == zh
    assert made.sentence("en") == en
    assert made.clause("en") in (en, en[0].lower() + en[1:])
    again = parse(made.canonical(), snapshot=catalog(), object_key="t_deal", expect=BOOL)
    assert again.sentence("zh") == zh


def test_a_path_belongs_to_somebody() -> None:
    made = parse("{customer.name} = 'X'", snapshot=catalog(), object_key="t_deal", expect=BOOL)
    assert made.sentence("en").startswith("The customer’s ")
    assert made.clause("en").startswith("the customer’s ")


def test_names_and_letters_stay_as_they_are() -> None:
    said = {t: Text("", t).inside.en for t in ("Amount", "ID", "WeChat", "A plan", "Chinese name")}
    assert said == {
        "Amount": "amount",
        "ID": "ID",
        "WeChat": "WeChat",
        "A plan": "a plan",
        "Chinese name": "Chinese name",
    }


# Every formula that comes with the product


def texts(part: Any, here: str, known: dict[str, ObjectSpec]) -> Iterator[tuple[str, str]]:
    """Each text of a pack with the object that it is about, as far as that can be told."""
    if isinstance(part, dict):
        named = part.get("object")
        here = named if isinstance(named, str) and named in known else here
        for key, value in part.items():
            below = key if key in known and isinstance(value, dict) else here
            if isinstance(value, str) and "{" in value:
                yield below, value
            else:
                yield from texts(value, below, known)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value, here, known)


@pytest.mark.parametrize("key", shipped_keys())
def test_every_formula_of_every_pack_is_said_without_keys(key: str) -> None:
    pack = load(key)
    known = {s.key: s for s in objects(pack.pack)}
    world = Snapshot(f"pack-{key}", known)
    keys = {k for s in known.values() for k in s.fields if "_" in k}
    keys |= {
        c.key for s in known.values() for f in s.fields.values() for c in f.choices if "_" in c.key
    }
    found = 0
    for object_key, text in dict.fromkeys(texts(pack.content, "", known)):
        try:
            made = parse(text, snapshot=world, object_key=object_key)
        except Refused:
            continue  # a sentence with a place to fill in, no formula
        found += 1
        for lang in ("zh", "en"):
            said = made.sentence(lang)
            words = set(re.findall(r"[a-z]+(?:_[a-z0-9]+)+", said))
            assert said
            assert not words & keys, (text, said)
            assert not re.search(r"[{}=<>]|\b[A-Z]{3,}\(", said), (text, said)
        zh, en = made.sentence("zh"), made.sentence("en")
        assert not re.search(r"等于(是|否|“)|并非（[^，]*）|之一", zh), zh
        assert en[0] == en[0].upper() or not en[0].isalpha()
    assert found > 15
