"""Saving layouts, each saving a version of its own; keeping drafts; entering through a form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from wubu.collect.forms import queries
from wubu.collect.forms.layouts import reading
from wubu.collect.forms.models import Draft, LayoutVersion
from wubu.collect.forms.models import Layout as Row
from wubu.collect.forms.types import DEFAULT, DraftInfo, LayoutInfo
from wubu.kernel import hooks
from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.types import Actor, Conflict, Missing, Problem, Refused, Text
from wubu.kernel.workspace import forget

AREA = "objects"
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
SLOT = re.compile(r"[A-Za-z0-9_-]{6,40}")
KEPT_DAYS = 60  # a draft that nobody touched for so long goes
MOST_DRAFTS = 100
LARGEST = 400_000  # characters of one draft


def save_layout(
    *,
    actor: Actor,
    object_key: str,
    key: str,
    definition: Mapping[str, Any],
    version: int | None = None,
    active: bool = True,
    reason: str = "",
) -> LayoutInfo:
    """Add a layout, or change it. ``version`` is the one that was being edited (0: a new one).

    Raises Refused with every problem of the definition, Conflict when somebody else saved in
    between (both sides are in it), Forbidden.
    """
    hooks.require_setup(actor, AREA)
    spec = snapshot().object(object_key)
    if not KEY.fullmatch(key) or key == DEFAULT:
        raise Refused(_bad_key(key))
    _, stored = reading.read(snapshot(), spec, key, definition)
    with transaction.atomic():
        row = Row.objects.select_for_update().filter(object_key=object_key, key=key).first()
        if version is not None and version != (row.version if row else 0):
            raise _conflict(row, stored)
        if row is None:
            position = Row.objects.filter(object_key=object_key).count()
            row = Row(object_key=object_key, key=key, version=0, position=position)
        elif row.definition == stored and row.active == active:
            return queries.layout(object_key, key)
        _save(row, stored, active, reason, actor)
    forget()
    return queries.layout(object_key, key)


def bring_back(
    *, actor: Actor, object_key: str, key: str, version: int, reason: str = ""
) -> LayoutInfo:
    """Let an earlier version hold again, as a new saving. Raises Missing, Refused, Forbidden."""
    hooks.require_setup(actor, AREA)
    for old in queries.versions(object_key, key):
        if old.version == version:
            return save_layout(
                actor=actor,
                object_key=object_key,
                key=key,
                definition=old.definition,
                active=True,
                reason=reason or f"← {version}",
            )
    raise Missing(queries.no_layout(f"{key} {version}"))


def set_disabled(*, actor: Actor, object_key: str, key: str, disabled: bool = True) -> LayoutInfo:
    """Take a layout out of use, or back into it; its versions stay. Raises Missing, Forbidden."""
    hooks.require_setup(actor, AREA)
    with transaction.atomic():
        row = Row.objects.select_for_update().filter(object_key=object_key, key=key).first()
        if row is None:
            raise Missing(queries.no_layout(key))
        if row.active == disabled:
            _save(row, row.definition, not disabled, "", actor)
    forget()
    return queries.layout(object_key, key)


def order(*, actor: Actor, object_key: str, keys: Sequence[str]) -> None:
    """In which order the layouts are tried: those named first, in this order. Raises Forbidden."""
    hooks.require_setup(actor, AREA)
    with transaction.atomic():
        rows = list(Row.objects.filter(object_key=object_key).order_by("position", "id"))
        place = {key: n for n, key in enumerate(keys)}
        rows.sort(key=lambda r: place.get(r.key, len(place)))
        for number, row in enumerate(rows):
            row.position = number
        Row.objects.bulk_update(rows, ["position"])
        before, after = None, {"order": [r.key for r in rows]}
        _log(actor, object_key, before, after)
    forget()


def install(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> int:
    """The layouts that a pack ships and the company lacks, by object and key; how many were added.

    Raises Refused with every problem.
    """
    problems: list[Problem] = []
    added = 0
    with transaction.atomic():
        for object_key, raw in definitions.items():
            spec = snapshot().object(object_key)
            there = set(Row.objects.filter(object_key=object_key).values_list("key", flat=True))
            for key, definition in raw.items():
                if key in there:
                    continue
                try:
                    _, stored = reading.read(snapshot(), spec, key, definition)
                except Refused as refused:
                    problems += refused.problems
                    continue
                row = Row(object_key=object_key, key=key, version=0, position=len(there) + added)
                _save(row, stored, True, "", actor)
                added += 1
        if problems:
            raise Refused(*problems)
    forget(queries.MEMORY)
    return added


# Drafts


def keep_draft(
    *,
    actor: Actor,
    object_key: str,
    record_id: int | None,
    slot: str,
    values: Iterable[tuple[str, Sequence[str]]],
    title: str = "",
) -> DraftInfo:
    """Keep what stands in a form, for its owner alone; ``slot`` names the opened form.

    A form that has become a record keeps nothing more.

    Raises Refused when it is too large or the slot is no name, Missing for an unknown object.
    """
    snapshot().object(object_key)
    kept = [[name, list(raw)] for name, raw in values]
    size = sum(len(v) for _, raw in kept for v in raw)
    if not SLOT.fullmatch(slot) or size > LARGEST or actor.member_id is None:
        raise Refused(
            Problem(
                "draft_too_large",
                Text("草稿太大，没有保存。", "The draft is too large to be kept."),
                Text("请先保存记录。", "Save the record first."),
            )
        )
    at = now()
    with transaction.atomic():
        if Draft.objects.filter(member_id=actor.member_id, slot=slot, object_key="").exists():
            return DraftInfo(0, object_key, record_id, slot, title[:200], at)
        row, _ = Draft.objects.update_or_create(
            member_id=actor.member_id,
            slot=slot,
            defaults={
                "object_key": object_key,
                "record_id": record_id,
                "title": title[:200],
                "values": kept,
                "saved_at": at,
            },
        )
        mine = Draft.objects.filter(member_id=actor.member_id)
        mine.filter(saved_at__lt=at - timedelta(days=KEPT_DAYS)).delete()
        kept_on = mine.exclude(object_key="").order_by("-saved_at", "-id")
        late = list(kept_on.values_list("id", flat=True)[MOST_DRAFTS:])
        Draft.objects.filter(id__in=late).delete()
    return DraftInfo(row.pk, object_key, record_id, slot, row.title, at)


def discard_draft(*, actor: Actor, slot: str) -> None:
    """An opened form has become a record: its draft goes, and what comes late is not kept."""
    if actor.member_id is not None and SLOT.fullmatch(slot):
        Draft.objects.update_or_create(
            member_id=actor.member_id,
            slot=slot,
            defaults={"object_key": "", "values": [], "title": "", "saved_at": now()},
        )


def drop_draft(*, actor: Actor, id: int | None = None, slot: str = "") -> bool:
    """Throw a draft of one's own away, by id or by slot; whether there was one."""
    mine = Draft.objects.filter(member_id=actor.member_id or 0)
    mine = mine.filter(pk=id) if id is not None else mine.filter(slot=slot)
    return bool(mine.delete()[0])


