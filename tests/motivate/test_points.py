"""Points: the rule in words, and what it gives."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cast import Cast, acting
from wubu.kernel.calendar.types import Period
from wubu.kernel.records import actions as records
from wubu.kernel.rules import actions as dated
from wubu.kernel.types import SYSTEM, Forbidden, Refused
from wubu.measure.ledger.actions import close_month
from wubu.motivate.points import actions, queries, rules
from wubu.motivate.points.types import PointsRule

MARCH = Period.month(2026, 3)


def rule(key: str) -> PointsRule:
    return next(r for r in rules.current() if r.key == key)


def follow_ups(cast: Cast, n: int) -> None:
    customer = records.create(
        actor=SYSTEM, object_key="customer", values={"name": "恒通", "owner": cast.zhang_wei.id}
    ).id
    for day in range(1, n + 1):
        records.create(
            actor=SYSTEM,
            object_key="follow_up",
            values={
                "customer": customer,
                "type": "call",
                "content": "确认需求",
                "happened_at": f"2026-03-{day:02} 10:00",
                "owner": cast.zhang_wei.id,
            },
        )


def test_it_works(cast: Cast) -> None:
    follow_ups(cast, 7)
    table = queries.points(acting(cast.wang_li), MARCH)
    best = table.rows[0]
    assert (best.name, best.points) == ("张伟", 14)
    assert sum(line.points for line in best.lines) == best.points


@pytest.mark.parametrize(
    ("value", "parts", "points", "capped"),
    [
        (None, 0, 0, False),
        (0, 0, 0, False),
        (99, 99, 198, False),
        (100, 100, 200, False),
        (101, 101, 200, True),
        (-5, 0, 0, False),
    ],
)
def test_working(cast: Cast, value: int | None, parts: int, points: int, capped: bool) -> None:
    line = queries.work(rule("follow_up_points"), MARCH, value)
    assert (line.parts, line.points, line.capped) == (parts, points, capped)


def test_only_whole_parts_of_an_amount_count(cast: Cast) -> None:
    line = queries.work(rule("signing_points"), MARCH, 2_999_999)  # 29,999.99 yuan
    assert (line.parts, line.points) == (2, 20)


def test_the_rule_says_itself(cast: Cast) -> None:
    said = rules.sentence(rule("signing_points"))
    assert "每满 10,000 元，得 10 分" in said.zh
    assert "10,000 yuan" in said.en


def test_a_ratio_earns_no_points(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        actions.set_rule(
            "odd", {"metric": "win_rate", "points": 0, "per": 0}, actor=acting(cast.wang_li)
        )
    assert {p.field for p in refused.value.problems} == {"metric", "per", "points"}


def test_a_rep_may_not_set_rules(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.set_rule(
            "mine", {"metric": "follow_ups", "points": 9999}, actor=acting(cast.zhang_wei)
        )


def test_a_changed_rule_leaves_past_months_alone(cast: Cast) -> None:
    follow_ups(cast, 5)
    changed = {"metric": "follow_ups", "per": 1, "points": 50}
    actions.set_rule("follow_up_points", changed, actor=acting(cast.wang_li), reason="促销")
    assert queries.points(acting(cast.wang_li), MARCH).rows[0].points == 10
    close_month(actor=SYSTEM, month=MARCH)
    with pytest.raises(Refused) as refused:
        dated.upsert(
            "points", "follow_up_points", changed, actor=SYSTEM, valid_from=date(2026, 3, 31)
        )
    assert refused.value.problems[0].suggestion == "2026-04-01"


def test_a_rep_sees_only_his_own_points(cast: Cast) -> None:
    follow_ups(cast, 3)
    assert [r.name for r in queries.points(acting(cast.zhou_tao), MARCH).rows] == ["周涛"]
