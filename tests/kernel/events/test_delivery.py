"""Consumers of the log: once in effect, in the order of each record, a fault holds up nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests.support.urls import database_url
from wubu.kernel.audit import actions as log
from wubu.kernel.audit.causes import DEEPEST
from wubu.kernel.audit.models import Change
from wubu.kernel.calendar.queries import now
from wubu.kernel.events import actions, asides, delivery, queries, registry
from wubu.kernel.events.models import Cursor, SetAside
from wubu.kernel.events.types import Event
from wubu.kernel.types import SYSTEM, Actor, Forbidden, Missing, Text

ROOT = Path(__file__).parents[3]


def write(*record_ids: int, object_key: str = "thing") -> None:
    rows = [(n, {"a": 1}, {"a": 2}, None) for n in record_ids]
    log.append(actor=SYSTEM, at=now(), object_key=object_key, action="update", rows=rows)


class Spy:
    """A consumer that notes what it was handed, and fails on chosen records."""

    def __init__(self, name: str) -> None:
        self.calls: list[list[int]] = []
        self.bad: set[int] = set()
        self.done: list[tuple[int, int]] = []
        registry.consumer(name, label=Text(name, name))(self.handle)

    def handle(self, events: Sequence[Event]) -> None:
        self.calls.append([e.record_id for e in events])
        if wrong := [e.record_id for e in events if e.record_id in self.bad]:
            raise ValueError(f"cannot do {wrong[0]}")
        self.done += [(e.record_id, e.id) for e in events if e.object_key[0] != "_"]


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "CONSUMERS", {})
    monkeypatch.setattr(delivery, "CONSUMERS", registry.CONSUMERS)
    monkeypatch.setattr(queries, "CONSUMERS", registry.CONSUMERS)


@pytest.fixture
def spy(db: None) -> Spy:
    made = Spy("spy")
    delivery.drain()  # its cursor begins here
    return made


def test_changes_since_the_start_come_once_and_in_order(spy: Spy) -> None:
    write(3, 1, 3)
    assert delivery.drain() == 3
    assert [record for record, _ in spy.done] == [3, 1, 3]
    assert sorted(i for _, i in spy.done) == [i for _, i in spy.done]
    assert delivery.drain() == 0


def test_a_fault_holds_up_neither_other_records_nor_other_consumers(spy: Spy) -> None:
    other = Spy("other")
    delivery.drain()
    spy.bad = {2}
    write(1, 2, 3, 2)
    write(2, object_key="elsewhere")
    delivery.drain()
    assert [r for r, _ in spy.done] == [1, 3]
    assert [r for r, _ in other.done] == [1, 2, 3, 2, 2]


def test_later_events_of_a_faulty_record_wait_and_keep_their_order(spy: Spy) -> None:
    spy.bad = {2}
    write(2)
    delivery.drain()
    spy.bad = set()
    write(2, 1)
    delivery.drain()
    assert [r for r, _ in spy.done] == [1]
    assert [bool(row.error) for row in SetAside.objects.order_by("change_id")] == [True, False]
    with time_machine.travel(now() + timedelta(seconds=31), tick=False):
        delivery.drain()
    assert [r for r, _ in spy.done] == [1, 2, 2]
    assert spy.done[1][1] < spy.done[2][1]
    assert not SetAside.objects.exists()


@pytest.mark.parametrize(("seconds", "again"), [(29, 0), (30, 1), (31, 1)])
def test_it_is_tried_again_after_thirty_seconds(spy: Spy, seconds: int, again: int) -> None:
    start = now()
    spy.bad = {2}
    with time_machine.travel(start, tick=False):
        write(2)
        delivery.drain()
    tried = len(spy.calls)
    with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
        delivery.drain()
    assert len(spy.calls) - tried == again


def test_after_the_last_attempt_a_person_decides(spy: Spy) -> None:
    spy.bad = {2}
    write(2)
    at = now()
    for _ in range(asides.ATTEMPTS + 2):
        with time_machine.travel(at, tick=False):
            delivery.drain()
        at += timedelta(hours=2)
    (row,) = queries.set_aside(SYSTEM)
    assert (row.attempts, row.next_at) == (asides.ATTEMPTS, None)
    assert row.error == "ValueError: cannot do 2"
    (view,) = queries.consumers(SYSTEM)
    assert (view.lag, view.set_aside, view.error) == (0, 1, "ValueError: cannot do 2")
    spy.bad = set()
    actions.retry(actor=SYSTEM, id=row.id)
    delivery.drain()
    assert [r for r, _ in spy.done] == [2]
    with pytest.raises(Missing):
        actions.retry(actor=SYSTEM, id=row.id)


def test_what_waited_behind_a_dismissed_event_is_done(spy: Spy) -> None:
    spy.bad = {2}
    write(2)
    delivery.drain()
    write(2)
    delivery.drain()
    spy.bad = set()
    first, second = queries.set_aside(SYSTEM)
    actions.dismiss(actor=SYSTEM, id=first.id)
    delivery.drain()
    assert spy.done == [(2, second.change_id)]
    assert not queries.set_aside(SYSTEM)
    assert SetAside.objects.get().dismissed_at is not None


def test_who_may_not_set_up_sees_and_does_nothing(spy: Spy, cast: object) -> None:
    nobody = Actor.outsider()
    for refused in (
        lambda: queries.consumers(nobody),
        lambda: queries.set_aside(nobody),
        lambda: actions.retry(actor=nobody, id=1),
        lambda: actions.dismiss(actor=nobody, id=1),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_rules_in_a_circle_are_stopped_and_named(db: None) -> None:
    @registry.consumer("ring", label=Text("环", "Ring"))
    def handle(events: Sequence[Event]) -> None:
        for event in events:
            if event.object_key in ("a", "b"):
                with event.answered_by(f"rule {event.object_key}"):
                    write(event.record_id, object_key="b" if event.object_key == "a" else "a")

    delivery.drain()
    write(1, object_key="a")
    write(7, object_key="quiet")
    delivery.drain()
    (row,) = queries.set_aside(SYSTEM)
    assert "rule a → rule b → rule a" in row.error
    assert row.next_at is None
    depths = (
        Change.objects.filter(object_key__in="ab").order_by("id").values_list("depth", flat=True)
    )
    assert list(depths) == list(range(DEEPEST + 1))
    last = Change.objects.filter(object_key__in="ab").latest("id")
    assert last.caused_by == "rule b"
    assert Cursor.objects.get().position == Change.objects.latest("id").pk


def test_a_thousand_events_cost_as_many_queries_as_one(spy: Spy) -> None:
    counts = []
    for number in (1, 1000):
        write(*range(number))
        with CaptureQueriesContext(
            connection,
        ) as queried:
            assert delivery.run_due("w", Change.objects.latest("id").pk) == number
        counts.append(len(queried))
    assert counts[0] == counts[1]
    assert len(spy.calls) == 2


def test_writing_costs_no_query_more(spy: Spy) -> None:
    with CaptureQueriesContext(connection) as queried:
        write(1, 2, 3)
    assert len(queried) == 1


@pytest.fixture
def committed_spy(transactional_db: None) -> Spy:
    made = Spy("spy")
    delivery.run_due("w")
    return made


def test_a_change_that_commits_late_is_not_skipped(committed_spy: Spy) -> None:
    """On PostgreSQL the second transaction takes the higher id and commits first."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    took, go = threading.Event(), threading.Event()

    def late() -> None:
        try:
            with transaction.atomic():
                write(1)
                took.set()
                go.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=late)
    thread.start()
    assert took.wait(20)
    write(2)
    delivery.run_due("w")
    delivery.run_due("w")
    early = list(committed_spy.done)
    go.set()
    thread.join(20)
    delivery.run_due("w")
    assert early == []
    assert [record for record, _ in committed_spy.done] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_living_worker_keeps_its_lease_and_a_late_one_is_fenced(committed_spy: Spy) -> None:
    write(1)
    Cursor.objects.update(holder="elsewhere:1:1:x", held_until=now() + timedelta(minutes=1))
    assert delivery.run_due("w") == 0
    with time_machine.travel(now() + timedelta(minutes=1, seconds=1), tick=False):
        assert delivery.run_due("w") == 1
    assert Cursor.objects.get().holder == ""


