"""Looking at the workspace as somebody else sees it: to help, to check a role. Nothing is written.

It never shows more than its viewer could give themself: not an owner's view to who is none, and
not that of a person who sets up what the viewer may not.
"""

from __future__ import annotations

from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import queries
from wubu.kernel.permissions.rules import AREAS
from wubu.kernel.types import Actor, Forbidden, Problem, Refused, Text

AREA = "view_as"


def start(*, actor: Actor, member_id: int) -> None:
    """Note that somebody begins to look as a member. Raises Forbidden, Refused, Missing."""
    must_be_able(actor, member_id)
    _log(actor, member_id, "view_as")


def end(*, actor: Actor, member_id: int) -> None:
    """Note that it is over; ``actor`` is who looked."""
    _log(actor, member_id, "view_as_end")


def may(actor: Actor) -> bool:
    """May somebody look as another at all?"""
    return actor.viewer_id is None and queries.policy(actor).may_setup(AREA)


def must_be_able(actor: Actor, member_id: int) -> None:
    """Raises Forbidden, or Refused with the reason, unless the actor may look as this member."""
    if not may(actor):
        raise Forbidden(
            Problem(
                "forbidden",
                Text("您无权以他人身份查看。", "You may not view as another person."),
                Text(
                    "需要“以他人身份查看”的设置权限。",
                    "You need the setup right “view as another person”.",
                ),
            )
        )
    person = people.person(member_id)
    if actor.is_member(member_id) or not person.is_active:
        raise Refused(
            Problem(
                "view_as_nobody",
                Text("请选择另一位在职成员。", "Choose another active member."),
                field="member",
            )
        )
    mine, theirs = queries.policy(actor), queries.policy(Actor(member_id))
    more = [area for area in AREAS if theirs.may_setup(area) and not mine.may_setup(area)]
    if (theirs.everything and not mine.everything) or more:
        raise Forbidden(
            Problem(
                "view_as_more",
                Text(
                    "{n} 的设置权限比您大，不能以其身份查看。",
                    "{n} may set up more than you: you cannot view as them.",
                ).format(n=person.name),
                field="member",
            )
        )


def _log(actor: Actor, member_id: int, action: str) -> None:
    append(
        actor=actor,
        at=now(),
        object_key="_member",
        action=action,
        rows=[(member_id, None, {"viewer": actor.member_id}, None)],
    )
