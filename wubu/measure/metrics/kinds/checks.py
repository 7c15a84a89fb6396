"""The checks that posted kinds share: does every path and formula of a definition hold."""

from __future__ import annotations

from dataclasses import replace

from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formulas
from wubu.kernel.types import Problem, Refused, Text
from wubu.measure.metrics.kinds.base import Context
from wubu.measure.metrics.types import Definition


def problem(code: str, field: str, zh: str, en: str, **values: object) -> Problem:
    return Problem(code, Text(zh, en).format(**values), field=field)


def check_posted(d: Definition, c: Context, *, dated: bool = True) -> list[Problem]:
    """Object, day, condition, value and credit."""
    if d.object not in c.snapshot.objects:
        return [
            problem(
                "no_such_object", "object", "没有对象“{k}”。", "No object “{k}”.", k=d.object or "?"
            )
        ]
    found = _formulas(d, c)
    if dated:
        found += _path(d, c, d.when, "when", ("date", "datetime"), required=True)
    found += _path(d, c, d.owner, "credit", ("member",), required=False)
    return found + _splits(d, c)


def _formulas(d: Definition, c: Context) -> list[Problem]:
    found: list[Problem] = []
    for name, text, expect in (
        ("filter", d.filter, ValueType("bool")),
        ("value", d.value, None),
    ):
        if not text:
            continue
        try:
            formula = formulas.parse(text, snapshot=c.snapshot, object_key=d.object, expect=expect)
        except Refused as refused:
            found += [replace(p, field=name) for p in refused.problems]
            continue
        if name == "value" and not formula.type.numeric:
            found.append(
                problem("not_a_number", "value", "取值须是数字。", "The value must be a number.")
            )
        if formula.gathers:
            found.append(
                problem(
                    "moves_by_itself",
                    name,
                    "指标公式里不能直接汇总关联记录；请先在对象上做一个汇总字段，再用这个字段。",
                    "A metric may not aggregate over linked records itself: make a roll-up field "
                    "on the object and use that.",
                )
            )
        if formula.is_ambient:
            found.append(
                problem(
                    "moves_by_itself",
                    name,
                    "指标公式不能取决于今天、时区或由谁来看：业绩只随记录变化。",
                    "A metric may not depend on today, the time zone or who looks: "
                    "it moves with records only.",
                )
            )
    return found


def _path(
    d: Definition,
    c: Context,
    path: tuple[str, ...],
    name: str,
    types: tuple[str, ...],
    required: bool,
) -> list[Problem]:
    if not path:
        if not required:
            return []
        return [problem("required", name, "须指明记在哪一天。", "Say which day it counts on.")]
    try:
        last = c.walk(d.object, path)[-1]
    except Refused as refused:
        return list(refused.problems)
    if FIELD_TYPES[last.type].type_of(last).kind not in types:
        return [
            problem(
                "wrong_type",
                name,
                "“{f}”不能用在这里。",
                "“{f}” cannot be used here.",
                f=last.label,
            )
        ]
    return []


def _splits(d: Definition, c: Context) -> list[Problem]:
    s = d.splits
    if s is None:
        return []
    try:
        held = c.walk(d.object, s.of)[-1].target if s.of else d.object
        child = c.snapshot.object(s.object)
        fits = (
            child.field(s.via).target == held
            and child.field(s.member).kind.names_member
            and child.field(s.share).kind.ratio
        )
    except Refused as refused:
        return list(refused.problems)
    if fits and d.value:
        return []
    return [
        problem(
            "bad_splits",
            "credit",
            "分成须指向同一记录，含成员与比例；只有求和的指标可以分成。",
            "Shares must link to the same record and hold a member and a share; "
            "only sums can be split.",
        )
    ]


def check_derived(d: Definition, c: Context) -> list[Problem]:
    """Numerator and denominator are posted metrics."""
    return [
        problem(
            "no_such_metric",
            name,
            "“{k}”不是可以相除的指标。",
            "“{k}” is not a metric that can be divided.",
            k=key or "?",
        )
        for name, key in (("numerator", d.numerator), ("denominator", d.denominator))
        if c.kinds.get(key) not in {"sum", "count", "reached"}
    ]
