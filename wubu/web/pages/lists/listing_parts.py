"""The parts of a list: headings, rows, groups with their sums, the row of sums below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString

from wubu.collect.views.checking import may_group
from wubu.collect.views.definition import MOST_FROZEN
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.people import queries as people
from wubu.kernel.query.types import Measure, Query
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Text, language
from wubu.web import list_state
from wubu.web.ui import PageRequest, show, values

MOST_GROUPS = 200
NO_VALUE = Text("（未填）", "(none)")
UNSEEN = show.UNSEEN


@dataclass(frozen=True)
class Heading:
    """A column's head: how a click sorts, how it sorts now, and whether its cells can be typed."""

    field: FieldSpec
    sort: str
    direction: str
    number: bool
    rank: int = 0
    width: int = 0
    editable: bool = False
    frozen: bool = False

    @property
    def is_bare(self) -> bool:
        return not self.sort


def headings(
    request: PageRequest, now: list_state.ListState, columns: Sequence[FieldSpec]
) -> list[Heading]:
    """The heads of the columns."""
    may_edit = request.policy.may("edit", now.spec.key)
    return [
        _heading(request, now, f, frozen=n < now.look.frozen, may_edit=may_edit)
        for n, f in enumerate(columns)
    ]


def freezable(columns: Sequence[FieldSpec]) -> list[tuple[int, Any]]:
    """How many columns may stay in place while the rest scrolls, said by the last of them."""
    upto = Text("到“{f}”", "up to {f}")
    named = [(n, upto.format(f=f.label)) for n, f in enumerate(columns[:MOST_FROZEN], 1)]
    return [(0, Text("不固定", "none")), *named]


def _heading(
    request: PageRequest, now: list_state.ListState, f: FieldSpec, *, frozen: bool, may_edit: bool
) -> Heading:
    names = [s.removeprefix("-") for s in now.look.sort]
    at = names.index(f.key) if f.key in names else -1
    said = now.look.sort[at] if at >= 0 else ""
    direction = "" if not said else "descending" if said.startswith("-") else "ascending"
    kind = FIELD_TYPES[f.type]
    sortable = kind.sortable and request.policy.readable(now.spec.key, (f.key,))
    number = values.is_number(f)
    first, second = _turns(f)
    return Heading(
        field=f,
        sort=("" if not sortable else second if said == first else first),
        direction=direction,
        number=number,
        rank=at + 1 if len(names) > 1 and at >= 0 else 0,
        width=now.look.widths.get(f.key, 0),
        editable=may_edit and is_editable(request, now.spec, f),
        frozen=frozen,
    )


def _turns(f: FieldSpec) -> tuple[str, str]:
    """How the first click sorts, and the second: what is large or new comes first."""
    large = values.is_number(f) or f.kind.dated
    return (f"-{f.key}", f.key) if large else (f.key, f"-{f.key}")


def is_editable(request: PageRequest, spec: ObjectSpec, f: FieldSpec) -> bool:
    """Whether a cell of this column can be typed into."""
    level = request.policy.level(spec.key, f.key)
    return level == "write" and values.is_typed(f) and not (f.kind.numbered or f.kind.any_file)


def rows(
    found: Iterable[Record],
    columns: Sequence[FieldSpec],
    colors: Mapping[int, Mapping[str, str]] | None = None,
) -> list[dict[str, Any]]:
    """The records, and their cells as HTML: a template for each would cost more than all else."""
    opened = [(_open(f), values.drawer(f), _copied(f)) for f in columns]
    made = []
    for record in found:
        paint = (colors or {}).get(record.id, {})
        link = f'<a class="w-title" href="/o/{record.object_key}/{record.id}">'
        cells = []
        for n, (f, (tag, draw, copied)) in enumerate(zip(columns, opened, strict=True)):
            end = f' data-paint="{paint[f.key]}">' if f.key in paint else ">"
            raw = copied(record) if copied else ""
            drawn = f"{link}{escape(record.title)}</a>" if n == 0 else draw(record)
            cells.append(f"{tag}{raw}{end}{drawn}</td>")
        made.append(
            {
                "record": record,
                "cells": SafeString("".join(cells)),
                "paint": paint.get("", ""),
            }
        )
    return made


def _open(f: FieldSpec) -> str:
    number, day = values.is_number(f), f.kind.dated
    name = ' class="num"' if number else ' class="tnum"' if day else ""
    return f'<td{name} data-label="{escape(f.label)}"'


def _copied(f: FieldSpec) -> Any:
    """What a spreadsheet gets, where that is not what is read: numbers without their signs."""
    if f.kind.refers or not f.kind.type_of(f).numeric:
        return None
    scale = FIELD_TYPES[f.type].type_of(f).scale

    def raw(record: Record) -> str:
        value = record.values.get(f.key)
        if not isinstance(value, int):
            return ""
        words = Decimal(value).scaleb(-scale)
        if f.kind.ratio:
            return f' data-raw="{words * 100:f}%"'
        return f' data-raw="{words:f}"'

    return raw


# Sums


