"""Improvement actions, with what they have moved so far."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from wubu.improve.actions.models import ImprovementAction
from wubu.improve.actions.types import ActionView
from wubu.kernel.calendar.queries import today
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import SYSTEM, Actor, Missing, Problem, Text
from wubu.measure.figures.queries import dictionary, figures
from wubu.measure.metrics.types import MetricInfo


def visible(actor: Actor) -> QuerySet[ImprovementAction]:
    """Actions that are the actor's own, or of a team whose figures he may see."""
    rows = ImprovementAction.objects.all()
    teams = policy(actor).teams()
    if teams == "all":
        return rows
    own = Q(owner_id=actor.member_id or 0) | Q(created_by_id=actor.member_id or 0)
    return rows.filter(own | Q(team_id__in=list(teams)))


def actions(
    actor: Actor,
    *,
    review_id: int | None = None,
    mine: bool = False,
    state: str | None = None,
    limit: int = 100,
) -> tuple[ActionView, ...]:
    """The actions that the actor may see, those due first at the top."""
    rows = visible(actor)
    if review_id is not None:
        rows = rows.filter(review_id=review_id)
    if mine:
        rows = rows.filter(owner_id=actor.member_id or 0)
    if state is not None:
        rows = rows.filter(state=state)
    return _views(actor, rows.order_by("due_on", "id")[:limit])


def action(actor: Actor, action_id: int) -> ActionView:
    """One action. Raises Missing when there is none that the actor may know of."""
    found = _views(actor, visible(actor).filter(pk=action_id))
    if not found:
        raise Missing(
            Problem("no_such_action", Text("没有这项改进行动。", "There is no such action."))
        )
    return found[0]


def sees_figures(actor: Actor, team_id: int) -> bool:
    """May the actor see the figures of the whole team (0: the company)?"""
    teams = policy(actor).teams()
    return teams == "all" or team_id in teams


def figure(metric: MetricInfo, team_id: int, period: Period) -> Decimal | None:
    """The metric of a whole team (0: the company) over a period, in stored units.

    The same whoever asks, as it is compared with what others kept: ask ``sees_figures`` first.
    """
    if team_id:
        found = figures(SYSTEM, (metric.key,), period, by="team", teams=(team_id,))
        value = found.value(metric.key, team_id)
    else:
        value = figures(SYSTEM, (metric.key,), period, by="company").value(metric.key)
    return None if value is None else Decimal(value)


def _views(actor: Actor, rows: Iterable[ImprovementAction]) -> tuple[ActionView, ...]:
    listed = list(rows)
    names = people.names({a.owner_id for a in listed})
    metrics = dictionary().metrics
    month = Period.of("month", today())
    moved = {
        key: figure(metrics[key[0]], key[1], month)
        for key in {(a.metric_key, a.team_id) for a in listed if a.metric_key in metrics}
        if sees_figures(actor, key[1])
    }
    return tuple(
        _view(actor, a, names, metrics.get(a.metric_key), moved.get((a.metric_key, a.team_id)))
        for a in listed
    )


def _view(
    actor: Actor,
    row: ImprovementAction,
    names: dict[int, str],
    metric: MetricInfo | None,
    now: Decimal | None,
) -> ActionView:
    baseline = _exact(row.baseline) if sees_figures(actor, row.team_id) else None
    late = (today() - row.due_on).days if row.state == "open" else 0
    own = actor.is_member(row.owner_id) or actor.is_member(row.created_by_id)
    return ActionView(
        id=row.pk,
        review_id=row.review_id,
        team_id=row.team_id,
        title=row.title,
        detail=row.detail,
        owner_id=row.owner_id,
        owner_name=names.get(row.owner_id, ""),
        due_on=row.due_on,
        state=row.state,
        outcome=row.outcome,
        metric=metric,
        baseline=baseline,
        wanted=_exact(row.wanted),
        now=now,
        effect=None if now is None or baseline is None else now - baseline,
        days_late=max(late, 0),
        created_at=row.created_at,
        created_by=row.created_by_id,
        ended_at=row.ended_at,
        version=row.version,
        may_edit=own or policy(actor).may_setup("periods"),
    )


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def counts(review_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Open and all actions of each review. The caller may see the reviews."""
    rows = ImprovementAction.objects.filter(review_id__in=list(review_ids)).values("review_id")
    counted = rows.annotate(n=Count("id"), o=Count("id", filter=Q(state="open")))
    return {r["review_id"]: (r["o"], r["n"]) for r in counted}
