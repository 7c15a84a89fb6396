"""Dates and moments. A moment is stored in UTC and read and shown in the workspace's time zone."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.calendar.queries import zone
from wubu.kernel.fields.base import FieldError, FieldType, Parser, Shower, blank, shorten
from wubu.kernel.fields.dates import Impossible, clock, excel_day, split
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text, language

MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DATE_HINT = Text(
    "例如 2026-03-01、2026/3/1、2026年3月1日。", "For example 2026-03-01, 2026/3/1 or 1 Mar 2026."
)
FIRST, LAST = 1900, 2200


def no_such_day(raw: object) -> FieldError:
    return FieldError(
        "no_such_date",
        Text("没有“{v}”这一天。", "There is no such day as “{v}”.").format(v=shorten(raw)),
        Text("请核对年月日。", "Check the year, month and day."),
    )


def not_a_date(raw: object) -> FieldError:
    return FieldError(
        "not_a_date",
        Text("“{v}”不是日期。", "“{v}” is not a date.").format(v=shorten(raw)),
        DATE_HINT,
    )


def within(day: date, raw: object) -> None:
    if not FIRST <= day.year <= LAST:
        raise FieldError(
            "out_of_range",
            Text(
                "“{v}”的年份不在 {a}–{b} 之间。", "The year of “{v}” is not between {a} and {b}."
            ).format(v=shorten(raw), a=FIRST, b=LAST),
            DATE_HINT,
        )


def say_day(value: date, lang: Lang) -> str:
    """2026年3月1日, or 1 Mar 2026."""
    if lang == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {MONTH_NAMES[value.month - 1]} {value.year}"


class DateType(FieldType):
    """A day. Options: ``excel`` (numbers are serials), ``day_first`` (3/4/2026 is 3 April)."""

    key: ClassVar[str] = "date"
    label: ClassVar[Text] = Text("日期", "Date")
    sorted_by_column: ClassVar[bool] = True
    read_by_cell: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    wire: ClassVar[str] = "day"
    example: ClassVar[str] = "2026/3/1"
    icon: ClassVar[str] = "calendar"
    about: ClassVar[Text] = Text("某一天", "A day")
    group: ClassVar[str] = "time"
    looks: ClassVar[Mapping[str, int]] = {"date": 2, "datetime": 1}
    dated: ClassVar[bool] = True

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.DateField(null=True)

    def parser(self, f: FieldSpec) -> Parser:
        day_first = bool(f.options.get("day_first"))
        excel = bool(f.options.get("excel"))

        def parse(raw: object) -> date | None:
            if isinstance(raw, str):
                text = raw.strip()
                if len(text) == 10 and text[4] == "-" and text[7] == "-":
                    try:
                        day = date.fromisoformat(text)
                    except ValueError:
                        day = None
                    if day is not None:
                        within(day, raw)
                        return day
                if not text:
                    return None
                return self._written(text, day_first, excel)
            if raw is None:
                return None
            if isinstance(raw, datetime):
                day = raw.astimezone(zone()).date() if raw.tzinfo else raw.date()
            elif isinstance(raw, date):
                day = raw
            elif isinstance(raw, int | float) and not isinstance(raw, bool) and excel:
                day = _serial(raw).date()
            else:
                raise not_a_date(raw)
            within(day, raw)
            return day

        return parse

    def _written(self, text: str, day_first: bool, excel: bool) -> date:
        try:
            found = split(text, day_first)
            # A time after the date is read, to be sure that it is one, and dropped.
            if found is not None and clock(found[1]) is not None:
                within(found[0], text)
                return found[0]
        except Impossible as error:
            raise no_such_day(text) from error
        if excel and text.replace(".", "", 1).isdecimal():
            return _serial(float(text)).date()
        raise not_a_date(text)

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        spoken = lang or language()
        return lambda value: "" if value is None else say_day(value, spoken)

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else date.fromisoformat(value)

    def suits(self, values: Sequence[str]) -> bool:
        return not any(":" in v for v in values)

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("date")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return (date(2024, 1, 1) + timedelta(days=rnd.randrange(1000))).isoformat()


def _serial(number: float) -> datetime:
    try:
        return excel_day(float(number))
    except Impossible as error:
        raise not_a_date(number) from error


def _iso(text: str) -> datetime | None:
    """2026-03-01 09:00 and its like, as programs write it, read quickly; seconds are whole."""
    if len(text) < 16 or text[4] != "-" or text[7] != "-" or text[10] not in " T":
        return None
    try:
        return datetime.fromisoformat(text).replace(microsecond=0)
    except ValueError:
        return None


class DateTimeType(FieldType):
    """A moment. Without an offset it is read in the workspace's time zone. Options as for dates."""

    key: ClassVar[str] = "datetime"
    label: ClassVar[Text] = Text("日期时间", "Date and time")
    sorted_by_column: ClassVar[bool] = True
    read_by_cell: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    wire: ClassVar[str] = "moment"
    example: ClassVar[str] = "2026-03-01 09:30"
    icon: ClassVar[str] = "clock"
    about: ClassVar[Text] = Text("某天某时刻", "A day and a time")
    group: ClassVar[str] = "time"
    looks: ClassVar[Mapping[str, int]] = {"datetime": 2, "date": 1}
    dated: ClassVar[bool] = True
    timed: ClassVar[bool] = True

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.DateTimeField(null=True)

    def parser(self, f: FieldSpec) -> Parser:
        day_first = bool(f.options.get("day_first"))
        excel = bool(f.options.get("excel"))
        here = zone()

        def parse(raw: object) -> datetime | None:
            if blank(raw):
                return None
            if isinstance(raw, datetime):
                moment = raw
            elif isinstance(raw, date):
                moment = datetime.combine(raw, time(), here)
            elif isinstance(raw, str):
                text = raw.strip()
                moment = _iso(text) or self._written(text, day_first)
            elif isinstance(raw, int | float) and not isinstance(raw, bool) and excel:
                moment = _serial(raw)
            else:
                raise not_a_date(raw)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=here)
            within(moment.date(), raw)
            return moment.astimezone(UTC)

        return parse

    def _written(self, text: str, day_first: bool) -> datetime:
        try:
            found = split(text, day_first)
            at = clock(found[1]) if found else None
        except Impossible as error:
            raise no_such_day(text) from error
        if found is None or at is None:
            raise not_a_date(text)
        moment = datetime.combine(found[0], at[0])
        return moment if at[1] is None else moment.replace(tzinfo=timezone(at[1]))

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        spoken = lang or language()
        here = zone()

        def show(value: datetime | None) -> str:
            if value is None:
                return ""
            local = value.astimezone(here)
            return f"{say_day(local, spoken)} {local.hour:02d}:{local.minute:02d}"

        return show

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return value.astimezone(zone()).strftime("%Y-%m-%dT%H:%M")

    def suits(self, values: Sequence[str]) -> bool:
        return any(":" in v for v in values)

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("datetime")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        start = datetime(2024, 1, 1, 9, tzinfo=zone())
        return (start + timedelta(minutes=rnd.randrange(10**6))).isoformat()
