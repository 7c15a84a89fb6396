"""The glass box: from a figure to its rule, its parts and its records."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.cast import Cast, acting
from tests.measure.books import make
from wubu.kernel.calendar.types import Period
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.records import queries as records
from wubu.kernel.types import SYSTEM, Refused
from wubu.measure.figures.queries import explain, metrics, rule_in_words

pytestmark = pytest.mark.django_db
MARCH = Period.month(2026, 3)


@pytest.fixture
def deals(cast: Cast) -> Cast:
    customer = make("customer", name="客户", owner=cast.zhang_wei.id)
    for n, (person, stage) in enumerate(
        [
            (cast.zhang_wei, "won"),
            (cast.zhang_wei, "won"),
            (cast.liu_yang, "won"),
            (cast.liu_yang, "lost"),
            (cast.sun_yue, "lost"),
        ]
    ):
        make(
            "opportunity",
            name=f"商机 {n}",
            customer=customer,
            stage=stage,
            closed_on=f"2026-03-{n + 1:02}",
            amount="100",
            owner=person.id,
            **({"loss_reason": "price"} if stage == "lost" else {}),
        )
    return cast


def test_it_works(deals: Cast) -> None:
    why = explain(SYSTEM, "win_rate", MARCH, team=deals.east.id)
    assert why.figure.value == Decimal(3) / 4
    assert str(why.who) == "华东一组"
    assert [(p.metric, p.value) for p in why.parts] == [("won_count", 3), ("closed_count", 4)]
    assert (why.total_entries, why.hidden, why.undated) == (7, 0, 0)
    assert {(p.metric, str(p.label), p.value) for p in why.members} == {
        ("won_count", "张伟", 2),
        ("won_count", "刘洋", 1),
        ("closed_count", "张伟", 2),
        ("closed_count", "刘洋", 2),
    }
    newest = why.entries[0]
    assert (newest.metric, newest.title, newest.value) == ("closed_count", "商机 3", 1)
    # and on to whoever typed it
    told = records.history(SYSTEM, newest.object_key, newest.record_id)
    assert [c.action for c in told] == ["create"]


def test_entries_come_a_page_at_a_time(deals: Cast) -> None:
    first = explain(SYSTEM, "closed_count", MARCH, limit=3)
    second = explain(SYSTEM, "closed_count", MARCH, limit=3, cursor=first.next_cursor)
    assert [e.title for e in (*first.entries, *second.entries)] == [
        f"商机 {n}" for n in (4, 3, 2, 1, 0)
    ]
    assert second.next_cursor == ""
    with pytest.raises(Refused, match="翻页"):
        explain(SYSTEM, "closed_count", MARCH, cursor=first.next_cursor + "x")


def test_what_may_not_be_opened_is_counted(deals: Cast) -> None:
    """赵敏 sees the figures of all reps, but only the records of her own team."""
    permissions.define_role(
        actor=SYSTEM,
        key="reader",
        definition={
            "label": {"zh": "看数", "en": "Reader"},
            "grants": [{"object": "opportunity", "actions": ["view"], "rows": "team_below"}],
            "performance": "all",
        },
    )
    permissions.set_roles(actor=SYSTEM, member_id=deals.zhao_min.id, roles=["reader"])
    why = explain(acting(deals.zhao_min), "closed_count", MARCH)
    assert why.figure.value == 5
    assert (why.total_entries, why.hidden) == (5, 4)
    assert [e.title for e in why.entries] == ["商机 4", None, None, None, None]


def test_records_that_count_nowhere_are_told(deals: Cast) -> None:
    customer = make("customer", name="另一客户")
    make("contract", name="没日期", customer=customer, amount="5", status="active")
    assert explain(SYSTEM, "sales_signed", MARCH).undated == 1


def test_every_rule_says_itself_in_both_languages() -> None:
    for info in metrics(hidden=True):
        said = rule_in_words(info.key)
        assert said.zh
        assert said.en
        assert "{" not in said.zh + said.en
        assert info.label.zh
        assert info.label.en


def test_the_words_of_some_rules() -> None:
    assert rule_in_words("win_rate").en == (
        "Deals won ÷ Deals closed. Each is added up over the period and the people first, "
        "then divided: ratios are never averaged. When Deals closed is 0 there is no result, "
        "shown as “—”."
    )
    assert rule_in_words("new_customers").zh == (
        "数所有“客户”有多少条，记在“首次签约”当天。归“负责人”。"
        "团队按当天所在团队计；没有负责人的列为“未分配”。"
    )
    signed = rule_in_words("sales_signed")
    assert "把状态是“执行中”或“已完成”的“合同”的合同金额相加" in signed.zh
    assert "Where there are shares (“Credit split”) they split it to the last unit" in signed.en


def test_they_are_counted_for_who_may_read_the_rule(deals: Cast) -> None:
    """How many have no amount tells of the amounts."""
    customer = make("customer", name="另一客户", owner=deals.zhao_min.id)
    sent = {"customer": customer, "amount": "5", "status": "active", "owner": deals.zhao_min.id}
    make("contract", name="没日期", **sent)
    for hidden, counted in ({}, 1), ({"contract": {"status": "hidden"}}, 0):
        permissions.define_role(
            actor=SYSTEM,
            key="reader",
            definition={
                "label": "读",
                "grants": [{"object": "contract", "actions": ["view"], "rows": "all"}],
                "fields": hidden,
                "performance": "all",
            },
        )
        permissions.set_roles(actor=SYSTEM, member_id=deals.zhao_min.id, roles=["reader"])
        assert explain(acting(deals.zhao_min), "sales_signed", MARCH).undated == counted
