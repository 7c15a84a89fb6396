"""Writing the catalog's rows.

Only ``kernel.schema`` calls this, in the transaction that alters the tables.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from wubu.kernel.catalog.codec import field_to_json, object_to_json
from wubu.kernel.catalog.models import FieldRow, ObjectRow, Revision, Version
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.types import Actor, Text
from wubu.kernel.workspace import forget


def lock_version() -> str:
    """The current token, its row locked to the end: schema changes come one by one."""
    Version.objects.get_or_create(id=1, defaults={"token": ""})
    return Version.objects.select_for_update().get(id=1).token


def store(
    objects: Iterable[ObjectSpec],
    *,
    known: Mapping[str, ObjectSpec] | None = None,
    dropped: Iterable[tuple[str, str | None]] = (),
) -> str:
    """Write the specs that are given (others stay as they are) and move the version.

    Returns the token.

    What is as in ``known`` already is not written again; ``dropped`` are fields, or whole objects,
    that cease to be.
    """
    for key, field_key in dropped:
        if field_key is None:
            ObjectRow.objects.filter(key=key).delete()
        else:
            FieldRow.objects.filter(object__key=key, key=field_key).delete()
    for spec in objects:
        _store(spec, (known or {}).get(spec.key))
    token = secrets.token_hex(16)
    Version.objects.update_or_create(id=1, defaults={"token": token, "changed_at": timezone.now()})
    forget()
    return token


def _store(spec: ObjectSpec, old: ObjectSpec | None) -> None:
    if old == spec:
        return
    row, _ = ObjectRow.objects.update_or_create(
        key=spec.key,
        defaults={
            "definition": object_to_json(spec),
            "position": spec.position,
            "retired": spec.retired,
        },
    )
    before = old.fields if old else {}
    FieldRow.objects.bulk_create(
        [
            FieldRow(
                object=row,
                key=f.key,
                definition=field_to_json(f),
                position=f.position,
                retired=f.retired,
            )
            for f in spec.fields.values()
            if before.get(f.key) != f
        ],
        update_conflicts=True,
        unique_fields=["object", "key"],
        update_fields=["definition", "position", "retired"],
    )


def note(
    *,
    actor: Actor,
    at: datetime,
    token: str,
    steps: Sequence[Text],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    moved: Sequence[Mapping[str, Any]] = (),
    undoes: int | None = None,
) -> int:
    """Append a revision, and mark the one that it undoes. Returns its id."""
    made = Revision.objects.create(
        at=at,
        actor_id=actor.member_id,
        entrance=actor.entrance,
        token=token,
        steps=[s.as_dict() for s in steps],
        before=dict(before),
        after=dict(after),
        moved=list(moved),
        undoes=undoes,
    )
    if undoes is not None:
        Revision.objects.filter(id=undoes).update(undone_by=made.id)
    return made.id
