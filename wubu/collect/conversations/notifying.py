"""Who is told of what: notices are written with what they are about, in its transaction.

Nobody is asked here whether they may see it: that is asked whenever they read, as it then stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from wubu.collect.conversations.models import Comment, Notice, Subscription
from wubu.collect.conversations.types import OF_VIEW
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.types import ShareInfo
from wubu.kernel.records.events import ChangeSet

MOST_FIELDS = 30
TOLD = ("update", "archive", "restore")


def on_change(change: ChangeSet) -> None:
    """Somebody wrote records that others follow."""
    if change.action not in TOLD:
        return
    followers = Subscription.objects.filter(
        object_key=change.object_key, record_id__in=list(change.ids), active=True
    )
    pairs = [
        (member_id, record_id)
        for member_id, record_id in followers.values_list("member_id", "record_id")
        if not change.actor.is_member(member_id)
    ]
    if not pairs:
        return
    place = {id_: n for n, id_ in enumerate(change.ids)}
    changed = {r: _changed(change, place[r]) for _, r in pairs}
    unread = {
        (n.member_id, n.record_id): n
        for n in Notice.objects.filter(
            object_key=change.object_key,
            record_id__in={r for _, r in pairs},
            member_id__in={m for m, _ in pairs},
            kind="change",
            read_at__isnull=True,
        )
    }
    new = []
    for member_id, record_id in pairs:
        before = unread.get((member_id, record_id))
        both = dict.fromkeys([*(before.fields if before else ()), *changed[record_id]])
        new.append(
            Notice(
                member_id=member_id,
                kind="change",
                object_key=change.object_key,
                record_id=record_id,
                actor_id=change.actor.member_id,
                fields=list(both)[:MOST_FIELDS],
                at=change.at,
            )
        )
    # Told anew, it is another notice: pages that are open hear of it.
    Notice.objects.filter(pk__in=[n.pk for n in unread.values()]).delete()
    Notice.objects.bulk_create(new)


def _changed(change: ChangeSet, n: int) -> list[str]:
    """The fields in which one record of the set differs.

    What only the program keeps is left out.
    """
    before, after = change.before[n] or {}, change.after[n]
    return sorted(k for k in change.changed if before.get(k) != after.get(k))


def on_share(share: ShareInfo) -> None:
    """A record or a view was shared: its receivers hear of it, those of a team each by themself."""
    if share.member_id is not None:
        members: Iterable[int] = [share.member_id]
    else:
        members = people.members_of(people.subtree(share.team_id or 0))
    Notice.objects.bulk_create(
        Notice(
            member_id=member_id,
            kind="share" if share.kind == "record" else share.kind,
            object_key=share.object_key,
            record_id=share.target_id,
            actor_id=share.by_id,
            at=share.at,
        )
        for member_id in sorted(set(members) - {share.by_id})
    )


def of_comment(comment: Comment, *, called: Iterable[int], others: Iterable[int]) -> None:
    """A comment was written: those it calls, and those who follow the record."""
    first = [i for i in dict.fromkeys(called) if i != comment.author_id]
    rest = [i for i in dict.fromkeys(others) if i not in first and i != comment.author_id]
    Notice.objects.bulk_create(
        _of_comment(comment, member_id, kind)
        for kind, members in (("mention", first), ("comment", rest))
        for member_id in members
    )


def _of_comment(comment: Comment, member_id: int, kind: str) -> Notice:
    return Notice(
        member_id=member_id,
        kind=kind,
        object_key=comment.object_key,
        record_id=comment.record_id,
        actor_id=comment.author_id,
        comment_id=comment.pk,
        at=comment.edited_at or comment.at,
    )


def follow(object_key: str, record_id: int, members: Iterable[int], at: datetime) -> None:
    """Whoever takes part hears how it goes on, unless they said that they do not want to."""
    Subscription.objects.bulk_create(
        [
            Subscription(object_key=object_key, record_id=record_id, member_id=m, at=at)
            for m in dict.fromkeys(members)
        ],
        ignore_conflicts=True,
    )


def on_purge(object_key: str, ids: Sequence[int]) -> None:
    """Records were deleted for good: what was said of them goes along."""
    for model in (Comment, Subscription):
        model.objects.filter(object_key=object_key, record_id__in=ids).delete()
    of_them = Notice.objects.filter(object_key=object_key, record_id__in=ids)
    of_them.exclude(kind=OF_VIEW).delete()
