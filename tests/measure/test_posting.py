"""The ledger follows the records. Every answer is checked by SQL written by hand."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.cast import Cast
from wubu.kernel.records import actions as records
from wubu.kernel.types import SYSTEM

pytestmark = pytest.mark.django_db


def rows(sql: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def entries(metric: str) -> list[tuple[object, ...]]:
    return rows(
        "SELECT e.record_id, e.part, CAST(e.day AS varchar), e.member_id, e.team_id, e.value, e.kind "
        "FROM wubu_ledger_entry e JOIN wubu_metrics_metric m ON m.id = e.metric_id "
        "WHERE m.key = %s ORDER BY e.day, e.record_id, e.part",
        metric,
    )


def test_it_works(cast: Cast) -> None:
    customer = records.create(
        actor=SYSTEM, object_key="customer", values={"name": "明华", "owner": cast.zhang_wei.id}
    )
    contract = records.create(
        actor=SYSTEM,
        object_key="contract",
        values={
            "name": "一号合同",
            "customer": customer.id,
            "signed_on": "2026-03-05",
            "amount": "1000.01",
            "status": "active",
            "owner": cast.zhang_wei.id,
        },
    )
    east, zhang = cast.east.id, cast.zhang_wei.id
    assert entries("sales_signed") == [
        (contract.id, 0, "2026-03-05", zhang, east, 100001, "normal")
    ]
    assert entries("new_customers") == [(customer.id, 0, "2026-03-05", zhang, east, 1, "normal")]
