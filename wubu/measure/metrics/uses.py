"""Which fields the metrics read: what a change of the catalog does to figures."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.schema import uses
from wubu.kernel.schema.types import Reading, Use
from wubu.kernel.types import Text
from wubu.measure.metrics.dictionary import dictionary
from wubu.measure.metrics.types import Definition

KIND = Text("指标", "Metric")
BOOL = ValueType("bool")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """Every metric in use with the fields that its rule of today reads."""
    for m in dictionary().metrics.values():
        if m.retired or not m.rules:
            continue
        definition = m.rule.definition
        touches = _touches(snapshot, definition)
        if touches:
            readings = _readings(definition)
            yield Use(KIND, m.label, f"/metrics/{m.key}", touches, readings=readings)


def touched(snapshot: Snapshot) -> dict[str, uses.Touches]:
    """The fields that each metric reads, those of the two that a ratio divides included."""
    every = {m.key: m.rule.definition for m in dictionary().metrics.values() if m.rules}
    plain = {key: _touches(snapshot, d) for key, d in every.items()}
    return {
        key: plain[key]
        | plain.get(d.numerator, frozenset())
        | plain.get(d.denominator, frozenset())
        for key, d in every.items()
    }


def _readings(d: Definition) -> tuple[Reading, ...]:
    found = [Reading(d.object, d.value)] if d.value else []
    if d.filter:
        found.append(Reading(d.object, d.filter, BOOL))
    return tuple(found)


def _touches(snapshot: Snapshot, d: Definition) -> uses.Touches:
    if not d.object:
        return frozenset()
    found = {(d.object, "")}
    for path in (d.when, d.owner):
        found |= uses.along(snapshot, d.object, path)
    for reading in _readings(d):
        found |= uses.read(snapshot, reading)
    spec = snapshot.objects.get(d.object)
    stage = spec.role("stage") if spec and d.stage else None
    if stage is not None:
        found.add((d.object, stage.key))
    if d.splits is not None:
        s = d.splits
        found |= {(s.object, ""), *((s.object, k) for k in (s.via, s.member, s.share))}
    return frozenset(found)
