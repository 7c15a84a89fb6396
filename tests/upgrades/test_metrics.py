"""Metrics that a release compiles otherwise: open days are rebuilt, and what moved is listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from tests.cast import Cast
from tests.measure.books import entries, make, rows
from tests.upgrades import noted
from tests.upgrades.conftest import quiet
from wubu.kernel.audit import queries as audit
from wubu.kernel.types import SYSTEM, Text
from wubu.kernel.workspace import forget, unit_of_work
from wubu.measure.figures.queries import dictionary, metric
from wubu.measure.ledger.checking import verify
from wubu.measure.ledger.fingerprints import fingerprint
from wubu.measure.ledger.models import CompiledMetric
from wubu.measure.ledger.recompiled import rebuild_recompiled, recompiled
from wubu.measure.ledger.types import Total
from wubu.measure.metrics import dictionary as dictionaries
from wubu.measure.metrics.actions import define, revise
from wubu.upgrade import words
from wubu.upgrade.plan import look
from wubu.upgrade.run import run


def selects(key: str) -> list[Any]:
    return [s for s in dictionary().selects if s.spec.metric == key]


@pytest.fixture
def otherwise(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A release that counts signed contracts at twice their amount."""
    shipped = dictionaries.compile_spec

    def compile_spec(spec: Any, catalog: Any) -> Any:
        made = shipped(spec, catalog)
        if spec.metric != "sales_signed":
            return made
        around = "SELECT record_id, part, day, member_id, team_id, 2 * value AS value FROM ({}) w"
        return replace(made, sql=around.format(made.sql), narrowed=around.format(made.narrowed))

    monkeypatch.setattr(dictionaries, "compile_spec", compile_spec)
    dictionaries._cache.clear()
    yield
    dictionaries._cache.clear()


def test_it_works(upgraded: None, request: pytest.FixtureRequest) -> None:
    assert recompiled() == ()
    request.getfixturevalue("otherwise")
    forget()
    [found] = recompiled()
    assert (found.key, found.known, found.entries) == ("sales_signed", True, 6)
    closed = [e for e in entries("sales_signed") if e[2] < "2026-03-01"]
    [done] = rebuild_recompiled()
    assert [e for e in entries("sales_signed") if e[2] < "2026-03-01"] == closed
    # March holds 丁 and the correction of 乙; what January and February lack is corrected there.
    earlier = sum(sum(noted.SIGNED[m].values()) for m in (1, 2))
    [march] = done.months
    assert march.month == date(2026, 3, 1)
    assert march.before == Total(25_000_00, 2)
    assert march.after.value == 2 * (25_000_00 + earlier) - earlier
    assert march.places == 4  # 张伟 and 孙悦, 刘洋 in both teams
    assert verify("sales_signed") == ()
    assert recompiled() == ()
    change = audit.last_of("_metric", [metric("sales_signed").id], "recompile").popitem()[1]
    assert change.before == {"2026-03": [25_000_00, 2]}
    assert change.after == {"2026-03": [march.after.value, march.after.count]}


def test_it_is_said_beforehand_and_afterwards(
    upgraded: None, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("otherwise")
    forget()
    said = [line.en for line in words.planned(look())]
    assert said[0] == (
        "The metric “Sales signed” compiles otherwise: its open days are rebuilt (6 entries)"
    )
    done = run(look(), say=quiet)
    lines = [line.en for line in words.carried_out(done)]
    assert "1 metrics rebuilt" in lines[0]
    assert lines[1:] == ["Sales signed 2026-03: 25,000.00 (2) → 270,000.01 (5), 4 places moved"]


def test_what_is_not_on_record_is_held_against_the_records(old: None) -> None:
    """Release 0.1.0 kept no fingerprints: a difference is found all the same."""
    rows_before = rows("SELECT id FROM wubu_metrics_metric WHERE key = 'sales_signed'")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE wubu_ledger_entry SET value = value + 1 WHERE day = '2026-03-12' "
            "AND metric_id = %s",
            rows_before[0],
        )
    found = look()
    assert found.metrics is not None
    assert not any(m.known for m in found.metrics)
    done = run(found, say=quiet)
    assert [r.metric.key for r in done.rebuilt] == ["sales_signed"]
    with unit_of_work():
        assert verify() == ()
        assert CompiledMetric.objects.count() == len(found.metrics)


@pytest.mark.django_db
def test_a_new_workspace_knows_every_metric(cast: Cast) -> None:
    assert recompiled() == ()
    noted_ones = dict(CompiledMetric.objects.values_list("metric_id", "fingerprint"))
    for select in dictionary().selects:
        assert noted_ones[select.spec.metric_id] == fingerprint(selects(select.spec.metric))


@pytest.mark.django_db
def test_a_rule_of_the_company_is_no_news(cast: Cast) -> None:
    counted = {
        "kind": "count", "object": "contract", "when": "signed_on",
        "credit": {"owner": "owner"}, "filter": "{amount} > 10",
    }  # fmt: skip
    define(actor=SYSTEM, key="mine", label=Text("我的", "Mine"), definition=counted)
    assert recompiled() == ()
    customer = make("customer", name="甲", owner=cast.zhang_wei.id)
    make(
        "contract", name="一", customer=customer, owner=cast.zhang_wei.id,
        signed_on="2026-03-02", amount="20", status="active",
    )  # fmt: skip
    revise(
        actor=SYSTEM, key="mine", definition={**counted, "filter": "{amount} > 15"},
        valid_from=date(2026, 3, 10),
    )  # fmt: skip
    assert recompiled() == ()
