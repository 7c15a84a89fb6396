"""What stands in the box of a field and what was typed into it: raw values, both ways."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FieldError
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.records.types import Record
from wubu.web.ui import show

DEFAULT_NOW = frozenset({"default_now", "default_today"})


def raw(f: FieldSpec, record: Record) -> Any:
    """What stands in the box of a record's field: typing it again changes nothing."""
    return raw_of(f, record.values.get(f.key))


def raw_of(f: FieldSpec, value: Any) -> Any:
    """What stands in the box for a stored value."""
    if value is None:
        return [] if f.kind.takes_list else ""
    return f.kind.to_input(f, value)


def raw_value(f: FieldSpec, post: QueryDict, name: str) -> Any:
    """What was typed, as the field type reads it. A bare number in a percent box is percent."""
    if f.kind.takes_list:
        return [v for v in post.getlist(name) if v]
    if (boxes := FIELD_TYPES[f.type].boxes) and name not in post:
        raw = {box: post.get(f"{name}:{box}", "").strip() for box in boxes}
        return raw if any(raw.values()) else ""
    words = post.getlist(name)[-1] if post.getlist(name) else ""
    return f.kind.from_input(f, words)


def default(f: FieldSpec) -> Any:
    """The field's own default, as it stands in the box; today or this minute where it says so."""
    if f.default is None and f.kind.dated and DEFAULT_NOW & f.options.keys():
        at = show.local(now())
        return at.strftime("%Y-%m-%dT%H:%M" if f.kind.timed else "%Y-%m-%d")
    if f.default is None:
        return [] if f.kind.takes_list else ""
    if FIELD_TYPES[f.type].boxes:
        return boxed(f, f.default)
    if isinstance(f.default, bool):
        return "true" if f.default else "false"
    if isinstance(f.default, list | tuple):
        return [str(v) for v in f.default]
    words = str(f.default)
    return words.removesuffix("%") if f.kind.ratio else words


def boxed(f: FieldSpec, raw: Any) -> Any:
    """What stands in the boxes of an address or a location.

    All in the last when it says nothing that the type knows.
    """
    kind = FIELD_TYPES[f.type]
    try:
        return raw_of(f, kind.parse(f, raw))
    except FieldError:
        return {kind.boxes[-1]: str(raw)}
