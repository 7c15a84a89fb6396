"""Reading a grid as pasted from a spreadsheet: one line a person, one column a month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.types import Problem, Refused, Text
from wubu.measure.figures import queries as metrics
from wubu.measure.targets.queries import scale
from wubu.measure.targets.types import TargetDraft

TIMES = {"万": 4, "亿": 8, "k": 3, "m": 6}
_NUMBER = re.compile(r"[¥￥$]?\s*(-?[\d,]*\.?\d+)\s*(万|亿|[kKmM])?\s*(元|%)?")


def parse_grid(text: str, metric: str, months: Sequence[Period]) -> tuple[TargetDraft, ...]:
    """Drafts from lines of “name, tab, one number for each month”.

    An empty cell takes the target away.

    A first line that names months (2026-03) replaces ``months``. People are found by name, login,
    employee number or e-mail; numbers may read 12,000 or 1.2万 or 85%. Raises Refused with every
    problem, each with its line.
    """
    info = metrics.metric(metric)
    digits = scale(info)
    problems: list[Problem] = []
    drafts: list[TargetDraft] = []
    lines = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if lines and (named := _months(lines[0][1])):
        months = named
        lines = lines[1:]
    for number, line in lines:
        name, *cells = [cell.strip() for cell in line.split("\t")]
        member = _member(name, number, problems)
        if len(cells) > len(months):
            problems.append(
                _problem(
                    "too_many_columns",
                    Text("列数多于月份数。", "There are more columns than months."),
                    number,
                )
            )
        for month, cell in zip(months, cells, strict=False):
            value = None
            if cell:
                try:
                    value = _value(cell, digits)
                except (ValueError, InvalidOperation):
                    problems.append(
                        _problem(
                            "not_a_number",
                            Text("“{c}”不是数字。", "“{c}” is not a number.").format(c=cell),
                            number,
                            cell,
                        )
                    )
                    continue
            if member is not None:
                drafts.append(TargetDraft(metric, month, member, value))
    if problems:
        raise Refused(*problems)
    return tuple(drafts)


def _months(line: str) -> list[Period]:
    found = re.findall(r"(\d{4})[-/年](\d{1,2})", line)
    return [Period.month(int(y), int(m)) for y, m in found if 1 <= int(m) <= 12]


def _member(name: str, line: int, problems: list[Problem]) -> int | None:
    found = people.named(name)
    if len(found) == 1:
        return found[0].id
    said = (
        Text("有多位成员叫“{n}”。", "Several members are called “{n}”.")
        if found
        else Text("没有成员“{n}”。", "There is no member “{n}”.")
    )
    hint = Text("可改用登录名或工号。", "Use the login or the employee number.")
    problems.append(_problem("unknown_member", said.format(n=name), line, name, hint))
    return None


def _value(cell: str, digits: int) -> int:
    found = _NUMBER.fullmatch(cell)
    if not found:
        raise ValueError(cell)
    number = Decimal(found[1].replace(",", ""))
    if found[2]:
        number = number.scaleb(TIMES[found[2].lower()])
    if found[3] == "%":
        number = number.scaleb(-2)
    whole = number.scaleb(digits)
    if whole != whole.to_integral_value():
        raise ValueError(cell)
    return int(whole)


def _problem(
    code: str, said: Text, line: int, value: object = None, hint: Text | None = None
) -> Problem:
    return Problem(code, said, hint=hint, line=line, value=value)
