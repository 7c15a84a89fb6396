"""Reading the one log. Permission is the caller's matter: see ``records.queries.history``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from wubu.kernel.audit.models import Batch, Change
from wubu.kernel.audit.types import ChangeRow

FIELDS = tuple(ChangeRow.__dataclass_fields__)


def changes(
    *,
    object_key: str | None = None,
    record_ids: Sequence[int] | None = None,
    batch_id: int | None = None,
    actor_id: int | None = None,
    after_id: int | None = None,
    before_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    newest_first: bool = True,
    limit: int | None = 200,
) -> list[ChangeRow]:
    """Logged changes, newest first; every condition given must hold. ``limit`` None gives all.

    ``since`` is out, ``until`` is in: what was done after one moment, up to another.
    """
    rows = Change.objects.order_by("-id" if newest_first else "id")
    if object_key is not None:
        rows = rows.filter(object_key=object_key)
    if record_ids is not None:
        rows = rows.filter(record_id__in=record_ids)
    if batch_id is not None:
        rows = rows.filter(batch_id=batch_id)
    if actor_id is not None:
        rows = rows.filter(actor_id=actor_id)
    if after_id is not None:
        rows = rows.filter(id__gt=after_id)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    if since is not None:
        rows = rows.filter(at__gt=since)
    if until is not None:
        rows = rows.filter(at__lte=until)
    return [ChangeRow(*row) for row in rows.values_list(*FIELDS)[:limit]]


def story(
    object_key: str, record_id: int, *, upto: datetime | None, below: int, limit: int
) -> list[tuple[datetime, int]]:
    """When and id of the changes of one record, newest first.

    Those before ``upto``, and of the same moment those with an id below ``below``.
    """
    rows = Change.objects.order_by("-at", "-id").filter(object_key=object_key, record_id=record_id)
    if upto is not None:
        rows = rows.filter(Q(at__lt=upto) | Q(at=upto, id__lt=below))
    return list(rows.values_list("at", "id")[:limit])


def by_ids(ids: Iterable[int]) -> list[ChangeRow]:
    """These changes, oldest first."""
    rows = Change.objects.order_by("id").filter(id__in=list(ids))
    return [ChangeRow(*row) for row in rows.values_list(*FIELDS)]


def batch_changes(batch_id: int) -> Iterator[ChangeRow]:
    """Every change of a batch, oldest first, streamed."""
    rows = Change.objects.filter(batch_id=batch_id).order_by("id").values_list(*FIELDS)
    return (ChangeRow(*row) for row in rows.iterator(chunk_size=2000))


def latest_id() -> int:
    """The id of the newest change, 0 when there is none: has anything moved since?"""
    return Change.objects.order_by("-id").values_list("id", flat=True).first() or 0


def last_of(object_key: str, record_ids: Iterable[int], action: str) -> dict[int, ChangeRow]:
    """The newest change of one kind of each record, where there is one."""
    found: dict[int, ChangeRow] = {}
    rows = Change.objects.order_by("id").filter(
        object_key=object_key, record_id__in=list(record_ids), action=action
    )
    for row in rows.values_list(*FIELDS):
        found[row[FIELDS.index("record_id")]] = ChangeRow(*row)
    return found


def kinds_of(batch_ids: Iterable[int]) -> dict[int, str]:
    """What kind each batch is (import, merge …), of those that are not taken back."""
    rows = Batch.objects.filter(pk__in=set(batch_ids), undone_at__isnull=True)
    return dict(rows.values_list("pk", "kind"))


def newest(limit: int) -> list[tuple[int, str]]:
    """Id and object of the newest changes.

    Where many write at once, a lower id may appear after a higher one: whoever watches compares
    sets of these.
    """
    return list(Change.objects.order_by("-id").values_list("id", "object_key")[:limit])


def is_undone(batch_id: int) -> bool:
    """Whether the batch was taken back."""
    return Batch.objects.filter(pk=batch_id, undone_at__isnull=False).exists()


def open_batches(kind: str) -> tuple[tuple[int, datetime], ...]:
    """The batches of a kind that were not taken back, with their moments, the oldest first."""
    rows = Batch.objects.filter(kind=kind, undone_at__isnull=True).order_by("id")
    return tuple(rows.values_list("id", "at"))


def kind_of(batch_id: int) -> str:
    """What kind of batch it is (import, merge …); empty when there is none of that number."""
    return Batch.objects.filter(pk=batch_id).values_list("kind", flat=True).first() or ""


def columns_between(
    names: Sequence[str], *, after_id: int, upto: int, limit: int
) -> list[tuple[Any, ...]]:
    """These columns of the changes behind one id, up to another, oldest first."""
    rows = Change.objects.order_by("id").filter(id__gt=after_id, id__lte=upto)
    return list(rows.values_list(*names)[:limit])


def columns_of(names: Sequence[str], ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """These columns of some changes, oldest first."""
    return list(Change.objects.order_by("id").filter(id__in=list(ids)).values_list(*names))


def number_after(id: int) -> int:
    """How many changes there are behind this one."""
    return Change.objects.filter(id__gt=id).count()
