"""Moving between teams and managers: dated, never overlapping, never rewriting what was before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import models, transaction

from wubu.kernel import hooks, past
from wubu.kernel.calendar import queries as calendar
from wubu.kernel.people import queries
from wubu.kernel.people.events import PeopleChange, emit
from wubu.kernel.people.intervals import Interval, place
from wubu.kernel.people.models import Member, Membership, ReportingLine
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text


def move_member(
    *, actor: Actor, member_id: int, team_id: int | None, from_day: date, until: date | None = None
) -> None:
    """From ``from_day`` on the member's primary team is ``team_id``; None leaves them without one.

    It holds until ``until`` (out), else until the next change already known. Earlier stays are
    closed, not rewritten. The first team of somebody new may begin on a closed day: nothing of it
    is theirs. Raises Missing, Refused, Forbidden.
    """
    hooks.require_setup(actor, "people")
    with transaction.atomic():
        is_new = _locked_member(member_id).created_at >= calendar.start_of(calendar.today())
        if team_id is not None:
            _open_team(team_id)
        rows = Membership.objects.filter(member_id=member_id, primary=True)
        before = _intervals(rows, "team_id")
        if before or not is_new:
            past.require(from_day, field="from_day")
        after = place(before, team_id, from_day, _checked_end(from_day, until))
        _rewrite(
            rows, before, after, "team_id", lambda: Membership(member_id=member_id, primary=True)
        )
        _note(actor, "membership", member_id, before, after)
        emit(PeopleChange("moved", actor, member_id, team_id, from_day, until))


def join_team(
    *, actor: Actor, member_id: int, team_id: int, from_day: date, until: date | None = None
) -> None:
    """The member also works in a team, beside the primary one; sums count them in the primary."""
    _secondary(actor, member_id, team_id, True, from_day, until)


def leave_team(*, actor: Actor, member_id: int, team_id: int, from_day: date) -> None:
    """The member no longer also works in the team; ``from_day`` is the first day out."""
    _secondary(actor, member_id, team_id, False, from_day, None)


def _secondary(
    actor: Actor, member_id: int, team_id: int, inside: bool, from_day: date, until: date | None
) -> None:
    hooks.require_setup(actor, "people")
    with transaction.atomic():
        _locked_member(member_id)
        if inside:
            _open_team(team_id)
        rows = Membership.objects.filter(member_id=member_id, team_id=team_id, primary=False)
        before = _intervals(rows, "team_id")
        if before:
            past.require(from_day, field="from_day")
        value = team_id if inside else None
        after = place(before, value, from_day, _checked_end(from_day, until))
        _rewrite(
            rows, before, after, "team_id", lambda: Membership(member_id=member_id, primary=False)
        )
        _note(actor, "membership", member_id, before, after)
        emit(PeopleChange("member", actor, member_id, team_id, from_day, until))


def set_manager(
    *,
    actor: Actor,
    member_id: int,
    manager_id: int | None,
    from_day: date,
    until: date | None = None,
) -> None:
    """From ``from_day`` on the member reports to ``manager_id``; None to nobody. No circles."""
    hooks.require_setup(actor, "people")
    with transaction.atomic():
        _locked_member(member_id)
        rows = ReportingLine.objects.filter(member_id=member_id)
        before = _intervals(rows, "manager_id")
        if before:
            past.require(from_day, field="from_day")
        after = place(before, manager_id, from_day, _checked_end(from_day, until))
        if manager_id is not None:
            _locked_member(manager_id)
            held = next(i for i in after if i.holds_on(from_day))
            _refuse_circle(member_id, manager_id, from_day, held.end)
        _rewrite(rows, before, after, "manager_id", lambda: ReportingLine(member_id=member_id))
        _note(actor, "reporting_line", member_id, before, after)
        emit(PeopleChange("manager", actor, member_id, None, from_day, until))


def _refuse_circle(member_id: int, manager_id: int, start: date, end: date | None) -> None:
    changes = ReportingLine.objects.filter(from_day__gt=start)
    if end is not None:
        changes = changes.filter(from_day__lt=end)
    days = sorted({start, *changes.values_list("from_day", flat=True).distinct()})
    below = (d for d in days if manager_id in queries.subordinates(member_id, d))
    day = start if manager_id == member_id else next(below, None)
    if day is None:
        return
    raise Refused(
        Problem(
            "reporting_circle",
            Text(
                "不能向自己或自己的下级汇报：{c}。",
                "Nobody can report to themselves or to someone below them: {c}.",
            ).format(c=_circle(member_id, manager_id, day)),
            Text(
                "请选别的上级，或先改其中一人的上级。",
                "Choose somebody else, or change who one of them reports to.",
            ),
            field="manager",
            value=manager_id,
        )
    )


def _circle(member_id: int, manager_id: int, day: date) -> str:
    """Who would report to whom, all the way round: 王立 → 张伟 → 李强 → 王立."""
    way = [member_id, manager_id]
    while way[-1] != member_id:
        above = queries.manager_on([way[-1]], day).get(way[-1])
        if above is None or above in way[1:]:
            break
        way.append(above)
    names = queries.names(way)
    return " → ".join(names.get(i, f"#{i}") for i in way)


def end_all(member_id: int, last_day: date) -> None:
    """Close everything of a member who leaves; ``last_day`` is their last day of work.

    On closed days they stay where they were.
    """
    out = past.earliest(last_day + timedelta(days=1))
    for rows in (
        Membership.objects.filter(member_id=member_id),
        ReportingLine.objects.filter(member_id=member_id),
        ReportingLine.objects.filter(manager_id=member_id),
    ):
        rows.filter(from_day__gte=out).delete()
        rows.filter(models.Q(to_day__isnull=True) | models.Q(to_day__gt=out)).update(to_day=out)


def _locked_member(member_id: int) -> Member:
    """One change of a person at a time."""
    found = Member.objects.select_for_update().filter(id=member_id).first()
    if found is None:
        raise Missing(Problem("no_such_member", Text("没有这位成员。", "No such member.")))
    return found


def _open_team(team_id: int) -> None:
    if not queries.team(team_id).is_active:
        raise Refused(
            Problem(
                "team_closed",
                Text("该团队已停用。", "This team is closed."),
                field="team",
                value=team_id,
            )
        )


def _checked_end(start: date, end: date | None) -> date | None:
    if end is not None and end <= start:
        raise Refused(
            Problem(
                "period_backwards",
                Text("结束日期必须晚于开始日期。", "The end must come after the start."),
                field="until",
                value=end,
            )
        )
    return end


def _intervals(rows: models.QuerySet[Any], value: str) -> tuple[Interval, ...]:
    found = rows.order_by("from_day").values_list("from_day", "to_day", value)
    return tuple(Interval(*row) for row in found)


def _rewrite(
    rows: models.QuerySet[Any],
    before: Sequence[Interval],
    after: Sequence[Interval],
    value: str,
    new: Callable[[], models.Model],
) -> None:
    """Store ``after`` with the fewest writes; closings first: two are never open at once."""
    known = {i.start: i for i in before}
    rows.exclude(from_day__in=[i.start for i in after]).delete()
    for one in sorted(after, key=lambda i: i.end is None):
        if one.start not in known:
            row = new()
            row.from_day, row.to_day = one.start, one.end  # type: ignore[attr-defined]
            setattr(row, value, one.value)
            row.save()
        elif known[one.start] != one:
            rows.filter(from_day=one.start).update(**{"to_day": one.end, value: one.value})


def _note(
    actor: Actor, kind: str, member_id: int, before: Sequence[Interval], after: Sequence[Interval]
) -> None:
    def said(intervals: Sequence[Interval]) -> dict[str, Any]:
        return {
            "intervals": [
                [i.start.isoformat(), i.end.isoformat() if i.end else None, str(i.value)]
                for i in intervals
            ]
        }

    hooks.record(actor, kind, member_id, "update", said(before), said(after))
