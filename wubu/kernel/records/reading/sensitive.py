"""What of the fields marked ``sensitive`` is read for somebody: told to the access log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wubu.kernel.audit import access
from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.permissions.types import Policy

EMPTY = (None, "", ())


def sensitive(
    snapshot: Snapshot, object_key: str, shown: Iterable[FieldSpec], across: Iterable[str]
) -> tuple[str, ...]:
    """The keys and paths of what is so marked."""
    keys = [f.key for f in shown if f.options.get("sensitive")]
    return (*keys, *(path for path in across if _sensitive(snapshot, object_key, path)))


def note(
    policy: Policy,
    object_key: str,
    keys: Sequence[str],
    read: Sequence[Sequence[Any]],
    values: Sequence[Mapping[str, Any]],
) -> None:
    """Rows as they were read (the id comes first) and their values by field key or path.

    ``keys`` are the sensitive ones.

    Where a value is masked or empty nothing was seen. The system sees without being noted.
    """
    if not keys or policy.actor.is_system or not read:
        return
    ids = [
        row[0]
        for row, some in zip(read, values, strict=True)
        if any(some.get(k) not in EMPTY for k in keys)
    ]
    if ids:
        access.saw(policy.actor, object_key, ids, keys)


def _sensitive(snapshot: Snapshot, object_key: str, path: str) -> bool:
    here, found = snapshot.objects.get(object_key), None
    for step in path.split("."):
        found = here.fields.get(step) if here else None
        here = snapshot.objects.get(found.target) if found else None
    return found is not None and bool(found.options.get("sensitive"))
