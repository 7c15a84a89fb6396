"""The workspace's day of an instant, in SQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models.functions import TruncDate

STEADY_FROM, STEADY_TO = datetime(1992, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class LocalDay(TruncDate):
    """``TruncDate``, made fast on SQLite, where it is a Python function called for each row.

    A zone that has kept one offset since 1992, as China's has, is a plain sum for the instants
    since then.
    """

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        slow, slow_params = super().as_sql(compiler, connection, **context)
        minutes = steady_offset(self.get_tzname() or "UTC")
        if minutes is None:
            return slow, list(slow_params)
        column, params = compiler.compile(self.lhs)
        since = STEADY_FROM.strftime("%Y-%m-%d")
        return (
            f"CASE WHEN {column} >= '{since}' THEN date({column}, '{minutes:+d} minutes') "
            f"ELSE {slow} END",
            [*params, *params, *slow_params],
        )


@lru_cache(maxsize=16)
def steady_offset(name: str) -> int | None:
    """Minutes ahead of UTC, for a zone that has not changed them since 1992; else None."""
    zone, day, offsets = ZoneInfo(name), STEADY_FROM, set()
    while day < STEADY_TO:
        offsets.add(day.astimezone(zone).utcoffset())
        day += timedelta(days=7)
    offset = offsets.pop()
    if offsets or offset is None:
        return None
    minutes, rest = divmod(int(offset.total_seconds()), 60)
    return minutes if rest == 0 else None
