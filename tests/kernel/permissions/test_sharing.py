"""Sharing one record with a person or a team, until a day."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import acting
from wubu.control.boards.queries import figures
from wubu.kernel.audit import queries as audit
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions import sharing
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.permissions.queries import definition, policy
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused
from wubu.kernel.workspace import forget


@pytest.fixture
def deal(cast):
    """A deal of 张伟, who may share what is his by the roles of the pack."""
    customer = actions.create(
        actor=SYSTEM,
        object_key="customer",
        values={"name": "沃尔沃", "owner": cast.zhang_wei.id, "pool": False},
    )
    made = actions.create(
        actor=SYSTEM,
        object_key="opportunity",
        values={
            "name": "传感器一批",
            "customer": customer.id,
            "owner": cast.zhang_wei.id,
            "amount": "1000",
        },
    )
    forget()
    return made


def sees(person, deal):
    forget()
    return deal.id in {r.id for r in queries.page(acting(person), "opportunity", Query()).records}


def share(cast, deal, **more):
    made = sharing.share(
        actor=acting(cast.zhang_wei), object_key="opportunity", target_id=deal.id, **more
    )
    forget()
    return made


def test_it_works(cast, deal):
    assert not sees(cast.sun_yue, deal)
    made = share(cast, deal, member_id=cast.sun_yue.id)
    assert sees(cast.sun_yue, deal)
    assert queries.get(acting(cast.sun_yue), "opportunity", deal.id).title == "传感器一批"
    assert [s.id for s in sharing.shared_with(acting(cast.sun_yue))] == [made.id]
    assert [s.id for s in sharing.shared_by(acting(cast.zhang_wei))] == [made.id]
    sharing.end_share(actor=acting(cast.zhang_wei), share_id=made.id)
    assert not sees(cast.sun_yue, deal)
    assert sharing.shares_of("opportunity", deal.id) == ()


def test_to_view_is_not_to_edit(cast, deal):
    share(cast, deal, member_id=cast.sun_yue.id)
    change = {
        "actor": acting(cast.sun_yue),
        "object_key": "opportunity",
        "id": deal.id,
        "values": {"name": "改名"},
    }
    with pytest.raises(Forbidden):
        actions.update(**change)
    share(cast, deal, member_id=cast.sun_yue.id, level="edit")
    assert len(sharing.shares_of("opportunity", deal.id)) == 1  # the other one was replaced
    assert actions.update(**change).title == "改名"
    with pytest.raises(Forbidden):
        actions.archive(actor=acting(cast.sun_yue), object_key="opportunity", ids=[deal.id])


def test_it_ends_by_itself(cast, deal):
    share(cast, deal, member_id=cast.sun_yue.id, until=today())
    assert sees(cast.sun_yue, deal)
    with time_machine.travel(today() + timedelta(days=2)):
        assert not sees(cast.sun_yue, deal)
        assert sharing.shared_with(acting(cast.sun_yue)) == ()


def test_a_team_and_those_below(cast, deal):
    share(cast, deal, team_id=cast.south.id)
    assert sees(cast.sun_yue, deal)
    assert sees(cast.zhou_tao, deal)
    forget()
    sharing.end_share(
        actor=acting(cast.zhang_wei), share_id=sharing.shares_of("opportunity", deal.id)[0].id
    )
    assert not sees(cast.sun_yue, deal)
    share(cast, deal, team_id=cast.sales.id)
    assert sees(cast.sun_yue, deal)


def test_a_share_opens_no_more_than_the_role(cast, deal):
    """吴霞 may not hand over or edit deals whatever is shared with her; 郑凯 sees all anyway."""
    with pytest.raises(Refused) as refused:
        share(cast, deal, member_id=cast.wu_xia.id, level="edit")
    assert refused.value.problems[0].code == "share_needs_role"
    set_roles(actor=SYSTEM, member_id=cast.sun_yue.id, roles=[])
    with pytest.raises(Refused) as refused:
        share(cast, deal, member_id=cast.sun_yue.id)
    assert refused.value.problems[0].code == "share_needs_role"
    share(cast, deal, team_id=cast.south.id)
    assert not policy(acting(cast.sun_yue)).may("view", "opportunity")


def test_every_problem_at_once(cast, deal):
    with pytest.raises(Refused) as refused:
        share(cast, deal, level="own", until=date(2020, 1, 1))
    assert {p.code for p in refused.value.problems} == {
        "share_with_one",
        "share_level",
        "share_over",
    }
    for receiver in (cast.zhang_wei.id, 987654):
        with pytest.raises(Refused) as refused:
            share(cast, deal, member_id=receiver)
        assert refused.value.problems[0].code == "no_such_receiver"


def test_only_who_may_share(cast, deal):
    with pytest.raises(Missing):
        sharing.share(
            actor=acting(cast.sun_yue),
            object_key="opportunity",
            target_id=deal.id,
            member_id=cast.zhou_tao.id,
        )
    share(cast, deal, member_id=cast.sun_yue.id)
    with pytest.raises(Forbidden):  # it is shared with her; sharing it on is not hers
        sharing.share(
            actor=acting(cast.sun_yue),
            object_key="opportunity",
            target_id=deal.id,
            member_id=cast.zhou_tao.id,
        )
    made = sharing.shares_of("opportunity", deal.id)[0]
    with pytest.raises(Missing):
        sharing.end_share(actor=acting(cast.zhou_tao), share_id=made.id)


def test_kept_totals_stay_true(cast, deal):
    """The board of somebody with a share counts the shared one too."""
    before = sum(f.count for f in figures(acting(cast.sun_yue), "opportunity").values())
    share(cast, deal, member_id=cast.sun_yue.id)
    found = figures(acting(cast.sun_yue), "opportunity")
    assert sum(f.count for f in found.values()) == before + 1
    assert policy(acting(cast.sun_yue)).owner_ids("view", "opportunity") is None
    assert queries.find(acting(cast.sun_yue), "传感器一批")


def test_parts_go_with_what_is_shared(cast, deal):
    product = actions.create(
        actor=SYSTEM, object_key="product", values={"name": "压力传感器", "price": "10"}
    )
    quote = actions.create(
        actor=SYSTEM,
        object_key="quote",
        values={"customer": deal.values["customer"], "owner": cast.zhang_wei.id},
        children={"quote_line": [{"product": product.id, "quantity": "1", "price": "10"}]},
    )
    sharing.share(
        actor=acting(cast.zhang_wei),
        object_key="quote",
        target_id=quote.id,
        member_id=cast.sun_yue.id,
    )
    forget()
    lines = queries.page(acting(cast.sun_yue), "quote_line", Query()).records
    assert len(lines) == 1


def test_rights_are_still_read_in_three_queries(cast, deal):
    share(cast, deal, member_id=cast.sun_yue.id)
    forget("permissions.policies")
    today()
    with CaptureQueriesContext(connection) as asked:
        rights = policy(acting(cast.sun_yue))
        rights.scope("view", "opportunity")
    assert len(asked) <= 3


def test_who_may_share_by_the_roles_of_the_pack(cast, deal):
    """Who owns it, who leads them, who sees everything; not who only sees it."""
    free = actions.create(actor=SYSTEM, object_key="customer", values={"name": "公", "pool": True})
    may = {
        p.login
        for p in cast.people
        if actor_may(p, "opportunity", deal.id, cast.zhang_wei.id)
        and sharing.may_share(acting(p), "opportunity", deal.id, cast.zhang_wei.id)
    }
    assert may == {"wang_li", "chen_jing", "li_qiang", "zhang_wei", "zheng_kai"}
    for person, gets in ((cast.zhang_wei, Forbidden), (cast.li_qiang, Forbidden)):
        assert not sharing.may_share(acting(person), "customer", free.id, None)
        with pytest.raises(gets):
            sharing.share(
                actor=acting(person),
                object_key="customer",
                target_id=free.id,
                member_id=cast.sun_yue.id,
            )
    given = sharing.share(
        actor=acting(cast.li_qiang),
        object_key="opportunity",
        target_id=deal.id,
        member_id=cast.zhao_min.id,
    )
    assert given.by_id == cast.li_qiang.id
    assert sees(cast.zhao_min, deal)


def actor_may(person, object_key, id_, owner):
    """The quick answer is that of the database."""
    rights = policy(acting(person))
    rows = snapshot().model(object_key).objects.filter(id=id_)
    found = rows.filter(rights.scope("share", object_key)).exists()
    assert sharing.may_share(acting(person), object_key, id_, owner) is found
    return found


def test_what_was_given_is_not_given_on(cast, deal):
    rep = definition("sales_rep")
    rep["grants"].append({"object": "opportunity", "actions": ["share"], "rows": "shared"})
    define_role(actor=SYSTEM, key="sales_rep", definition=rep)
    share(cast, deal, member_id=cast.sun_yue.id, level="edit", until=today())
    with pytest.raises(Forbidden):
        sharing.share(
            actor=acting(cast.sun_yue),
            object_key="opportunity",
            target_id=deal.id,
            member_id=cast.zhou_tao.id,
        )
    assert not sees(cast.zhou_tao, deal)


@pytest.mark.parametrize("level", ["hidden", "masked"])
def test_nobody_gives_more_than_they_see(cast, deal, level):
    """张伟 does not see the amount: neither 孙悦 nor her team come to it through him."""
    rep = definition("sales_rep")
    define_role(actor=SYSTEM, key="other_rep", definition={**rep, "label": "另一种销售"})
    for person in (cast.sun_yue, cast.zhou_tao):
        set_roles(actor=SYSTEM, member_id=person.id, roles=["other_rep"])
    rep["fields"]["opportunity"] = {"amount": level}
    define_role(actor=SYSTEM, key="sales_rep", definition=rep)
    forget()
    for receiver in ({"member_id": cast.sun_yue.id}, {"team_id": cast.south.id}):
        with pytest.raises(Refused) as refused:
            share(cast, deal, **receiver)
        (problem,) = refused.value.problems
        assert (problem.code, problem.field) == ("share_tells_more", "with")
        assert "孙悦" in str(problem.message)
        assert "amount" not in str(problem)
    assert not sees(cast.sun_yue, deal)
    share(cast, deal, member_id=cast.liu_yang.id)  # who sees no more than he
    share(cast, deal, member_id=cast.li_qiang.id)  # who sees it anyhow


def test_it_ends_when_the_giver_may_no_longer_share_it(cast, deal):
    mine = share(cast, deal, member_id=cast.sun_yue.id)
    above = sharing.share(
        actor=acting(cast.chen_jing),
        object_key="opportunity",
        target_id=deal.id,
        team_id=cast.south.id,
    )
    assert sees(cast.zhou_tao, deal)
    handed = actions.transfer(
        actor=acting(cast.li_qiang),
        object_key="opportunity",
        ids=[deal.id],
        owner=cast.liu_yang.id,
    )
    assert handed.problems == ()
    assert [s.id for s in sharing.shares_of("opportunity", deal.id)] == [above.id]
    assert sees(cast.zhou_tao, deal)  # the director still may
    logged = audit.changes(object_key="_share", record_ids=[mine.id], limit=None)
    assert [c.action for c in logged] == ["end_share", "share"]
    assert logged[0].actor_id == cast.li_qiang.id


def test_what_roles_no_longer_show_is_not_told_of(cast, deal):
    share(cast, deal, member_id=cast.sun_yue.id, note="机密留言")
    assert sharing.shared_with(acting(cast.sun_yue))
    set_roles(actor=SYSTEM, member_id=cast.sun_yue.id, roles=[])
    forget()
    assert sharing.shared_with(acting(cast.sun_yue)) == ()
