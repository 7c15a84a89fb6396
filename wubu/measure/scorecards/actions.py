"""Setting weights, by date and always to exactly 100 %; freezing scores when a month is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from wubu.kernel import hooks, past
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.types import SYSTEM, Actor, Problem, Refused, Text
from wubu.kernel.workspace import forget
from wubu.measure.figures import queries as metrics
from wubu.measure.ledger.types import Closing
from wubu.measure.scorecards import queries
from wubu.measure.scorecards.definition import misfits
from wubu.measure.scorecards.models import FrozenScore, Scorecard, Weights
from wubu.measure.scorecards.types import WHOLE, Card, Missing, WeightedLine

EVER = date(1970, 1, 1)


def create_card(
    *,
    actor: Actor,
    key: str,
    label: Text,
    lines: Sequence[WeightedLine],
    missing: Missing = "set_aside",
    pack: str | None = None,
    valid_from: date = EVER,
) -> Card:
    """Add a scorecard.

    Raises Refused unless its weights total exactly 100 %, and for metrics that do not exist;
    Forbidden.
    """
    hooks.require_setup(actor, "scorecards")
    problems = _problems(lines)
    if Scorecard.objects.filter(key=key).exists():
        problems.append(
            Problem("taken", Text("标识已被占用。", "This key is taken."), field="key", value=key)
        )
    if problems:
        raise Refused(*problems)
    with transaction.atomic():
        row = Scorecard.objects.create(key=key, label=label.as_dict(), pack=pack)
        _add(row, lines, past.earliest(valid_from), missing, "", actor)
        hooks.record(actor, "scorecard", row.pk, "create", {}, {"key": key, "lines": _json(lines)})
    return queries.card(key)


def set_weights(
    *,
    actor: Actor,
    key: str,
    lines: Sequence[WeightedLine],
    valid_from: date | None = None,
    missing: Missing = "set_aside",
    reason: str = "",
) -> Card:
    """Give a scorecard other weights from a day on (today unless given).

    Earlier periods keep theirs.

    A period is judged by the weights that hold on its last day. Raises Refused unless the weights
    total exactly 100 %, for metrics that do not exist and for a day that is closed; Missing;
    Forbidden.
    """
    hooks.require_setup(actor, "scorecards")
    was = queries.card(key)
    from_day = valid_from or today()
    problems = _problems(lines)
    closed = past.problem(from_day)
    if closed is not None:
        problems.append(closed)
    if problems:
        raise Refused(*problems)
    with transaction.atomic():
        row = Scorecard.objects.get(key=key)
        row.weights.filter(valid_from=from_day).delete()
        _add(row, lines, from_day, missing, reason, actor)
        hooks.record(
            actor,
            "scorecard",
            row.pk,
            "update",
            {"lines": _json(was.on(from_day).lines)},
            {"lines": _json(lines), "valid_from": from_day.isoformat(), "reason": reason},
        )
    return queries.card(key)


def retire(*, actor: Actor, key: str, retired: bool = True) -> None:
    """Hide a scorecard.

    Its scores stay. ``retired`` False takes it back. Raises Missing, Forbidden.
    """
    hooks.require_setup(actor, "scorecards")
    found = queries.card(key)
    with transaction.atomic():
        Scorecard.objects.filter(pk=found.id).update(retired=retired)
        forget("scorecards.cards")
        hooks.record(actor, "scorecard", found.id, "update", {}, {"retired": retired})


def relabel(*, actor: Actor, key: str, label: Text) -> None:
    """Rename a scorecard. Raises Missing, Forbidden."""
    hooks.require_setup(actor, "scorecards")
    found = queries.card(key)
    with transaction.atomic():
        Scorecard.objects.filter(pk=found.id).update(label=label.as_dict())
        was, now_is = found.label.as_dict(), label.as_dict()
        hooks.record(actor, "scorecard", found.id, "update", {"label": was}, {"label": now_is})
        forget("scorecards.cards")


def add_weights(
    *, actor: Actor, key: str, lines: Sequence[WeightedLine], valid_from: date, missing: Missing
) -> None:
    """One more version of a scorecard that has just been installed, past days included.

    Raises Refused, Forbidden.
    """
    hooks.require_setup(actor, "scorecards")
    problems = _problems(lines)
    if problems:
        raise Refused(*problems)
    row = Scorecard.objects.get(key=key)
    day = past.earliest(valid_from)
    row.weights.filter(valid_from=day).delete()
    _add(row, lines, day, missing, "", actor)
    forget("scorecards.cards")


def freeze(closing: Closing, actor: Actor) -> None:
    """Subscriber of the ledger.

    Closing keeps everybody's score of each month that it closes, with its working; reopening drops
    them.
    """
    FrozenScore.objects.filter(month__in=[m.start for m in closing.months]).delete()
    if not closing.is_closed:
        return
    at = now()
    FrozenScore.objects.bulk_create(
        [
            FrozenScore(
                scorecard_id=card.id,
                month=month.start,
                member_id=s.member_id,
                score=s.score,
                working=dict(s.working),
                frozen_at=at,
            )
            for card in queries.cards()
            for month in closing.months
            for s in queries.score(SYSTEM, card.key, month, live=True).rows
        ],
        batch_size=500,
    )


def _add(
    row: Scorecard,
    lines: Sequence[WeightedLine],
    valid_from: date,
    missing: Missing,
    reason: str,
    actor: Actor,
) -> None:
    Weights.objects.create(
        scorecard=row,
        valid_from=valid_from,
        lines=_json(lines),
        missing=missing,
        reason=reason.strip()[:500] or None,
        created_at=now(),
        created_by=actor.member_id,
    )
    forget("scorecards.cards")


def _json(lines: Sequence[WeightedLine]) -> list[dict[str, Any]]:
    return [{"metric": x.metric, "weight": x.weight, "cap": x.cap} for x in lines]


def _problems(lines: Sequence[WeightedLine]) -> list[Problem]:
    found = misfits(lines)
    known = {m.key: m for m in metrics.metrics(hidden=True)}

    def refuse(code: str, zh: str, en: str, row: int | None = None, **values: object) -> None:
        found.append(Problem(code, Text(zh, en).format(**values), field="lines", row=row))

    for row, line in enumerate(lines):
        if line.metric not in known:
            refuse(
                "no_such_metric",
                "没有指标“{k}”。",
                "There is no metric “{k}”.",
                row,
                k=line.metric,
            )
        elif metrics.is_stock(known[line.metric]):
            refuse("stock", "存量指标不能计分。", "A stock figure cannot be scored.", row)
    if len({x.metric for x in lines}) < len(lines):
        refuse("twice", "同一指标出现了两次。", "A metric stands there twice.")
    total = queries.total_weight(lines)
    if total != WHOLE:
        refuse(
            "not_100",
            "权重合计 {t} %，须恰好为 100 %。",
            "The weights total {t} %; they must total exactly 100 %.",
            t=f"{(Decimal(total) / 100).normalize():f}",
        )
    return found
