"""What is collected, by whom, how often; what is missing and who is silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection

from tests.cast import Cast, acting
from wubu.collect.plans import queries, rules
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.records import actions as records
from wubu.kernel.types import SYSTEM, Actor, Forbidden, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 3, 20, 4, tzinfo=UTC)):
        yield


def customer(actor: Actor, name: str, **values: Any) -> int:
    return records.create(actor=actor, object_key="customer", values={"name": name, **values}).id


def follow_up(actor: Actor, of: int) -> None:
    values = {"customer": of, "type": "call", "content": "谈了交期"}
    records.create(actor=actor, object_key="follow_up", values=values)


def test_it_works(cast: Cast) -> None:
    zhang = acting(cast.zhang_wei)
    customer(zhang, "甲公司", grade="a", phone="13800138000")
    customer(zhang, "乙公司", grade="b")
    customer(acting(cast.sun_yue), "丙公司")
    boss = acting(cast.wang_li)
    found = queries.status(boss, queries.plan(boss, "customers"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), COUNT(grade), COUNT(phone) FROM o_customer")
        every, grades, phones = cursor.fetchone()
    by = {f.field: (f.filled, f.of) for f in found.fields}
    assert (by["grade"], by["phone"]) == ((grades, every), (phones, every))
    assert (grades, phones, every) == (2, 1, 3)
    assert found.share == Decimal(sum(n for n, _ in by.values())) / (3 * len(by))


def test_who_is_silent_is_named(cast: Cast) -> None:
    zhang = acting(cast.zhang_wei)
    follow_up(zhang, customer(zhang, "甲公司"))
    boss = acting(cast.wang_li)
    found = queries.status(boss, queries.plan(boss, "follow_ups"))
    assert {p.name: p.count for p in found.people}["张伟"] == 1
    assert {p.name for p in found.silent} == {"刘洋", "孙悦", "周涛"}


def test_a_manager_sees_his_own_people_and_records(cast: Cast) -> None:
    for person in (cast.zhang_wei, cast.sun_yue):
        follow_up(acting(person), customer(acting(person), f"{person.name}的客户"))
    li = acting(cast.li_qiang)
    found = queries.status(li, queries.plan(li, "follow_ups"))
    assert found.looked_at == 1
    assert "孙悦" not in {p.name for p in found.people}


def test_a_field_that_is_hidden_is_not_counted(cast: Cast) -> None:
    role = {
        "label": {"zh": "看客户", "en": "Looks"},
        "grants": [{"object": "customer", "actions": ["view"], "rows": "all"}],
        "fields": {"customer": {"phone": "hidden", "credit_code": "masked"}},
    }
    permissions.define_role(actor=SYSTEM, key="looks", definition=role)
    permissions.set_roles(actor=SYSTEM, member_id=cast.wu_xia.id, roles=["looks"])
    wu = acting(cast.wu_xia)
    seen = {f.field for f in queries.status(wu, queries.plan(wu, "customers")).fields}
    assert "grade" in seen
    assert not seen & {"phone", "credit_code"}


def test_windows_follow_the_rhythm() -> None:
    monday = date(2026, 3, 23)
    assert queries.window("daily", monday) == date(2026, 3, 20)
    assert queries.window("weekly", monday) == date(2026, 3, 16)
    assert queries.window("monthly", monday) == date(2026, 2, 21)


def test_everything_wrong_is_said_at_once(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        rules.set_rule(
            "odd",
            {
                "object": "customer",
                "fields": ["nothing", "last_follow_up"],
                "roles": ["nobody"],
                "rhythm": "hourly",
            },
            actor=acting(cast.wang_li),
        )
    codes = [p.code for p in refused.value.problems]
    assert codes == ["no_such_field", "no_such_field", "no_such_role", "no_such_rhythm"]


def test_a_rep_sets_no_plan(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        rules.set_rule(
            "mine", {"object": "lead", "fields": ["phone"]}, actor=acting(cast.zhang_wei)
        )
