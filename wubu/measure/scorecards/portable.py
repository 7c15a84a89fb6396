"""Scorecards as packs carry them: weights and caps in percent, with those that held before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.rules import portable as dated
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.measure.scorecards import actions, queries
from wubu.measure.scorecards.definition import CARD, SET_ASIDE
from wubu.measure.scorecards.models import Scorecard
from wubu.measure.scorecards.types import CardWeights, WeightedLine


def export() -> dict[str, dict[str, Any]]:
    """Every scorecard in order, with the weights that held before."""
    disabled = {r.key for r in Scorecard.objects.filter(retired=True)}
    found = {}
    for card in queries.cards(retired=True):
        versions = [
            dated.write(_version(w), w.valid_from, True, actions.EVER) for w in card.weights
        ]
        retired = {"retired": True} if card.key in disabled else {}
        label = {"label": card.label.as_dict()}
        found[card.key] = {**label, **retired, **dated.newest_with_history(versions)}
    return found


def install(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
    """Add the scorecards that are not there yet, with their history; those that are stay.

    Raises Refused with the problems of all, each with the number of its definition.
    """
    known = set(Scorecard.objects.values_list("key", flat=True))
    _each({k: d for k, d in definitions.items() if k not in known}, _create, actor, definitions)


def apply(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
    """Let scorecards be as a newer pack has them: weights that differ hold from today on."""
    install(definitions, actor=actor)
    _each(definitions, _change, actor, definitions)


def retire(keys: Sequence[str], *, actor: Actor) -> None:
    """Hide scorecards; their scores stay."""
    for key in keys:
        actions.retire(actor=actor, key=key)


def _each(some: Mapping[str, Any], do: Any, actor: Actor, every: Mapping[str, Any]) -> None:
    problems: list[Problem] = []
    place = {key: row for row, key in enumerate(every)}
    for key, raw in some.items():
        try:
            do(key, raw, actor)
        except Refused as refused:
            problems += [dated.numbered(p, place[key]) for p in refused.problems]
    if problems:
        raise Refused(*problems)


def _create(key: str, raw: Mapping[str, Any], actor: Actor) -> None:
    versions: list[Mapping[str, Any]] = list(raw.get(dated.EARLIER) or ())
    first, *later = [*versions, raw]
    with transaction.atomic():
        actions.create_card(
            actor=actor,
            key=key,
            label=Text.of(raw.get("label") or key),
            lines=_lines(first),
            missing=first.get("missing", SET_ASIDE),
            valid_from=dated.first_day(first, actions.EVER),
        )
        for one in later:
            actions.add_weights(
                actor=actor,
                key=key,
                lines=_lines(one),
                valid_from=dated.first_day(one, actions.EVER),
                missing=one.get("missing", SET_ASIDE),
            )
        if raw.get("retired"):
            actions.retire(actor=actor, key=key)


def _change(key: str, raw: Mapping[str, Any], actor: Actor) -> None:
    row = Scorecard.objects.get(key=key)
    label = Text.of(raw.get("label") or key)
    if label.as_dict() != row.label:
        actions.relabel(actor=actor, key=key, label=label)
    if row.retired != bool(raw.get("retired")):
        actions.retire(actor=actor, key=key, retired=bool(raw.get("retired")))
    newest = queries.card(key).weights[-1]
    lines, missing = _lines(raw), raw.get("missing", SET_ASIDE)
    if (tuple(lines), missing) != (newest.lines, newest.missing):
        actions.set_weights(
            actor=actor,
            key=key,
            lines=lines,
            missing=missing,
            valid_from=max(today(), newest.valid_from),
        )


def _version(w: CardWeights) -> dict[str, Any]:
    missing = {} if w.missing == SET_ASIDE else {"missing": w.missing}
    return {**missing, "lines": [_line(x) for x in w.lines]}


def _line(line: WeightedLine) -> dict[str, Any]:
    cap = {} if line.cap is None else {"cap": _percent(line.cap)}
    return {"metric": line.metric, "weight": _percent(line.weight), **cap}


def _percent(basis_points: int) -> int | float:
    whole, rest = divmod(basis_points, 100)
    return basis_points / 100 if rest else whole


def _lines(raw: Mapping[str, Any]) -> list[WeightedLine]:
    """The lines of a definition. Raises Refused where they cannot be read."""
    wrong = CARD.misfits({"lines": raw.get("lines")}, lacking=False)
    if wrong or not raw.get("lines"):
        raise Refused(*wrong or CARD.misfits({"label": "x"}))
    return [
        WeightedLine(
            x["metric"],
            _basis_points(x["weight"]),
            None if x.get("cap") is None else _basis_points(x["cap"]),
        )
        for x in raw["lines"]
    ]


def _basis_points(percent: object) -> int:
    return int((Decimal(str(percent)) * 100).to_integral_value())


def normal(definitions: Mapping[str, Any], catalog: Snapshot) -> dict[str, dict[str, Any]]:
    """A pack's scorecards as ``export`` would write them."""
    return {
        key: {k: v for k, v in raw.items() if (k, v) != ("missing", SET_ASIDE)}
        for key, raw in definitions.items()
    }
