"""Pieces of a value, look-ups and lists of people: in formulas, filters, groups and permissions."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection

from tests.batteries.fields.thing import file_id, objects, place, sample
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec
from wubu.kernel.formula.queries import asking, names, parse
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.query.types import Measure, Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Actor, Refused, Text
from wubu.kernel.workspace import forget, unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)
World = dict[str, Any]
SHENZHEN = "广东省深圳市南山区科技园路1号"
FORMULAS = (
    "{address}",
    "{address.province}",
    "{地址.市}",
    "{address.district}",
    "{Address.Street}",
    "{location}",
    "{location.lat}",
    "{位置.经度}",
    "{location.label}",
    'DISTANCE({location}, "31.23,121.47")',
    "DISTANCE({location}, {location})",
    "{richtext}",
    "LEN({richtext})",
    "{rating} * 2",
    "{duration} / 60",
    '{address.city} = "深圳市" AND {rating} > 2',
)


def thing(**values: Any) -> Any:
    return actions.create(actor=SYSTEM, object_key="thing", values=values)


def found(where: str) -> set[int]:
    return {r.id for r in queries.page(SYSTEM, "thing", Query(filter=where, limit=100)).records}


def test_it_works(world: World) -> None:
    here, there = thing(address=SHENZHEN), thing(address="北京市朝阳区建国路88号")
    thing()
    assert found('{地址.省} = "广东省"') == {here.id}
    assert found('{address.city} = "北京市"') == {there.id}
    assert found('CONTAINS({地址}, "深圳市南山区")') == {here.id}
    assert found('CONTAINS({address}, "北京市朝阳区")') == {there.id}
    groups = queries.aggregate(SYSTEM, "thing", ["address.province"], [Measure("count")])
    assert [(g.by, g.values) for g in groups] == [
        (("北京市",), (1,)),
        (("广东省",), (1,)),
        ((None,), (1,)),
    ]
    page = queries.page(
        SYSTEM, "thing", Query(sort=("address.city",), columns=("text", "address.city"))
    )
    assert [r.values["address.city"] for r in page.records] == ["北京市", "深圳市", None]


def test_a_search_by_city_goes_by_its_index(world: World) -> None:
    drafts = [Draft({"address": sample("address", random.Random(n), world)}) for n in range(500)]
    actions.save_many(actor=SYSTEM, object_key="thing", drafts=drafts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE o_thing")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        where = parse('{地址.市} = "深圳市"', snapshot=snapshot(), object_key="thing")
        rows = snapshot().model("thing").objects.filter(where.expression())
        assert "i_thing_address_city" in rows.explain()
    assert schema.plan(objects()).is_empty  # the same index, not another one


def test_sql_and_python_agree_on_pieces(world: World) -> None:
    rnd = random.Random(5)
    kinds = ("address", "location", "richtext", "rating", "duration")
    edges = [
        {"location": "-0.000001,-179.5", "richtext": "<p>a&nbsp;b &lt;c&gt; &amp;amp;</p>"},
        {"location": "89.999999,0.5 北极", "address": "221b Baker Street"},
        {"address": "北京市"},
        {},
    ]
    drafts = [{k: sample(k, rnd, world) for k in kinds} for _ in range(40)] + edges
    actions.save_many(actor=SYSTEM, object_key="thing", drafts=[Draft(d) for d in drafts])
    rows = {r.id: r for r in queries.page(SYSTEM, "thing", Query(limit=100)).records}
    assert len(rows) == 44
    for text in FORMULAS:
        formula = parse(text, snapshot=snapshot(), object_key="thing")
        expression = formula.expression()
        in_sql = dict(
            queries.visible(SYSTEM, "thing").annotate(v=expression).values_list("id", "v")
        )
        for id_, record in rows.items():
            in_python = formula.value(lambda p, r=record: r.values[p[0]])
            assert in_sql[id_] == in_python, (
                text,
                record.values["location"],
                record.values["richtext"],
            )


def test_a_piece_keeps_its_name_in_every_way_of_saying_it(world: World) -> None:
    formula = parse('{地址.省} = "广东省"', snapshot=snapshot(), object_key="thing")
    assert formula.canonical() == '{address.province} = "广东省"'
    assert formula.labelled("zh") == '{地址.省} = "广东省"'
    assert formula.labelled("en") == '{Address.Province} = "广东省"'
    assert formula.sentence("zh") == "地址的省是“广东省”"
    assert formula.sentence("en") == "The address’s province is “广东省”"
    known = {n.path: n.label.zh for n in names(snapshot(), "thing")}
    assert known["address.city"] == "地址 · 市"
    with pytest.raises(Refused) as refused:
        parse("{地址.省份}", snapshot=snapshot(), object_key="thing")
    assert "{地址.省}" in refused.value.problems[0].hint.zh


def test_lists_of_people_are_asked_for_one(world: World) -> None:
    zhang, li, wang = world["members"]
    one = thing(members=[zhang, li], teams=world["teams"][:2])
    two = thing(members=["王五"])
    assert two.values["members"] == (wang,)
    assert one.titles["members"] == ("张三", "李四")
    assert found(f"{{members}} IN ({zhang})") == {one.id}
    assert found(f"CONTAINS({{teams}}, {world['teams'][0]})") == {one.id}
    assert found("ISBLANK({teams})") == {two.id}
    with asking(zhang):
        mine = parse("CONTAINS({多名成员}, ME())", snapshot=snapshot(), object_key="thing")
        rows = queries.visible(SYSTEM, "thing").filter(mine.expression())
        assert set(rows.values_list("id", flat=True)) == {one.id}


def test_a_look_up_shows_what_stands_there_now(world: World) -> None:
    shanghai = place("苏州河", grade="blue")
    one, two = thing(link=shanghai.id), thing(link=world["places"][0])
    assert one.values["lookup"] == "blue"
    assert found('{引用} = "蓝色"') == {one.id}
    actions.update(actor=SYSTEM, object_key="place", id=shanghai.id, values={"grade": "green"})
    assert queries.get(SYSTEM, "thing", one.id).values["lookup"] == "green"
    page = queries.page(SYSTEM, "thing", Query(sort=("-lookup",)))
    assert [r.id for r in page.records] == [one.id, two.id]  # as the options stand
    with pytest.raises(Refused):
        actions.update(actor=SYSTEM, object_key="thing", id=one.id, values={"lookup": "red"})
    for key, wanted in (
        ("boss", world["members"][0]),
        ("home", "广东省深圳市"),
        ("name", "苏州河"),
    ):
        schema.add_field(_look(f"the_{key}", key), actor=SYSTEM)
        actions.update(actor=SYSTEM, object_key="place", id=shanghai.id, values={key: wanted})
        there = queries.get(SYSTEM, "thing", one.id)
        assert there.values[f"the_{key}"] == wanted
        queries.page(SYSTEM, "thing", Query(sort=(f"the_{key}",)))
    assert there.titles["the_boss"] == "张三"


def test_a_look_up_of_several(world: World) -> None:
    """Options, people, teams, records and files of the linked record, as they stand there now."""
    images = [file_id(), file_id()]
    shanghai = place(
        "苏州河",
        marks=["blue", "red"],
        crew=world["members"][:2],
        houses=world["teams"][1:],
        near=world["places"][:2],
        photos=images,
        papers=images[:1],
    )
    for key in ("marks", "crew", "houses", "near", "photos", "papers"):
        schema.add_field(_look(f"the_{key}", key), actor=SYSTEM)
    one = thing(link=shanghai.id)
    empty = thing()
    wanted = {
        "the_marks": ("red", "blue"),
        "the_crew": tuple(sorted(world["members"][:2])),
        "the_houses": tuple(sorted(world["teams"][1:])),
        "the_near": tuple(sorted(world["places"][:2])),
        "the_photos": tuple(images),
        "the_papers": tuple(images[:1]),
    }
    page = queries.page(SYSTEM, "thing", Query(columns=("text", *wanted), sort=("id",)))
    for record in (queries.get(SYSTEM, "thing", one.id), page.records[0]):
        assert {k: record.values[k] for k in wanted} == wanted
        assert record.titles["the_near"] == ("上海", "北京")
        assert set(record.titles["the_crew"]) == {"张三", "李四"}
    assert {queries.get(SYSTEM, "thing", empty.id).values[k] for k in wanted} == {None}
    for key in ("the_crew", "the_photos"):
        with pytest.raises(Refused):
            queries.page(SYSTEM, "thing", Query(sort=(key,)))
    actions.update(actor=SYSTEM, object_key="place", id=shanghai.id, values={"crew": []})
    assert queries.get(SYSTEM, "thing", one.id).values["the_crew"] is None
    # Looked up there themselves, many are not looked up once more.
    schema.add_field(
        FieldSpec("part", "of_near", "lookup", Text("一", "One"),
                  options={"via": "thing", "field": "the_marks"}),
        actor=SYSTEM,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        schema.add_field(
            FieldSpec("part", "of_crew", "lookup", Text("二", "Two"),
                      options={"via": "thing", "field": "the_crew"}),
            actor=SYSTEM,
        )  # fmt: skip
    assert [p.code for p in refused.value.problems] == ["not_looked_up"]


def test_a_look_up_of_several_is_seen_only_by_who_may(world: World) -> None:
    images = [file_id()]
    guangzhou = place("珠江", crew=world["members"], photos=images, near=world["places"])
    for key in ("crew", "photos", "near"):
        schema.add_field(_look(f"the_{key}", key), actor=SYSTEM)
    one = thing(link=guangzhou.id)
    keys = ("the_crew", "the_photos", "the_near")

    def values(me: Actor) -> list[Any]:
        read = queries.get(me, "thing", one.id).values
        return [read.get(k) for k in keys]

    with unit_of_work():
        assert all(values(_seer(world, "open")))
    with unit_of_work():
        hidden = dict.fromkeys(("crew", "photos", "near"), "hidden")
        assert values(_seer(world, "not_these", place=hidden)) == [None] * 3
    with unit_of_work():
        masked = dict.fromkeys(("crew", "photos", "near"), "masked")
        assert values(_seer(world, "outline", place=masked)) == [None] * 3
    with unit_of_work():
        me = _seer(world, "others", rows={"rows": "condition", "condition": '{name} = "北京"'})
        assert values(me) == [None] * 3
    with unit_of_work():
        # This place may be seen, those near it may not: they are counted and not named.
        me = _seer(world, "this", rows={"rows": "condition", "condition": '{name} = "珠江"'})
        seen = queries.get(me, "thing", one.id)
        assert "上海" not in str(seen.titles)


def _look(key: str, of: str, via: str = "link") -> FieldSpec:
    return FieldSpec(
        "thing", key, "lookup", Text(f"引{key}", f"Look {key}"), options={"via": via, "field": of}
    )


@pytest.mark.parametrize(
    ("via", "of", "code"),
    [
        ("nothing", "name", "no_such_link"),
        ("link", "nothing", "no_such_field"),
        ("text", "x", "no_such_link"),
    ],
)
def test_a_look_up_into_nothing_is_no_plan(world: World, via: str, of: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        schema.add_field(_look("bad", of, via), actor=SYSTEM)
    assert code in [p.code for p in refused.value.problems]


def _seer(world: World, name: str, **of_place: Any) -> Actor:
    """Somebody who sees every thing, and of places what is said."""
    grants = [{"object": "thing", "actions": ["view"], "rows": "all"}]
    if rows := of_place.pop("rows", {"rows": "all"}):
        grants.append({"object": "place", "actions": ["view"], **rows})
    definition = {"label": {"zh": name, "en": name}, "grants": grants, "fields": of_place}
    define_role(actor=SYSTEM, key=name, definition=definition)
    set_roles(actor=SYSTEM, member_id=world["members"][0], roles=[name])
    forget("policy")
    return Actor(world["members"][0])


def test_a_look_up_of_what_is_hidden_is_hidden(world: World) -> None:
    one = thing(link=world["places"][0], address=SHENZHEN)
    with unit_of_work():
        me = _seer(world, "open")
        assert queries.get(me, "thing", one.id).values["lookup"] == "red"
    with unit_of_work():
        me = _seer(world, "no_grade", place={"grade": "hidden"})
        assert "lookup" not in queries.get(me, "thing", one.id).values
        for ask in (Query(filter='{lookup} = "red"'), Query(sort=("lookup",))):
            with pytest.raises(Refused):
                queries.page(me, "thing", ask)
        with pytest.raises(Refused):
            queries.aggregate(me, "thing", ["lookup"], [Measure("count")])
    with unit_of_work():
        # The field may be read, this place may not be seen.
        me = _seer(world, "others", rows={"rows": "condition", "condition": '{name} = "北京"'})
        assert queries.get(me, "thing", one.id).values["lookup"] is None
        assert not queries.page(me, "thing", Query(filter='{lookup} = "red"')).records
    with unit_of_work():
        me = _seer(world, "no_places", rows={})
        assert queries.get(me, "thing", one.id).values.get("lookup") is None


def test_pieces_of_a_hidden_address_are_hidden(world: World) -> None:
    thing(address=SHENZHEN)
    with unit_of_work():
        me = _seer(world, "no_address", thing={"address": "hidden"})
        for name in ("address", "address.city"):
            with pytest.raises(Refused):
                queries.page(me, "thing", Query(filter=f'{{{name}}} = "深圳市"'))
    with unit_of_work():
        me = _seer(world, "outline", thing={"address": "masked"})
        [record] = queries.page(me, "thing", Query(columns=("text", "address"))).records
        assert "深圳" not in str(record)
        with pytest.raises(Refused):
            queries.page(me, "thing", Query(filter='{address.city} = "深圳市"'))


def test_ten_thousand_options(world: World) -> None:
    many = tuple(Choice(f"o{n}", Text(f"选项 {n}", f"Option {n}")) for n in range(10_000))
    big = FieldSpec("thing", "big", "choice", Text("很多", "Many"), choices=many)
    schema.add_field(big, actor=SYSTEM)
    saved = actions.save_many(
        actor=SYSTEM,
        object_key="thing",
        drafts=[Draft({"big": f"选项 {n}"}) for n in range(0, 10_000, 50)],
    )
    assert (saved.created, saved.problems) == (200, ())
    assert len(found('{很多} = "Option 50"')) == 1
    assert len(queries.page(SYSTEM, "thing", Query(sort=("big",))).records) > 0
    with pytest.raises(Refused) as refused:
        thing(big="选项 x")
    assert len(refused.value.problems[0].hint.zh) < 300


def test_a_branch_follows_from_its_last_option(world: World) -> None:
    assert thing(shade="navy").values["choice"] == "blue"
    assert thing(shade="any").values["choice"] is None
    with pytest.raises(Refused) as refused:
        thing(choice="red", shade="海军蓝")
    [problem] = refused.value.problems
    assert (problem.code, problem.field) == ("wrong_branch", "shade")
    assert "蓝色" in problem.message.zh
    one = thing(choice="red", shade="crimson")
    with pytest.raises(Refused):
        actions.update(actor=SYSTEM, object_key="thing", id=one.id, values={"choice": "blue"})
    moved = actions.update(
        actor=SYSTEM, object_key="thing", id=one.id, values={"choice": "blue", "shade": "navy"}
    )
    assert (moved.values["choice"], moved.values["shade"]) == ("blue", "navy")


def test_an_option_stands_under_one_that_there_is(world: World) -> None:
    lost = (Choice("x", Text("无根", "Rootless"), parent="violet"),)
    for depends_on, code in (
        ("choice", "no_such_parent"),
        ("text", "no_such_upper"),
        ("bad", "no_such_upper"),
    ):
        with pytest.raises(Refused) as refused:
            schema.add_field(
                FieldSpec(
                    "thing", "bad", "choice", Text("坏", "Bad"), choices=lost,
                    options={"depends_on": depends_on},
                ),
                actor=SYSTEM,
            )  # fmt: skip
        assert code in [p.code for p in refused.value.problems]
