"""Saying something about a record, calling somebody, following it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from wubu.collect.conversations import mentions, notifying, queries
from wubu.collect.conversations.models import Comment, Notice, Subscription
from wubu.collect.conversations.types import CommentView
from wubu.kernel.audit import actions as audit
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import queries as records
from wubu.kernel.records.context import context
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor, Forbidden, Missing, Problem, Refused, Text

LONGEST = 10_000  # characters


def comment(
    *, actor: Actor, object_key: str, id: int, text: str, mentions: Iterable[int] = ()
) -> CommentView:
    """Say something about a record that the actor may see.

    Called are the members of ``mentions`` whose name the text bears after an @, and everybody
    whose name stands there and means one person only. Raises Refused for no text, or when
    somebody is called who may not see the record; Missing, Forbidden.
    """
    context(actor)
    record = records.get(actor, object_key, id)
    author = _member(actor)
    said = _checked(text)
    called = _called(record, said, mentions)
    at = now()
    with transaction.atomic():
        row = Comment.objects.create(
            object_key=object_key,
            record_id=record.id,
            author_id=author,
            text=said,
            mentions=called,
            at=at,
        )
        _log(actor, row, "create", None, _image(row))
        others = [*queries.followers(object_key, record.id), *_owner(record)]
        notifying.of_comment(row, called=called, others=others)
        notifying.follow(object_key, record.id, [author, *called], at)
    return queries.views(actor, [row])[0]


def edit_comment(
    *, actor: Actor, comment_id: int, text: str, mentions: Iterable[int] = ()
) -> CommentView:
    """Change one's own comment; what it said before stays in the log. Newly called ones are told.

    Raises Missing, Forbidden, Refused.
    """
    context(actor)
    said = _checked(text)
    with transaction.atomic():
        row, record = _own(actor, comment_id)
        if row.text == said:
            return queries.views(actor, [row])[0]
        before = _image(row)
        new = [i for i in _called(record, said, mentions) if i not in row.mentions]
        row.mentions = [*row.mentions, *new]
        row.text, row.edited_at = said, now()
        row.save(update_fields=["text", "mentions", "edited_at"])
        _log(actor, row, "update", before, _image(row))
        notifying.of_comment(row, called=new, others=())
        notifying.follow(row.object_key, row.record_id, new, row.edited_at)
    return queries.views(actor, [row])[0]


def delete_comment(*, actor: Actor, comment_id: int) -> None:
    """Take one's own comment away; the log keeps what it said. Raises Missing, Forbidden."""
    context(actor)
    with transaction.atomic():
        row, _ = _own(actor, comment_id)
        row.deleted_at = now()
        row.save(update_fields=["deleted_at"])
        _log(actor, row, "delete", _image(row), None)
        Notice.objects.filter(comment_id=row.pk).delete()


def subscribe(*, actor: Actor, object_key: str, id: int, active: bool = True) -> bool:
    """Be told of what happens to a record, or (``active`` false) no more. Raises Missing."""
    context(actor)
    record = records.get(actor, object_key, id)
    Subscription.objects.update_or_create(
        object_key=object_key,
        record_id=record.id,
        member_id=_member(actor),
        defaults={"active": active, "at": now()},
    )
    return active


def mark_read(*, actor: Actor, ids: Iterable[int] | None = None) -> int:
    """Take note of notices: of these, or of all of one's own; how many were unread."""
    context(actor)
    rows = Notice.objects.filter(member_id=_member(actor), read_at__isnull=True)
    if ids is not None:
        rows = rows.filter(id__in=list(ids))
    return rows.update(read_at=now())


def mark_record_read(*, actor: Actor, object_key: str, id: int) -> int:
    """Whoever looks at a record knows of what is on it."""
    if actor.member_id is None:
        return 0
    rows = Notice.objects.filter(
        member_id=actor.member_id, object_key=object_key, record_id=id, read_at__isnull=True
    )
    # Looking at a record writes nothing where there is nothing to take note of.
    return rows.update(read_at=now()) if rows.exists() else 0


def _member(actor: Actor) -> int:
    if actor.member_id is None:
        raise Forbidden(
            Problem("no_member", Text("只有成员才能评论。", "Only members can comment."))
        )
    return actor.member_id


def _checked(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise Refused(
            Problem(
                "required",
                Text("请写下评论内容。", "Enter a comment."),
                field="text",
            )
        )
    if len(said) > LONGEST or "\x00" in said:
        raise Refused(
            Problem(
                "too_long",
                Text("评论最多 {n} 个字。", "A comment has at most {n} characters.").format(
                    n=LONGEST
                ),
                field="text",
            )
        )
    return said


def _called(record: Record, text: str, chosen: Iterable[int]) -> list[int]:
    found = mentions.called(text, chosen)
    blind = mentions.blind(record.object_key, record.id, found)
    if blind:
        raise Refused(
            *(
                Problem(
                    "cannot_see",
                    Text(
                        "{name} 看不到这条记录，不能在这里提及。",
                        "{name} cannot see this record and cannot be mentioned here.",
                    ).format(name=name),
                    Text("请先共享给对方。", "Share it with them first."),
                    field="text",
                    value=name,
                )
                for name in blind
            )
        )
    return list(found)


def _own(actor: Actor, comment_id: int) -> tuple[Comment, Record]:
    row = Comment.objects.filter(pk=comment_id, deleted_at__isnull=True).first()
    missing = Missing(
        Problem("no_such_comment", Text("没有这条评论。", "There is no such comment."))
    )
    if row is None or row.object_key not in snapshot().objects:
        raise missing
    try:
        record = records.get(actor, row.object_key, row.record_id)
    except Missing as unseen:
        raise missing from unseen
    if not actor.is_member(row.author_id):
        raise Forbidden(
            Problem(
                "not_yours",
                Text("只能修改自己的评论。", "You can only edit your own comments."),
            )
        )
    return row, record


def _owner(record: Record) -> list[int]:
    owner = queries.owner_of(record.object_key, record.id)
    return [owner] if owner else []


def _image(row: Comment) -> dict[str, object]:
    return {"comment": str(row.pk), "text": row.text, "mentions": [str(i) for i in row.mentions]}


def _log(
    actor: Actor,
    row: Comment,
    action: str,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> None:
    audit.append(
        actor=actor,
        at=now(),
        object_key=queries.LOGGED + row.object_key,
        action=action,
        rows=[(row.record_id, before, after, None)],
    )
