"""What falls due: for oneself, and for a manager's people."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.cast import Cast, acting
from wubu.control.reminders import actions, queries, rules
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as reading
from wubu.kernel.types import SYSTEM, Missing, Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 3, 3, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def tuesday() -> object:
    with time_machine.travel(TUESDAY, tick=False):
        yield


def plan(cast: Cast, due: str, owner: int | None = None, **more: object) -> int:
    customer = records.create(
        actor=SYSTEM,
        object_key="customer",
        values={"name": f"客户 {due} {owner or 0}", "owner": owner or cast.zhang_wei.id},
    ).id
    values = {
        "customer": customer,
        "subject": "送样",
        "due_at": due,
        "owner": owner or cast.zhang_wei.id,
        **more,
    }
    return records.create(actor=SYSTEM, object_key="follow_plan", values=values).id


def test_it_works(cast: Cast) -> None:
    plan(cast, "2026-03-03 17:00")
    due = queries.due(acting(cast.zhang_wei))
    assert [(d.title, d.days_late, d.subject) for d in due] == [
        ("送样", 0, "客户 2026-03-03 17:00 0")
    ]


def test_late_comes_first_and_tomorrow_not_yet(cast: Cast) -> None:
    plan(cast, "2026-03-03 09:00")
    plan(cast, "2026-02-27 09:00")
    plan(cast, "2026-03-04 00:00")
    assert [d.days_late for d in queries.due(acting(cast.zhang_wei))] == [4, 0]
    count = queries.due_count(acting(cast.zhang_wei))
    assert (count.late, count.today) == (1, 1)


def test_one_tap_settles_it_through_the_door(cast: Cast) -> None:
    one = plan(cast, "2026-03-03 09:00")
    actions.done("plan_due", one, actor=acting(cast.zhang_wei))
    assert not queries.due(acting(cast.zhang_wei))
    changes = reading.history(acting(cast.zhang_wei), "follow_plan", one)
    assert changes[0].actor_id == cast.zhang_wei.id


def test_nobody_settles_what_he_may_not_see(cast: Cast) -> None:
    one = plan(cast, "2026-03-03 09:00")
    with pytest.raises(Missing):
        actions.done("plan_due", one, actor=acting(cast.sun_yue))


def test_a_newer_follow_up_answers_an_older_promise(cast: Cast) -> None:
    customer = records.create(
        actor=SYSTEM, object_key="customer", values={"name": "恒通", "owner": cast.zhang_wei.id}
    ).id
    values = {
        "customer": customer,
        "type": "call",
        "content": "约好回电",
        "owner": cast.zhang_wei.id,
    }
    first = {**values, "happened_at": "2026-03-01 10:00", "next_at": "2026-03-03 09:00"}
    records.create(actor=SYSTEM, object_key="follow_up", values=first)
    assert len(queries.due(acting(cast.zhang_wei))) == 1
    second = {**values, "happened_at": "2026-03-03 09:30"}
    records.create(actor=SYSTEM, object_key="follow_up", values=second)
    assert not queries.due(acting(cast.zhang_wei))


def test_a_manager_sees_who_has_how_much(cast: Cast) -> None:
    plan(cast, "2026-02-27 09:00")
    plan(cast, "2026-03-03 09:00", cast.liu_yang.id)
    plan(cast, "2026-03-03 09:00", cast.sun_yue.id)
    found = {c.owner_name: (c.late, c.today) for c in queries.due_by_owner(acting(cast.li_qiang))}
    assert found == {"张伟": (1, 0), "刘洋": (0, 1)}


def test_every_rule_says_itself(cast: Cast) -> None:
    for rule in rules.current():
        said = rules.sentence(rule)
        assert said.zh != said.en


def test_a_rule_about_a_hidden_field_is_left_out_and_the_rest_stays(cast: Cast) -> None:
    plan(cast, "2026-03-03 17:00", cast.liu_yang.id)
    define_role(
        actor=SYSTEM,
        key="half_blind",
        definition={
            "label": {"zh": "半盲", "en": "Half blind"},
            "grants": [{"object": "follow_plan", "actions": ["view"], "rows": "own"}],
            "fields": {"follow_plan": {"done": "hidden"}},
        },
    )
    set_roles(actor=SYSTEM, member_id=cast.liu_yang.id, roles=["half_blind"])
    assert queries.due(acting(cast.liu_yang)) == ()
    assert queries.due_count(acting(cast.liu_yang)).today == 0


def test_all_that_is_wrong_with_a_rule_is_said_at_once(cast: Cast) -> None:
    wrong = {"label": "错", "object": "contract", "when": "amount", "filter": "{没有} > 1"}
    with pytest.raises(Refused) as refused:
        rules.check("wrong", wrong)
    assert [p.field for p in refused.value.problems] == ["when", "filter"]
