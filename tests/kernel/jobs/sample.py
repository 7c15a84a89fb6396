"""Jobs that the tests run. Imported by a worker process, too."""

from __future__ import annotations

import time as clock

from django.db import connection

from wubu.kernel.jobs.actions import job
from wubu.kernel.types import Problem, Refused, Text


@job("test.add", label=Text("相加", "Add"))
def add(run, a, b):
    run.progress(1, 2, Text("相加中", "Adding"))
    return {"sum": a + b, "actor": run.actor.member_id, "entrance": run.actor.entrance}


@job("test.idle")
def idle(run):
    """Nothing to do."""


@job("test.refuse")
def refuse(run):
    mark("refused")
    raise Refused(Problem("nothing_to_do", Text("没有数据。", "There is no data.")))


@job("test.break", attempts=3)
def break_down(run):
    mark("broken")
    raise ValueError("no luck")


@job("test.unkeepable")
def unkeepable(run):
    return {("a", "tuple"): 1}


@job("test.mark")
def mark_one(run, name):
    clock.sleep(0.01)
    mark(name)


@job("test.slow")
def slow(run, name, steps=100):
    """Writes one mark at the beginning; steps for a tenth of a second each."""
    mark(name)
    for step in range(steps):
        run.progress(step, steps)
        clock.sleep(0.1)


@job("test.stubborn")
def stubborn(run, name, seconds):
    """Hears nothing while it works."""
    mark(name)
    clock.sleep(seconds)


def mark(name):
    """Leaves a trace in a table that any test database has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO wubu_people_position (name, rank) "
            "SELECT %s || '#' || count(*), 0 FROM wubu_people_position",
            [name],
        )


def marks(name):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM wubu_people_position WHERE name LIKE %s", [f"{name}#%"]
        )
        return cursor.fetchone()[0]
