"""Setting targets. Nothing is overwritten: each time adds a version with its day and reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction

from wubu.kernel import hooks, past
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.people import queries as people
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.kernel.workspace import forget
from wubu.measure.figures import queries as metrics
from wubu.measure.targets.models import Target
from wubu.measure.targets.types import TargetDraft, TargetsSet

Place = tuple[int, date, int]  # metric id, month, member


def set_targets(
    *,
    actor: Actor,
    drafts: Sequence[TargetDraft],
    reason: str = "",
    valid_from: date | None = None,
) -> TargetsSet:
    """Set many targets at once: all or none. They hold from ``valid_from`` (today unless given).

    Raises Refused with a problem for every draft that cannot be: closed months, unknown metrics or
    members, negative values, two drafts for one place; Forbidden without the right to set targets
    or to see the member's figures.
    """
    hooks.require_setup(actor, "targets")
    from_day = valid_from or today()
    infos = {m.key: m for m in metrics.metrics(hidden=True)}
    problems = _problems(actor, drafts, set(infos))
    closed = past.problem(from_day)
    if closed is not None:
        problems.append(closed)
    if problems:
        raise Refused(*problems)
    wanted = {(infos[d.metric].id, d.month.start, d.member_id): d.value for d in drafts}
    with transaction.atomic():
        current = _standing(wanted)
        counts = {"created": 0, "updated": 0, "removed": 0, "unchanged": 0}
        moved: list[Place] = []
        for place, value in wanted.items():
            was = current[place].value if place in current else None
            if was == value:
                counts["unchanged"] += 1
                continue
            counts["created" if was is None else "removed" if value is None else "updated"] += 1
            moved.append(place)
        superseded = [current[p].pk for p in moved if p in current]
        for start in range(0, len(superseded), 500):
            Target.objects.filter(pk__in=superseded[start : start + 500]).update(current=False)
        at = now()
        made = [
            Target(
                metric_id=metric_id,
                month=month,
                member_id=member,
                value=wanted[metric_id, month, member],
                valid_from=from_day,
                reason=reason.strip()[:500] or None,
                set_at=at,
                set_by=actor.member_id,
            )
            for metric_id, month, member in moved
        ]
        Target.objects.bulk_create(made, batch_size=500)
        if moved:
            hooks.record(
                actor,
                "target",
                0,
                "update",
                {},
                {"set": len(moved), "reason": reason, "valid_from": from_day.isoformat()},
            )
            forget()  # who reads on in this unit of work reads what was set
    return TargetsSet(**counts)


def _standing(places: dict[Place, int | None]) -> dict[Place, Target]:
    """The current rows at these places, whoever wrote them.

    They are locked until the end of the transaction.
    """
    rows = Target.objects.select_for_update().filter(
        current=True,
        metric_id__in={p[0] for p in places},
        month__in={p[1] for p in places},
    )
    found = {(r.metric_id, r.month, r.member_id): r for r in rows}
    return {place: found[place] for place in places if place in found}


def _problems(actor: Actor, drafts: Sequence[TargetDraft], known: set[str]) -> list[Problem]:
    found: list[Problem] = []
    members = people.persons(d.member_id for d in drafts)
    sight = metrics.sees(actor)
    seen: set[tuple[str, date, int]] = set()
    for row, d in enumerate(drafts):

        def refuse(code: str, zh: str, en: str, row: int = row, d: TargetDraft = d) -> None:
            who = members[d.member_id].name if d.member_id in members else str(d.member_id)
            said = Text(zh, en).format(
                w=who, m=Text(d.month.label("zh"), d.month.label("en")), k=d.metric
            )
            found.append(Problem(code, said, row=row, field=d.metric, value=d.value))

        place = (d.metric, d.month.start, d.member_id)
        if d.metric not in known:
            refuse("no_such_metric", "没有指标“{k}”。", "There is no metric “{k}”.")
        if d.month.kind != "month":
            refuse("not_a_month", "目标按月设定。", "Targets are set by month.")
        elif closed := past.problem(d.month.start, field=d.metric):
            found.append(replace(closed, row=row))
        if d.member_id not in members or not sight.member(d.member_id):
            refuse("no_such_member", "没有成员“{w}”。", "There is no member “{w}”.")
        if d.value is not None and d.value < 0:
            refuse("negative", "{w}的目标不能是负数。", "A target of {w} cannot be negative.")
        if place in seen:
            refuse("twice", "{w}在{m}有两个目标。", "{w} has two targets in {m}.")
        seen.add(place)
    return found