@pytest.mark.django_db(transaction=True)
def test_whose_cursor_was_moved_takes_back_what_it_did(committed_spy: Spy) -> None:
    write(1)

    @registry.consumer("spy", label=Text("甲", "Spy"))
    def handle(events: Sequence[Event]) -> None:
        write(99, object_key="effect")
        Cursor.objects.update(holder="another")

    delivery.run_due("w")
    assert not Change.objects.filter(object_key="effect").exists()


KILLED = """
import os, sys, time
from wubu.boot import start_django; start_django()
from wubu.kernel.calendar.queries import now
from wubu.kernel.audit import actions as log
from wubu.kernel.events import delivery, registry
from wubu.kernel.jobs.worker import identity
from wubu.kernel.types import SYSTEM, Text
registry.CONSUMERS.clear()
@registry.consumer("spy", label=Text("甲", "Spy"))
def handle(events):
    rows = [(e.record_id, None, {"a": 1}, None) for e in events if e.object_key == "thing"]
    if rows:
        log.append(actor=SYSTEM, at=now(), object_key="effect", action="create", rows=rows)
        print("inside", flush=True)
        time.sleep(60)
delivery.run_due(identity())
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_half_done(committed_spy: Spy) -> None:
    write(1, 2)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "inside"
    assert Cursor.objects.get().holder
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    process.stdout.close()
    end = time.monotonic() + 30
    while len(committed_spy.done) < 2 and time.monotonic() < end:
        delivery.run_due("w")
    assert [record for record, _ in committed_spy.done] == [1, 2]
    assert not Change.objects.filter(object_key="effect").exists()
    assert Cursor.objects.get().holder == ""
