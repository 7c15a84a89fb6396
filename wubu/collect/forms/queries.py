"""Which layout a form has for whom, and how layouts came to be so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from wubu.collect.forms.layouts import reading, standard
from wubu.collect.forms.models import Draft, LayoutVersion
from wubu.collect.forms.models import Layout as Row
from wubu.collect.forms.types import DEFAULT, DraftInfo, Layout, LayoutInfo, Use, Version
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.formula.typed import Path
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text
from wubu.kernel.workspace import remember

MEMORY = "forms.layouts"


def layout_for(
    actor: Actor,
    object_key: str,
    *,
    use: Use = "form",
    get: Callable[[Path], Any] | None = None,
    prefer: str = "",
) -> Layout:
    """The first layout that fits the actor's roles, the record's stage and its condition.

    ``get`` gives the record's stored values by path. ``prefer`` is the key of one that is wanted
    whatever the record is, as far as the actor has it. Without a layout that fits, the default.
    """
    spec = snapshot().object(object_key)
    stage = spec.roles.get("stage", "")
    for found in layouts_of(actor, object_key, use) if prefer != DEFAULT else ():
        if prefer:
            if found.key == prefer:
                return found
            continue
        if found.stages and (get is None or get((stage,)) not in found.stages):
            continue
        if found.when is not None and (get is None or found.when.value(get) is not True):
            continue
        return found
    if prefer and prefer != DEFAULT:  # it was taken out of use meanwhile
        return layout_for(actor, object_key, use=use, get=get)
    return by_default(spec, use)


def layouts_of(actor: Actor, object_key: str, use: Use = "form") -> tuple[Layout, ...]:
    """The layouts that somebody with the actor's roles may come to have, in their order."""
    spec, roles = snapshot().object(object_key), frozenset(policy(actor).roles.values())
    found = []
    for row in _rows(object_key):
        if not row.active or (row.definition.get("use") or "form") != use:
            continue
        wanted = frozenset(row.definition.get("roles") or ())
        if wanted and not wanted & roles:
            continue
        made = _usable(spec, row)
        if not made.broken and any(part.items for part in made.parts):
            found.append(made)
    return tuple(found)


def by_default(spec: ObjectSpec, use: Use = "form") -> Layout:
    """What an object's form is when nobody designed one that fits."""
    if use == "quick":
        return remember((MEMORY, spec.key, "quick"), lambda: standard.quick(spec))
    return remember((MEMORY, spec.key, "form"), lambda: standard.default(snapshot(), spec))


def has_layouts(object_key: str) -> bool:
    """Whether anybody designed anything for this object."""
    return bool(_rows(object_key))


def layout(object_key: str, key: str) -> LayoutInfo:
    """One layout as designers see it. Raises Missing."""
    for info in layouts(object_key):
        if info.key == key:
            return info
    raise Missing(no_layout(key))


def layouts(object_key: str) -> tuple[LayoutInfo, ...]:
    """Every layout of an object, in the order in which they are tried."""
    spec = snapshot().object(object_key)
    return tuple(_info(spec, row) for row in _rows(object_key))


def versions(object_key: str, key: str) -> tuple[Version, ...]:
    """Every saving of a layout, the newest first. Raises Missing."""
    rows = LayoutVersion.objects.filter(layout__object_key=object_key, layout__key=key)
    found = tuple(
        Version(r.version, r.saved_at, r.saved_by_id, r.reason, r.active, r.definition)
        for r in rows.order_by("-version")
    )
    if not found:
        raise Missing(no_layout(key))
    return found


def export() -> dict[str, dict[str, Any]]:
    """Every layout in use as the pack section ``forms`` writes it: by object, then by key."""
    found: dict[str, dict[str, Any]] = {}
    for row in Row.objects.filter(active=True).order_by("object_key", "position", "id"):
        found.setdefault(row.object_key, {})[row.key] = row.definition
    return found


def drafts(actor: Actor, object_key: str = "", limit: int = 20) -> tuple[DraftInfo, ...]:
    """What the actor began and did not save, the newest first; of one object if said.

    Drafts of records that they may no longer see are left out, and of objects that are gone.
    """
    if actor.member_id is None:
        return ()
    rows = Draft.objects.filter(member_id=actor.member_id).exclude(object_key="")
    if object_key:
        rows = rows.filter(object_key=object_key)
    found = [_draft(r) for r in rows.defer("values").order_by("-saved_at", "-id")[:limit]]
    rights, objects = policy(actor), snapshot().objects
    ids: dict[str, set[int]] = {}
    for one in found:
        if one.record_id is not None:
            ids.setdefault(one.object_key, set()).add(one.record_id)
    seen = {k: records.titles(actor, k, v) for k, v in ids.items() if k in objects}
    return tuple(
        one
        for one in found
        if one.object_key in objects
        and not objects[one.object_key].retired
        and (
            rights.may("create", one.object_key)
            if one.record_id is None
            else one.record_id in seen.get(one.object_key, {})
        )
    )


def draft(actor: Actor, id: int) -> tuple[DraftInfo, list[tuple[str, list[str]]]]:
    """One's own draft with what was typed, by input name. Raises Missing for anybody else's."""
    mine = Draft.objects.filter(member_id=actor.member_id or 0).exclude(object_key="")
    row = mine.filter(pk=id).first()
    if row is None:
        words = Text(
            "没有这份草稿，可能已保存或丢弃。",
            "There is no such draft. It may have been saved or discarded.",
        )
        raise Missing(Problem("no_such_draft", words))
    return _draft(row), [(str(name), [str(v) for v in values]) for name, values in row.values]


def _draft(row: Draft) -> DraftInfo:
    return DraftInfo(row.pk, row.object_key, row.record_id, row.slot, row.title, row.saved_at)


def _rows(object_key: str) -> tuple[Row, ...]:
    """The layouts of all objects are read at once: there are few, and a form may ask of several."""

    def ask() -> Mapping[str, tuple[Row, ...]]:
        found: dict[str, list[Row]] = {}
        for row in Row.objects.order_by("position", "id"):
            found.setdefault(row.object_key, []).append(row)
        return {k: tuple(v) for k, v in found.items()}

    return remember(MEMORY, ask).get(object_key, ())


def _usable(spec: ObjectSpec, row: Row) -> Layout:
    def make() -> Layout:
        return _versioned(reading.usable(snapshot(), spec, row.key, row.definition), row)

    return remember((MEMORY, row.pk), make)


def _versioned(made: Layout, row: Row) -> Layout:
    return replace(made, version=row.version, active=row.active)


def _info(spec: ObjectSpec, row: Row) -> LayoutInfo:
    raw = row.definition
    broken = None
    try:
        reading.read(snapshot(), spec, row.key, raw)
    except Refused as refused:
        broken = refused.problems[0].message
    return LayoutInfo(
        row.object_key,
        row.key,
        Text.of(raw.get("label") or row.key),
        raw.get("use") or "form",
        tuple(raw.get("roles") or ()),
        tuple(raw.get("stages") or ()),
        row.version,
        row.active,
        row.position,
        row.updated_at,
        row.updated_by_id,
        raw,
        broken,
    )


def no_layout(key: str) -> Problem:
    return Problem(
        "no_such_layout",
        Text("没有布局“{k}”。", "There is no layout “{k}”.").format(k=key),
        field="key",
        value=key,
    )


__all__ = [
    "DEFAULT",
    "by_default",
    "draft",
    "drafts",
    "export",
    "has_layouts",
    "layout",
    "layout_for",
    "layouts",
    "versions",
]
