"""Deciding what shall be done, by whom and until when; and saying how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from wubu.improve.actions import queries
from wubu.improve.actions.models import ImprovementAction
from wubu.improve.actions.types import ActionView
from wubu.improve.reviews import queries as reviews
from wubu.kernel import hooks
from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.types import Actor, Conflict, Forbidden, Missing, Problem, Refused, Text
from wubu.measure.figures.queries import dictionary

LOG = "_action"
STATES = ("open", "done", "dropped")


def create(
    *,
    actor: Actor,
    title: str,
    owner_id: int | None,
    due_on: date | None,
    detail: str = "",
    review_id: int | None = None,
    team_id: int = 0,
    metric_key: str = "",
    wanted: Decimal | None = None,
) -> ActionView:
    """A new action. With a metric, the figure of the last full month is kept as the baseline.

    Raises Refused with every problem: an action without title, owner or date is no action. Raises
    Missing for a review or a team whose figures the actor may not see.
    """
    _visible(actor, review_id, team_id)
    wrong = _problems(title, owner_id, due_on, metric_key)
    if due_on is not None and due_on < today():
        wrong.append(
            Problem(
                "past_day",
                Text("完成日期不能早于今天。", "The due day cannot be in the past."),
                field="due_on",
                value=due_on.isoformat(),
            )
        )
    if wrong or owner_id is None or due_on is None:
        raise Refused(*wrong)
    baseline = None
    if metric_key:
        metric = dictionary().metric(metric_key)
        month = Period.of("month", today()).previous()
        baseline = queries.figure(metric, team_id, month)
    with transaction.atomic():
        row = ImprovementAction.objects.create(
            review_id=review_id,
            team_id=team_id,
            title=title.strip(),
            detail=detail.strip(),
            owner_id=owner_id,
            due_on=due_on,
            metric_key=metric_key,
            baseline=None if baseline is None else str(baseline),
            wanted=None if wanted is None else str(wanted),
            created_at=now(),
            created_by_id=actor.member_id,
        )
        _log(actor, row, "create", None, {"title": row.title, "owner": owner_id})
    return queries.action(actor, row.pk)


def update(
    action_id: int, *, actor: Actor, version: int | None = None, **values: Any
) -> ActionView:
    """Change title, detail, owner_id, due_on, wanted, or end it with state and outcome.

    Raises Missing, Forbidden, Conflict when someone saved first, Refused (ending takes an outcome).
    """
    seen = queries.action(actor, action_id)
    if not seen.may_edit:
        raise Forbidden(
            Problem(
                "not_yours",
                Text("只有负责人或创建人可以修改。", "Only its owner or author may change it."),
            )
        )
    wanted = {k: v for k, v in values.items() if k in _EDITABLE and v is not None}
    if "wanted" in wanted:
        wanted["wanted"] = str(wanted["wanted"])
    with transaction.atomic():
        row = ImprovementAction.objects.select_for_update().get(pk=action_id)
        if version is not None and version != row.version:
            raise Conflict(
                Problem("stale", Text("其他人刚刚保存过。", "Someone else has saved since.")),
                theirs={k: getattr(row, k) for k in _EDITABLE},
                yours=wanted,
            )
        before = {k: _plain(getattr(row, k)) for k in wanted}
        for key, value in wanted.items():
            setattr(row, key, value.strip() if isinstance(value, str) else value)
        wrong = _problems(row.title, row.owner_id, row.due_on, row.metric_key)
        wrong += _ending(row)
        if wrong:
            raise Refused(*wrong)
        if "state" in wanted:
            ended = row.state != "open"
            row.ended_at = now() if ended else None
            row.ended_by_id = actor.member_id if ended else None
        row.version += 1
        row.save()
        _log(actor, row, "update", before, {k: _plain(v) for k, v in wanted.items()})
    return queries.action(actor, action_id)


def hand_over(*, actor: Actor, ids: Sequence[int], to: int) -> list[int]:
    """Open actions get another owner; those that changed hands. Asks to set up people."""
    hooks.require_setup(actor, "people")
    with transaction.atomic():
        rows = list(
            ImprovementAction.objects.select_for_update()
            .filter(pk__in=ids, state="open")
            .exclude(owner_id=to)
        )
        for row in rows:
            _log(actor, row, "update", {"owner_id": row.owner_id}, {"owner_id": to})
        ImprovementAction.objects.filter(pk__in=[r.pk for r in rows]).update(
            owner_id=to, version=F("version") + 1
        )
    return [r.pk for r in rows]


_EDITABLE = ("title", "detail", "owner_id", "due_on", "wanted", "state", "outcome")
TITLE = 300  # characters


def _visible(actor: Actor, review_id: int | None, team_id: int) -> None:
    """Raises Missing for what the actor may not know of.

    Anybody may set out to do something for the company.
    """
    if team_id and not queries.sees_figures(actor, team_id):
        raise Missing(Problem("no_such_team", Text("没有这个团队。", "There is no such team.")))
    if review_id is not None:
        reviews.review(actor, review_id)


def _problems(
    title: str, owner_id: int | None, due_on: date | None, metric_key: str
) -> list[Problem]:
    wrong = []
    if not title.strip():
        wrong.append(
            Problem(
                "required", Text("请写明要做什么。", "Describe what is to be done."), field="title"
            )
        )
    if len(title.strip()) > TITLE:
        said = Text("最多 {n} 个字，其余写进说明。", "At most {n} characters; put the rest below.")
        wrong.append(Problem("too_long", said.format(n=TITLE), field="title"))
    if owner_id is None or owner_id not in people.names([owner_id]):
        wrong.append(
            Problem("required", Text("请选择负责人。", "Choose who does it."), field="owner_id")
        )
    if due_on is None:
        wrong.append(
            Problem("required", Text("请选择完成日期。", "Choose a due day."), field="due_on")
        )
    if metric_key and metric_key not in dictionary().metrics:
        wrong.append(
            Problem(
                "no_such_metric",
                Text("没有这个指标。", "There is no such metric."),
                field="metric_key",
                value=metric_key,
            )
        )
    return wrong


def _ending(row: ImprovementAction) -> list[Problem]:
    if row.state not in STATES:
        return [Problem("no_such_state", Text("没有这种状态。", "No such state."), field="state")]
    if row.state != "open" and not row.outcome.strip():
        return [
            Problem(
                "required",
                Text(
                    "请写明结果，哪怕没有完成。",
                    "Describe the outcome, even if it was not completed.",
                ),
                field="outcome",
            )
        ]
    return []


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _log(
    actor: Actor,
    row: ImprovementAction,
    verb: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    append(
        actor=actor,
        at=now(),
        object_key=LOG,
        action=verb,
        rows=[(row.pk, before, after, None)],
    )
