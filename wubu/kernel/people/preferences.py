"""How a member likes to see a page: kept by key, read by nobody else, not logged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wubu.kernel.people.models import Member, Preference
from wubu.kernel.types import Actor, Forbidden, Problem, Refused, Text

LARGEST = 20_000  # characters of JSON


def preference(member_id: int | None, key: str) -> dict[str, Any]:
    """What was kept under a key; empty where nothing was."""
    found = (
        Preference.objects.filter(member_id=member_id or 0, key=key)
        .values_list("value", flat=True)
        .first()
    )
    return found if isinstance(found, dict) else {}


def prefer(*, actor: Actor, key: str, **values: Any) -> dict[str, Any]:
    """Keep values under a key beside those already there; None takes one away.

    Raises Refused when they are too large, Forbidden for an actor who is no member.
    """
    member_id = _member(actor)
    merged = {k: v for k, v in {**preference(member_id, key), **values}.items() if v}
    if len(json.dumps(merged, ensure_ascii=False)) > LARGEST:
        raise Refused(
            Problem(
                "too_large",
                Text(
                    "保存的内容太多，请先删除一些。",
                    "There is too much to save; remove some first.",
                ),
            )
        )
    Preference.objects.update_or_create(member_id=member_id, key=key, defaults={"value": merged})
    return merged


def plus(member_id: int | None) -> tuple[str, ...] | None:
    """The keys of objects in a member's own plus menu, in order; None where it is as usual."""
    found = Member.objects.filter(id=member_id or 0).values_list("plus", flat=True).first()
    return None if found is None else tuple(found)


def choose_plus(*, actor: Actor, keys: Sequence[str] | None) -> None:
    """Keep which objects stand in the actor's plus menu; None: as usual.

    What they may create is asked whenever the menu is shown. Kept with the member, who is read with
    every page anyhow.

    Raises Forbidden for an actor who is no member.
    """
    chosen = None if keys is None else list(dict.fromkeys(keys))
    Member.objects.filter(id=_member(actor)).update(plus=chosen)


def _member(actor: Actor) -> int:
    if actor.member_id is None:
        raise Forbidden(
            Problem("no_member", Text("只有成员才有偏好设置。", "Only members have preferences."))
        )
    return actor.member_id
