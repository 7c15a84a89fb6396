"""The questions of a metric of one's own, by what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.types import Text
from wubu.measure.figures.queries import metrics
from wubu.measure.ledger.queries import open_from
from wubu.measure.metrics.definition import BETTER, TEXTS, UNIT
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.kinds.fields import VALUE
from wubu.measure.metrics.types import MetricInfo
from wubu.web.rules import asks, naming, of_change
from wubu.web.ui.asking import Ask, Form

FIRST = "-"  # comes before every other metric


def form(kind: str, spec: ObjectSpec | None, info: MetricInfo | None) -> Form:
    """Everything that is asked of a metric of a kind; of one that is there, also from when."""
    d = info.rule.definition.as_json() if info else begun(kind, spec)
    dated: list[Ask] = []
    if info is not None:
        ever = Text(
            "现行规则写错时勾选：它生效以来的日子一起改。否则从生效日期起改。",
            "Tick it where the rule was wrong: the days since it holds change too. Otherwise it "
            "changes from the day chosen.",
        )
        correct = Text("改正现行规则", "Correct the current rule")
        dated = [*of_change(), Ask("correct", correct, "check", wide=True, help=ever)]
    words = {f.name: getattr(info, f.name).as_dict() for f in TEXTS} if info else {}
    better = {"better": info.better} if info else {}
    return Form(
        "",
        [
            *naming(info.label if info else Text("", "")),
            *asks([q for f in KINDS[kind].fields for q in f.questions(d)]),
            *(_of_new(kind, spec) if info is None else []),
            *asks(BETTER.questions(better)),
            place(info),
            *asks([replace(q, name=f"text_{q.name}") for f in TEXTS for q in f.questions(words)]),
            *dated,
        ],
    )


def begun(kind: str, spec: ObjectSpec | None) -> dict[str, Any]:
    """What a new metric of an object begins with: its first amount, its owner."""
    if spec is None:
        return {"kind": kind}
    first = _first_number(spec)
    role = spec.role("owner")
    owner = role.key if role else "owner" if "owner" in spec.fields else ""
    value = {"value": f"{{{first[0]}}}"} if first and VALUE in KINDS[kind].fields else {}
    return {"kind": kind, "object": spec.key, "credit": {"owner": owner}, **value}


def _of_new(kind: str, spec: ObjectSpec | None) -> list[Ask]:
    """What is asked of a new metric alone: from which day it counts, where it has one; its unit."""
    if spec is None or KINDS[kind].stock:
        return [_unit(kind, spec)]
    since = Text("从哪天起算", "Counts from")
    ever = Text("留空即全部日期", "Empty: all days")
    return [Ask("since", since, "date", open_from(), help=ever), _unit(kind, spec)]


def _unit(kind: str, spec: ObjectSpec | None) -> Ask:
    units = KINDS[kind].units
    first = _first_number(spec) if spec and VALUE in KINDS[kind].fields else None
    chosen = units[0] if first is None or first[1] == "money" else "number"
    (requested,) = asks(UNIT.questions({"unit": chosen}))
    return replace(requested, options=[(u, UNIT.options[u]) for u in units])


def place(info: MetricInfo | None) -> Ask:
    """Behind which metric it comes."""
    others = [m for m in metrics() if info is None or m.id != info.id]
    before = [m for m in others if info is None or (m.position, m.id) < (info.position, info.id)]
    return Ask(
        "place",
        Text("在字典里排在哪个之后", "Comes after, in the dictionary"),
        "select",
        before[-1].key if before else FIRST,
        [(FIRST, Text("（排在最前）", "(comes first)")), *((m.key, m.label) for m in others)],
        help=Text("前 8 个显示在驾驶舱。", "The first 8 are shown on the cockpit."),
    )


def _is_figure(f: FieldSpec) -> bool:
    return f.kind.type_of(f).numeric and not f.kind.computed


def _first_number(spec: ObjectSpec) -> tuple[str, str] | None:
    fields = sorted(
        (f for f in spec.live_fields if _is_figure(f)),
        key=lambda f: not f.kind.monetary,
    )
    return (fields[0].key, fields[0].type) if fields else None
