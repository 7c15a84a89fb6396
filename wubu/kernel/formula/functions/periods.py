"""Parts of instants, weeks, differences in months and years, and Chinese working days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.kernel.calendar import queries as calendar
from wubu.kernel.formula import exact, working
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import (
    Checking,
    Function,
    strict,
    template,
    wrong_count,
)
from wubu.kernel.formula.sql import Rendering, Sql, fill, joined, let, whole, within_days
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import BOOL, DATE, NUMBER, Node, make
from wubu.kernel.formula.working import DAYS_AT_ONCE
from wubu.kernel.types import Lang, Text

UNITS = {"y": "y", "年": "y", "m": "m", "月": "m", "d": "d", "天": "d", "日": "d"}
UNIT_SAID = {
    "y": Text("整年", "full years"),
    "m": Text("整月", "full months"),
    "d": Text("天", "days"),
}
AT_ONCE = (-DAYS_AT_ONCE - 1, DAYS_AT_ONCE + 1)
DIFFS = Text('DATEDIF(开始, 结束, "Y"、"M" 或 "D")', 'DATEDIF(start, end, "Y", "M" or "D")')


def _clock(field: str) -> dict[str, Any]:
    def bind(_node: Node, context: Context) -> Callable[..., Any]:
        return lambda when: exact.clock(when, context.zone, field)

    def sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
        name = Sql("%s", (r.context.zone,))
        if r.pg:
            return fill(
                f"EXTRACT({field.upper()} FROM ({{0}} AT TIME ZONE {{1}}))::int", args[0], name
            )
        return fill(f"wubu_clock({{0}}, {{1}}, '{field}')", args[0], name)

    return {
        "group": "date",
        "takes": ("datetime",),
        "gives": NUMBER,
        "bind": bind,
        "sql": sql,
        "ambient": True,
    }


def _datedif(check: Checking, tree: Tree) -> Node:
    at = (tree.start, tree.end)
    if len(tree.args) != 3:
        return wrong_count(check, tree, DIFFS)
    start, end = (check.coerce(check.typed(a), "date") for a in tree.args[:2])
    unit = check.typed(tree.args[2])
    said = UNITS.get(str(unit.data).casefold()) if unit.op == "lit" else None
    if said is None and not unit.is_bad:
        return check.refuse(
            "wrong_arguments",
            Text('单位写作 "Y"、"M" 或 "D"。', 'The unit is written "Y", "M" or "D".'),
            unit,
            Text("整年、整月或天。", "Full years, full months or days."),
        )
    return make("DATEDIF", NUMBER, (start, end, unit), said, at=at)


def _datedif_bind(node: Node, _context: Context) -> Callable[..., Any]:
    return lambda start, end, _unit: exact.date_difference(start, end, node.data)


def _datedif_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    if not r.pg:
        return fill(f"wubu_datedif({{0}}, {{1}}, '{node.data}')", args[0], args[1])
    if node.data == "d":
        return let("CASE WHEN a1 >= a0 THEN a1 - a0 END", args[0], args[1])
    months = (
        "((EXTRACT(YEAR FROM a1) - EXTRACT(YEAR FROM a0)) * 12 + EXTRACT(MONTH FROM a1) "
        "- EXTRACT(MONTH FROM a0) "
        "- CASE WHEN EXTRACT(DAY FROM a1) < EXTRACT(DAY FROM a0) THEN 1 ELSE 0 END)::int"
    )
    whole_units = months if node.data == "m" else f"{months} / 12"
    return let(f"CASE WHEN a1 >= a0 THEN {whole_units} END", args[0], args[1])


def _say_datedif(node: Node, parts: Sequence[str], lang: Lang) -> str:
    unit = UNIT_SAID[node.data].say(lang)
    if lang == "zh":
        return f"从{parts[0]}到{parts[1]}的{unit}数"
    return f"the {unit} from {parts[0]} to {parts[1]}"


# Working days: the public calendar's exceptions to Monday to Friday, and the company's own.


def _exceptions() -> working.Exceptions:
    return working.exceptions(calendar.overrides())


def _work_bind(of: Callable[..., Any]) -> Callable[[Node, Context], Callable[..., Any]]:
    def bind(_node: Node, _context: Context) -> Callable[..., Any]:
        days = _exceptions()
        return lambda *given: None if None in given else of(days, *given)

    return bind


def _work_sql(name: str, pg: str, *, counted: bool = False) -> Callable[..., Sql]:
    """``pg`` reads ``a0``, ``a1``; its ``[on]`` and ``[off]`` are the exceptions, as arrays."""

    def sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
        days = _exceptions()
        if not r.pg:
            return fill(
                f"wubu_{name}{{0}}", joined(", ", [Sql("%s", (working.handle(days),)), *args])
            )
        given = [args[0], whole(r, args[1], AT_ONCE)] if counted else list(args)
        lists = {
            "[on]": Sql("%s::date[]", (list(days.worked),)),
            "[off]": Sql("%s::date[]", (list(days.free),)),
        }
        made = fill(pg, lists["[on]"], lists["[off]"])
        return _let(made, given)

    return sql


def _let(body: Sql, args: Sequence[Sql]) -> Sql:
    """As ``let``, for a body with parameters of its own, which come first."""
    given = ", ".join(f"{{{i + 1}}} AS a{i}" for i in range(len(args)))
    return fill(f"(SELECT {{0}} FROM (SELECT {given} OFFSET 0) AS given)", body, *args)  # noqa: S608


ON = "(SELECT {} FROM (SELECT {{0}} AS on_days, {{1}} AS off_days) AS lists)"
IS_WORKED = (
    "(CASE WHEN {d} = ANY(on_days) THEN TRUE WHEN {d} = ANY(off_days) THEN FALSE "
    "ELSE EXTRACT(ISODOW FROM {d}) < 6 END)"
)
# Weekdays from the Monday 0001-01-01 up to a day.
WEEKDAYS = "(({d} - '0001-01-01'::date) / 7 * 5 + LEAST(MOD({d} - '0001-01-01'::date, 7), 5))"
LOW, HIGH = "LEAST(a0, a1)", "(GREATEST(a0, a1) + 1)"
AMONG = f"(SELECT COUNT(*) FROM unnest({{days}}) AS d WHERE d >= {LOW} AND d < {HIGH})"  # noqa: S608
NETWORKDAYS_PG = ON.format(
    f"((CASE WHEN a0 <= a1 THEN 1 WHEN a0 > a1 THEN -1 END) * ({WEEKDAYS.format(d=HIGH)} - "
    f"{WEEKDAYS.format(d=LOW)} + {AMONG.format(days='on_days')} "
    f"- {AMONG.format(days='off_days')}))::int"
)
STEP = "(a0 + g * SIGN(a1)::int)"
NTH = (
    f"(SELECT {STEP} FROM generate_series(1, 2 * ABS(a1) + {working.SLACK}) AS g "  # noqa: S608
    f"WHERE {IS_WORKED.format(d=STEP)} ORDER BY g OFFSET GREATEST(ABS(a1) - 1, 0) LIMIT 1)"
)
WORKDAY_PG = ON.format(f"CASE WHEN a1 = 0 THEN a0 ELSE {NTH} END")
ISWORKDAY_PG = ON.format(f"CASE WHEN a0 IS NOT NULL THEN {IS_WORKED.format(d='a0')} END")

FUNCTIONS = (
    Function(
        key="HOUR",
        names=("小时", "时"),
        usage=Text("HOUR(时间)", "HOUR(instant)"),
        help=Text("几点，0–23（工作区时区）。", "The hour, 0 to 23, in the workspace's time zone."),
        say=Text("{0}的小时", "the hour of {0}"),
        **_clock("hour"),
    ),
    Function(
        key="MINUTE",
        names=("分钟", "分"),
        usage=Text("MINUTE(时间)", "MINUTE(instant)"),
        help=Text("几分，0–59。", "The minute, 0 to 59."),
        say=Text("{0}的分钟", "the minute of {0}"),
        **_clock("minute"),
    ),
    Function(
        key="WEEKNUM",
        names=("第几周", "周数", "ISOWEEKNUM"),
        group="date",
        usage=Text("WEEKNUM(日期)", "WEEKNUM(date)"),
        help=Text("一年中的第几周，周一起算（ISO）。", "The week of the year, from Monday (ISO)."),
        takes=("date",),
        gives=NUMBER,
        bind=strict(lambda day: day.isocalendar()[1]),
        sql=template("EXTRACT(WEEK FROM {0})::int", "wubu_week({0})"),
        say=Text("{0}的周数", "the week number of {0}"),
    ),
    Function(
        key="DATEDIF",
        names=("日期差",),
        group="date",
        usage=DIFFS,
        help=Text(
            "满几年、几月或几天；结束早于开始则为空。",
            "Full years, months or days; missing where the end is before the start.",
        ),
        check=_datedif,
        bind=_datedif_bind,
        sql=_datedif_sql,
        say=_say_datedif,
    ),
    Function(
        key="WORKDAY",
        names=("加工作日",),
        group="date",
        usage=Text("WORKDAY(日期, 工作日数)", "WORKDAY(date, days)"),
        help=Text(
            "其后（负数为之前）第几个工作日；按法定节假日、调休和本公司的日历。",
            "So many working days later (earlier, if negative), by China's public holidays and "
            "the company's own days.",
        ),
        takes=("date", "whole"),
        gives=DATE,
        bind=_work_bind(working.add),
        sql=lambda r, node, args: (
            within_days(r, _work_sql("workday", WORKDAY_PG, counted=True)(r, node, args))
            if r.pg
            else _work_sql("workday", "")(r, node, args)
        ),
        say=Text("{0}后第 {1} 个工作日", "{1} working days after {0}"),
        ambient=True,
    ),
    Function(
        key="NETWORKDAYS",
        names=("工作日天数", "工作日数"),
        group="date",
        usage=Text("NETWORKDAYS(开始, 结束)", "NETWORKDAYS(start, end)"),
        help=Text(
            "两天之间的工作日数，首尾都算；反过来为负。",
            "Working days from one to the other, both counted; negative when backwards.",
        ),
        takes=("date", "date"),
        gives=NUMBER,
        bind=_work_bind(working.between),
        sql=_work_sql("networkdays", NETWORKDAYS_PG),
        say=Text("从{0}到{1}的工作日数", "the working days from {0} to {1}"),
        ambient=True,
    ),
    Function(
        key="ISWORKDAY",
        names=("是工作日",),
        group="date",
        usage=Text("ISWORKDAY(日期)", "ISWORKDAY(date)"),
        help=Text("这一天是否上班。", "Whether the day is worked."),
        takes=("date",),
        gives=BOOL,
        bind=_work_bind(working.is_worked),
        sql=_work_sql("isworkday", ISWORKDAY_PG),
        say=Text("{0}是工作日", "{0} is a working day"),
        ambient=True,
    ),
)
