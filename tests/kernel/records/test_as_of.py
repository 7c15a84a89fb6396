"""A record as it was, and the way back to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import Cast, acting
from tests.kernel.records.world import customer, new
from wubu.kernel.audit import queries as log
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.permissions.queries import definition
from wubu.kernel.records import actions, queries
from wubu.kernel.records.history import stories
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused
from wubu.kernel.workspace import forget

START = datetime(2026, 3, 1, 2, tzinfo=UTC)


def at(days: float) -> Callable[..., Any]:
    return time_machine.travel(START + timedelta(days=days), tick=False)


def end(days: int) -> datetime:
    return stories.end_of((START + timedelta(days=days)).date())


def test_it_works(cast: Cast) -> None:
    zhang = acting(cast.zhang_wei)
    with at(0):
        record = customer("甲公司", owner=cast.zhang_wei.id, grade="c", region="上海")
    with at(5):
        actions.update(
            actor=zhang, object_key="customer", id=record.id, values={"grade": "b", "region": ""}
        )
    with at(9):
        actions.update(
            actor=zhang, object_key="customer", id=record.id, values={"grade": "a", "name": "乙"}
        )
    seen = [stories.as_of(zhang, "customer", record.id, end(d)).record for d in (0, 5, 9)]
    assert [r.values["grade"] for r in seen] == ["c", "b", "a"]
    assert [r.values["region"] for r in seen] == ["上海", None, None]
    assert [r.title for r in seen] == ["甲公司", "甲公司", "乙"]
    assert [r.version for r in seen] == [1, 2, 3]
    past = stories.as_of(zhang, "customer", record.id, end(0))
    assert set(past.changed) == {"grade", "region", "name"}
    assert "last_follow_up" in past.untold
    assert "last_follow_up" not in past.record.values


def test_before_it_was_there(cast: Cast) -> None:
    with at(3):
        record = customer(owner=cast.zhang_wei.id)
    with pytest.raises(Missing) as missing:
        stories.as_of(acting(cast.zhang_wei), "customer", record.id, end(1))
    assert missing.value.problems[0].code == "not_yet"


def test_out_of_sight(cast: Cast) -> None:
    with at(0):
        record = customer(owner=cast.zhang_wei.id)
    with pytest.raises(Missing):
        stories.as_of(acting(cast.sun_yue), "customer", record.id, end(1))
    with pytest.raises((Missing, Forbidden)):
        actions.restore_to(
            actor=acting(cast.sun_yue), object_key="customer", id=record.id, moment=end(1)
        )


def test_a_hidden_field_stays_hidden(cast: Cast) -> None:
    with at(0):
        record = customer(owner=cast.zhang_wei.id, revenue="100")
    with at(1):
        actions.update(
            actor=SYSTEM,
            object_key="customer",
            id=record.id,
            values={"revenue": "200", "region": "x"},
        )
    role = definition("sales_rep")
    role["fields"] = {**(role.get("fields") or {}), "customer": {"revenue": "hidden"}}
    define_role(actor=SYSTEM, key="sales_rep", definition=role)
    forget()
    past = stories.as_of(acting(cast.zhang_wei), "customer", record.id, end(0))
    assert "revenue" not in past.record.values
    assert "revenue" not in past.changed
    actions.restore_to(
        actor=acting(cast.zhang_wei), object_key="customer", id=record.id, moment=end(0)
    )
    kept = queries.get(SYSTEM, "customer", record.id).values
    assert (kept["revenue"], kept["region"]) == (20000, None)


def test_back_to_a_day_with_its_lines_and_forth_again(cast: Cast) -> None:
    zhang = acting(cast.zhang_wei)
    with at(0):
        of = customer(owner=cast.zhang_wei.id)
        product = new("product", name="传感器", price="100")
        line = {"product": product.id, "quantity": "2", "price": "100"}
        quote = actions.create(
            actor=SYSTEM,
            object_key="quote",
            values={"customer": of.id, "owner": cast.zhang_wei.id},
            children={"quote_line": [line, {**line, "quantity": "5"}]},
        )
    first = [
        (r.values["quantity"], r.id)
        for r in stories.as_of(zhang, "quote", quote.id, end(0)).parts["quote_line"]
    ]
    with at(4):
        actions.update(
            actor=SYSTEM,
            object_key="quote",
            id=quote.id,
            values={},
            children={
                "quote_line": [
                    {**line, "id": first[0][1], "quantity": "9"},
                    {**line, "quantity": "7"},
                ]
            },
        )
    assert queries.get(zhang, "quote", quote.id).values["amount"] == 160000
    with at(6):
        restored = actions.restore_to(actor=zhang, object_key="quote", id=quote.id, moment=end(0))
        assert restored.values["amount"] == 70000
        now = stories.as_of(zhang, "quote", quote.id, end(6)).parts["quote_line"]
        assert [(r.values["quantity"], r.id) for r in now] == first
        (batch,) = {
            c.batch_id
            for c in log.changes(object_key="quote_line", limit=None)
            if c.batch_id is not None
        }
    with at(7):
        actions.undo_batch(actor=SYSTEM, batch=batch or 0)
    assert queries.get(zhang, "quote", quote.id).values["amount"] == 160000


@pytest.mark.parametrize("text", ["", "2026-13-01", "yesterday", "2026-3-1", "9999-12-31"])
def test_odd_days(text: str, unit: None) -> None:
    with pytest.raises(Refused) as refused:
        stories.moment_of(text)
    assert refused.value.problems[0].field == "on"


def test_days_and_moments(unit: None) -> None:
    assert stories.moment_of("2026-03-01") == end(0)
    assert stories.moment_of("2026-03-01T02:00:00+00:00") == START


@settings(max_examples=12)
@given(st.lists(st.dictionaries(st.sampled_from(["name", "region", "grade", "revenue", "pool"]),
       st.integers(0, 3), min_size=1), min_size=1, max_size=8))  # fmt: skip
def test_every_day_is_as_it_was_read_on_that_day(cast: Cast, moves: list[dict[str, int]]) -> None:
    """Whatever is written day after day: later, each day reads as it did then."""
    worded = {
        "name": lambda n: f"名{n}",
        "region": lambda n: f"地{n}" if n else None,
        "grade": lambda n: "abcd"[n],
        "revenue": lambda n: str(n * 100),
        "pool": lambda n: bool(n % 2),
    }
    with at(0):
        record = customer(f"起{len(moves)}", owner=cast.zhang_wei.id)
    then = [dict(queries.get(SYSTEM, "customer", record.id).values)]
    for day, move in enumerate(moves, 1):
        with at(day):
            actions.update(
                actor=SYSTEM,
                object_key="customer",
                id=record.id,
                values={k: worded[k](n) for k, n in move.items()},
            )
        then.append(dict(queries.get(SYSTEM, "customer", record.id).values))
    for day, values in enumerate(then):
        past = stories.as_of(SYSTEM, "customer", record.id, end(day)).record.values
        assert past == {k: values[k] for k in past}
    with at(len(moves)):
        actions.archive(actor=SYSTEM, object_key="customer", ids=[record.id])
