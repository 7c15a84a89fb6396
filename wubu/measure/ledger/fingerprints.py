"""What the rules of a metric compiled to when its entries were last made from the records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b

from django.db import connection

from wubu.measure.ledger.models import CompiledMetric
from wubu.measure.metrics.compiler import Select


def fingerprint(selects: Iterable[Select]) -> str:
    """Of everything that decides which entries a metric posts: its SQL and parameters."""
    said = "\n".join(f"{s.sql}\n{s.params!r}" for s in selects)
    return blake2b(said.encode(), digest_size=16).hexdigest()


def note(metric_id: int, selects: Sequence[Select], at: datetime) -> None:
    """Keep the fingerprint of what has just been posted."""
    CompiledMetric.objects.update_or_create(
        metric_id=metric_id, defaults={"fingerprint": fingerprint(selects), "at": at}
    )


def noted() -> dict[int, str]:
    """The fingerprints on record by metric; none before the upgrade that brings the table."""
    with connection.cursor() as cursor:
        if CompiledMetric._meta.db_table not in connection.introspection.table_names(cursor):
            return {}
    return dict(CompiledMetric.objects.values_list("metric_id", "fingerprint"))
