"""Changes of the catalog are kept and can be taken back; two people do not undo each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from tests.cast import acting, build_cast
from wubu.kernel.catalog.queries import revisions, snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.records import actions as records
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Forbidden, Refused, Text
from wubu.kernel.workspace import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)
TOOL = Text("工具", "Tool")


def field(key: str, kind: str = "text", **more: Any) -> FieldSpec:
    return FieldSpec("customer", key, kind, Text(f"字段 {key}", f"Field {key}"), **more)


def newest() -> int:
    return revisions(limit=1)[0].id


def problems(revision: int) -> list[str]:
    with pytest.raises(Refused) as refused:
        schema.undo(revision, actor=SYSTEM)
    return [p.code for p in refused.value.problems]


def test_it_works() -> None:
    with unit_of_work():
        people = build_cast()
        boss = acting(people.wang_li)
        schema.relabel("customer", None, Text("客户单位", "Account"), actor=boss)
        last = revisions(limit=1)[0]
        assert last.actor_id == people.wang_li.id
        assert last.objects == {"customer"}
        assert "客户单位" in last.steps[0].zh
        schema.undo(last.id, actor=boss)
        assert snapshot().object("customer").label.zh == "客户"
        undone, first = revisions(limit=2)
        assert (undone.undoes, first.undone_by) == (first.id, undone.id)
        assert problems(first.id) == ["already_undone"]
        schema.undo(undone.id, actor=boss)
        assert snapshot().object("customer").label.zh == "客户单位"


def test_only_who_may_set_up_undoes() -> None:
    with unit_of_work():
        people = build_cast()
        schema.add_field(field("a"), actor=SYSTEM)
        with pytest.raises(Forbidden):
            schema.undo(newest(), actor=acting(people.zhang_wei))


def test_an_added_field_goes_with_its_column_while_it_holds_nothing() -> None:
    with unit_of_work():
        schema.add_field(field("a"), actor=SYSTEM)
        added = newest()
        one = records.create(actor=SYSTEM, object_key="customer", values={"name": "甲", "a": "1"})
        assert problems(added) == ["has_values"]
        records.update(actor=SYSTEM, object_key="customer", id=one.id, values={"a": ""})
        schema.undo(added, actor=SYSTEM)
        assert "a" not in snapshot().object("customer").fields
        with connection.cursor() as cursor:
            columns = connection.introspection.get_table_description(cursor, "o_customer")
        assert "a" not in {c.name for c in columns}
        schema.undo(newest(), actor=SYSTEM)
        assert "a" in snapshot().object("customer").fields


def test_an_added_object_goes_while_it_has_no_records() -> None:
    with unit_of_work():
        name = FieldSpec("tool", "name", "text", Text("名称", "Name"))
        spec = ObjectSpec("tool", TOOL, TOOL, fields={"name": name}, roles={"title": "name"})
        schema.add_object(spec, actor=SYSTEM)
        added = newest()
        schema.add_field(field("tool", "link", target="tool"), actor=SYSTEM)
        linked = newest()
        assert problems(added) == ["in_use"]
        schema.undo(linked, actor=SYSTEM)
        schema.undo(added, actor=SYSTEM)
        assert "tool" not in snapshot().objects
        assert "o_tool" not in connection.introspection.table_names()


def test_what_something_newer_builds_on_stays() -> None:
    with unit_of_work():
        schema.add_field(field("a", "number"), actor=SYSTEM)
        added = newest()
        schema.add_field(field("b", "formula", options={"formula": "{a} + 1"}), actor=SYSTEM)
        assert problems(added) == ["in_use"]


def test_a_later_change_of_the_same_thing_is_named() -> None:
    with unit_of_work():
        schema.relabel("customer", "grade", Text("级别", "Level"), actor=SYSTEM)
        first = newest()
        schema.relabel("customer", "grade", Text("评级", "Rating"), actor=SYSTEM)
        second = newest()
        with pytest.raises(Refused) as refused:
            schema.undo(first, actor=SYSTEM)
        problem = refused.value.problems[0]
        assert (problem.code, problem.value) == ("newer_change", second)
        assert "评级" in problem.message.zh
        schema.undo(second, actor=SYSTEM)
        schema.undo(first, actor=SYSTEM)
        assert snapshot().object("customer").fields["grade"].label.zh != "级别"


def test_changes_of_other_things_do_not_stand_in_the_way() -> None:
    with unit_of_work():
        schema.relabel("customer", "grade", Text("级别", "Level"), actor=SYSTEM)
        first = newest()
        grade = snapshot().object("customer").fields["grade"]
        schema.change_field(replace(grade, help=Text("每年评定", "Once a year")), actor=SYSTEM)
        schema.undo(first, actor=SYSTEM)
        after = snapshot().object("customer").fields["grade"]
        assert after.label == grade.label or after.label.zh != "级别"
        assert after.help == Text("每年评定", "Once a year")


def test_the_second_of_two_is_told_what_the_first_did() -> None:
    with unit_of_work():
        people = build_cast()
        spec = snapshot().object("customer")
        mine = replace(
            spec, fields={**spec.fields, "grade": replace(spec.fields["grade"], help=TOOL)}
        )
        made = schema.plan([mine])
        boss = acting(people.wang_li)
        schema.relabel("customer", "grade", Text("级别", "Level"), actor=boss)
        with pytest.raises(Refused) as refused:
            schema.apply(made, actor=SYSTEM)
        problem = refused.value.problems[0]
        assert problem.code == "catalog_moved"
        assert "王立" in problem.message.zh
        assert "级别" in problem.message.zh
        merged, since = schema.three_way(mine, made.revision, fields=["grade"])
        assert [r.id for r in since] == [newest()]
        schema.apply(schema.plan([merged]), actor=SYSTEM)
        grade = snapshot().object("customer").fields["grade"]
        assert (grade.label.zh, grade.help) == ("级别", TOOL)


def test_order_is_one_step_and_comes_back() -> None:
    with unit_of_work():
        before = list(snapshot().object("customer").fields)
        schema.reorder_fields("customer", list(reversed(before)), actor=SYSTEM)
        last = revisions(limit=1)[0]
        assert len(last.steps) == 1
        assert list(snapshot().object("customer").fields) == list(reversed(before))
        schema.undo(last.id, actor=SYSTEM)
        assert list(snapshot().object("customer").fields) == before


def test_an_index_for_a_sort_comes_once_and_goes() -> None:
    with unit_of_work():
        assert schema.ensure_index("contract", ["amount", "signed_on"])
        assert not schema.ensure_index("contract", ["amount", "signed_on"])
        assert not schema.ensure_index("contract", "amount")
        assert ("amount", "signed_on") in indexes()
        schema.add_field(
            FieldSpec("contract", "x", "text", Text("字段 x", "Field x")), actor=SYSTEM
        )
        assert ("amount", "signed_on") in indexes()
        assert schema.drop_index("contract", ["amount", "signed_on"])
        assert ("amount", "signed_on") not in indexes()
        for wrong in ("nothing", "sales"):
            with pytest.raises(Refused):
                schema.ensure_index("contract", wrong)


def indexes() -> set[tuple[str, ...]]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "o_contract")
    return {tuple(c["columns"]) for c in found.values() if c["index"]}
