"""What was said about a record, and what one should know of. All within the reader's sight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from wubu.collect.conversations.models import Comment, Notice, Subscription
from wubu.collect.conversations.types import OF_VIEW, CommentVersion, CommentView, NoticeView
from wubu.collect.views import queries as kept
from wubu.collect.views.types import ViewInfo
from wubu.kernel.audit import queries as log
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import queries as records
from wubu.kernel.types import SYSTEM, Actor, Missing, Problem, Text

LOGGED = "_comment:"  # in the log of changes; the object's key follows
MOST_NOTICES = 100
SHORT = 140


def views(actor: Actor, rows: Iterable[Comment]) -> list[CommentView]:
    """Comments with the names in them; that the record may be seen was asked before."""
    listed = list(rows)
    ids = {i for row in listed for i in (row.author_id, *row.mentions)}
    names = people.names(ids) if ids else {}
    return [
        CommentView(
            id=row.pk,
            object_key=row.object_key,
            record_id=row.record_id,
            author_id=row.author_id,
            author_name=names.get(row.author_id, ""),
            text=row.text,
            at=row.at,
            edited_at=row.edited_at,
            mentions={str(i): names[i] for i in row.mentions if i in names},
            mine=actor.is_member(row.author_id),
        )
        for row in listed
    ]


def comments(
    actor: Actor, object_key: str, id: int, *, before_id: int | None = None, limit: int = 50
) -> list[CommentView]:
    """The comments on a record, newest first. Raises Missing for a record out of sight."""
    record = records.get(actor, object_key, id)
    rows = Comment.objects.filter(
        object_key=object_key, record_id=record.id, deleted_at__isnull=True
    ).order_by("-id")
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return views(actor, rows[:limit])


def of_record(object_key: str, record_id: int) -> Any:
    """The comments on a record as a queryset, for the timeline; sight was asked before."""
    return Comment.objects.filter(
        object_key=object_key, record_id=record_id, deleted_at__isnull=True
    )


def by_ids(ids: Iterable[int]) -> list[Comment]:
    """These comments, for the timeline; sight was asked before."""
    return list(Comment.objects.filter(pk__in=list(ids)))


def comment(actor: Actor, comment_id: int) -> CommentView:
    """One comment. Raises Missing."""
    row = Comment.objects.filter(pk=comment_id, deleted_at__isnull=True).first()
    if row is None or not _sees(actor, row):
        raise Missing(
            Problem("no_such_comment", Text("没有这条评论。", "There is no such comment."))
        )
    return views(actor, [row])[0]


def _sees(actor: Actor, row: Comment) -> bool:
    if row.object_key not in snapshot().objects:
        return False
    rows = records.visible(actor, row.object_key, archived=None)
    return rows.filter(id=row.record_id).exists()


def versions(actor: Actor, comment_id: int) -> list[CommentVersion]:
    """What a comment said before, newest first. Raises Missing."""
    now_ = comment(actor, comment_id)
    rows = log.changes(object_key=LOGGED + now_.object_key, record_ids=[now_.record_id], limit=None)
    return [
        CommentVersion(str((row.before or {}).get("text", "")), row.at)
        for row in rows
        if row.action == "update" and (row.before or {}).get("comment") == str(comment_id)
    ]


def followers(object_key: str, record_id: int) -> list[int]:
    """The members who follow a record."""
    rows = Subscription.objects.filter(object_key=object_key, record_id=record_id, active=True)
    return list(rows.values_list("member_id", flat=True))


def owner_of(object_key: str, record_id: int) -> int | None:
    """Whose record it is, whoever asks: only to tell them."""
    f = snapshot().object(object_key).role("owner")
    if f is None:
        return None
    rows = records.visible(SYSTEM, object_key, archived=None).filter(id=record_id)
    found = rows.values_list(f"{f.key}_id", flat=True).first()
    return int(found) if found else None


def follows(actor: Actor, object_key: str, id: int) -> bool:
    """Does the actor follow this record?"""
    return Subscription.objects.filter(
        object_key=object_key, record_id=id, member_id=actor.member_id or 0, active=True
    ).exists()


def notices(actor: Actor, *, unread: bool = False, limit: int = 50) -> list[NoticeView]:
    """What the actor should know of, newest first: as far as they may see it now."""
    rows = Notice.objects.filter(member_id=actor.member_id or 0).order_by("-at", "-id")
    if unread:
        rows = rows.filter(read_at__isnull=True)
    return _to_views(actor, list(rows[: max(limit, 1) * 2]))[:limit]


def unread(actor: Actor) -> int:
    """How many notices are unread, counted no further than a hundred."""
    if actor.member_id is None:
        return 0
    rows = Notice.objects.filter(member_id=actor.member_id, read_at__isnull=True)
    return len(_allowed(actor, list(rows.order_by("-at", "-id")[:MOST_NOTICES])))


def newest(limit: int) -> list[tuple[int, int]]:
    """Id and receiver of the newest notices, for whoever watches."""
    return list(Notice.objects.order_by("-id").values_list("id", "member_id")[:limit])


def _allowed(actor: Actor, rows: Sequence[Notice]) -> list[tuple[Notice, tuple[Text, ...]]]:
    """Those of records that may be seen, with the labels of the changed fields that may be.

    Those of views while these are among the actor's tabs.
    """
    rights, objects = policy(actor), snapshot().objects
    wanted: dict[str, set[int]] = defaultdict(set)
    tabs = _tabs(actor, rows)
    for row in rows:
        if row.object_key in objects and row.kind != OF_VIEW:
            wanted[row.object_key].add(row.record_id)
    seen = {
        (key, id_)
        for key, ids in wanted.items()
        for id_ in records.visible(actor, key, archived=None)
        .filter(id__in=ids)
        .values_list("id", flat=True)
    }
    found: list[tuple[Notice, tuple[Text, ...]]] = []
    for row in rows:
        if row.kind == OF_VIEW:
            found += [(row, ())] if row.record_id in tabs else []
            continue
        if (row.object_key, row.record_id) not in seen:
            continue
        fields = objects[row.object_key].fields
        labels = tuple(
            fields[k].label
            for k in row.fields
            if k in fields and rights.level(row.object_key, k) in ("read", "write")
        )
        if row.kind == "change" and not labels and "archived_at" not in row.fields:
            continue  # only what they may not see was changed
        found.append((row, labels))
    return found


def _tabs(actor: Actor, rows: Iterable[Notice]) -> dict[int, ViewInfo]:
    """The views among the actor's tabs, of the objects that notices about views speak of."""
    may, objects = policy(actor).may, snapshot().objects
    keys = {r.object_key for r in rows if r.kind == OF_VIEW} & objects.keys()
    return {v.id: v for key in keys if may("view", key) for v in kept.views(actor, key)}


