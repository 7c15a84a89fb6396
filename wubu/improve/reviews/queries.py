"""Reviews that the actor may open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import QuerySet

from wubu.improve.reviews.models import Review
from wubu.improve.reviews.pinning import read, read_rows
from wubu.improve.reviews.types import ReviewLine, ReviewView
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import Actor, Missing, Problem, Text
from wubu.measure.ledger import queries as ledger

Counter = Callable[[Iterable[int]], dict[int, tuple[int, int]]]
_counters: list[Counter] = []


def count_with(counter: Counter) -> None:
    """Actions, which build on reviews, say how many are open and how many there are, by review."""
    if counter not in _counters:
        _counters.append(counter)


def visible(actor: Actor) -> QuerySet[Review]:
    """The reviews that the actor may see.

    The company's for who may see everybody's figures, a team's for who may see that team's.
    """
    teams = policy(actor).teams()
    if teams == "all":
        return Review.objects.all()
    return Review.objects.filter(team_id__in=[t for t in teams if t])


def reviews(actor: Actor, *, month: date | None = None, limit: int = 60) -> tuple[ReviewLine, ...]:
    """The newest first; the company before its teams."""
    rows = visible(actor)
    if month is not None:
        rows = rows.filter(month=month)
    listed = list(rows.order_by("-month", "team_id", "-round")[:limit])
    teams = _team_names(r.team_id for r in listed)
    counts = _counts([r.pk for r in listed])
    closed = {c.month.start for c in ledger.closings() if c.is_closed}
    return tuple(
        ReviewLine(
            id=r.pk,
            month=r.month,
            team_id=r.team_id,
            team_name=teams.get(r.team_id, ""),
            round=r.round,
            state=r.state,
            actions_open=counts[r.pk][0],
            actions_all=counts[r.pk][1],
            reopened=r.month not in closed,
        )
        for r in listed
    )


def review(actor: Actor, review_id: int) -> ReviewView:
    """One review with its pinned figures.

    Raises Missing when there is none that the actor may know of.
    """
    row = visible(actor).filter(pk=review_id).first()
    if row is None:
        raise Missing(Problem("no_such_review", Text("没有这次复盘。", "There is no such review.")))
    names = people.names({i for i in (row.created_by_id, row.signed_by_id) if i})
    opened, every = _counts([row.pk])[row.pk]
    return ReviewView(
        id=row.pk,
        month=row.month,
        team_id=row.team_id,
        team_name=_team_names([row.team_id]).get(row.team_id, ""),
        round=row.round,
        figures=read(row.pinned),
        teams=read_rows(row.pinned["teams"]),
        members=read_rows(row.pinned["members"]),
        findings=row.findings,
        causes=row.causes,
        decisions=row.decisions,
        state=row.state,
        created_at=row.created_at,
        created_by=names.get(row.created_by_id or 0, ""),
        signed_at=row.signed_at,
        signed_by=names.get(row.signed_by_id or 0, ""),
        version=row.version,
        may_edit=may_edit(actor, row.team_id) and row.state == "open",
        actions_open=opened,
        actions_all=every,
    )


def may_edit(actor: Actor, team_id: int) -> bool:
    """Who closes periods, and who leads the team."""
    if policy(actor).may_setup("periods"):
        return True
    return bool(team_id) and any(
        actor.is_member(people.team(t).leader_id) for t in (team_id, *people.ancestors(team_id))
    )


def newest_closed(actor: Actor) -> Period | None:
    """The last closed month that has a review for the actor."""
    row = visible(actor).order_by("-month").values_list("month", flat=True).first()
    return None if row is None else Period.of("month", row)


def _team_names(ids: Iterable[int]) -> dict[int, str]:
    wanted = {i for i in ids if i}
    return {t.id: t.name for t in people.tree(active=None) if t.id in wanted}


def _counts(review_ids: list[int]) -> dict[int, tuple[int, int]]:
    counted: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for count in _counters:
        counted.update(count(review_ids))
    return counted
