"""What stands in a form that is opened: defaults, what a link brought, a record's own, a copy."""

from __future__ import annotations

import re
from typing import Any

from django.http import QueryDict

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor
from wubu.web.forms.raws import boxed, default, raw
from wubu.web.ui import values

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")  # a calendar brings a day; a moment starts at nine


def blank(spec: ObjectSpec, actor: Actor, query: QueryDict) -> dict[str, Any]:
    """What stands in a new form: defaults, oneself as owner, and what the link brought along."""
    raw = {f.key: default(f) for f in spec.live_fields if values.is_typed(f)}
    owner = spec.role("owner")
    if owner is not None and owner.kind.names_member and actor.member_id is not None:
        raw[owner.key] = f"id:{actor.member_id}"
    for f in spec.live_fields:
        if f.key in query:
            brought = query.getlist(f.key)
            raw[f.key] = brought if f.kind.takes_list else _brought(f, brought[-1])
    return raw


def _brought(f: FieldSpec, word: str) -> Any:
    if FIELD_TYPES[f.type].boxes:
        return boxed(f, word)
    if f.kind.timed and DAY.fullmatch(word):
        return f"{word}T09:00"
    return f"id:{word}" if f.kind.refers_to_one and word.isdigit() else word


def of_record(spec: ObjectSpec, record: Record) -> dict[str, Any]:
    """What stands in the form of a record that is there."""
    return {f.key: raw(f, record) for f in spec.live_fields if values.is_typed(f)}


def copy_of(spec: ObjectSpec, record: Record) -> dict[str, Any]:
    """What stands in the form of a new record like this one.

    Without its number, what must be the only one of its kind, its stage, its files, and what may
    not be read.
    """
    own = (spec.role("stage"), spec.role("serial"))
    return {
        f.key: raw(f, record)
        for f in spec.live_fields
        if values.is_typed(f)
        and not f.unique
        and f not in own
        and not (f.kind.numbered or f.kind.files)
        and f.key != spec.part_of
        and record.values.get(f.key) is not None
    }
