"""Real workers: threads and processes beside one another, killed in the middle of their work."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from tests.kernel.jobs import sample
from tests.support.urls import database_url
from wubu.kernel.jobs import actions, queries, worker
from wubu.kernel.jobs.models import Job
from wubu.kernel.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr("wubu.kernel.jobs.worker.POLL", 0.05)
    monkeypatch.setattr("wubu.kernel.jobs.heartbeat.BEAT", 0.05)
    monkeypatch.setattr("wubu.kernel.jobs.queries.SCHEDULES", {})


class Threads:
    def __init__(self, number):
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._work) for _ in range(number)]

    def _work(self):
        try:
            worker.run(self.stopping)
        finally:
            connections.close_all()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stopping.set()
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()


def until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.03)


def state(job):
    return queries.get(job.id).state


def test_two_workers_run_each_job_once():
    jobs = [actions.enqueue("test.mark", {"name": f"job{n}"}, actor=SYSTEM) for n in range(20)]
    with Threads(2):
        until(lambda: not queries.waiting())
    assert [sample.marks(f"job{n}") for n in range(20)] == [1] * 20
    assert {queries.get(j.id).attempts for j in jobs} == {1}


def test_progress_is_seen_and_a_running_job_is_cancelled():
    job = actions.enqueue("test.slow", {"name": "slow"}, actor=SYSTEM)
    with Threads(1):
        until(lambda: queries.get(job.id).done >= 2)
        assert queries.get(job.id).total == 100
        actions.cancel(actor=SYSTEM, job_id=job.id)
        until(lambda: state(job) == "cancelled")
    if connection.vendor == "postgresql":
        assert sample.marks("slow") == 0  # what it wrote is taken back


def test_a_stopping_worker_puts_its_job_back():
    job = actions.enqueue("test.slow", {"name": "slow"}, actor=SYSTEM)
    with Threads(1):
        until(lambda: queries.get(job.id).done >= 1)
    back = queries.get(job.id)
    assert (back.state, back.attempts) == ("queued", 0)


def test_a_job_that_was_taken_over_is_dropped():
    job = actions.enqueue("test.slow", {"name": "slow", "steps": 15}, actor=SYSTEM)
    with Threads(1):
        until(lambda: state(job) == "running")
        Job.objects.filter(id=job.id).update(worker="elsewhere:1:1:aa")
        time.sleep(0.5)
        assert state(job) == "running"  # the other worker's now
    assert Job.objects.get(id=job.id).worker == "elsewhere:1:1:aa"


def process():
    program = (
        "import django; django.setup()\n"
        "import tests.kernel.jobs.sample\n"
        "from wubu.kernel.jobs import worker\n"
        "worker.POLL = 0.05\n"
        "worker.run_worker()\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, "DATABASE_URL": database_url()}
    )


def test_killed_in_the_middle():
    job = actions.enqueue("test.stubborn", {"name": "hurt", "seconds": 30}, actor=SYSTEM)
    victim = process()
    try:
        until(lambda: state(job) == "running")
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait(10)
    Job.objects.filter(id=job.id).update(kwargs={"name": "hurt", "seconds": 0})
    other = process()
    try:
        until(lambda: state(job) == "done")
    finally:
        other.send_signal(signal.SIGTERM)
        assert other.wait(10) == 0
    assert queries.get(job.id).attempts == 2
    if connection.vendor == "postgresql":
        assert sample.marks("hurt") == 1


def test_an_idle_worker_only_reads():
    with CaptureQueriesContext(connection) as looked:
        assert worker.claim("me") is None
    said = {q["sql"].split()[0] for q in looked.captured_queries}
    assert said <= {"SELECT", "BEGIN", "COMMIT"}