def _to_views(actor: Actor, rows: Sequence[Notice]) -> list[NoticeView]:
    allowed = _allowed(actor, rows)
    wanted: dict[str, set[int]] = defaultdict(set)
    tabs = _tabs(actor, rows)
    for row, _ in allowed:
        if row.kind != OF_VIEW:
            wanted[row.object_key].add(row.record_id)
    titles = {
        (key, id_): title
        for key, ids in wanted.items()
        for id_, title in records.titles(actor, key, ids).items()
    }
    names = people.names({row.actor_id for row, _ in allowed if row.actor_id})
    ids = {row.comment_id for row, _ in allowed if row.comment_id}
    texts = dict(Comment.objects.filter(pk__in=ids).values_list("pk", "text")) if ids else {}
    return [
        NoticeView(
            id=row.pk,
            kind=row.kind,  # type: ignore[arg-type]
            object_key=row.object_key,
            record_id=row.record_id,
            title=str(tabs[row.record_id].name)
            if row.kind == OF_VIEW
            else titles.get((row.object_key, row.record_id), ""),
            actor_id=row.actor_id,
            actor_name=names.get(row.actor_id or 0, ""),
            at=row.at,
            text=_short(texts.get(row.comment_id or 0, "")),
            fields=labels,
            read=row.read_at is not None,
        )
        for row, labels in allowed
    ]


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
