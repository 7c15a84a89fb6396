"""What stands in the box of a field and what was typed into it: raw values, both ways."""

from __future__ import annotations

import re
from typing import Any

from django.http import QueryDict

from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FieldError
from wubu.kernel.fields.registry import FIELD_TYPES, to_json
from wubu.kernel.records.types import Record
from wubu.web.ui import show

BARE_NUMBER = re.compile(r"-?[\d.,]+")
DEFAULT_NOW = frozenset({"default_now", "default_today"})


def raw(f: FieldSpec, record: Record) -> Any:
    """What stands in the box of a record's field: typing it again changes nothing."""
    return raw_of(f, record.values.get(f.key))


def raw_of(f: FieldSpec, value: Any) -> Any:
    """What stands in the box for a stored value."""
    if value is None:
        return [] if f.kind.takes_list else ""
    kind = FIELD_TYPES[f.type]
    if kind.many or kind.files:
        return [f"id:{v}" for v in value]
    if kind.boxes:
        return {box: str(v) for box, v in to_json(f, value).items()}
    match f.type:
        case "link" | "member" | "team":
            return f"id:{value}"
        case "duration":
            return FIELD_TYPES[f.type].show(f, value)
        case "multichoice":
            return list(value)
        case "percent":
            return f"{value / 100:.2f}".rstrip("0").rstrip(".")
        case "datetime":
            return show.local(value).strftime("%Y-%m-%dT%H:%M")
        case "bool":
            return "true" if value else "false"
        case _:
            return str(to_json(f, value))


def raw_value(f: FieldSpec, post: QueryDict, name: str) -> Any:
    """What was typed, as the field type reads it. A bare number in a percent box is percent."""
    if f.kind.takes_list:
        return [v for v in post.getlist(name) if v]
    if (boxes := FIELD_TYPES[f.type].boxes) and name not in post:
        raw = {box: post.get(f"{name}:{box}", "").strip() for box in boxes}
        return raw if any(raw.values()) else ""
    words = post.getlist(name)[-1] if post.getlist(name) else ""
    if f.kind.ratio and BARE_NUMBER.fullmatch(words.strip()):
        return f"{words.strip()}%"
    return words


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
    """What stands in the boxes of an address or a location; all in the last when it says nothing
    that the type knows.
    """
    kind = FIELD_TYPES[f.type]
    try:
        return raw_of(f, kind.parse(f, raw))
    except FieldError:
        return {kind.boxes[-1]: str(raw)}
