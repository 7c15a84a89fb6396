"""Days, times, periods and ids in what callers send. Each raises Refused with what would do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

from pydantic import Field, StrictStr

from wubu.kernel.calendar.queries import current, parse_period, zone
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Problem, Refused, Text

PERIOD = Field(
    "", max_length=40, description="2026, 2026-Q1, 2026-03, 2026-W09; the current month without"
)
IdIn = Annotated[StrictStr, Field(pattern=r"^[0-9]{1,18}$")]


def day(text: str | None) -> date | None:
    """``2026-03-01``."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            Problem(
                "not_a_date",
                Text("“{v}”不是日期。", "“{v}” is not a date.").format(v=text[:40]),
                Text("请写成 2026-03-01。", "Write 2026-03-01."),
                value=text[:40],
            )
        ) from error


def moment(text: str | None) -> datetime | None:
    """``2026-03-01T09:00:00Z``; without an offset, in the workspace's time zone."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        # Stored in UTC: databases take no offset of nearly a day.
        return (found if found.tzinfo else found.replace(tzinfo=zone())).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(
            Problem(
                "not_a_time",
                Text("“{v}”不是时间。", "“{v}” is not a time.").format(v=text[:40]),
                Text("请写成 2026-03-01T09:00:00Z。", "Write 2026-03-01T09:00:00Z."),
                value=text[:40],
            )
        ) from error


def clock(text: str | None) -> time | None:
    """``08:30``."""
    return time.fromisoformat(text) if text else None


def period(text: str) -> Period:
    """A period by its key, the current month for none."""
    return parse_period(text) if text else current("month")


def ids(text: str) -> list[int] | None:
    """Ids with commas between them; None for none."""
    parts = [p.strip() for p in text.split(",") if p.strip()]
    for part in parts:
        if not (part.isascii() and part.isdigit() and len(part) < 19):
            raise Refused(
                Problem(
                    "not_an_id",
                    Text("“{v}”不是编号。", "“{v}” is not an id.").format(v=part[:40]),
                    value=part[:40],
                )
            )
    return [int(p) for p in parts] or None


def keys(text: str) -> list[str]:
    """Keys with commas between them."""
    return [p.strip() for p in text.split(",") if p.strip()]
