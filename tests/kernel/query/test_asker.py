"""ME(), MYTEAM() and TODAY() in a list's filter are those of whoever looks at the list."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.kernel.formula.company import SNAPSHOT
from wubu.kernel.formula.queries import Context, asking
from wubu.kernel.query.queries import compile
from wubu.kernel.query.types import Query


def params(filter_: str, **more: object) -> str:
    made = compile(Query(filter=filter_), snapshot=SNAPSHOT, object_key="t_deal", **more)  # type: ignore[arg-type]
    return str(made.filter(SNAPSHOT.model("t_deal").objects.all()).query)


def test_it_works() -> None:
    there = Context(
        date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC), "Asia/Shanghai", 42, frozenset({42, 43})
    )
    said = params(
        "{owner} = ME() AND {owner} IN MYTEAM() AND {closed_on} < TODAY()", context=lambda: there
    )
    assert "= 42" in said
    assert "IN (42, 43)" in said
    assert "2026-03-01" in said


def test_the_context_is_asked_only_when_it_matters() -> None:
    def never() -> Context:
        raise AssertionError("asked")

    assert "100" in params("{amount} > 1", context=never)


def test_within_asking_it_is_that_member(db: None) -> None:
    with asking(7, frozenset({7})):
        assert "= 7" in params("{owner} = ME()")
    assert "NULL" in params("{owner} = ME()")
