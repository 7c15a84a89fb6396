"""Serial numbers: counted up in one row per field and period, never given twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

from wubu.kernel import bulk
from wubu.kernel.fields.serial import SerialType
from wubu.kernel.records.models import SerialCounter

if TYPE_CHECKING:
    from wubu.kernel.records.batch import Batch, Row

TABLE = SerialCounter._meta.db_table


def assign(prep: Batch, new: Sequence[Row]) -> None:
    """Number the new records of every serial field that was left empty."""
    if not prep.ctx.writing:
        return
    for f in prep.spec.live_fields:
        if not f.kind.numbered:
            continue
        kind = SerialType()
        bare = [r for r in new if r.after.get(f.key) is None]
        # A number that history already uses is passed over.
        while bare:
            first = _draw(prep.spec.key, f.key, _period(kind.pattern(f), prep.ctx.day), len(bare))
            made = [kind.write(f, first + n, prep.ctx.day) for n in range(len(bare))]
            raw = {r.after.get(f.key) for r in new}
            model: Any = prep.shape.model
            taken = raw | set(
                model.objects.filter(**{f"{f.key}__among": bulk.Values(made)}).values_list(
                    f.key, flat=True
                )
            )
            again = []
            for row, number in zip(bare, made, strict=True):
                if number in taken:
                    again.append(row)
                else:
                    row.after[f.key] = number
            bare = again


def _period(pattern: str, day: Any) -> str:
    """Counting begins anew each year, or month, when the number shows it."""
    year = f"{day.year}" if "{year" in pattern else ""
    return year + (f"-{day.month:02d}" if "{month" in pattern else "")


def _draw(object_key: str, field_key: str, period: str, count: int) -> int:
    """Take ``count`` numbers; the first of them.

    The counter's row is locked until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (object_key, field_key, period, value) VALUES (%s, %s, %s, %s) "  # noqa: S608
            "ON CONFLICT (object_key, field_key, period) "
            f"DO UPDATE SET value = {TABLE}.value + excluded.value RETURNING value",
            [object_key, field_key, period, count],
        )
        return int(cursor.fetchone()[0]) - count + 1
