"""Making a plan: what differs, what it does to values and to whoever reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wubu.kernel.catalog.queries import latest_revision, snapshot
from wubu.kernel.catalog.types import ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.permissions.types import Policy
from wubu.kernel.schema import check, computed, convert, describe, operations, ruling, uses
from wubu.kernel.schema.types import Accept, Conversion, Plan, Use
from wubu.kernel.types import Text

NAMES_IT = Text("写明了“{x}”", "names “{x}”")


def plan(
    wanted: Iterable[ObjectSpec], *, accept: Accept | None = None, rights: Policy | None = None
) -> Plan:
    """See ``actions.plan``."""
    now = snapshot()
    specs = tuple(replace(_keeping(now.objects.get(s.key), s), model=None) for s in wanted)
    every: dict[str, ObjectSpec] = {**now.objects, **{s.key: s for s in specs}}
    specs = tuple(computed.with_results(every, s) for s in specs)
    every |= {s.key: s for s in specs}
    found = [*check.problems(now, every)]
    if not found:
        found += computed.problems(now, every)
        found += ruling.problems(now, every)
    moved: tuple[Conversion, ...] = ()
    if not found:
        moved = tuple(_conversions(now, specs, accept or {}, rights))
        specs = tuple(_with_copies(s, moved) for s in specs)
        every |= {s.key: s for s in specs}
        found += check.losses(moved)
        found += check.breaking(now, Snapshot(token="", objects=every))
    gaps = _gaps(now, specs)
    way = () if found else operations.legs(now, every, moved)
    return Plan(
        token=now.token,
        wanted=specs,
        steps=tuple(describe.steps(now, specs, conversions=moved, gaps=gaps)),
        problems=tuple(found),
        operations=tuple(op for leg in way for op in (*leg.created, *leg.operations)),
        uses=impact(now, specs),
        conversions=moved,
        revision=latest_revision(),
    )


def whole(now: Snapshot, made: Plan) -> dict[str, ObjectSpec]:
    """The catalog as the plan leaves it."""
    every = {**now.objects, **{s.key: s for s in made.wanted}}
    for key, field_key in made.dropped:
        if field_key is None:
            every.pop(key, None)
    return every


def impact(now: Snapshot, specs: Iterable[ObjectSpec]) -> tuple[Use, ...]:
    """What reads the parts that are there now and would be others; most serious first."""
    parts: set[tuple[str, str]] = set()
    for spec in specs:
        old = now.objects.get(spec.key)
        if old is None or old == spec:
            continue
        if old.retired != spec.retired:
            parts |= {(spec.key, ""), *((spec.key, k) for k in old.fields)}
        for f in spec.fields.values():
            before = old.fields.get(f.key)
            if before is not None and replace(before, position=f.position) != f:
                parts.add((spec.key, f.key))
    if not parts:
        return ()
    own = {o for o, _ in parts if (o, "") in parts}
    found = [
        u
        for u in uses.everywhere(now)
        if u.touches & parts and not (u.owner is not None and u.owner[0] in own)
    ]
    gone = _options_gone(now, specs)
    found = [_naming(now, u, gone) for u in found] if gone else found
    return tuple(sorted(found, key=lambda u: (u.note is None, not u.breaks)))


def _options_gone(now: Snapshot, specs: Iterable[ObjectSpec]) -> dict[str, dict[str, Text]]:
    """The options that go, by ``object.field``, with their labels."""
    found: dict[str, dict[str, Text]] = {}
    for spec in specs:
        old = now.objects.get(spec.key)
        for f in spec.fields.values() if old else ():
            before = old.fields.get(f.key) if old else None
            left = {c.key for c in f.choices}
            gone = {c.key: c.label for c in (before.choices if before else ())}
            gone = {k: label for k, label in gone.items() if k not in left}
            if gone:
                found[f"{spec.key}.{f.key}"] = gone
    return found


def _naming(now: Snapshot, use: Use, gone: Mapping[str, Mapping[str, Text]]) -> Use:
    """The use, with a note of the options that go and that it names."""
    named = [
        label
        for reading in use.readings
        for target, key in uses.options(now, reading)
        if (label := gone.get(target, {}).get(key)) is not None
    ]
    if not named:
        return use
    every = list(dict.fromkeys(named))
    said = Text("、".join(t.zh for t in every), ", ".join(t.en for t in every))
    return replace(use, note=NAMES_IT.format(x=said))


def _keeping(old: ObjectSpec | None, new: ObjectSpec) -> ObjectSpec:
    if old is None:
        return new
    left_out = {k: f for k, f in old.fields.items() if k not in new.fields}
    return replace(new, fields={**new.fields, **left_out}) if left_out else new


def _conversions(
    now: Snapshot, specs: Iterable[ObjectSpec], accept: Accept, rights: Policy | None
) -> Iterable[Conversion]:
    for spec in specs:
        old = now.objects.get(spec.key)
        for f in spec.fields.values() if old else ():
            before = old.fields.get(f.key) if old else None
            if before is None or old is None or not convert.moves(before, f):
                continue
            made = convert.preview(now, old, before, f, accept=accept, rights=rights)
            if made is not None:
                yield made


def _with_copies(spec: ObjectSpec, moved: Iterable[Conversion]) -> ObjectSpec:
    copies = {
        c.kept_as: convert.copy_of(c.before, c.kept_as)
        for c in moved
        if c.object == spec.key and c.kept_as
    }
    return replace(spec, fields={**spec.fields, **copies}) if copies else spec


def _gaps(now: Snapshot, specs: Iterable[ObjectSpec]) -> Mapping[tuple[str, str], int]:
    found = {}
    for spec in specs:
        old = now.objects.get(spec.key)
        for f in spec.fields.values() if old else ():
            before = old.fields.get(f.key) if old else None
            if before is None or old is None or FIELD_TYPES[before.type].many:
                continue
            if f.required and not before.required and f.type in FIELD_TYPES:
                found[spec.key, f.key] = check.gaps(now, old, before, f)
    return found
