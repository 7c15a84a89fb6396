"""Alerts: raised when a record meets a rule, settled when it no longer does."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.cast import Cast, acting
from wubu.control.alerts import actions, evaluating, queries, rules
from wubu.control.alerts.models import Alert
from wubu.control.reminders import actions as reminders
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.records import actions as records
from wubu.kernel.rules import queries as dated
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused
from wubu.kernel.workspace import forget

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
LATER = datetime(2026, 4, 20, 9, 0, tzinfo=SHANGHAI)


def customer(cast: Cast, owner: int | None = None, name: str = "恒通电子") -> int:
    values = {"name": name, "owner": owner or cast.zhang_wei.id}
    return records.create(actor=SYSTEM, object_key="customer", values=values).id


def follow_up(cast: Cast, customer_id: int, at: str) -> None:
    values = {
        "customer": customer_id,
        "type": "call",
        "content": "确认需求",
        "happened_at": at,
        "owner": cast.zhang_wei.id,
    }
    records.create(actor=SYSTEM, object_key="follow_up", values=values)


def opened(rule: str = "no_follow_up") -> set[int]:
    rows = Alert.objects.filter(rule_key=rule, resolved_at__isnull=True)
    return set(rows.values_list("record_id", flat=True))


def test_it_works(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        one = customer(cast)
    assert not opened()
    with time_machine.travel(LATER, tick=False):
        evaluating.evaluate_all()
        assert opened() == {one}
        view = queries.alerts(acting(cast.zhang_wei), "no_follow_up")[0]
        assert (view.title, view.since, view.days) == ("恒通电子", date(2026, 3, 2), 49)


def test_a_follow_up_settles_it_at_once(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        one = customer(cast)
    with time_machine.travel(LATER, tick=False):
        evaluating.evaluate_all()
        follow_up(cast, one, "2026-04-20 08:30")
        assert not opened()
        settled = Alert.objects.get(record_id=one)
        assert settled.resolved_at is not None


def test_an_overdue_payment_is_seen_by_rep_manager_and_finance(cast: Cast) -> None:
    with time_machine.travel(LATER, tick=False):
        one = customer(cast)
        contract = records.create(
            actor=SYSTEM,
            object_key="contract",
            values={
                "number": "HT-001",
                "name": "传感器采购",
                "customer": one,
                "signed_on": "2026-03-01",
                "amount": "50000",
                "status": "active",
                "owner": cast.zhang_wei.id,
            },
        ).id
        records.create(
            actor=SYSTEM,
            object_key="payment_plan",
            values={
                "contract": contract,
                "installment": 1,
                "due_on": "2026-04-01",
                "amount": "50000",
                "owner": cast.zhang_wei.id,
            },
        )
        seen = {
            p.name: sum(
                c.count for c in queries.counts(acting(p)) if c.rule.key == "payment_overdue"
            )
            for p in (cast.zhang_wei, cast.li_qiang, cast.wu_xia, cast.liu_yang, cast.zhao_min)
        }
        assert seen == {"张伟": 1, "李强": 1, "吴霞": 1, "刘洋": 0, "赵敏": 0}


def test_a_new_owner_takes_the_alert_along(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        one = customer(cast)
    with time_machine.travel(LATER, tick=False):
        evaluating.evaluate_all()
        records.update(
            actor=SYSTEM, object_key="customer", id=one, values={"owner": cast.liu_yang.id}
        )
        assert not queries.alerts(acting(cast.zhang_wei), "no_follow_up", mine=True)
        assert queries.alerts(acting(cast.liu_yang), "no_follow_up", mine=True)


def test_other_days_for_the_rule_hold_from_today(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        one = customer(cast)
    with time_machine.travel(LATER, tick=False):
        actions.set_params("no_follow_up", {"days": 60}, actor=acting(cast.wang_li), reason="淡季")
        assert opened() == set()
        actions.set_params("no_follow_up", {"days": 40}, actor=acting(cast.wang_li))
        assert opened() == {one}
        assert rules.read(dated.rule("alerts", "no_follow_up", date(2026, 4, 19))).params == {
            "days": 30
        }


@pytest.mark.parametrize("days", [0, -1, 5000])
def test_senseless_days_are_refused(cast: Cast, days: int) -> None:
    with pytest.raises(Refused) as refused:
        actions.set_params("no_follow_up", {"days": days}, actor=acting(cast.wang_li))
    assert refused.value.problems[0].field == "days"


def test_a_rep_may_not_set_rules(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.set_params("no_follow_up", {"days": 10}, actor=acting(cast.zhang_wei))


def test_putting_off_takes_a_reason_and_hides_nothing_from_the_list(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        customer(cast)
    with time_machine.travel(LATER, tick=False):
        evaluating.evaluate_all()
        actor = acting(cast.zhang_wei)
        view = queries.alerts(actor, "no_follow_up")[0]
        with pytest.raises(Refused):
            actions.quiet(view.id, actor=actor, until=date(2026, 5, 1), reason=" ")
        actions.quiet(view.id, actor=actor, until=date(2026, 5, 1), reason="客户休假到五月")
        assert not queries.alerts(actor, "no_follow_up")
        assert queries.alerts(actor, "no_follow_up", quiet=True)[0].quiet_reason == "客户休假到五月"
        count = next(c for c in queries.counts(actor) if c.rule.key == "no_follow_up")
        assert (count.count, count.quiet) == (1, 1)


def test_the_rule_says_itself_in_both_languages(cast: Cast) -> None:
    rule = next(r for r in rules.current() if r.key == "payment_overdue")
    said = rules.sentence(rule)
    assert "应收" in said.zh or "今天" in said.zh
    assert said.en
    assert said.en != said.zh


def test_an_alert_says_what_its_record_is_about(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        contract = records.create(
            actor=SYSTEM,
            object_key="contract",
            values={
                "name": "恒通年度框架",
                "customer": customer(cast),
                "signed_on": "2026-03-02",
                "amount": "1000",
                "owner": cast.zhang_wei.id,
            },
        )
        records.create(
            actor=SYSTEM,
            object_key="payment_plan",
            values={
                "installment": "1",
                "contract": contract.id,
                "due_on": "2026-03-10",
                "amount": "500",
                "owner": cast.zhang_wei.id,
            },
        )
    with time_machine.travel(LATER, tick=False):
        evaluating.evaluate_all()
        view = queries.alerts(acting(cast.zhang_wei), "payment_overdue")[0]
        assert (view.title, view.subject) == ("1", "恒通年度框架")
        assert (view.subject_key, view.subject_id) == ("contract", contract.id)


def test_since_is_the_day_here_not_in_utc(cast: Cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        one = customer(cast)
        follow_up(cast, one, "2026-03-02 07:30")  # still Sunday in UTC
    with time_machine.travel(LATER, tick=False):
        evaluating.evaluate_all()
        view = queries.alerts(acting(cast.zhang_wei), "no_follow_up")[0]
        assert (view.since, view.days) == (date(2026, 3, 2), 49)


def test_brackets_of_ones_own_in_a_name_stay(cast: Cast) -> None:
    rule = dated.rule(rules.SECTION, "no_follow_up")
    label = {"zh": "{重要} {days} 天", "en": "{note} {days} days {0.x}"}
    actions.set_rule("no_follow_up", {**rule.definition, "label": label}, actor=SYSTEM)
    found = next(r for r in rules.current() if r.key == "no_follow_up")
    assert found.label.en == "{note} 30 days {0.x}"


def test_a_condition_is_true_or_false_and_counts_from_a_day(cast: Cast) -> None:
    """Anything else would break every write of the object."""
    for section, more in (
        (actions.set_rule, {"filter": "2026-01"}),
        (actions.set_rule, {"filter": "{name}"}),
        (actions.set_rule, {"filter": "TRUE", "since": "{name}"}),
        (reminders.set_rule, {"filter": "1 + 1", "when": "created_at"}),
    ):
        said = {"label": "甲", "object": "customer", "when": "created_at", **more}
        with pytest.raises((Refused, Missing)):
            section("odd", said, actor=acting(cast.wang_li))
    customer(cast)
    assert all(r.key != "odd" for r in rules.current())


def test_an_alert_tells_no_field_that_is_hidden(cast: Cast) -> None:
    """That nobody followed up tells when somebody last did."""
    role = {
        "label": "窄",
        "grants": [{"object": "*", "actions": ["view"], "rows": "all"}],
        "fields": {"customer": {"last_follow_up": "hidden"}},
    }
    with time_machine.travel(MONDAY, tick=False):
        one = customer(cast)
    with time_machine.travel(LATER, tick=False):
        evaluating.evaluate_all()
        for hidden in (False, True):
            define_role(
                actor=SYSTEM, key="narrow", definition=role if hidden else {**role, "fields": {}}
            )
            set_roles(actor=SYSTEM, member_id=cast.liu_yang.id, roles=["narrow"])
            forget()
            me = acting(cast.liu_yang)
            seen = {a.record_id for a in queries.alerts(me, "no_follow_up")}
            assert seen == (set() if hidden else {one})
            assert len(queries.on_record(me, "customer", one)) == (not hidden)
            counted = {c.rule.key: c.count for c in queries.counts(me)}
            assert counted.get("no_follow_up") == (None if hidden else 1)
            assert len(queries.by_owner(me)) == (not hidden)


def test_an_alert_tells_nothing_from_beyond_sight(cast: Cast) -> None:
    """A rule about what a record links to is for those who see that too."""
    theirs = customer(cast, cast.sun_yue.id, name="远方")
    values = {"name": "一期", "customer": theirs, "amount": "1", "owner": cast.zhang_wei.id}
    deal = records.create(actor=SYSTEM, object_key="opportunity", values=values).id
    said = {"label": "远", "object": "opportunity", "filter": '{customer.name} = "远方"'}
    actions.set_rule("far", said, actor=SYSTEM)
    assert opened("far") == {deal}
    for person, sees in ((cast.zhang_wei, False), (cast.wang_li, True)):
        me = acting(person)
        assert bool(queries.alerts(me, "far")) is sees
        assert bool(queries.on_record(me, "opportunity", deal)) is sees
        assert {c.rule.key: c.count for c in queries.counts(me)}["far"] == sees
