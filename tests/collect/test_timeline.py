"""What happened around a record, by time, page after page, within the reader's sight."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, acting
from tests.kernel.records.world import contract, customer, new, opportunity
from wubu.collect.conversations import actions
from wubu.collect.conversations.timeline import timeline
from wubu.collect.conversations.types import Entry
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.permissions.queries import definition
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM, Actor, Missing, Refused
from wubu.kernel.workspace import forget


@pytest.fixture
def busy(cast: Cast) -> Record:
    """A customer with a bit of everything."""
    zhang = cast.zhang_wei.id
    of = customer(owner=zhang)
    opportunity(of, owner=zhang)
    contract(of, owner=zhang, signed_on=today() - timedelta(days=3))
    for hours in (1, 2, 3):
        new(
            "follow_up",
            customer=of.id,
            type="call",
            content=f"跟进{hours}",
            happened_at=now() - timedelta(hours=hours),
            owner=zhang,
        )
    new("visit", customer=of.id, purpose="看产线", planned_at=now(), owner=zhang)
    actions.comment(actor=acting(cast.zhang_wei), object_key="customer", id=of.id, text="看看")
    records.update(
        actor=acting(cast.zhang_wei), object_key="customer", id=of.id, values={"region": "上海"}
    )
    return of


def every(actor: Actor, of: Record, kind: str = "", limit: int = 3) -> list[Entry]:
    found: list[Entry] = []
    cursor = ""
    for _ in range(50):
        page = timeline(actor, of.object_key, of.id, kind=kind, cursor=cursor, limit=limit)
        assert len(page.entries) <= limit
        found += page.entries
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor
    raise AssertionError("the timeline does not end")


def test_it_works(cast: Cast, busy: Record) -> None:
    entries = every(acting(cast.zhang_wei), busy, limit=50)
    kinds = {e.kind for e in entries}
    assert kinds == {"change", "comment", "opportunity", "contract", "follow_up", "visit"}
    assert [e.at for e in entries] == sorted((e.at for e in entries), reverse=True)
    notes = [e.record.title for e in entries if e.kind == "follow_up" and e.record]
    assert notes == ["跟进1", "跟进2", "跟进3"]
    assert entries[-1].kind == "contract"  # signed three days ago


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_pages_hold_each_thing_once(cast: Cast, busy: Record, limit: int) -> None:
    zhang = acting(cast.zhang_wei)
    whole = [(e.kind, e.id) for e in every(zhang, busy, limit=50)]
    paged = [(e.kind, e.id) for e in every(zhang, busy, limit=limit)]
    assert paged == whole
    assert len(set(whole)) == len(whole)


def test_many_of_one_moment(cast: Cast) -> None:
    zhang = acting(cast.zhang_wei)
    of = customer(owner=cast.zhang_wei.id)
    at = now() - timedelta(days=1)
    for n in range(7):
        new(
            "follow_up",
            customer=of.id,
            type="call",
            content=str(n),
            happened_at=at,
            owner=cast.zhang_wei.id,
        )
        contract(of, owner=cast.zhang_wei.id, signed_on=today(), number=f"N{n}")
    entries = every(zhang, of, limit=2)
    assert len({(e.kind, e.id) for e in entries}) == len(entries) == 15


def test_one_kind(cast: Cast, busy: Record) -> None:
    zhang = acting(cast.zhang_wei)
    assert {e.kind for e in every(zhang, busy, "follow_up")} == {"follow_up"}
    assert len(every(zhang, busy, "follow_up")) == 3
    assert len(every(zhang, busy, "comment")) == 1
    assert {e.kind for e in every(zhang, busy, "change")} == {"change"}
    assert every(zhang, busy, "no_such_kind") == []


def test_out_of_sight(cast: Cast, busy: Record) -> None:
    with pytest.raises(Missing):
        timeline(acting(cast.sun_yue), "customer", busy.id)
    # What links here and belongs to somebody else is not told.
    new(
        "follow_up",
        customer=busy.id,
        type="call",
        content="机密",
        happened_at=now(),
        owner=cast.sun_yue.id,
    )
    seen = every(acting(cast.zhang_wei), busy, limit=50)
    assert not [e for e in seen if e.record and e.record.title == "机密"]
    assert [e for e in every(acting(cast.wang_li), busy, limit=50) if e.record]


def test_a_hidden_field_is_no_entry(cast: Cast, busy: Record) -> None:
    before = len(every(acting(cast.zhang_wei), busy, "change"))
    role = definition("sales_rep")
    role["fields"] = {**(role.get("fields") or {}), "customer": {"revenue": "hidden"}}
    define_role(actor=SYSTEM, key="sales_rep", definition=role)
    for n in range(8):
        records.update(
            actor=SYSTEM, object_key="customer", id=busy.id, values={"revenue": str(n + 1)}
        )
    forget()
    seen = every(acting(cast.zhang_wei), busy, "change", limit=2)
    assert len(seen) == before
    assert len(every(acting(cast.wang_li), busy, "change")) == before + 8


@pytest.mark.parametrize("cursor", ["x", "a:b:c", "\x00"])
def test_a_forged_cursor(cast: Cast, busy: Record, cursor: str) -> None:
    with pytest.raises(Refused):
        timeline(acting(cast.zhang_wei), "customer", busy.id, cursor=cursor)


def test_a_cursor_of_another_record(cast: Cast, busy: Record) -> None:
    page = timeline(acting(cast.zhang_wei), "customer", busy.id, limit=1)
    other = customer("另一家", owner=cast.zhang_wei.id)
    with pytest.raises(Refused):
        timeline(acting(cast.zhang_wei), "customer", other.id, cursor=page.next_cursor or "")


def test_the_cost_does_not_grow(cast: Cast, busy: Record) -> None:
    zhang = acting(cast.zhang_wei)

    def cost() -> int:
        timeline(zhang, "customer", busy.id)
        with CaptureQueriesContext(connection) as captured:
            timeline(zhang, "customer", busy.id)
        return len(captured)

    few = cost()
    for n in range(20):
        new(
            "follow_up",
            customer=busy.id,
            type="call",
            content=f"又{n}",
            happened_at=now() - timedelta(minutes=n),
            owner=cast.zhang_wei.id,
        )
        actions.comment(actor=zhang, object_key="customer", id=busy.id, text=str(n))
    assert cost() <= few
