from datetime import date, datetime, timedelta

import pytest
from django.db.models import Q

from tests.cast import acting
from tests.kernel.permissions.support import small_catalog
from wubu.kernel.people import actions as people
from wubu.kernel.permissions import actions, queries
from wubu.kernel.permissions.models import MemberRole
from wubu.kernel.types import SYSTEM, Actor, Forbidden

THEN = datetime.fromisoformat("2026-03-10T02:00:00+00:00")


@pytest.fixture
def company(cast):
    """The cast without roles, with one deal each, a line and a memo to every deal."""
    MemberRole.objects.all().delete()
    catalog = small_catalog()
    stamp = {"created_at": THEN, "updated_at": THEN}
    for number, person in enumerate(cast.people):
        deal = catalog.model("deal").objects.create(
            name=person.login,
            owner_id=person.id,
            industry="cars" if number % 2 else "food",
            amount=number * 100,
            created_by_id=cast.zheng_kai.id,
            **stamp,
        )
        catalog.model("deal_line").objects.create(deal=deal, price=100, **stamp)
        catalog.model("memo").objects.create(
            text=person.login, deal=deal, created_by_id=person.id, **stamp
        )
    return cast


def give(person, key="tested", **definition):
    actions.define_role(actor=SYSTEM, key=key, definition={"label": key, **definition})
    had = queries.roles_of([person.id]).get(person.id, ())
    actions.set_roles(actor=SYSTEM, member_id=person.id, roles=[*had, key])
    return queries.policy(acting(person))


def grant(rows, *actions, object="deal", **more):
    return {"object": object, "actions": list(actions) or ["view"], "rows": rows, **more}


def seen(policy, action="view", object_key="deal", name="name"):
    from wubu.kernel.catalog.queries import snapshot

    rows = snapshot().model(object_key).objects.filter(policy.scope(action, object_key))
    return sorted(rows.values_list(name, flat=True))


EAST = ["li_qiang", "liu_yang", "zhang_wei"]
SOUTH = ["sun_yue", "zhao_min", "zhou_tao"]


def test_it_works(company):
    policy = give(company.zhang_wei, grants=[grant("own", "view", "create", "edit")])
    assert policy.may("view", "deal")
    assert not policy.may("delete", "deal")
    assert seen(policy) == ["zhang_wei"]
    assert policy.owner_ids("view", "deal") == {company.zhang_wei.id}


@pytest.mark.parametrize(
    ("who", "rows", "expected"),
    [
        ("zhang_wei", "own", ["zhang_wei"]),
        ("li_qiang", "team", EAST),
        ("li_qiang", "team_below", EAST),
        ("chen_jing", "team", ["chen_jing"]),
        ("chen_jing", "team_below", ["chen_jing", *EAST, *SOUTH]),
    ],
)
def test_rows(company, who, rows, expected):
    assert seen(give(getattr(company, who), grants=[grant(rows)])) == sorted(expected)


def test_all_rows(company):
    policy = give(company.wu_xia, grants=[grant("all")])
    assert policy.scope("view", "deal") == Q()
    assert policy.owner_ids("view", "deal") == "all"


def test_subordinates_count_wherever_they_sit(company):
    people.set_manager(
        actor=SYSTEM,
        member_id=company.sun_yue.id,
        manager_id=company.wu_xia.id,
        from_day=date(2025, 1, 1),
    )
    assert seen(give(company.wu_xia, grants=[grant("team")])) == ["sun_yue", "wu_xia"]


def test_nobody_sees_anything_without_a_role(company):
    policy = queries.policy(acting(company.sun_yue))
    assert seen(policy) == []
    assert not policy.may("view", "deal")
    assert policy.level("deal", "name") == "hidden"
    assert policy.owner_ids("view", "deal") == frozenset()
    assert policy.members() == {company.sun_yue.id}
    assert policy.teams() == frozenset()
    with pytest.raises(Forbidden):
        policy.require("view", "deal")


def test_the_system_and_owners_may_everything(company):
    for actor in (SYSTEM, acting(company.wang_li)):
        policy = queries.policy(actor)
        assert len(seen(policy)) == 10
        assert policy.may("delete", "deal")
        assert policy.may_setup("roles")
        assert policy.level("deal", "phone") == "write"
        assert policy.members() == policy.teams() == "all"


def test_strangers_and_leavers_may_nothing(company):
    people.deactivate(actor=SYSTEM, member_id=company.zhao_min.id, left_on=date(2026, 3, 1))
    policy = give(company.zhao_min, grants=[grant("all")])
    assert not policy.may("view", "deal")
    assert seen(policy) == []
    assert not queries.policy(Actor(987654321)).may("view", "deal")


def test_who_may_edit_may_move_stages_but_not_the_other_way_round(company):
    policy = give(company.zhang_wei, grants=[grant("own", "view", "edit")])
    assert policy.may("stage", "deal")
    policy = give(company.liu_yang, "mover", grants=[grant("own", "view", "stage")])
    assert policy.may("stage", "deal")
    assert not policy.may("edit", "deal")


def test_no_action_reaches_what_is_not_seen(company):
    policy = give(company.zhang_wei, grants=[grant("own"), grant("all", "edit", "export")])
    assert seen(policy, "edit") == ["zhang_wei"]
    assert policy.owner_ids("edit", "deal") == {company.zhang_wei.id}
    blind = give(company.liu_yang, "blind", grants=[grant("all", "edit")])
    assert not blind.may("edit", "deal")
    assert seen(blind, "edit") == []
    assert blind.owner_ids("edit", "deal") == frozenset()


