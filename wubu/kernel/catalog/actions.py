"""Writing the catalog's rows. Only ``kernel.schema`` calls this, in the transaction that alters the
tables.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.utils import timezone

from wubu.kernel.catalog.codec import field_to_json, object_to_json
from wubu.kernel.catalog.models import FieldRow, ObjectRow, Version
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.workspace import forget


def lock_version() -> str:
    """The current token, its row locked to the end: schema changes come one by one."""
    Version.objects.get_or_create(id=1, defaults={"token": ""})
    return Version.objects.select_for_update().get(id=1).token


def store(objects: Iterable[ObjectSpec]) -> str:
    """Write the specs that are given (others stay as they are) and move the version. Returns the
    token.
    """
    for spec in objects:
        row, _ = ObjectRow.objects.update_or_create(
            key=spec.key,
            defaults={
                "definition": object_to_json(spec),
                "position": spec.position,
                "retired": spec.retired,
            },
        )
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
            ],
            update_conflicts=True,
            unique_fields=["object", "key"],
            update_fields=["definition", "position", "retired"],
        )
    token = secrets.token_hex(16)
    Version.objects.update_or_create(id=1, defaults={"token": token, "changed_at": timezone.now()})
    forget()
    return token
