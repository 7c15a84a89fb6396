"""Days and instants. Days are those of the workspace's time zone, whatever the session's is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import exact
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import (
    Checking,
    Function,
    plain,
    strict,
    template,
    wrong_count,
)
from wubu.kernel.formula.sql import Rendering, Sql, fill, whole, within, within_days
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import DATE, DATETIME, NUMBER, Node, make
from wubu.kernel.types import Lang, Text

DAYS = (-exact.MAX_DAYS, exact.MAX_DAYS)
FIRST_INSTANT = "'0001-12-31 23:59:59.999999+00 BC'::timestamptz"  # both exclusive
LAST_INSTANT = "'10000-01-01+00'::timestamptz"
MONTHS = (-exact.MAX_MONTHS, exact.MAX_MONTHS)


def _local_day_sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    name = Sql("%s", (r.context.zone,))
    if r.pg:
        return within_days(r, fill("({0} AT TIME ZONE {1})::date", args[0], name))
    return fill("wubu_local_day({0}, {1})", args[0], name)


def _say_add_days(_node: Node, parts: Sequence[str], lang: Lang) -> str:
    """“30 days before today” rather than “today plus -30 days”."""
    when, days = parts
    if days[:1] in "-−":
        return f"{when}的 {days[1:]} 天前" if lang == "zh" else f"{days[1:]} days before {when}"
    return f"{when}加 {days} 天" if lang == "zh" else f"{when} plus {days} days"


def _add_days(check: Checking, tree: Tree) -> Node:
    at = (tree.start, tree.end)
    if len(tree.args) != 2:
        return check.refuse(
            "wrong_arguments",
            Text("ADDDAYS 要有日期和天数。", "ADDDAYS needs a date and a number of days."),
            tree,
            Text("例如 ADDDAYS({日期}, 30)。", "For example ADDDAYS({Date}, 30)."),
        )
    when = check.coerce(check.typed(tree.args[0]), "when")
    days = check.coerce(check.typed(tree.args[1]), "whole")
    return make("ADDDAYS", when.type, (when, days), at=at)


def add_days(when: date | datetime | None, days: int | None) -> date | datetime | None:
    """So many days later; an instant moves by 24 hours a day."""
    return exact.add_time(when, days) if isinstance(when, datetime) else exact.add_days(when, days)


def _add_days_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    when, days = args
    if not r.pg:
        name = "wubu_add_days" if node.type.kind == "date" else "wubu_add_time"
        return fill(name + "({0}, {1})", when, days)
    count = whole(r, days, DAYS)
    if node.type.kind == "date":
        return within_days(r, fill("({0} + {1})", when, count))
    moved = fill("({0} + {1} * interval '24 hours')", when, count)
    return within(r, moved, FIRST_INSTANT, LAST_INSTANT)


def _add_months_sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    if not r.pg:
        return fill("wubu_add_months({0}, {1})", *args)
    count = whole(r, args[1], MONTHS)
    return within_days(r, fill("({0} + make_interval(months => {1}))::date", args[0], count))


def _make_date_sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    if not r.pg:
        return fill("wubu_date({0}, {1}, {2})", *args)
    year = whole(r, args[0], (0, 10_000))
    month = whole(r, args[1], MONTHS)
    day = whole(r, fill("({0})::numeric - 1", args[2]), DAYS)
    text = "(make_date({0}, 1, 1) + make_interval(months => {1} - 1))::date"
    first = within_days(r, fill(text, year, month))
    return within_days(r, fill("({0} + {1})", first, day))


MONTH_ENDS = Text("MONTHEND(日期, 月数)", "MONTHEND(date, months)")


def _month_end(check: Checking, tree: Tree) -> Node:
    if len(tree.args) > 2:
        return wrong_count(check, tree, MONTH_ENDS)
    day = check.coerce(check.typed(tree.args[0]), "date")
    months = [check.coerce(check.typed(a), "whole") for a in tree.args[1:]]
    return make("MONTHEND", DATE, (day, *months), at=(tree.start, tree.end))


def _month_end_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    day = _add_months_sql(r, node, args) if len(args) == 2 else args[0]
    if not r.pg:
        return fill("wubu_month_end({0})", day)
    month = "(DATE_TRUNC('month', ({0})::timestamp) + interval '1 month' - interval '1 day')::date"
    return fill(month, day)


def _start(unit: str) -> dict[str, Any]:
    return {
        "group": "date",
        "takes": ("date",),
        "gives": DATE,
        "bind": strict(lambda day: exact.start_of(day, unit)),
        "sql": template(
            f"DATE_TRUNC('{unit}', ({{0}})::timestamp)::date", f"wubu_start({{0}}, '{unit}')"
        ),
    }


def _part(
    field: str, sqlite: str, of: Callable[[date], int], *, pg: str | None = None
) -> dict[str, Any]:
    return {
        "group": "date",
        "takes": ("date",),
        "gives": NUMBER,
        "bind": strict(of),
        "sql": template(pg or f"EXTRACT({field} FROM {{0}})::int", sqlite),
    }


def constant(value: Callable[[Context], Any]) -> dict[str, Any]:
    def bind(_node: Node, context: Context) -> Callable[..., Any]:
        return lambda: value(context)

    def sql(_r: Rendering, _node: Node, _args: Sequence[Sql]) -> Sql:
        raise AssertionError("a constant is folded before it is written")

    return {"bind": bind, "sql": sql, "ambient": True}


FUNCTIONS = (
    Function(
        key="TODAY",
        names=("今天",),
        group="date",
        usage=Text("TODAY()", "TODAY()"),
        help=Text("今天（工作区时区）。", "Today, in the workspace's time zone."),
        gives=DATE,
        say=Text("今天", "today"),
        **constant(lambda c: c.today),
    ),
    Function(
        key="NOW",
        names=("现在", "此刻"),
        group="date",
        usage=Text("NOW()", "NOW()"),
        help=Text("此刻。", "This instant."),
        gives=DATETIME,
        say=Text("此刻", "now"),
        **constant(lambda c: c.now),
    ),
    Function(
        key="DATE",
        names=("日期",),
        group="date",
        usage=Text("DATE(年, 月, 日)", "DATE(year, month, day)"),
        help=Text(
            "超出的月和日顺延：13 月是次年 1 月。",
            "Months and days beyond their range roll on: month 13 is next January.",
        ),
        takes=("whole", "whole", "whole"),
        gives=DATE,
        bind=plain(exact.make_date),
        sql=_make_date_sql,
        say=Text("{0} 年 {1} 月 {2} 日", "{0}-{1}-{2}"),
    ),
    Function(
        key="YEAR",
        names=("年", "年份"),
        usage=Text("YEAR(日期)", "YEAR(date)"),
        help=Text("年份。", "The year."),
        say=Text("{0}的年份", "the year of {0}"),
        **_part("YEAR", "CAST(SUBSTR({0}, 1, 4) AS INTEGER)", lambda d: d.year),
    ),
    Function(
        key="QUARTER",
        names=("季度",),
        usage=Text("QUARTER(日期)", "QUARTER(date)"),
        help=Text("自然季度 1–4。", "The calendar quarter, 1 to 4."),
        say=Text("{0}的季度", "the quarter of {0}"),
        **_part(
            "QUARTER",
            "((CAST(SUBSTR({0}, 6, 2) AS INTEGER) + 2) / 3)",
            lambda d: (d.month + 2) // 3,
        ),
    ),
    Function(
        key="MONTH",
        names=("月", "月份"),
        usage=Text("MONTH(日期)", "MONTH(date)"),
        help=Text("月份 1–12。", "The month, 1 to 12."),
        say=Text("{0}的月份", "the month of {0}"),
        **_part("MONTH", "CAST(SUBSTR({0}, 6, 2) AS INTEGER)", lambda d: d.month),
    ),
    Function(
        key="DAY",
        names=("日", "几号"),
        usage=Text("DAY(日期)", "DAY(date)"),
        help=Text("当月第几日 1–31。", "The day of the month, 1 to 31."),
        say=Text("{0}的日", "the day of {0}"),
        **_part("DAY", "CAST(SUBSTR({0}, 9, 2) AS INTEGER)", lambda d: d.day),
    ),
    Function(
        key="WEEKDAY",
        names=("星期", "星期几"),
        usage=Text("WEEKDAY(日期)", "WEEKDAY(date)"),
        help=Text("星期一为 1，星期日为 7。", "Monday is 1, Sunday 7."),
        say=Text("{0}的星期", "the weekday of {0}"),
        **_part(
            "ISODOW",
            "((CAST(STRFTIME('%%w', {0}) AS INTEGER) + 6) %% 7 + 1)",
            lambda d: d.isoweekday(),
        ),
    ),
    Function(
        key="DAYS",
        names=("天数", "相差天数"),
        group="date",
        usage=Text("DAYS(结束, 开始)", "DAYS(end, start)"),
        help=Text(
            "从开始到结束的天数；同 结束 − 开始。", "Days from start to end; as end − start."
        ),
        takes=("date", "date"),
        gives=NUMBER,
        bind=strict(lambda end, start: (end - start).days),
        sql=template("({0} - {1})", "CAST(JULIANDAY({0}) - JULIANDAY({1}) AS INTEGER)"),
        say=Text("从{1}到{0}的天数", "the days from {1} to {0}"),
    ),
    Function(
        key="HOURS",
        names=("小时数", "相差小时"),
        group="date",
        usage=Text("HOURS(结束, 开始)", "HOURS(end, start)"),
        help=Text(
            "两个时间相差的小时数，两位小数。", "Hours between two instants, to two decimals."
        ),
        takes=("datetime", "datetime"),
        gives=ValueType("number", 2),
        bind=plain(exact.hours),
        sql=template(
            "ROUND(EXTRACT(EPOCH FROM ({0} - {1})) * 100 / 3600.000000000000000000000000, 0)",
            "wubu_hours({0}, {1})",
        ),
        say=Text("从{1}到{0}的小时数", "the hours from {1} to {0}"),
    ),
    Function(
        key="ADDDAYS",
        names=("加天",),
        group="date",
        usage=Text("ADDDAYS(日期, 天数)", "ADDDAYS(date, days)"),
        help=Text("若干天以后；同 日期 + 天数。", "So many days later; as date + days."),
        check=_add_days,
        bind=plain(add_days),
        sql=_add_days_sql,
        say=_say_add_days,
    ),
    Function(
        key="ADDMONTHS",
        names=("加月", "EDATE"),
        group="date",
        usage=Text("ADDMONTHS(日期, 月数)", "ADDMONTHS(date, months)"),
        help=Text(
            "若干月以后；没有那一天时取月末。",
            "So many months later; the month's end where there is no such day.",
        ),
        takes=("date", "whole"),
        gives=DATE,
        bind=plain(exact.add_months),
        sql=_add_months_sql,
        say=Text("{0}加 {1} 个月", "{0} plus {1} months"),
    ),
    Function(
        key="WEEKSTART",
        names=("周初",),
        usage=Text("WEEKSTART(日期)", "WEEKSTART(date)"),
        help=Text("所在周的星期一。", "The Monday of its week."),
        say=Text("{0}所在周的周一", "the Monday of the week of {0}"),
        **_start("week"),
    ),
    Function(
        key="MONTHSTART",
        names=("月初",),
        usage=Text("MONTHSTART(日期)", "MONTHSTART(date)"),
        help=Text("所在月的第一天。", "The first day of its month."),
        say=Text("{0}所在月的月初", "the start of the month of {0}"),
        **_start("month"),
    ),
    Function(
        key="QUARTERSTART",
        names=("季初",),
        usage=Text("QUARTERSTART(日期)", "QUARTERSTART(date)"),
        help=Text("所在自然季度的第一天。", "The first day of its calendar quarter."),
        say=Text("{0}所在季度的季初", "the start of the quarter of {0}"),
        **_start("quarter"),
    ),
    Function(
        key="YEARSTART",
        names=("年初",),
        usage=Text("YEARSTART(日期)", "YEARSTART(date)"),
        help=Text("所在自然年的第一天。", "The first day of its calendar year."),
        say=Text("{0}所在年的年初", "the start of the year of {0}"),
        **_start("year"),
    ),
    Function(
        key="MONTHEND",
        names=("月末", "EOMONTH"),
        group="date",
        usage=MONTH_ENDS,
        help=Text(
            "所在月（或若干月以后那个月）的最后一天。",
            "The last day of its month, or of the month so many months later.",
        ),
        check=_month_end,
        bind=plain(lambda day, months=0: exact.month_end(exact.add_months(day, months))),
        sql=_month_end_sql,
        say=lambda _node, parts, lang: (
            (f"{parts[0]}所在月的月末" if lang == "zh" else f"the end of the month of {parts[0]}")
            if len(parts) == 1
            else (
                f"{parts[0]} {parts[1]} 个月后的月末"
                if lang == "zh"
                else f"the end of the month {parts[1]} months after {parts[0]}"
            )
        ),
    ),
    # Put in by the checker where a day is wanted and an instant is given.
    Function(
        key="local_day",
        group="operator",
        bind=lambda _node, context: lambda v: exact.local_day(v, context.zone),
        sql=_local_day_sql,
        say=Text("{0}", "{0}"),
        ambient=True,
    ),
)