def test_parts_go_with_what_they_are_part_of(company):
    policy = give(company.zhang_wei, grants=[grant("team"), grant("own", "edit")])
    line = "deal__name"
    assert seen(policy, "view", "deal_line", line) == EAST
    for action in ("edit", "create", "delete"):
        assert policy.may(action, "deal_line")
        assert seen(policy, action, "deal_line", line) == ["zhang_wei"]
    assert policy.owner_ids("view", "deal_line") is None
    assert policy.level("deal_line", "price") == "write"


def test_without_an_owner_field_the_creator_owns(company):
    policy = give(company.li_qiang, grants=[grant("team", object="memo")])
    assert seen(policy, "view", "memo", "text") == EAST
    assert policy.owner_ids("view", "memo") is None


def test_retired_and_unknown_objects(company):
    policy = give(company.zhang_wei, grants=[grant("all", object="*")])
    assert policy.may("view", "memo")
    assert not policy.may("view", "fax")
    assert not policy.may("view", "nothing")
    assert policy.level("fax", "text") == "hidden"
    assert not queries.policy(SYSTEM).may("view", "fax")


def test_fields(company):
    policy = give(
        company.zhang_wei,
        grants=[grant("own", "view", "edit")],
        fields={"deal": {"phone": "hidden", "amount": "read"}, "*": {"industry": "read"}},
    )
    levels = {k: policy.level("deal", k) for k in ("name", "phone", "amount", "industry", "id")}
    assert levels == {
        "name": "write",
        "phone": "hidden",
        "amount": "read",
        "industry": "read",
        "id": "read",
    }
    viewer = give(
        company.liu_yang, "viewer", grants=[grant("own")], fields={"deal": {"name": "write"}}
    )
    assert viewer.level("deal", "name") == "read"  # no field is more than its object


def test_the_most_permissive_role_wins(company):
    give(
        company.zhang_wei,
        "a",
        grants=[grant("own", "view", "edit")],
        fields={"deal": {"*": "read"}},
    )
    policy = give(
        company.zhang_wei, "b", grants=[grant("all")], fields={"deal": {"phone": "hidden"}}
    )
    assert policy.level("deal", "phone") == "read"
    assert len(seen(policy)) == 10
    # A role that does not know the object does not open its fields.
    policy = give(company.zhang_wei, "c", grants=[grant("all", object="memo")])
    assert policy.level("deal", "name") == "read"


def test_paths(company):
    policy = give(
        company.zhang_wei,
        grants=[grant("own", object="memo"), grant("own")],
        fields={"deal": {"phone": "hidden"}},
    )
    assert policy.readable("memo", ("deal", "industry"))
    assert policy.readable("memo", "deal.owner.name")
    assert policy.readable("memo", "created_by.name")
    assert not policy.readable("memo", "deal.owner.password")
    assert not policy.readable("memo", "deal.phone")
    assert not policy.readable("memo", "deal.nothing")
    assert not policy.readable("memo", "text.name")
    assert not policy.readable("memo", "")
    blind = give(company.liu_yang, "blind", grants=[grant("own", object="memo")])
    assert not blind.readable("memo", "deal.name")


def test_figures(company):
    policy = give(company.zhang_wei, grants=[grant("own")])
    assert policy.members() == {company.zhang_wei.id}
    assert policy.teams() == frozenset()
    policy = give(company.li_qiang, "manager", grants=[grant("all")], performance="team")
    assert policy.members() == {
        p.id for p in (company.li_qiang, company.zhang_wei, company.liu_yang)
    }
    assert policy.teams() == {company.east.id}
    policy = give(company.chen_jing, "director", grants=[grant("team_below")])
    assert len(policy.members()) == 7
    assert policy.teams() == {company.sales.id, company.east.id, company.south.id}
    assert give(company.wu_xia, "finance", performance="all").teams() == "all"


def test_settings(company):
    policy = give(company.zheng_kai, setup=["people", "metrics"])
    assert policy.may_setup("people")
    assert not policy.may_setup("roles")
    ops = acting(company.zheng_kai)
    people.create_member(actor=ops, login="new", name="新人")
    with pytest.raises(Forbidden):
        actions.set_roles(actor=ops, member_id=company.zheng_kai.id, roles=["tested"])
    with pytest.raises(Forbidden):  # else setting the owner's password would open every door
        people.set_password(actor=ops, member_id=company.wang_li.id, password="mine-all-mine")
    assert give(company.wu_xia, "all", setup="all").may_setup("roles")


def test_rights_follow_people_within_a_unit(company):
    policy = give(company.li_qiang, grants=[grant("team")])
    assert "sun_yue" not in seen(policy)
    people.move_member(
        actor=SYSTEM,
        member_id=company.sun_yue.id,
        team_id=company.east.id,
        from_day=date(2026, 1, 1),
    )
    assert "sun_yue" in seen(queries.policy(acting(company.li_qiang)))


def test_three_queries_at_most(company, django_assert_num_queries):
    give(company.li_qiang, "a", grants=[grant("team")], fields={"deal": {"phone": "read"}})
    from wubu.kernel.calendar.queries import today
    from wubu.kernel.workspace import forget

    today()
    forget(queries.MEMORY)
    with django_assert_num_queries(3):
        policy = queries.policy(acting(company.li_qiang))
        for action in ("view", "edit", "delete"):
            policy.scope(action, "deal")
            policy.may(action, "memo")
        policy.level("deal", "phone")
        policy.members()
        queries.policy(acting(company.li_qiang))


def test_a_colleague_who_moved_away_is_out_of_sight(company):
    people.move_member(
        actor=SYSTEM,
        member_id=company.liu_yang.id,
        team_id=company.south.id,
        from_day=date.today() - timedelta(days=1),  # noqa: DTZ011 - the real clock runs here
    )
    assert seen(give(company.li_qiang, grants=[grant("team")])) == ["li_qiang", "zhang_wei"]