def summed(request: PageRequest, spec: ObjectSpec, columns: Iterable[FieldSpec]) -> list[FieldSpec]:
    """The columns that have a sum: amounts and numbers, never ratios."""
    return [
        f
        for f in columns
        if f.kind.result(f).adds_up  # ratios have no sum, and averages of averages lie
        and _sums_up(f)
        and request.policy.readable(spec.key, (f.key,))
    ]


def _sums_up(f: FieldSpec) -> bool:
    """A number that is itself the smallest, the latest or the mean of others has no sum."""
    if not f.kind.aggregates:
        return f.kind.type_of(f).numeric
    return f.options.get("agg") in ("sum", "count")


def amount(f: FieldSpec, value: Any) -> str:
    """A sum as the column shows its values."""
    if value is None:
        return ""
    if f.kind.result(f).monetary:
        return show.money(value, str(f.options.get("currency", "CNY")))
    return str(FIELD_TYPES[f.type].show(f, value))


def sums(
    request: PageRequest, spec: ObjectSpec, columns: Sequence[FieldSpec], query: Query
) -> dict[str, str]:
    """By column, the exact sum over everything that the question finds."""
    wanted = summed(request, spec, columns)
    if not wanted:
        return {}
    measures = [Measure("sum", f.key) for f in wanted]
    whole = queries.aggregate(request.actor, spec.key, (), measures, query)[0]
    return {f.key: amount(f, v) for f, v in zip(wanted, whole.values, strict=True)}


# Groups


@dataclass
class Group:
    """Records that share a value: how it is called, how many, their sums, and what finds them."""

    label: Any
    count: int
    sums: Mapping[str, str]
    value: str
    color: str = ""


@dataclass
class Groups:
    field: FieldSpec
    groups: list[Group]
    cut: bool


def groups(
    request: PageRequest, now: list_state.ListState, columns: Sequence[FieldSpec]
) -> Groups | None:
    """The groups of what is looked at, with counts and sums, in one question."""
    f = now.spec.fields.get(now.look.group)
    may = f is not None and not f.retired and request.policy.readable(now.spec.key, (f.key,))
    if f is None or not may or not may_group(f):
        return None
    wanted = summed(request, now.spec, columns)
    measures = [Measure("count"), *(Measure("sum", c.key) for c in wanted)]
    found = queries.aggregate(
        request.actor,
        now.spec.key,
        (by(f),),
        measures,
        now.query(),
        limit=MOST_GROUPS + 1,
    )
    cut = len(found) > MOST_GROUPS
    names = _names(request, f, [g.by[0] for g in found])
    order = {c.key: n for n, c in enumerate(f.choices)}
    if order:
        found.sort(key=lambda g: order.get(g.by[0], len(order)))
    elif f.kind.refers:
        found.sort(key=lambda g: -g.values[0])
    first = {value: n for n, value in enumerate(now.look.groups)}
    if first:
        found.sort(key=lambda g: first.get(_sent(g.by[0]), len(first)))
    made = [
        Group(
            _label(f, g.by[0], names),
            g.values[0],
            {c.key: amount(c, v) for c, v in zip(wanted, g.values[1:], strict=True)},
            _sent(g.by[0]),
            _color(f, g.by[0]),
        )
        for g in found[:MOST_GROUPS]
    ]
    return Groups(f, made, cut)


def by(f: FieldSpec) -> str:
    """What records are put together by: days by their month."""
    if f.kind.type_of(f).dated:
        return f"MONTHSTART({{{f.key}}})"
    return f.key


def inside(f: FieldSpec, value: str) -> str:
    """The condition that finds the records of one group."""
    name = f"{{{f.key}}}"
    if value == "":
        return f"ISBLANK({name})"
    kind = f.kind.type_of(f)
    if kind.yes_no:
        return f"{name} = {'TRUE' if value == 'true' else 'FALSE'}"
    if kind.numeric:
        return f"{name} = {value if value.isascii() and value.isdigit() else 0}"
    words = '"' + value.replace('"', '""') + '"'
    if kind.dated:
        return f"MONTHSTART({name}) = {words}"
    return f"{name} = {words}"


def _sent(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


def _names(request: PageRequest, f: FieldSpec, found: Sequence[Any]) -> Mapping[int, str]:
    if not f.kind.refers:
        return {}
    ids = [int(v) for v in found if v is not None]
    if f.kind.names_member:
        return people.names(ids)
    if f.kind.names_team:
        return {t.id: t.name for t in people.tree(active=None)}
    if f.kind.links_one:
        return queries.titles(request.actor, f.target, ids)
    return {}


def _label(f: FieldSpec, value: Any, names: Mapping[int, str]) -> Any:
    if value is None:
        return NO_VALUE
    if f.kind.refers:
        return names.get(value, UNSEEN)
    if f.kind.type_of(f).dated:
        return show.month(value)
    choice = f.choice(value) if f.choices else None
    if choice is not None:
        return choice.label
    if isinstance(value, bool):
        return FIELD_TYPES["bool"].show(f, value, language())
    return FIELD_TYPES[f.type].show(f, value) if not f.kind.calculated else str(value)


def _color(f: FieldSpec, value: Any) -> str:
    choice = f.choice(value) if f.choices else None
    return choice.color or "gray" if choice else ""
