"""The rights on one object in all roles at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import acting, build_cast
from wubu.kernel.audit import queries as audit
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.permissions import designing, presets, queries
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as found
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused, Text
from wubu.kernel.workspace import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)


def tool(*, owner: bool = True) -> None:
    name = FieldSpec("tool", "name", "text", Text("名称", "Name"), required=True)
    who = FieldSpec("tool", "owner", "member", Text("负责人", "Owner"))
    label = Text("工具", "Tool")
    schema.add_object(
        ObjectSpec(
            "tool",
            label,
            label,
            fields={"name": name, "owner": who},
            roles={"title": "name", **({"owner": "owner"} if owner else {})},
        ),
        actor=SYSTEM,
    )


def scopes(role: str, action: str = "view") -> set[str]:
    return {
        g.scope for g in queries.role(role).grants if g.object_key == "tool" and g.action == action
    }


def seen(member: Any) -> set[str]:
    return {r.name for r in found.visible(acting(member), "tool")}


def test_it_works() -> None:
    with unit_of_work():
        people = build_cast()
        tool()
        for name, owner in (("甲", people.zhang_wei), ("乙", people.liu_yang)):
            values = {"name": name, "owner": owner.id}
            records.create(actor=SYSTEM, object_key="tool", values=values)
        boss = acting(people.wang_li)
        changed = presets.grant_object(actor=boss, object_key="tool", preset="team")
        assert "sales_rep" in changed
        assert (scopes("sales_rep"), scopes("sales_manager")) == ({"own"}, {"team_below"})
        assert scopes("sales_rep", "delete") == set()
        assert scopes("sales_manager", "delete") == {"team_below"}
    with unit_of_work():
        assert seen(people.zhang_wei) == {"甲"}
        assert seen(people.li_qiang) >= {"甲"}
        presets.take_back(actor=boss, object_key="tool", roles=changed)
        assert not any(g.object_key == "tool" for r in queries.roles() for g in r.grants)
    with unit_of_work():
        assert not queries.policy(acting(people.zhang_wei)).may("view", "tool")


def test_like_another_object_and_back_to_nothing() -> None:
    with unit_of_work():
        boss = acting(build_cast().wang_li)
        tool()
        before = {r.key: queries.definition(r.key) for r in queries.roles()}
        presets.grant_object(actor=boss, object_key="tool", preset="like", like="customer")
        for role in queries.roles():
            there = {(g.action, g.scope) for g in role.grants if g.object_key == "customer"}
            here = {(g.action, g.scope) for g in role.grants if g.object_key == "tool"}
            # A condition about the pool means nothing on a tool.
            assert here == {(a, s) for a, s in there if s != "condition"}
        assert (
            presets.grant_object(actor=boss, object_key="tool", preset="like", like="customer")
            == ()
        )
        presets.grant_object(actor=boss, object_key="tool", preset="none")
        assert {r.key: queries.definition(r.key) for r in queries.roles()} == before


def test_everyone_may_see_all_and_change_their_own() -> None:
    with unit_of_work():
        people = build_cast()
        tool()
        presets.grant_object(actor=SYSTEM, object_key="tool", preset="open")
        assert scopes("sales_rep") == {"all"}
        assert scopes("sales_rep", "edit") == {"own"}
        assert scopes("finance", "edit") <= {"all", "own"}
        for role in queries.roles():
            rights = designing.policy_of([role.key], people.zhang_wei.id)
            assert rights.may("view", "tool")


def test_what_nobody_owns_is_everybodys() -> None:
    with unit_of_work():
        tool(owner=False)
        presets.grant_object(actor=SYSTEM, object_key="tool", preset="own")
        assert scopes("sales_rep") == {"all"}
        assert scopes("sales_rep", "transfer") == set()


def test_undoing_leaves_later_changes_of_the_role_alone() -> None:
    with unit_of_work():
        tool()
        changed = presets.grant_object(actor=SYSTEM, object_key="tool", preset="own")
        more = queries.definition("sales_rep")
        more["grants"].append({"object": "product", "actions": ["delete"], "rows": "all"})
        define_role(actor=SYSTEM, key="sales_rep", definition=more)
        presets.take_back(actor=SYSTEM, object_key="tool", roles=changed)
        grants = queries.role("sales_rep").grants
        assert any((g.object_key, g.action) == ("product", "delete") for g in grants)
        assert not any(g.object_key == "tool" for g in grants)


def test_each_role_that_changes_is_logged() -> None:
    with unit_of_work():
        boss = acting(build_cast().wang_li)
        tool()
        changed = presets.grant_object(actor=boss, object_key="tool", preset="own")
        ids = [queries.role(k).id for k in changed]
        rows = audit.changes(object_key="_role", record_ids=ids, limit=50)
        assert {r.record_id for r in rows if r.action == "update"} == set(ids)


def test_what_is_refused() -> None:
    with unit_of_work():
        people = build_cast()
        tool()
        with pytest.raises(Forbidden):
            presets.grant_object(actor=acting(people.zhang_wei), object_key="tool", preset="open")
        for preset, like in (("all", ""), ("like", "tool")):
            with pytest.raises(Refused):
                presets.grant_object(actor=SYSTEM, object_key="tool", preset=preset, like=like)
        with pytest.raises(Missing):
            presets.grant_object(actor=SYSTEM, object_key="tool", preset="like", like="nothing")
        with pytest.raises(Refused):
            presets.grant_object(actor=SYSTEM, object_key="quote_line", preset="own")
