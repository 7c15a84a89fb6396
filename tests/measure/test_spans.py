"""Days are summed as months and as few single days as can be, and come out the same."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import Cast
from tests.measure.books import make
from wubu.measure.figures.queries import dictionary
from wubu.measure.ledger.queries import Scope, spans_of, totals
from wubu.measure.ledger.types import Total

DAYS = st.dates(date(2023, 11, 1), date(2026, 3, 31))


def each(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days)]


def test_it_works() -> None:
    spans = spans_of(date(2026, 3, 1), date(2026, 3, 25))
    assert spans.months == ((date(2026, 3, 1), date(2026, 4, 1)),)
    assert spans.beyond == ((date(2026, 3, 25), date(2026, 4, 1)),)
    assert spans.days == ()


@given(DAYS, DAYS)
def test_every_day_counts_exactly_once(one: date, other: date) -> None:
    start, end = sorted((one, other))
    spans = spans_of(start, end)
    summed: Counter[date] = Counter()
    for first, last in (*spans.months, *spans.days):
        summed.update(each(first, last))
    for first, last in spans.beyond:
        summed.subtract(each(first, last))
    assert all(first.day == 1 and last.day == 1 for first, last in spans.months)
    assert {day: n for day, n in summed.items() if n} == dict.fromkeys(each(start, end), 1)
    assert sum(len(each(*r)) for r in (*spans.days, *spans.beyond)) <= 31


@pytest.mark.django_db
def test_sums_are_those_of_the_days(cast: Cast) -> None:
    customer = make("customer", name="客户", owner=cast.zhang_wei.id)
    for n in range(60):
        make(
            "opportunity",
            name=f"商机{n}",
            customer=customer,
            stage="won",
            opened_on="2025-12-01",
            closed_on=(date(2025, 12, 20) + timedelta(n * 7 % 90)).isoformat(),
            amount=str(100 + n),
            owner=(cast.zhang_wei, cast.sun_yue, cast.liu_yang)[n % 3].id,
        )
    metrics = [m.id for m in dictionary().metrics.values()]
    for start, end in (
        (date(2026, 1, 1), date(2026, 3, 20)),
        (date(2026, 2, 5), date(2026, 2, 26)),
        (date(2025, 12, 24), date(2026, 3, 3)),
        (date(2026, 3, 2), date(2026, 3, 6)),
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT metric_id, member_id, SUM(value), SUM(count) FROM wubu_ledger_day "
                "WHERE day >= %s AND day < %s GROUP BY metric_id, member_id "
                "HAVING SUM(value) <> 0 OR SUM(count) <> 0",
                [start, end],
            )
            by_hand = {(m, p): Total(int(v), int(n)) for m, p, v, n in cursor.fetchall()}
        assert totals(metrics, start, end, "member_id", Scope()) == by_hand
        assert by_hand
