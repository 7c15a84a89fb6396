"""Scorecards and scores: live while a month is open, as frozen once it is closed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.types import Actor, Missing, Problem, Text
from wubu.kernel.workspace import remember
from wubu.measure.figures import queries as metrics
from wubu.measure.ledger.queries import is_closed
from wubu.measure.metrics.types import Cell
from wubu.measure.scorecards import scoring
from wubu.measure.scorecards.models import FrozenScore, Scorecard
from wubu.measure.scorecards.types import (
    WHOLE,
    Card,
    CardWeights,
    RankedScore,
    Score,
    ScoreLine,
    Scores,
    WeightedLine,
)
from wubu.measure.targets import queries as targets
from wubu.measure.targets.types import AttainedRow, Later


def cards(*, retired: bool = False) -> tuple[Card, ...]:
    """Every scorecard in order."""
    every = remember("scorecards.cards", _read_cards)
    return tuple(found for found, disabled in every if retired or not disabled)


def _read_cards() -> list[tuple[Card, bool]]:
    rows = Scorecard.objects.prefetch_related("weights")
    return [(_card(row), row.retired) for row in rows if row.weights.all()]


def labels() -> dict[str, Text]:
    """What the scorecards in use are called, by key."""
    return {c.key: c.label for c in cards()}


def card(key: str) -> Card:
    """One scorecard. Raises Missing."""
    for found in cards(retired=True):
        if found.key == key:
            return found
    raise Missing(
        Problem(
            "no_such_scorecard",
            Text("没有考核表“{k}”。", "There is no scorecard “{k}”.").format(k=key),
            value=key,
        )
    )


def _card(row: Scorecard) -> Card:
    return Card(
        row.pk,
        row.key,
        Text.of(row.label),
        tuple(
            CardWeights(
                w.valid_from,
                tuple(WeightedLine(x["metric"], x["weight"], x.get("cap")) for x in w.lines),
                cast(Any, w.missing),
                w.reason,
            )
            for w in sorted(row.weights.all(), key=lambda w: w.valid_from)
        ),
    )


def rule(key: str, period: Period) -> Text:
    """How the scores of a period are made, in plain words. Raises Missing."""
    weights = card(key).on(period.last)
    return scoring.rule(weights, {x.metric: metrics.metric(x.metric) for x in weights.lines})


def score(
    actor: Actor,
    key: str,
    period: Period,
    members: Iterable[int] | None = None,
    *,
    teams: Iterable[int] | None = None,
    live: bool = False,
) -> Scores:
    """Scores of the members that the actor may see, the best first.

    A closed month answers with the scores that closing froze, unless ``live``. The weights are
    those that hold on the period's last day; everybody with a target, a figure or a place among
    ``members`` has a row. Raises Missing.
    """
    found = card(key)
    weights = found.on(period.last)
    if not live and period.kind == "month" and (frozen := _frozen(actor, found, period)):
        wanted = None if members is None else set(members)
        if teams is not None:
            here = people.members_of(people.subtrees(teams, period.last), period.last)
            wanted = set(here) if wanted is None else wanted & here
        rows = [s for s in frozen if wanted is None or s.member_id in wanted]
        return Scores(found, period, weights, rule(key, period), _ordered(rows), frozen=True)
    keys = [line.metric for line in weights.lines]
    attained = targets.attainment(actor, keys, period, "member", members=members, teams=teams)
    infos = {m.key: m for m in attained.metrics}
    requested = members is not None
    rows = [
        scoring.score_of(row, infos, weights)
        for row in attained.rows
        if row.key and (requested or _concerned(row.lines.values()))
    ]
    return Scores(found, period, weights, rule(key, period), _ordered(rows))


def ranked_scores(actor: Actor, key: str, period: Period) -> dict[int, RankedScore]:
    """What ``score`` says of everybody, for who only ranks them.

    How a score came about is worked out when it is looked into. Raises Missing.
    """
    found = card(key)
    weights = found.on(period.last)
    if period.kind == "month" and (frozen := _frozen(actor, found, period)):
        return {s.member_id: RankedScore(s.label, s.score, s.working) for s in _ordered(frozen)}
    keys = [line.metric for line in weights.lines]
    attained = targets.attainment(actor, keys, period, "member")
    infos = {m.key: m for m in attained.metrics}

    def one(row: AttainedRow) -> RankedScore:
        work = Later(lambda: scoring.score_of(row, infos, weights).working)
        return RankedScore(row.label, scoring.value_of(row, weights), work)

    return {r.key: one(r) for r in attained.rows if r.key and _concerned(r.lines.values())}


def _concerned(lines: Iterable[Any]) -> bool:
    """Has the member a target or a figure at all? Finance need not stand in a sales ranking."""
    return any(line.target is not None or line.actual.count for line in lines)


def _ordered(rows: Iterable[Score]) -> tuple[Score, ...]:
    return tuple(
        sorted(rows, key=lambda r: (r.score is None, -(r.score or Decimal(0)), r.member_id))
    )


def _frozen(actor: Actor, found: Card, period: Period) -> list[Score]:
    if not is_closed(period.start):
        return []
    rows = list(FrozenScore.objects.filter(scorecard_id=found.id, month=period.start))
    sight = metrics.sees(actor)
    homes = people.team_on((r.member_id for r in rows), period.last)
    rows = [r for r in rows if sight.member(r.member_id, homes.get(r.member_id))]
    names = people.names(r.member_id for r in rows)
    return [_thawed(row, names.get(row.member_id, "?")) for row in rows]


def _thawed(row: FrozenScore, name: str) -> Score:
    work = row.working
    return Score(
        row.member_id,
        Text(name, name),
        row.score,
        Decimal(work["covered"]),
        tuple(_line(x) for x in work["lines"]),
        work,
        frozen=True,
    )


def _line(x: dict[str, Any]) -> ScoreLine:
    def number(name: str) -> Decimal | None:
        return None if x[name] is None else Decimal(x[name])

    actual, target = x["actual"], x["target"]
    return ScoreLine(
        metric=x["metric"],
        label=Text.of(x["label"]),
        weight=Decimal(x["weight"]),
        effective=Decimal(x["effective"]),
        target=exact(target),
        actual=Cell(exact(actual), x["count"]),
        attainment=number("attainment"),
        cap=number("cap"),
        counted=number("counted"),
        points=number("points"),
        state=x["state"],
    )


def exact(text: str | None) -> int | Decimal | None:
    """A number that JSON keeps as text, so that none loses a digit."""
    if text is None:
        return None
    return Decimal(text) if "." in text else int(text)


def total_weight(lines: Iterable[WeightedLine]) -> int:
    """In basis points; a scorecard's must be ``WHOLE``."""
    return sum(line.weight for line in lines)


__all__ = ["WHOLE", "card", "cards", "labels", "ranked_scores", "rule", "score", "total_weight"]
