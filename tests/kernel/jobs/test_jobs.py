from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.db import transaction

from tests.cast import acting
from tests.kernel.jobs import sample  # noqa: F401 - registers the jobs
from wubu.kernel.jobs import actions, queries, worker
from wubu.kernel.jobs.models import Job
from wubu.kernel.jobs.registry import Declared
from wubu.kernel.jobs.running import back_off
from wubu.kernel.jobs.types import Timing
from wubu.kernel.people import actions as people
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused
from wubu.kernel.workspace import unit_of_work

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_it_works(cast):
    me = acting(cast.zhang_wei)
    job = actions.enqueue("test.add", {"a": 1, "b": 2}, actor=me)
    assert (job.state, job.attempts, job.share) == ("queued", 0, None)
    assert queries.waiting() == (job,)
    assert worker.drain() == 1
    done = queries.get(job.id, me)
    assert done.state == "done"
    assert done.result == {"sum": 3, "actor": cast.zhang_wei.id, "entrance": "job"}
    assert (done.done, done.total, done.share) == (1, 2, 1.0)
    assert str(done.note) == "相加中"
    assert queries.mine(me) == (done,)
    assert queries.label("test.add").en == "Add"
    assert worker.drain() == 0


def test_nobody_else_sees_or_stops_it(cast):
    job = actions.enqueue("test.add", {"a": 1, "b": 2}, actor=acting(cast.zhang_wei))
    other = acting(cast.liu_yang)
    with pytest.raises(Missing):
        queries.get(job.id, other)
    with pytest.raises(Forbidden):
        actions.cancel(actor=other, job_id=job.id)
    with pytest.raises(Forbidden):
        actions.cancel(actor=other, job_id=0)
    with pytest.raises(Missing):
        actions.cancel(actor=acting(cast.wang_li), job_id=0)


def test_an_unknown_job_is_a_mistake_of_the_program(unit):
    with pytest.raises(KeyError):
        actions.enqueue("test.nothing", actor=SYSTEM)


def test_later(unit, clock):
    job = actions.enqueue(
        "test.add", {"a": 1, "b": 2}, actor=SYSTEM, run_after=NOW + timedelta(hours=1)
    )
    assert worker.drain() == 0
    clock.shift(timedelta(hours=1))
    assert worker.drain() == 1
    assert queries.get(job.id).state == "done"


def test_cancelled_before_it_began(unit):
    job = actions.enqueue("test.add", {"a": 1, "b": 2}, actor=SYSTEM)
    assert actions.cancel(actor=SYSTEM, job_id=job.id).state == "cancelled"
    assert worker.drain() == 0
    assert actions.retry(actor=SYSTEM, job_id=job.id).state == "queued"
    assert worker.drain() == 1
    assert actions.cancel(actor=SYSTEM, job_id=job.id).state == "done"
    with pytest.raises(Refused):
        actions.retry(actor=SYSTEM, job_id=job.id)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_fails_at_once_and_says_why():
    job = actions.enqueue("test.refuse", actor=SYSTEM)
    assert worker.drain() == 1
    failed = queries.get(job.id)
    assert failed.state == "failed"
    assert [p.zh for p in failed.problems] == ["没有数据。"]
    assert queries.failed() == (failed,)
    actions.dismiss(actor=SYSTEM, job_id=job.id)
    assert queries.failed() == ()


@pytest.mark.django_db(transaction=True)
def test_failures_are_tried_again_later_and_in_the_end_listed(clock):
    job = actions.enqueue("test.break", actor=SYSTEM)
    for attempt in (1, 2, 3):
        assert worker.drain() == 1
        now = queries.get(job.id)
        assert (now.attempts, now.state) == (attempt, "failed" if attempt == 3 else "queued")
        assert "ValueError: no luck" in now.error
        assert worker.drain() == 0
        clock.shift(back_off(attempt))
    assert [f.id for f in queries.failed()] == [job.id]
    assert actions.retry(actor=SYSTEM, job_id=job.id).attempts == 0
    assert queries.failed() == ()
    assert worker.drain() == 1


@pytest.mark.django_db(transaction=True)
def test_a_result_that_cannot_be_kept_fails_the_job():
    job = actions.enqueue("test.unkeepable", actor=SYSTEM)
    worker.drain()
    assert "TypeError" in queries.get(job.id).error


@pytest.mark.django_db(transaction=True)
def test_asked_and_taken_back_together():
    def ask_and_fail():
        with unit_of_work(), transaction.atomic():
            actions.enqueue("test.add", {"a": 1, "b": 2}, actor=SYSTEM)
            raise ValueError("too bad")

    with pytest.raises(ValueError, match="too bad"):
        ask_and_fail()
    assert worker.drain() == 0
    assert queries.waiting() == ()


def test_waits_grow_up_to_an_hour():
    assert [back_off(n).total_seconds() for n in (1, 2, 3, 4, 9)] == [30, 120, 480, 1920, 3600]


@pytest.fixture
def nightly(monkeypatch):
    """One schedule only: every day at half past two in the workspace's zone."""
    declared = {"night": Declared("night", "test.idle", Timing(daily_at=time(2, 30)))}
    monkeypatch.setattr("wubu.kernel.jobs.queries.SCHEDULES", declared)
    monkeypatch.setattr("wubu.kernel.jobs.actions.SCHEDULES", declared)


