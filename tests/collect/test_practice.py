"""Practice data goes in, counts while it is there, and goes out without a trace."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from tests.cast import acting
from wubu.collect.practice import actions, queries
from wubu.control.alerts.evaluating import evaluate_all
from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as seen
from wubu.kernel.types import SYSTEM, Forbidden, Refused
from wubu.measure.figures.queries import figures
from wubu.measure.ledger.actions import close_month


def _rows() -> dict[str, int]:
    found = {
        o.key: snapshot().model(o.key)._default_manager.count()
        for o in snapshot()
        if o.model is not None
    }
    for model in apps.get_models():
        # Balances stay as rows of nothing, which every total leaves out.
        if model._meta.app_label in ("ledger", "alerts") and "Balance" not in model.__name__:
            found[model._meta.label] = model._default_manager.count()
    return found


def test_it_works(cast: Any) -> None:
    mine = records.create(actor=SYSTEM, object_key="customer", values={"name": "真实客户有限公司"})
    evaluate_all()
    before = _rows()
    total = figures(SYSTEM, ["sales_signed"], period_of("month", today())).value("sales_signed")
    done = actions.fill(actor=acting(cast.wang_li))
    evaluate_all()
    assert done.count > 150
    assert queries.is_there()
    assert {"customer", "opportunity", "contract", "follow_up"} <= set(done.records)
    owners = set(seen.visible(SYSTEM, "customer").values_list("owner_id", flat=True))
    assert owners == {None, *(p.id for p in cast.reps)}
    name = seen.titles(SYSTEM, "customer", done.records["customer"][:1])
    assert seen.find(SYSTEM, next(iter(name.values()))[:4])
    assert actions.empty(actor=acting(cast.wang_li)) == done.count
    assert {k: v for k, v in _rows().items() if v != before[k]} == {}
    assert seen.get(SYSTEM, "customer", mine.id).title == "真实客户有限公司"
    now = figures(SYSTEM, ["sales_signed"], period_of("month", today())).value("sales_signed")
    assert now == total
    assert not queries.is_there()
    assert actions.empty(actor=acting(cast.wang_li)) == 0


def test_real_records_on_practice_ones_are_named(cast: Any) -> None:
    done = actions.fill(actor=acting(cast.wang_li))
    record = records.create(
        actor=SYSTEM,
        object_key="visit",
        values={
            "purpose": "真实拜访",
            "customer": done.records["customer"][0],
            "planned_at": "2026-01-05 10:00",
            "owner": cast.zhang_wei.id,
        },
    )
    with pytest.raises(Refused) as caught:
        actions.empty(actor=acting(cast.wang_li))
    (problem,) = caught.value.problems
    assert problem.code == "real_on_practice"
    assert "真实拜访" in problem.message.zh
    assert seen.visible(SYSTEM, "customer").exists()
    assert actions.empty(actor=acting(cast.wang_li), with_hanging=True) == done.count + 1
    assert not seen.visible(SYSTEM, "visit").filter(id=record.id).exists()


def test_no_month_is_closed_with_practice_data(cast: Any) -> None:
    actions.fill(actor=acting(cast.wang_li))
    with pytest.raises(Refused) as caught:
        close_month(actor=SYSTEM, month=period_of("month", today()).previous())
    assert caught.value.problems[0].code == "practice_there"


def test_it_refuses(cast: Any) -> None:
    for person in (cast.zhang_wei, cast.li_qiang, cast.zheng_kai):
        with pytest.raises(Forbidden):
            actions.fill(actor=acting(person))
        with pytest.raises(Forbidden):
            actions.empty(actor=acting(person))
    actions.fill(actor=acting(cast.wang_li))
    with pytest.raises(Refused) as caught:
        actions.fill(actor=acting(cast.wang_li))
    assert caught.value.problems[0].code == "practice_there"
