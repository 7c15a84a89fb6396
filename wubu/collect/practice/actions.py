"""Filling a workspace with practice data, and taking exactly that out again.

Practice data counts in every figure while it is there; it would be of no use otherwise. Therefore
no month is closed with practice data in it, and what is counted goes when the data goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from wubu.collect.practice import queries
from wubu.collect.practice.queries import Practice
from wubu.collect.practice.seasons import Days
from wubu.collect.practice.story import Seller, Story, Values
from wubu.collect.practice.telling import STORIES
from wubu.kernel.audit import actions as audit
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.packs.queries import installed
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import queries as permissions
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM, Actor, Origin, Problem, Refused, Text
from wubu.kernel.workspace import forget

SEED, DAYS_BACK = 20250101, 100
SCALES = {"sales": 0.8}  # the others are larger stories, of which a fifth is enough
SCALE = 0.2
AREA = "packs"


def fill(*, actor: Actor) -> Practice:
    """Add a small story of the installed pack, owned by the sellers who work here.

    Every record carries the batch by which it is told from real ones. Raises Refused when practice
    data is there already, or when the company's own rules do not let the story in; Forbidden.
    """
    policy(actor).require_setup(AREA)
    if queries.is_there():
        raise Refused(
            Problem(
                "practice_there",
                Text("已经有练习数据了。", "There is practice data already."),
                Text("先清空，再重新填充。", "Empty it first, then fill again."),
            )
        )
    story = _story()
    with transaction.atomic():
        batch = audit.open_batch(actor=actor, kind=queries.KIND, at=now(), note="practice")

        def save(object_key: str, label: Text, values: Sequence[Values]) -> list[int]:
            drafts = [
                Draft({k: v for k, v in one.items() if v not in (None, "")}) for one in values
            ]
            saved = records.save_many(
                actor=actor, object_key=object_key, drafts=drafts, origin=Origin(batch=batch)
            )
            if saved.problems:
                raise Refused(*saved.problems)
            return [i for i in saved.ids if i is not None]

        days = Days(today() - timedelta(days=DAYS_BACK), today())
        scale = SCALES.get(story, SCALE)
        STORIES[story](Story(SEED, days, _sellers(actor), save, scale))
        forget()
    found = queries.practice()
    assert found is not None  # noqa: S101
    return found


def empty(*, actor: Actor, with_hanging: bool = False) -> int:
    """Delete all practice data for good; returns how many records went.

    What it counted for, its alerts and its place in the search go too. Nothing else is touched.

    Raises Refused, naming them, when real records link to practice data; ``with_hanging`` takes
    these out too. Forbidden.
    """
    policy(actor).require_setup(AREA)
    found = queries.practice()
    if found is None:
        return 0
    going: dict[str, dict[int, None]] = {k: dict.fromkeys(v) for k, v in found.records.items()}
    mine = queries.hanging(found)
    while mine:
        if not with_hanging:
            raise Refused(*(_hangs(h) for h in mine))
        for one in mine:
            going.setdefault(one.object_key, {}).update(dict.fromkeys(one.ids))
        whole = Practice(found.batches, found.since, {k: tuple(v) for k, v in going.items()})
        mine = queries.hanging(whole)
    with transaction.atomic():
        count = sum(len(ids) for ids in going.values())
        for key, ids in reversed(going.items()):
            if ids:
                records.archive(actor=SYSTEM, object_key=key, ids=list(ids))
        _purge({k: list(v) for k, v in going.items() if v})
        for batch in found.batches:
            audit.mark_undone(batch_id=batch, at=now())
        rows = [(0, {"records": count}, None, None)]
        audit.append(actor=actor, at=now(), object_key="_practice", action="empty", rows=rows)
        forget()
    return count


def _purge(going: dict[str, list[int]]) -> None:
    """Whatever still points at a record keeps it, so the last to point goes first."""
    left = dict(going)
    while left:
        before = sum(map(len, left.values()))
        for key in list(reversed(left)):
            records.purge(actor=SYSTEM, object_key=key, ids=left[key])
            left[key] = queries.still_there(key, left[key])
            if not left[key]:
                del left[key]
        if sum(map(len, left.values())) == before:
            raise RuntimeError(f"practice data that nothing points at stays: {list(left)}")


def _story() -> str:
    """The story of the installed pack, or of the pack that it builds on."""
    for pack in installed():
        for key in (pack.key, pack.extends):
            if key in STORIES:
                return key
    raise Refused(
        Problem(
            "no_story",
            Text("这个配置包没有练习数据。", "There is no practice data for this pack."),
            Text("有练习数据的包：{all}。", "Packs with practice data: {all}.").format(
                all=", ".join(STORIES)
            ),
        )
    )


def _sellers(actor: Actor) -> list[Seller]:
    """Those who sell, where there are any; else everybody who is here."""
    active = [p.id for p in people.members()]
    roles = permissions.roles_of(active)
    selling = [i for i in active if "sales_rep" in roles.get(i, ())]
    return [Seller(i) for i in selling or active or [actor.member_id or 0]]


def _hangs(one: queries.Hanging) -> Problem:
    names: Any = "、".join(one.titles)
    return Problem(
        "real_on_practice",
        Text(
            "有 {n} 条您自己的“{o}”通过“{f}”关联着练习数据：{t}。",
            "{n} of your own “{o}” link to practice data by “{f}”: {t}.",
        ).format(n=len(one.ids), o=one.label, f=one.field, t=names or "—"),
        Text(
            "改关联到真实记录，或勾选“一并清除”。",
            "Link them to real records, or choose to clear them as well.",
        ),
        object=one.object_key,
        value=len(one.ids),
    )
