"""Linkages of a layout that would fill one another in for ever: refused, with the circle shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from wubu.collect.forms.types import Item, Part
from wubu.kernel.catalog.types import ObjectSpec, Snapshot
from wubu.kernel.query.linked import FORM, depends_on
from wubu.kernel.types import Problem, Text


def found(spec: ObjectSpec, snapshot: Snapshot, parts: Iterable[Part]) -> list[Problem]:
    """A field that is filled in from itself, and circles in which every linkage overwrites.

    A circle of which one linkage leaves alone what stands there comes to rest: whichever is
    entered first brings the others.
    """
    items = [i for p in parts for i in p.items]
    problems = _circles(spec, spec.key, [i for i in items if i.kind == "field"])
    for item in items:
        if item.kind == "lines":
            problems += _circles(snapshot.object(item.key), spec.key, item.cells)
    return problems


def _circles(spec: ObjectSpec, form: str, items: Sequence[Item]) -> list[Problem]:
    rules = {i.key: i for i in items if i.fills is not None}
    reads = {
        key: {k for scope, k in depends_on(item.fills) if scope == FORM}
        for key, item in rules.items()
        if item.fills is not None
    }
    problems = []
    for key, item in rules.items():
        if key in reads[key]:
            words = Text("“{f}”由它自己带入。", "“{f}” is filled in from itself.")
            hint = Text(
                "条件里请用表单的其他字段。", "Use another field of the form in its condition."
            )
            problems.append(_problem(form, item, words.format(f=spec.fields[key].label), hint))
    hard = {
        key: {k for k in reads[key] if k in rules and k != key}
        for key, item in rules.items()
        if item.fills is not None and item.fills.overwrite
    }
    told: set[frozenset[str]] = set()
    for key in hard:
        way = _round(hard, key)
        if way and frozenset(way) not in told:
            told.add(frozenset(way))
            shown = " → ".join(str(spec.fields[k].label) for k in [*way, way[0]])
            words = Text(
                "数据联动互相覆盖，停不下来：{way}。",
                "These linkages overwrite one another without end: {way}.",
            )
            hint = Text(
                "请在其中一个上去掉“覆盖已填写的内容”。",
                "Turn off “overwrite what was entered” in one of them.",
            )
            problems.append(_problem(form, rules[key], words.format(way=shown), hint))
    return problems


def _round(edges: Mapping[str, set[str]], start: str) -> list[str]:
    """The shortest way from a field back to it."""
    ways = [[start]]
    seen = {start}
    while ways:
        longer = []
        for way in ways:
            for key in sorted(edges.get(way[-1], ())):
                if key == start:
                    return way
                if key not in seen and key in edges:
                    seen.add(key)
                    longer.append([*way, key])
        ways = longer
    return []


def _problem(form: str, item: Item, words: Text, hint: Text) -> Problem:
    return Problem("circle", words, hint, object=form, field=f"{item.id}.default_from")