# Inside


def _save(row: Row, definition: Any, active: bool, reason: str, actor: Actor) -> None:
    before = {"version": row.version, "is": row.definition} if row.version else None
    row.version += 1
    row.definition, row.active = dict(definition), active
    row.updated_at, row.updated_by_id = now(), actor.member_id
    row.save()
    LayoutVersion.objects.create(
        layout=row,
        version=row.version,
        definition=row.definition,
        active=active,
        reason=reason[:200],
        saved_at=row.updated_at,
        saved_by_id=actor.member_id,
    )
    after = {"layout": f"{row.object_key}/{row.key}", "version": row.version, "active": active}
    _log(actor, row.object_key, before, {**after, "is": row.definition})


def _log(actor: Actor, object_key: str, before: Any, after: dict[str, Any]) -> None:
    rows = [(0, before, {"object": object_key, **after}, None)]
    append(actor=actor, at=now(), object_key="_form", action="layout", rows=rows)


def _conflict(row: Row | None, yours: Mapping[str, Any]) -> Conflict:
    theirs: dict[str, Any] = {}
    if row is not None:
        theirs = {
            "version": row.version,
            "definition": row.definition,
            "saved_at": row.updated_at.isoformat(),
            "saved_by": row.updated_by_id,
        }
    return Conflict(
        Problem(
            "stale",
            Text(
                "您打开之后，其他人保存了这个布局。",
                "Someone else saved this layout since you opened it.",
            ),
            Text(
                "可以载入对方的版本，或用您的版本覆盖；旧版本都保留着。",
                "Load their version, or overwrite it with yours; every version is kept.",
            ),
        ),
        theirs=theirs,
        yours=yours,
    )


def _bad_key(key: str) -> Problem:
    return Problem(
        "bad_key",
        Text(
            "标识“{k}”应为小写字母、数字和下划线，且以字母开头。",
            "The key “{k}” must be lower-case letters, digits and underscores, a letter first.",
        ).format(k=key),
        Text("“default”是保留的。", "“default” is taken."),
        field="key",
        value=key,
    )