def test_a_slot_is_started_once(unit, nightly, clock):
    assert worker.start_due(NOW) == 1
    assert worker.start_due(NOW + timedelta(minutes=1)) == 0
    [schedule] = queries.schedules()
    assert Job.objects.get(id=schedule.last.id).slot == datetime(2026, 3, 9, 18, 30, tzinfo=UTC)
    Job.objects.update(state="done")
    assert worker.start_due(NOW + timedelta(hours=12)) == 0
    clock.shift(timedelta(days=3))  # nobody ran for days: the latest slot is made up, once
    assert worker.start_due(NOW + timedelta(days=3)) == 1
    assert worker.start_due(NOW + timedelta(days=3)) == 0


def test_what_still_runs_is_not_started_again(unit, nightly):
    worker.start_due(NOW)
    assert worker.start_due(NOW + timedelta(days=1)) == 0


def test_the_company_moves_or_stops_a_schedule(cast, nightly):
    with pytest.raises(Forbidden):
        actions.set_schedule(actor=acting(cast.zhang_wei), key="night", active=False)
    with pytest.raises(Missing):
        actions.set_schedule(actor=SYSTEM, key="noon")
    with pytest.raises(Refused):
        actions.set_schedule(actor=SYSTEM, key="night", every_minutes=0)
    moved = actions.set_schedule(actor=acting(cast.wang_li), key="night", daily_at=time(23, 0))
    assert moved.timing.label.zh == "每天 23:00"
    actions.set_schedule(actor=SYSTEM, key="night", active=False)
    assert worker.start_due(NOW) == 0
    back = actions.set_schedule(actor=SYSTEM, key="night")
    assert back.timing == Timing(daily_at=time(2, 30))


def test_slots(unit):
    half_hourly = Timing(every_minutes=30)
    at = datetime(2026, 3, 10, 2, 47, tzinfo=UTC)
    assert queries.latest_slot(half_hourly, at) == datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
    daily = Timing(daily_at=time(10, 48))  # a minute from then
    assert queries.latest_slot(daily, at) == datetime(2026, 3, 9, 2, 48, tzinfo=UTC)
    with pytest.raises(ValueError, match="either"):
        Timing()
    with pytest.raises(ValueError, match="1440"):
        Timing(every_minutes=5000)


def running(state="running", **values):
    job = actions.enqueue("test.add", {"a": 1, "b": 2}, actor=SYSTEM)
    claimed = worker.claim(values.get("worker") or worker.identity())
    assert claimed == job.id
    Job.objects.filter(id=job.id).update(**values)
    return job.id


def test_a_job_whose_worker_died_is_run_again(unit, clock):
    job_id = running(worker="elsewhere:1:1:aa", heartbeat_at=NOW)
    assert worker.recover(NOW + timedelta(minutes=1)) == 0  # it may be slow
    assert worker.recover(NOW + timedelta(minutes=3)) == 1
    assert queries.get(job_id).state == "queued"
    clock.shift(timedelta(minutes=3))
    assert worker.drain() == 1
    assert queries.get(job_id).state == "done"


def test_a_dead_process_on_this_machine_is_seen_at_once(unit):
    mine = worker.identity()
    host, pid, started, token = mine.split(":")
    assert worker.alive(mine) is True
    assert worker.alive(f"{host}:{pid}:{int(started) + 1}:{token}") is False
    assert worker.alive("elsewhere:1:1:aa") is None
    job_id = running(worker=f"{host}:{pid}:{int(started) + 1}:{token}")
    assert worker.recover(NOW) == 1
    assert queries.get(job_id).state == "queued"


def test_a_job_that_kills_its_worker_again_and_again_is_listed(unit):
    job_id = running(worker="elsewhere:1:1:aa", attempts=3)
    assert worker.recover(NOW + timedelta(minutes=3)) == 1
    [failed] = queries.failed()
    assert failed.id == job_id
    assert failed.problems[0].en == "The process that ran the job ended unexpectedly."


def test_one_that_was_to_be_cancelled_stays_so(unit):
    job_id = running(worker="elsewhere:1:1:aa", cancel_requested=True)
    worker.recover(NOW + timedelta(minutes=3))
    assert queries.get(job_id).state == "cancelled"


def test_what_is_long_over_is_forgotten(unit, nightly):
    worker.start_due(NOW)
    worker.drain()
    asked = actions.enqueue("test.add", {"a": 1, "b": 2}, actor=SYSTEM)
    worker.drain()
    worker.prune(NOW + timedelta(days=6))
    assert queries.schedules()[0].last is not None
    worker.prune(NOW + timedelta(days=9))
    assert queries.schedules()[0].last is None
    assert queries.get(asked.id).state == "done"


def test_who_left_does_not_break_their_jobs(cast):
    job = actions.enqueue("test.add", {"a": 1, "b": 2}, actor=acting(cast.zhang_wei))
    people.deactivate(actor=SYSTEM, member_id=cast.zhang_wei.id)
    worker.drain()
    assert queries.get(job.id).state == "done"
