"""Attached files: stored once by content, opened only through a record that the actor may see."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records.attachments import pictures
from wubu.kernel.records.models import File
from wubu.kernel.records.shape import shape
from wubu.kernel.records.types import StoredFile
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text

LARGEST = 50 * 2**20  # bytes
BLOCK = 2**20


def store(actor: Actor, name: str, content: BinaryIO, content_type: str) -> StoredFile:
    """Write the content below MEDIA_ROOT by its digest, then its row. Same content is kept once."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, temporary = tempfile.mkstemp(dir=root, prefix="incoming-")
    try:
        with os.fdopen(handle, "wb") as out:
            while block := content.read(BLOCK):
                size += len(block)
                if size > LARGEST:
                    raise Refused(_too_large(name))
                digest.update(block)
                out.write(block)
        if size == 0:
            raise Refused(
                Problem("empty_file", Text("文件是空的。", "The file is empty."), value=name)
            )
        path = Path(digest.hexdigest()[:2]) / digest.hexdigest()
        (root / path).parent.mkdir(exist_ok=True)
        Path(temporary).replace(root / path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    # Only the last part of whatever path a browser sent.
    clean = name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:255] or "file"
    row = File.objects.create(
        name=clean,
        size=size,
        content_type=pictures.true_type(root / path, content_type)[:120],
        sha256=digest.hexdigest(),
        path=str(path),
        uploaded_by=actor.member_id,
        uploaded_at=now(),
    )
    return to_view(row)


def to_view(row: File) -> StoredFile:
    return StoredFile(
        row.pk, row.name, row.size, row.content_type, row.sha256, row.uploaded_by, row.uploaded_at
    )


def names(ids: Iterable[int]) -> dict[int, str]:
    """What files are called; for a history whose reader may see the field that holds them."""
    return dict(File.objects.filter(id__in=list(ids)).values_list("id", "name"))


def _too_large(name: str) -> Problem:
    return Problem(
        "file_too_large",
        Text("文件超过 {n} MB。", "The file is larger than {n} MB.").format(n=LARGEST // 2**20),
        value=name,
    )


def readable(snapshot: Snapshot, policy: Policy, actor: Actor, ids: list[int]) -> dict[int, File]:
    """The files that the actor uploaded and that belong to no record yet.

    With their content types.
    """
    found: dict[int, File] = {}
    attached: dict[tuple[str, str], dict[int, list[File]]] = {}
    for row in File.objects.filter(id__in=ids):
        if row.record_id is None:
            if actor.is_system or actor.is_member(row.uploaded_by):
                found[row.pk] = row
        else:
            where = attached.setdefault((row.object_key, row.field_key), {})
            where.setdefault(row.record_id, []).append(row)
    for (object_key, field_key), rows in attached.items():
        if object_key not in snapshot.objects or not policy.clear(object_key, field_key):
            continue
        model: Any = shape(snapshot, object_key).model
        scope = policy.scope("view", object_key)
        for record_id in model.objects.filter(scope, id__in=rows).values_list("id", flat=True):
            found.update({row.pk: row for row in rows[record_id]})
    return found


def attachable(actor: Actor, ids: list[int]) -> dict[int, str]:
    """The files that the actor uploaded and that belong to no record yet.

    With their content types.
    """
    if not ids:
        return {}
    rows = File.objects.filter(id__in=ids, record_id__isnull=True)
    if not actor.is_system:
        rows = rows.filter(uploaded_by=actor.member_id or 0)
    return dict(rows.values_list("id", "content_type"))


def open_file(
    snapshot: Snapshot, policy: Policy, actor: Actor, id_: int
) -> tuple[StoredFile, Path]:
    """A file and where its content lies. Raises Missing."""
    row = readable(snapshot, policy, actor, [id_]).get(id_)
    path = Path(settings.MEDIA_ROOT) / row.path if row is not None else None
    if row is None or path is None or not path.is_file():
        raise Missing(Problem("no_such_file", Text("没有这个文件。", "There is no such file.")))
    return to_view(row), path


def attach(object_key: str, pairs: dict[tuple[int, str], tuple[int, ...]]) -> None:
    """Files named by an attachment field belong to that record from now on."""
    for (record_id, field_key), ids in pairs.items():
        File.objects.filter(id__in=ids, record_id__isnull=True).update(
            object_key=object_key, record_id=record_id, field_key=field_key
        )
