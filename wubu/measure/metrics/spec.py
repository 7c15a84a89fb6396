"""From a definition to a spec: everything the SELECT needs, printable, with what may move it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from wubu.kernel.formula import queries as formulas
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.kinds.base import Context
from wubu.measure.metrics.types import Definition, MetricInfo, Rule, Splits

# Writes that make or unmake a record matter whatever fields they touch.
EXISTENCE = "archived_at"


@dataclass(frozen=True, slots=True)
class Touch:
    """A write to ``fields`` of records of ``object`` moves entries.

    The metric's records are found along ``prefix``, a path of links (empty: the records
    themselves). With ``via`` the written record is a share, and the record it belongs to is what
    that field links to, before and after.
    """

    object: str
    fields: frozenset[str]
    prefix: tuple[str, ...] = ()
    via: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """One version of one posted metric, read against one Snapshot. Stage two of compiling."""

    metric: str
    metric_id: int
    kind: str
    object: str
    when: tuple[str, ...]
    value: str
    filter: str
    owner: tuple[str, ...]
    splits: Splits | None
    stages: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    stock: bool
    touches: tuple[Touch, ...]

    def __str__(self) -> str:
        day = "always" if self.stock else ".".join(self.when) or f"reached {'|'.join(self.stages)}"
        lines = [
            f"{self.metric} = {self.kind} of {self.object}",
            f"  value {self.value or 1} on {day} for {'.'.join(self.owner) or 'nobody'}",
            f"  where {self.filter or 'true'}",
        ]
        if self.splits:
            s = self.splits
            lines.append(f"  shared by {s.object}.{s.share} to {s.member} via {s.via}")
        if self.valid_from or self.valid_to:
            lines.append(f"  days {self.valid_from or '…'} to {self.valid_to or '…'}")
        lines += [
            f"  moved by {t.object}({', '.join(sorted(t.fields))})"
            + (f" through {'.'.join(t.prefix)}" if t.prefix else "")
            + (f" over {t.via}" if t.via else "")
            for t in self.touches
        ]
        return "\n".join(lines)


def specs(info: MetricInfo, c: Context) -> tuple[Spec, ...]:
    """A spec for each version of a posted metric.

    A stock knows only its newest rule. None when it is derived.
    """
    kind = KINDS[info.kind]
    if not kind.posted or info.retired:
        return ()
    if kind.stock:
        return (_spec(info, info.rule, c, None, None),)
    return tuple(
        _spec(info, rule, c, None if n == 0 else rule.valid_from, rule.valid_to)
        for n, rule in enumerate(info.rules)
    )


def _spec(
    info: MetricInfo, rule: Rule, c: Context, valid_from: date | None, valid_to: date | None
) -> Spec:
    d = rule.definition
    kind = KINDS[d.kind]
    return Spec(
        metric=info.key,
        metric_id=info.id,
        kind=d.kind,
        object=d.object,
        when=() if kind.stock or d.kind == "reached" else d.when,
        value=d.value,
        filter=d.filter,
        owner=d.owner,
        splits=d.splits,
        stages=kind.stages(d, c),
        valid_from=valid_from,
        valid_to=valid_to,
        stock=kind.stock,
        touches=touches(d, c),
    )


def touches(d: Definition, c: Context) -> tuple[Touch, ...]:
    """Reverse paths: every field whose change moves an entry of this definition."""
    paths: set[tuple[str, ...]] = {d.when, d.owner} - {()}
    for text in (d.filter, d.value):
        if text:
            paths |= formulas.parse(text, snapshot=c.snapshot, object_key=d.object).paths
    if d.splits and d.splits.of:
        paths.add(d.splits.of)
    if d.kind == "reached":
        stage = c.object(d).role("stage")
        if stage:
            paths.add((stage.key,))
        dates = c.object(d).options.get("stage_dates") or {}
        paths |= {(key,) for key in dates.values()}  # the days of stays follow these
    found: dict[tuple[str, ...], set[str]] = {(): {EXISTENCE}}
    for path in paths:
        for at in range(len(path)):
            found.setdefault(path[:at], set()).add(path[at])
    made = [
        Touch(_object_at(d.object, prefix, c), frozenset(fields), prefix)
        for prefix, fields in sorted(found.items())
    ]
    if d.splits:
        s = d.splits
        fields = frozenset({s.via, s.member, s.share, EXISTENCE})
        made.append(Touch(s.object, fields, s.of, s.via))
    return tuple(made)


def _object_at(object_key: str, prefix: tuple[str, ...], c: Context) -> str:
    return c.walk(object_key, prefix)[-1].target if prefix else object_key
