"""What a computed field reads.

A formula its fields, a look-up a field over a link, a roll-up the fields of the records that it
sums.
"""

from __future__ import annotations

from collections.abc import Iterator

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import of_field, parse
from wubu.kernel.types import Refused

Path = tuple[str, ...]
BOOL = ValueType("bool")


def ways(f: FieldSpec) -> tuple[Path, ...]:
    """The paths over links by which a field without a column of its own comes to its value."""
    if not FIELD_TYPES[f.type].virtual:
        return ()
    try:
        paths = of_field(f, snapshot=snapshot()).paths
    except Refused:
        return ()
    return tuple(sorted(p for p in paths if len(p) > 1))


def read_by(f: FieldSpec) -> Iterator[tuple[str, Path]]:
    """The fields that a computed field reads, as (object, path from there); none for others."""
    kind = FIELD_TYPES[f.type]
    if kind.virtual:
        try:
            written = of_field(f, snapshot=snapshot()).written
        except Refused:
            return
        for path in written:
            yield f.object, path
    elif f.kind.aggregates:
        source = str(f.options.get("object", ""))
        if source not in snapshot().objects:
            return
        if f.options.get("field"):
            yield source, (str(f.options["field"]),)
        condition = str(f.options.get("filter") or "")
        if condition:
            try:
                found = parse(condition, snapshot=snapshot(), object_key=source, expect=BOOL)
            except Refused:
                return
            for path in found.written:
                yield source, path


def steps(object_key: str, path: Path) -> Iterator[tuple[str, str]]:
    """Each field on a path with the object it belongs to; members and teams end it."""
    here = snapshot().objects.get(object_key)
    for step in path:
        if here is None:
            return
        yield here.key, step
        f = here.fields.get(step)
        if f is None or f.kind.names_staff:
            return
        here = snapshot().objects.get(f.target)
