"""The bench still runs: every job on the smallest company, with figures, floors and bars."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connections

from tests.bench import company, report
from tests.bench.jobs import importing, pages, serving, shaping
from tests.bench.places import Place
from tests.bench.sizes import SIZES
from tests.bench.timing import Result, quantile
from tests.support.urls import database_url
from wubu.control.boards.models import StageTotal
from wubu.kernel.records import actions as records
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger.models import Entry

XS = SIZES["XS"]


def here() -> Place:
    """The test database, as a process of its own would be told of it."""
    return Place(database_url())


@pytest.fixture
def place(transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    """A company of the smallest size in the test database."""
    monkeypatch.setattr(importing, "HOME", tmp_path)
    company.fill(XS)
    connections.close_all()
    return here()


def test_every_job_answers(place: Place) -> None:
    results = [
        *pages.run(place, XS),
        *importing.run(place, XS),
        *serving.run(place, XS),
        *shaping.run(place, XS),
    ]
    assert {r.job for r in results} >= {
        "cockpit", "board", "list", "leaderboard", "search", "score", "import", "rebuild",
        "help", "ready", "create", "memory", "shapes",
    }  # fmt: skip
    assert all(r.value > 0 for r in results)
    assert next(r for r in results if r.job == "rebuild").note == "posted = rebuilt"
    assert next(r for r in results if "roll-up" in r.label).note == "exact"
    shown = report.table("here", results, results)
    assert all(r.label[:40] in shown for r in results)


def test_a_filled_company_is_as_the_door_would_have_written_it(place: Place) -> None:
    with unit_of_work():
        totals = sorted(StageTotal.objects.values_list("stage", "owner_id", "count", "amount"))
        entries = Entry.objects.count()
        for key in ("customer", "opportunity", "contract", "payment_plan"):
            records.recompute(actor=SYSTEM, object_key=key)  # moves only what was wrong
        again = sorted(StageTotal.objects.values_list("stage", "owner_id", "count", "amount"))
        assert totals == again
        assert Entry.objects.count() == entries
        assert entries > XS.follow_ups


def test_quantiles_are_times_that_were_taken() -> None:
    times = [5.0, 1.0, 2.0, 3.0, 4.0]
    assert quantile(times, 0.5) == 3.0
    assert quantile(times, 0.95) == 5.0


def test_a_bar_is_held_against_the_right_figure() -> None:
    page = Result("list", "list", 20, p95=70, bar=60, judge_p95=True)
    rate = Result("import", "import", 9_000, "rows/s", floor=90_000, bar=10_000, at_least=True)
    assert not page.reached
    assert not rate.reached
    assert rate.ratio == 10
    table = report.table("t", [page, rate], [Result("list", "list", 10, p95=15)])
    assert table.count("SHORT") == 2
    assert "2.00" in table
