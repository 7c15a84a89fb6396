"""Over the API: how consumers keep up, and what was set aside is retried or dismissed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.api.conftest import caller_for
from tests.cast import Cast
from wubu.kernel.audit import actions as log
from wubu.kernel.calendar.queries import now
from wubu.kernel.events import delivery, queries, registry
from wubu.kernel.events.types import Event
from wubu.kernel.types import SYSTEM, Actor, Text


@pytest.fixture
def faulty(people: Cast, monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Two changes are set aside; who empties the set mends the consumer."""
    bad = {1, 2}
    monkeypatch.setattr(registry, "CONSUMERS", {})
    monkeypatch.setattr(delivery, "CONSUMERS", registry.CONSUMERS)
    monkeypatch.setattr(queries, "CONSUMERS", registry.CONSUMERS)

    @registry.consumer("faulty", label=Text("故障", "Faulty"))
    def handle(events: Sequence[Event]) -> None:
        if any(e.object_key == "thing" and e.record_id in bad for e in events):
            raise ValueError("not today")

    delivery.drain()
    rows = [(n, {"a": 1}, {"a": 2}, None) for n in (1, 2)]
    log.append(actor=SYSTEM, at=now(), object_key="thing", action="update", rows=rows)
    delivery.drain()
    return bad


def test_what_was_set_aside_is_retried_and_dismissed(people: Cast, faulty: set[int]) -> None:
    boss = caller_for(people.wang_li)
    delivery.drain()  # the token of the caller is a change, too
    (consumer,) = boss.get("/events/consumers").json()
    assert (consumer["name"], consumer["lag"], consumer["set_aside"]) == ("faulty", 0, 2)
    one, two = boss.get("/events/set-aside?consumer=faulty").json()
    assert (int(one["record_id"]), one["error"]) == (1, "ValueError: not today")
    assert boss.get("/events/set-aside?consumer=other").json() == []
    (left,) = boss.post(f"/events/set-aside/{one['id']}/dismiss", {}).json()
    assert left["id"] == two["id"]
    faulty.clear()
    assert boss.post(f"/events/set-aside/{two['id']}/retry", {}).status_code == 200
    delivery.drain()
    assert boss.get("/events/set-aside").json() == []
    assert boss.post(f"/events/set-aside/{two['id']}/retry", {}).status_code == 404


def test_only_who_sets_up_the_logs(people: Cast, faulty: set[int]) -> None:
    rep = caller_for(people.zhang_wei)
    (one, _) = queries.set_aside(Actor.system())
    assert rep.get("/events/consumers").status_code == 403
    assert rep.get("/events/set-aside").status_code == 403
    assert rep.post(f"/events/set-aside/{one.id}/retry", {}).status_code == 403
    assert rep.post(f"/events/set-aside/{one.id}/dismiss", {}).status_code == 403
    assert len(queries.set_aside(Actor.system())) == 2
