"""Opening reviews when a month is closed, writing them, signing them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from wubu.improve.reviews import queries
from wubu.improve.reviews.models import Review
from wubu.improve.reviews.pinning import pin
from wubu.improve.reviews.types import ReviewView
from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now
from wubu.kernel.people import queries as people
from wubu.kernel.types import Actor, Conflict, Forbidden, Problem, Refused, Text
from wubu.measure.ledger.types import Closing

LOG = "_review"
PROSE = ("findings", "causes", "decisions")


def on_closing(closing: Closing, actor: Actor) -> None:
    """A closed month opens a review of the company and of every team that has a leader."""
    if not closing.is_closed:
        return
    led = [t.id for t in people.tree(day=closing.month.last) if t.leader_id]
    for team_id in (0, *led):
        before = Review.objects.filter(month=closing.month.start, team_id=team_id)
        last = before.aggregate(last=Max("round"))["last"] or 0
        row = Review.objects.create(
            month=closing.month.start,
            team_id=team_id,
            round=last + 1,
            pinned=pin(closing.month, team_id),
            created_at=now(),
            created_by_id=actor.member_id,
        )
        _log(actor, row, "create", None, {"month": closing.month.key, "round": row.round})


def write(review_id: int, *, actor: Actor, version: int | None = None, **prose: str) -> ReviewView:
    """Save findings, causes and decisions. Raises Missing, Forbidden, Conflict with both."""
    with transaction.atomic():
        row = _editable(review_id, actor)
        wanted = {k: v for k, v in prose.items() if k in PROSE}
        if version is not None and version != row.version:
            raise Conflict(
                Problem(
                    "stale",
                    Text("其他人刚刚保存过这次复盘。", "Someone else has just saved this review."),
                    Text(
                        "两份内容都在下面，请合并后保存。",
                        "Both texts are below; join them and save again.",
                    ),
                ),
                theirs={k: getattr(row, k) for k in PROSE},
                yours=wanted,
            )
        before = {k: getattr(row, k) for k in wanted}
        for key, value in wanted.items():
            setattr(row, key, value.strip())
        row.version += 1
        row.save()
        _log(actor, row, "update", before, dict(wanted))
    return queries.review(actor, review_id)


def sign(review_id: int, *, actor: Actor) -> ReviewView:
    """End a review.

    It must name a finding and a cause, and have an action or say why none is needed.

    Raises Refused with everything that is missing: a review without these is a formality.
    """
    with transaction.atomic():
        row = _editable(review_id, actor)
        seen = queries.review(actor, review_id)
        wrong = [
            Problem(
                "required",
                Text("“{f}”还没有填写。", "“{f}” is still empty.").format(f=label),
                field=key,
            )
            for key, label in (
                ("findings", Text("发现", "Findings")),
                ("causes", Text("原因", "Causes")),
            )
            if not getattr(row, key).strip()
        ]
        if not seen.actions_all and not row.decisions.strip():
            wrong.append(
                Problem(
                    "no_action",
                    Text(
                        "没有任何改进行动，请添加一项，或在“决定”里写明为什么不需要。",
                        "There is no action: add one, or say under decisions why none is needed.",
                    ),
                    field="decisions",
                )
            )
        if wrong:
            raise Refused(*wrong)
        row.state, row.signed_at, row.signed_by_id = "signed", now(), actor.member_id
        row.version += 1
        row.save()
        _log(actor, row, "sign", None, {"state": "signed"})
    return queries.review(actor, review_id)


def _editable(review_id: int, actor: Actor) -> Review:
    queries.review(actor, review_id)
    row = Review.objects.select_for_update().get(pk=review_id)
    if row.state != "open":
        raise Refused(
            Problem(
                "signed",
                Text("已签字的复盘不能再改。", "A signed review is not changed any more."),
                Text("新的想法写进下次复盘。", "Put new thoughts into the next review."),
            )
        )
    if not queries.may_edit(actor, row.team_id):
        raise Forbidden(
            Problem(
                "not_yours",
                Text("您不能修改这次复盘。", "You may not change this review."),
            )
        )
    return row


def _log(
    actor: Actor, row: Review, verb: str, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    append(
        actor=actor,
        at=now(),
        object_key=LOG,
        action=verb,
        rows=[(row.pk, before, after, None)],
    )
