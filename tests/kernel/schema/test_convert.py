"""A field becomes another type: what can be carried over is, what cannot is listed."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from tests.cast import Cast, acting, build_cast
from wubu.kernel.catalog.queries import revisions, snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries
from wubu.kernel.schema import actions as schema
from wubu.kernel.schema import convert
from wubu.kernel.schema.types import Answer
from wubu.kernel.types import SYSTEM, Refused, Text
from wubu.kernel.workspace import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)
TYPED = tuple(k for k, t in FIELD_TYPES.items() if not t.computed and not t.files)
SIZES = (
    Choice("small", Text("小", "Small")),
    Choice("large", Text("大", "Large")),
    Choice("n12", Text("12", "12")),
)


def field(kind: str, key: str = "x", **more: Any) -> FieldSpec:
    made = FIELD_TYPES[kind]
    return FieldSpec(
        "lab",
        key,
        kind,
        Text(f"值 {key}", f"Value {key}"),
        target="customer" if made.has_target else "",
        choices=SIZES if made.has_choices else (),
        **more,
    )


def lab(*fields: FieldSpec) -> ObjectSpec:
    name = FieldSpec("lab", "name", "text", Text("实验", "Test"), position=1)
    every = {f.key: replace(f, position=n) for n, f in enumerate((name, *fields), 1)}
    label = Text("实验室", "Lab")
    return ObjectSpec("lab", label, label, fields=every, roles={"title": "name"})


def make(*values: Any, key: str = "x") -> list[int]:
    return [
        records.create(actor=SYSTEM, object_key="lab", values={"name": f"第{n}次", key: v}).id
        for n, v in enumerate(values, 1)
    ]


def changed(kind: str, accept: Answer | None = None, **more: Any) -> Any:
    """Change the type of the field x as a person would, and plan it."""
    spec = snapshot().object("lab")
    wanted = replace(field(kind, **more), position=spec.fields["x"].position)
    given = {"lab.x": accept} if accept else {}
    return schema.plan([replace(spec, fields={**spec.fields, "x": wanted})], accept=given)


def values(key: str = "x") -> list[Any]:
    with unit_of_work():
        page = queries.visible(SYSTEM, "lab").order_by("id")
        ids = list(page.values_list("id", flat=True))
        return [queries.get(SYSTEM, "lab", i).values.get(key) for i in ids]


def test_it_works() -> None:
    with unit_of_work():
        schema.add_object(lab(field("text")), actor=SYSTEM)
        make("12", "1,250.5", "约十个", None)
        made = changed("number", options={"decimals": 1})
        lost = made.conversions[0]
        assert (lost.held, lost.lost) == (3, 1)
        assert [(x.title, x.value) for x in lost.losses] == [("第3次", "约十个")]
        assert lost.losses[0].reason.zh
        with pytest.raises(Refused) as refused:
            schema.apply(made, actor=SYSTEM)
        assert refused.value.problems[0].code == "would_lose_values"
        schema.apply(changed("number", "empty", options={"decimals": 1}), actor=SYSTEM)
    assert values() == [120, 12505, None, None]
    with unit_of_work():
        kept = snapshot().object("lab").fields["x_was"]
        assert (kept.type, kept.retired) == ("text", True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT x_was FROM o_lab ORDER BY id")
            assert [r[0] for r in cursor.fetchall()] == ["12", "1,250.5", "约十个", None]


def test_undo_brings_the_old_values_back() -> None:
    with unit_of_work():
        schema.add_object(lab(field("text")), actor=SYSTEM)
        make("12", "约十个")
        before = snapshot().object("lab")
        schema.apply(changed("number", "empty"), actor=SYSTEM)
        assert snapshot().object("lab") != before
        schema.undo(schema_newest(), actor=SYSTEM)
        assert snapshot().object("lab") == before
    assert values() == ["12", "约十个"]


def schema_newest() -> int:
    return revisions(limit=1)[0].id


def test_undo_is_refused_when_values_were_written_since() -> None:
    with unit_of_work():
        schema.add_object(lab(field("text")), actor=SYSTEM)
        one, _ = make("12", "13")
        schema.apply(changed("number"), actor=SYSTEM)
        number = schema_newest()
        records.update(actor=SYSTEM, object_key="lab", id=one, values={"x": "99"})
        with pytest.raises(Refused) as refused:
            schema.undo(number, actor=SYSTEM)
        problem = refused.value.problems[0]
        assert (problem.code, problem.value) == ("values_moved", 1)
    assert values() == [99, 13]


def test_forty_thousand_values_three_of_them_lost() -> None:
    """Set-wise: the number of statements does not grow with the records."""
    with unit_of_work():
        schema.add_object(lab(field("text")), actor=SYSTEM)
        table = snapshot().model("lab")._meta.db_table
        rows = [(f"r{n}", str(n) if n % 15_000 else "unbekannt") for n in range(1, 40_001)]
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} (created_at, updated_at, version, name, x) "
                "VALUES ('2026-01-01', '2026-01-01', 1, %s, %s)",
                rows,
            )
        made = changed("number", "empty")
        assert (made.conversions[0].held, made.conversions[0].lost) == (40_000, 2)
        schema.apply(made, actor=SYSTEM)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(x), sum(x) FROM {table}")
            count, total = cursor.fetchone()
        assert (count, total) == (39_998, sum(int(x) for _, x in rows if x.isdigit()))


@pytest.fixture
def all_types() -> None:
    """One object with a field of every type, and records with values in them."""
    rnd = random.Random(7)
    fields = [field(k, f"f_{k}") for k in TYPED if k != "serial"]
    with unit_of_work():
        people = build_cast()
        firm = records.create(actor=SYSTEM, object_key="customer", values={"name": "明华"})
        schema.add_object(lab(*fields), actor=SYSTEM)
        known = {
            "link": firm.id,
            "links": [firm.id],
            "member": people.zhang_wei.id,
            "members": [people.zhang_wei.id, people.liu_yang.id],
            "team": people.east.id,
            "teams": [people.east.id],
        }
        for n in range(3):
            given = {f.key: known.get(f.type, FIELD_TYPES[f.type].sample(f, rnd)) for f in fields}
            values = {"name": f"r{n}", **{k: v for k, v in given.items() if v is not None}}
            records.create(actor=SYSTEM, object_key="lab", values=values)


def test_every_type_to_every_other(all_types: None) -> None:
    """Each value is carried over, and then stands for the same, or it is listed."""
    with unit_of_work():
        now, spec = snapshot(), snapshot().object("lab")
        seen = 0
        for before in spec.live_fields:
            if before.key == "name":
                continue
            there = dict(convert.held(now.model("lab"), before))
            for kind in TYPED:
                after = replace(field(kind, before.key), options={})
                if kind == before.type:
                    continue
                made = convert.preview(now, spec, before, after, accept={})
                assert made is not None, (before.type, kind)
                assert made.held == len(there), (before.type, kind)
                assert made.lost == len(made.losses), (before.type, kind)
                assert all(x.reason.zh and x.value for x in made.losses), (before.type, kind)
                read = convert.reader(now, before, after)
                for value in there.values():
                    new = read({0: value})[0]
                    if isinstance(new, convert.Lost) or FIELD_TYPES[kind].refers_to(after):
                        continue
                    raw = FIELD_TYPES[kind].to_json(after, new)
                    again = FIELD_TYPES[kind].from_json(after, raw)
                    assert again == new, (before.type, kind, value)
                seen += 1
        assert seen > 400


PAIRS = [
    ("text", "number", ["12", "x"], [12, None]),
    ("number", "text", ["12", "1200"], ["12", "1200"]),
    ("text", "choice", ["小", "large", "mini"], ["small", "large", None]),
    ("choice", "text", ["small", "large"], ["小", "大"]),
    ("choice", "multichoice", ["small", "large"], [("small",), ("large",)]),
    ("multichoice", "choice", [["small"], ["small", "large"]], ["small", None]),
    ("number", "money", ["12"], [1200]),
    ("money", "number", ["12", "12.50"], [12, None]),
    ("percent", "number", ["60%"], [None]),
    ("date", "text", ["2026-03-02"], ["2026-03-02"]),
    ("bool", "text", [True, False], ["是", "否"]),
    ("text", "longtext", ["a b"], ["a b"]),
    ("text", "phone", ["13800000001", "x"], ["+8613800000001", None]),
    ("number", "formula", ["12"], [None]),
]


@pytest.mark.parametrize(("kind", "to", "given", "expected"), PAIRS)
def test_there_and_back(kind: str, to: str, given: list[Any], expected: list[Any]) -> None:
    with unit_of_work():
        schema.add_object(lab(field(kind)), actor=SYSTEM)
        make(*given)
    was = values()
    options = {"formula": "1 + 1"} if to == "formula" else {}
    with unit_of_work():
        schema.apply(changed(to, "empty", options=options), actor=SYSTEM)
        number = schema_newest()
    if to != "formula":
        assert values() == expected
    with unit_of_work():
        schema.undo(number, actor=SYSTEM)
        assert set(snapshot().object("lab").fields) == {"name", "x"}
    assert values() == was


def test_links_and_names() -> None:
    with unit_of_work():
        firms = [
            records.create(actor=SYSTEM, object_key="customer", values={"name": n}).id
            for n in ("明华", "恒通")
        ]
        schema.add_object(lab(field("text")), actor=SYSTEM)
        make("明华", "无此公司")
        schema.apply(changed("link", "empty"), actor=SYSTEM)
    assert values() == [firms[0], None]
    with unit_of_work():
        schema.apply(changed("links", "empty"), actor=SYSTEM)
    assert values() == [(firms[0],), None]
    with unit_of_work():
        link = schema_newest()
        schema.undo(link, actor=SYSTEM)
    assert values() == [firms[0], None]
    with unit_of_work():
        schema.apply(changed("text", "empty"), actor=SYSTEM)
    assert values() == ["明华", None]


@pytest.mark.parametrize(("answer", "left"), [("empty", None), ("closest", ("large",))])
def test_an_option_goes(answer: Answer, left: Any) -> None:
    with unit_of_work():
        schema.add_object(lab(field("multichoice")), actor=SYSTEM)
        make(["small", "large"], ["large"])
        assert {p.code for p in fewer("multichoice").problems} == {"choice_in_use"}
        schema.apply(fewer("multichoice", answer), actor=SYSTEM)
    assert values() == [left, ("large",)]


def fewer(kind: str, accept: Answer | None = None) -> Any:
    spec = snapshot().object("lab")
    wanted = replace(spec.fields["x"], choices=SIZES[1:])
    given = {"lab.x": accept} if accept else {}
    return schema.plan([replace(spec, fields={**spec.fields, "x": wanted})], accept=given)


def test_text_is_shortened_and_decimals_are_rounded_when_that_is_said() -> None:
    with unit_of_work():
        schema.add_object(lab(field("text")), actor=SYSTEM)
        make("一二三四五六", "一")
        made = changed("text", options={"max": 3})
        assert [x.closest for x in made.conversions[0].losses] == ["一二三"]
        schema.apply(changed("text", "closest", options={"max": 3}), actor=SYSTEM)
    assert values() == ["一二三", "一"]


def test_more_decimals_lose_nothing_and_fewer_say_what() -> None:
    with unit_of_work():
        schema.add_object(lab(field("number", options={"decimals": 1})), actor=SYSTEM)
        make("1.5", "2")
        schema.apply(changed("number", options={"decimals": 2}), actor=SYSTEM)
    assert values() == [150, 200]
    with unit_of_work():
        assert changed("number", options={"decimals": 0}).conversions[0].lost == 1
        schema.apply(changed("number", "closest", options={"decimals": 0}), actor=SYSTEM)
    assert values() == [2, 2]


def test_a_title_may_become_long_and_a_unique_field_stays_unique() -> None:
    with unit_of_work():
        schema.add_object(lab(field("text", unique=True)), actor=SYSTEM)
        make("1", "2")
        schema.apply(changed("number", unique=True), actor=SYSTEM)
        with pytest.raises(Refused):
            make("2")
    assert values() == [1, 2]


def test_losses_are_told_only_to_who_may_see_them() -> None:
    with unit_of_work():
        people: Cast = build_cast()
        schema.add_object(lab(field("text")), actor=SYSTEM)
        make("约十个")
        spec = snapshot().object("lab")
        wanted = replace(spec, fields={**spec.fields, "x": field("number")})
        seen = schema.plan([wanted], actor=acting(people.zhang_wei)).conversions[0]
        assert (seen.lost, seen.losses) == (1, ())
        assert schema.plan([wanted], actor=acting(people.wang_li)).conversions[0].losses


def test_the_history_of_a_record_can_still_be_read() -> None:
    with unit_of_work():
        schema.add_object(lab(field("text")), actor=SYSTEM)
        one, _ = make("约十个", "12")
        records.update(actor=SYSTEM, object_key="lab", id=one, values={"x": "八个"})
        schema.apply(changed("number", "empty"), actor=SYSTEM)
        found = queries.history(SYSTEM, "lab", one)
        assert [c.action for c in found] == ["update", "create"]
        said = {f.field: (f.before, f.after) for f in found[0].fields}
        assert said["x"] == ("约十个", "八个")
        with pytest.raises(Refused) as refused:
            records.restore_value(
                actor=SYSTEM, object_key="lab", id=one, change_id=found[0].id, fields=["x"]
            )
        assert refused.value.problems[0].code == "of_another_type"
