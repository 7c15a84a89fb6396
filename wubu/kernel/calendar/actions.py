"""Changing the company's calendar. Each asks for the right to set up ``periods``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from wubu.kernel import hooks, past
from wubu.kernel.calendar import queries
from wubu.kernel.calendar.models import CalendarSetting, DayOverride
from wubu.kernel.calendar.types import CalendarSettings, DayNote
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.kernel.workspace import forget


def update_settings(
    *, actor: Actor, time_zone: str | None = None, fiscal_start_month: int | None = None
) -> CalendarSettings:
    """Set the workspace's time zone (IANA name) or the month in which its fiscal year begins."""
    hooks.require_setup(actor, "periods")
    was = queries.settings()
    new = CalendarSettings(time_zone or was.time_zone, fiscal_start_month or was.fiscal_start_month)
    problems = []
    try:
        ZoneInfo(new.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(
            Problem(
                "no_such_time_zone",
                Text("没有时区“{z}”。", "There is no time zone “{z}”.").format(z=new.time_zone),
                hint=Text("例如 Asia/Shanghai。", "For example Asia/Shanghai."),
                field="time_zone",
                value=new.time_zone,
            )
        )
    if not 1 <= new.fiscal_start_month <= 12:
        problems.append(
            Problem(
                "not_a_month",
                Text("月份应为 1 到 12。", "A month is 1 to 12."),
                field="fiscal_start_month",
                value=new.fiscal_start_month,
            )
        )
    if problems:
        raise Refused(*problems)
    with transaction.atomic():
        values = {"time_zone": new.time_zone, "fiscal_start_month": new.fiscal_start_month}
        CalendarSetting.objects.update_or_create(id=1, defaults=values)
        hooks.record(
            actor,
            "calendar_setting",
            1,
            "update",
            {"time_zone": was.time_zone, "fiscal_start_month": was.fiscal_start_month},
            values,
        )
    forget("calendar.settings")
    return new


def declare_days(*, actor: Actor, days: Sequence[DayNote]) -> None:
    """Say of days whether the company works on them, whatever the public calendar says.

    Raises Refused for closed days, Forbidden.
    """
    hooks.require_setup(actor, "periods")
    _require_open(note.day for note in days)
    with transaction.atomic():
        for note in days:
            row, _ = DayOverride.objects.update_or_create(
                day=note.day, defaults={"working": note.working, "name": note.name}
            )
            after = {"day": note.day.isoformat(), "working": note.working, "name": note.name}
            hooks.record(actor, "calendar_day", row.pk, "update", {}, after)
    forget("calendar.overrides")


def _require_open(days: Iterable[date]) -> None:
    """Raises Refused with every day that is closed: working days made figures of their month."""
    wrong = [p for day in days if (p := past.problem(day, field="day"))]
    if wrong:
        raise Refused(*wrong)


def clear_days(*, actor: Actor, days: Sequence[date]) -> None:
    """Leave days to the public calendar again."""
    hooks.require_setup(actor, "periods")
    _require_open(days)
    with transaction.atomic():
        for row in DayOverride.objects.filter(day__in=days):
            before = {"day": row.day.isoformat(), "working": row.working, "name": row.name}
            hooks.record(actor, "calendar_day", row.pk, "delete", before, {})
            row.delete()
    forget("calendar.overrides")
