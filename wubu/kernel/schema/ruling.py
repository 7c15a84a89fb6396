"""The rules that a wanted catalog states for its records: can they be read, can they be kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FieldError
from wubu.kernel.fields.numbers import decimal_of
from wubu.kernel.fields.patterns import compiled
from wubu.kernel.fields.text import FORMATS
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formula
from wubu.kernel.formula.typed import walk
from wubu.kernel.query import linked
from wubu.kernel.types import Problem, Refused, Text

BOOL = ValueType("bool")
MOST_CHECKS = 50


def problems(now: Snapshot, wanted: Mapping[str, ObjectSpec]) -> Iterator[Problem]:
    """What is wrong with the rules that are new or changed."""
    planned = Snapshot(token="", objects=wanted)
    for spec in wanted.values():
        old = now.objects.get(spec.key)
        if old is None or old.options.get("checks") != spec.options.get("checks"):
            yield from _checks(planned, spec)
        for f in spec.live_fields:
            before = old.fields.get(f.key) if old else None
            if before is None or before.options != f.options or before.type != f.type:
                yield from _field(planned, spec, f)


def _field(planned: Snapshot, spec: ObjectSpec, f: FieldSpec) -> Iterator[Problem]:
    def wrong(code: str, message: Text, hint: Text | None = None, value: Any = None) -> Problem:
        return Problem(code, message, hint, object=spec.key, field=f.key, value=value)

    text = str(f.options.get("required_when") or "")
    if text:
        yield from _condition(planned, spec, text, f.key)
    for name in ("default_from", "candidates"):
        if f.options.get(name):
            yield from _linkage(planned, spec, f, name)
    if f.kind.patterned and f.options.get("pattern"):
        try:
            compiled(str(f.options["pattern"]))
        except FieldError as error:
            yield wrong(error.code, error.message, error.hint, f.options["pattern"])
    known = f.options.get("format")
    if known and f.kind.one_line and known not in FORMATS:
        words = Text("没有格式“{v}”。", "There is no format “{v}”.").format(v=known)
        hint = Text("可选：{all}。", "Choose from {all}.").format(all=", ".join(sorted(FORMATS)))
        yield wrong("no_such_format", words, hint, known)
    low, high = (_bound(f, f.options.get(k)) for k in ("min", "max"))
    for name, bound in (("min", low), ("max", high)):
        if bound is WRONG:
            words = Text(
                "“{f}”的上下限“{v}”看不懂。", "The limit “{v}” of “{f}” cannot be read."
            ).format(f=f.label, v=f.options[name])
            yield wrong("bad_limit", words, value=f.options[name])
    if WRONG not in (low, high) and low is not None and high is not None and low > high:
        words = Text("“{f}”的下限大于上限。", "The least of “{f}” is above the most.").format(
            f=f.label
        )
        yield wrong("bad_limit", words, value=f.options["min"])


def _linkage(planned: Snapshot, spec: ObjectSpec, f: FieldSpec, name: str) -> Iterator[Problem]:
    parent = spec.fields[spec.part_of].target if spec.part_of else ""
    try:
        linked.read(
            f.options[name],
            snapshot=planned,
            form=spec.key,
            parent=parent,
            field=f,
            candidates=name == "candidates",
        )
    except Refused as refused:
        yield from (replace(p, object=spec.key, field=f.key) for p in refused.problems)


WRONG: Any = object()


def _bound(f: FieldSpec, raw: Any) -> Any:
    if raw is None or raw == "":
        return None
    if f.kind.dated:
        if raw == "today":
            return None
        try:
            return date.fromisoformat(str(raw))
        except ValueError:
            return WRONG
    found = decimal_of(str(raw)) if f.kind.worded or f.kind.numeric else None
    if f.kind.worded and (found is None or found < 1 or found != int(found)):
        return WRONG
    return WRONG if found is None and f.kind.numeric else found


def _checks(planned: Snapshot, spec: ObjectSpec) -> Iterator[Problem]:
    checks = spec.options.get("checks") or ()
    seen: set[str] = set()
    if len(checks) > MOST_CHECKS:
        yield Problem(
            "too_many",
            Text("规则最多 {n} 条。", "{n} rules at most.").format(n=MOST_CHECKS),
            object=spec.key,
        )
        return
    for check in checks:
        key = str(check.get("key") or "") if isinstance(check, Mapping) else ""
        if not key or key in seen:
            words = Text("规则需要各不相同的标识。", "Each rule needs a key of its own.")
            yield Problem("bad_rule", words, object=spec.key, value=key)
            continue
        seen.add(key)
        if not check.get("must") or not check.get("message"):
            yield Problem(
                "bad_rule",
                Text(
                    "规则“{k}”需要“必须满足”的条件和提示语。",
                    "The rule “{k}” needs what must hold and what to say when it does not.",
                ).format(k=key),
                object=spec.key,
                value=key,
            )
        for part in ("when", "must"):
            if check.get(part):
                yield from _condition(planned, spec, str(check[part]), key)
        for name in check.get("fields") or ():
            if name not in spec.fields:
                yield Problem(
                    "no_such_field",
                    Text("“{o}”没有字段“{f}”。", "“{o}” has no field “{f}”.").format(
                        o=spec.label, f=name
                    ),
                    object=spec.key,
                    field=key,
                    value=name,
                )


def _condition(planned: Snapshot, spec: ObjectSpec, text: str, place: str) -> Iterable[Problem]:
    """A condition that the door can hold against a record that is not written yet."""
    try:
        found = formula.parse(text, snapshot=planned, object_key=spec.key, expect=BOOL)
    except Refused as refused:
        for problem in refused.problems:
            yield replace(problem, object=spec.key, field=place)
        return
    if any(node.op in ("over", "linked") for node in walk(found.node)):
        yield Problem(
            "not_in_rules",
            Text("规则里不能汇总其他记录。", "A rule cannot sum up other records."),
            Text("新建一个汇总字段，在规则里用它。", "Make a roll-up field and use that."),
            object=spec.key,
            field=place,
            value=text,
        )
