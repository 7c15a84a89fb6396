"""The fast day on SQLite is the same day as everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.db.models.functions import TruncDate

from tests.cast import Cast
from wubu.kernel.calendar.queries import day_of, zone
from wubu.kernel.catalog.queries import snapshot
from wubu.measure.metrics.days import LocalDay, steady_offset

pytestmark = pytest.mark.django_db


def test_zones_that_keep_their_offset() -> None:
    assert steady_offset("Asia/Shanghai") == 480
    assert steady_offset("Asia/Kolkata") == 330
    assert steady_offset("Europe/Berlin") is None


def test_it_works(cast: Cast) -> None:
    model = snapshot().model("customer")
    first = datetime(1986, 5, 3, 14, 59, 59, tzinfo=UTC)  # China had a summer time then
    moments = [first + timedelta(days=41 * n, minutes=37 * n) for n in range(400)]
    model.objects.bulk_create(
        [
            model(name=f"客户 {n}", created_at=at, updated_at=at, version=1)
            for n, at in enumerate(moments)
        ]
    )
    found = model.objects.order_by("id").annotate(
        fast=LocalDay(F("created_at"), tzinfo=zone()), slow=TruncDate("created_at", tzinfo=zone())
    )
    for at, fast, slow in zip(
        moments,
        found.values_list("fast", flat=True),
        found.values_list("slow", flat=True),
        strict=True,
    ):
        assert fast == slow == day_of(at)
