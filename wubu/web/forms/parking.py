"""What was typed and has no place in the layout that fits now: shown, kept, saved when wanted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor, Problem, Text
from wubu.web import forms

MARK, KEEP = "park:", "park:keep:"
CLEARED = Text("（清空）", "(emptied)")
SHOWN = 60


@dataclass
class Parked:
    """One field, or the lines of a part. ``pairs`` are the inputs that carry it along."""

    key: str
    label: Text
    words: str
    pairs: list[tuple[str, str]]
    kept: bool = True  # saved with the rest, unless its mark is taken away
    problems: list[Problem] = field(default_factory=list)


def parked(
    actor: Actor,
    rights: Policy,
    spec: ObjectSpec,
    submitted: QueryDict,
    shown: Collection[str],
    *,
    record: Record | None = None,
    parts: Mapping[str, Sequence[Any]] | None = None,
    but: Collection[str] = (),
    problems: Sequence[Problem] = (),
) -> list[Parked]:
    """What a form sent beyond what is ``shown``.

    ``shown`` are keys of fields and parts; what was there anyway is left out. ``parts`` are the
    lines that a record has.
    """
    raw = forms.read(spec, submitted, rights)
    was = forms.of_record(spec, record) if record else forms.blank(spec, actor, QueryDict())
    keys = [k for k in raw if k not in shown and k not in but]
    keys = [k for k in keys if _plain(raw[k]) != _plain(was.get(k, ""))]
    only = [spec.fields[k] for k in keys]
    made = forms.inputs(actor, rights, spec, raw, only=only)
    found = [
        Parked(k, one.spec.label, words(one), forms.pairs(k, raw[k])) for k, one in made.items()
    ]
    for key, rows in forms.read_lines(spec, submitted, rights).items():
        if key not in shown and key not in but and _differ(rows, (parts or {}).get(key, ())):
            child = snapshot().object(key)
            count = Text("{n} 行", "{n} lines").format(n=len(rows))
            found.append(Parked(key, child.plural, str(count), _of_part(key, submitted)))
    for one in found:
        one.kept = MARK + one.key not in submitted or KEEP + one.key in submitted
        one.problems = [p for p in problems if p.field == one.key and p.object in (None, spec.key)]
    return found


def wanted(
    submitted: QueryDict, raw: dict[str, Any], parts: forms.Parts
) -> tuple[dict[str, Any], forms.Parts]:
    """What is to be saved: without what was parked and whose mark was taken away."""
    off = {
        name.removeprefix(MARK)
        for name in submitted
        if name.startswith(MARK) and not name.startswith(KEEP)
    }
    off -= {name.removeprefix(KEEP) for name in submitted if name.startswith(KEEP)}
    return (
        {k: v for k, v in raw.items() if k not in off},
        {k: v for k, v in parts.items() if k not in off},
    )


def words(one: forms.Input) -> str:
    """What stands in an input, in words."""
    kind = FIELD_TYPES[one.spec.type]
    if kind.files:
        said = "、".join(f.name for f in one.files)
    elif kind.many:
        said = "、".join(str(name) for name in one.shown or ())
    elif kind.has_choices:
        said = "、".join(label for _, label in one.chosen)
    elif isinstance(one.value, Mapping):
        said = " ".join(str(v) for v in one.value.values() if v)
    elif one.spec.kind.yes_no:
        said = str(Text("是", "Yes") if one.value == "true" else Text("否", "No"))
    elif one.spec.kind.refers_to_one:
        said = str(one.shown)
    else:
        said = str(one.value)
    said = " ".join(said.split())
    return (said if len(said) <= SHOWN else said[: SHOWN - 1] + "…") or str(CLEARED)


def _plain(value: Any) -> Any:
    """A raw value without what makes no difference: ends of lines, a unit, an unticked box."""
    if isinstance(value, Mapping):
        return {k: v for k, v in value.items() if v} or ""
    if isinstance(value, list | tuple):
        return [str(v) for v in value] or ""
    said = str("" if value is None else value).replace("\r\n", "\n").strip().removesuffix("%")
    return "" if said == "false" else said


def _differ(rows: Sequence[tuple[str, Mapping[str, Any]]], was: Sequence[Any]) -> bool:
    if len(rows) != len(was):
        return True
    for (_, row), old in zip(rows, was, strict=True):
        if not isinstance(old, Record):
            return True
        child = snapshot().object(old.object_key)
        there = {**forms.of_record(child, old), "id": str(old.id)}
        if any(_plain(v) != _plain(there.get(k, "")) for k, v in row.items()):
            return True
    return False


def _of_part(key: str, submitted: QueryDict) -> list[tuple[str, str]]:
    names = [n for n in submitted if n.startswith((f"{key}:", f"parts:{key}"))]
    return [(n, v) for n in names for v in submitted.getlist(n)]
