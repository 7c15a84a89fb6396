"""Who can see a record, and why: the same answer as asking everybody one by one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import acting
from wubu.kernel.people import actions as people_actions
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import access, sharing
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM, Forbidden, Missing
from wubu.kernel.workspace import forget


def make(cast, key, owner, **values):
    return actions.create(actor=SYSTEM, object_key=key, values={**values, "owner": owner})


@pytest.fixture
def customer(cast):
    return make(cast, "customer", cast.zhang_wei.id, name="沃尔沃", pool=False)


def told(cast, key, id_, field=None):
    forget()
    return {a.person.login: a for a in access.who_can(acting(cast.wang_li), key, id_, field)}


def one_by_one(key, id_, action="view"):
    """By asking as each."""
    found = set()
    for person in people.members():
        forget()
        if queries.visible(acting(person), key, action).filter(id=id_).exists():
            found.add(person.login)
    return found


def test_it_works(cast, customer):
    found = told(cast, "customer", customer.id)
    assert set(found) == one_by_one("customer", customer.id)
    assert str(found["zhang_wei"].reasons[0]) == "角色“销售”：本人负责的客户"
    assert "负责人在其团队" in str(found["li_qiang"].reasons[0])
    assert found["wang_li"].reasons == (access.OWNER,)
    assert "sun_yue" not in found
    assert "edit" in found["zhang_wei"].actions
    assert "edit" not in found["wu_xia"].actions
    assert found["wu_xia"].reasons[0].en == "Role “Finance”: all customers"


@pytest.mark.parametrize("action", ["edit", "delete", "export", "transfer", "share", "print"])
def test_every_action_agrees(cast, customer, action):
    found = told(cast, "customer", customer.id)
    said = {login for login, a in found.items() if action in a.actions}
    assert said == one_by_one("customer", customer.id, action)


def test_conditions_shares_and_reports(cast, customer):
    """A condition about the asker, a share with a team, and a manager by reporting line."""
    define_role(
        actor=SYSTEM,
        key="peers",
        definition={
            "label": {"zh": "同行", "en": "Peers"},
            "grants": [
                {
                    "object": "customer",
                    "actions": ["view"],
                    "rows": "condition",
                    "condition": "{parent.owner} = ME()",
                },
                {
                    "object": "customer",
                    "actions": ["view"],
                    "rows": "condition",
                    "condition": '{name} = "没有这家"',
                },
            ],
        },
    )
    above = make(cast, "customer", cast.zhou_tao.id, name="集团", pool=False)
    actions.update(actor=SYSTEM, object_key="customer", id=customer.id, values={"parent": above.id})
    for person in (cast.zhou_tao, cast.sun_yue):
        set_roles(actor=SYSTEM, member_id=person.id, roles=["peers"])
    people_actions.set_manager(
        actor=SYSTEM,
        member_id=cast.zhang_wei.id,
        manager_id=cast.zhao_min.id,
        from_day=cast.zhang_wei.joined_on,
    )
    sharing.share(
        actor=SYSTEM, object_key="customer", target_id=customer.id, member_id=cast.liu_yang.id
    )
    found = told(cast, "customer", customer.id)
    assert set(found) == one_by_one("customer", customer.id)
    assert "zhou_tao" in found
    assert "sun_yue" not in found
    assert "下属负责" in str(found["zhao_min"].reasons[0])
    assert "共享" in str(found["liu_yang"].reasons[0])


def test_a_part_goes_with_its_whole(cast, customer):
    quote = actions.create(
        actor=SYSTEM,
        object_key="quote",
        values={"customer": customer.id, "owner": cast.zhang_wei.id},
        children={"quote_line": [{"product": _product(), "quantity": "1", "price": "1"}]},
    )
    line = queries.visible(SYSTEM, "quote_line").filter(quote_id=quote.id).get()
    found = told(cast, "quote_line", line.id)
    assert set(found) == one_by_one("quote_line", line.id)
    assert str(found["zhang_wei"].reasons[0]).startswith("随所属报价")


def _product():
    made = actions.create(actor=SYSTEM, object_key="product", values={"name": "压力传感器"})
    return made.id


def test_who_reads_a_field(cast, customer):
    found = told(cast, "customer", customer.id, "phone")
    assert found["wu_xia"].level == "hidden"
    assert found["zhang_wei"].level == "write"
    for login, one in found.items():
        person = next(p for p in cast.people if p.login == login)
        forget()
        assert one.level == policy(acting(person)).level("customer", "phone"), login


def test_who_may_ask(cast, customer):
    for person in (cast.wang_li, cast.zhang_wei, cast.zheng_kai):  # owner, whose it is, setup
        forget()
        assert access.who_can(acting(person), "customer", customer.id)
    forget()
    with pytest.raises(Forbidden):
        access.who_can(acting(cast.li_qiang), "customer", customer.id)
    forget()
    with pytest.raises(Missing):
        access.who_can(acting(cast.sun_yue), "customer", customer.id)


def test_two_hundred_people_cost_no_more(cast, customer):
    def asked():
        forget()
        with CaptureQueriesContext(connection) as queries_asked:
            access.who_can(acting(cast.wang_li), "customer", customer.id)
        return len(queries_asked)

    few = asked()
    for n in range(60):
        made = people_actions.create_member(
            actor=SYSTEM, login=f"rep{n}", name=f"销售{n}", team_id=cast.east.id
        )
        set_roles(actor=SYSTEM, member_id=made.id, roles=["sales_rep"])
    assert asked() <= few + 1
    assert few <= 16
