"""Points of closed months, kept at closing.

They are read from what was kept, whatever becomes of the rules, the people and the teams later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from wubu.kernel.calendar.queries import now
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.types import SYSTEM, Actor, Text
from wubu.measure.figures import queries as metrics
from wubu.measure.figures.queries import dictionary
from wubu.measure.ledger.types import Closing
from wubu.measure.scorecards.queries import exact
from wubu.motivate.points import working
from wubu.motivate.points.models import KeptPoints
from wubu.motivate.points.types import MemberPoints, PointsLine, PointsRule


def on_closing(closing: Closing, actor: Actor) -> None:
    """Subscriber of the ledger: keep the points of each month that closes.

    Those of a month that is reopened are worked out again.
    """
    months = [m.start for m in closing.months]
    KeptPoints.objects.filter(month__in=months, replaced_at=None).update(replaced_at=now())
    if closing.is_closed:
        KeptPoints.objects.bulk_create(_kept(month) for month in closing.months)


def _kept(month: Period) -> KeptPoints:
    rows, held = working.of_month(SYSTEM, month)
    return KeptPoints(
        month=month.start,
        rules={r.key: _rule_as_json(r) for r in held},
        rows=[
            {
                "member": row.member_id,
                "name": row.name,
                "lines": [
                    {
                        "rule": line.rule.key,
                        "value": None if line.value is None else str(line.value),
                        "parts": line.parts,
                        "points": line.points,
                        "capped": line.capped,
                    }
                    for line in row.lines
                ],
            }
            for row in rows
        ],
        kept_at=now(),
    )


def of_month(actor: Actor, month: Period) -> tuple[list[MemberPoints], list[PointsRule]] | None:
    """The points of a month as they were kept, of the members that the actor may see.

    None where nothing was kept.
    """
    row = KeptPoints.objects.filter(month=month.start, replaced_at=None).first()
    if row is None:
        return None
    rules = dict(_rules(row.rules))
    sight = metrics.sees(actor)
    homes = people.team_on((r["member"] for r in row.rows), month.last)
    rows = [
        MemberPoints(
            r["member"],
            r["name"],
            sum(x["points"] for x in r["lines"]),
            tuple(
                _line(x, rules[x["rule"]], month.start) for x in r["lines"] if x["rule"] in rules
            ),
        )
        for r in row.rows
        if sight.member(r["member"], homes.get(r["member"]))
    ]
    return rows, list(rules.values())


def _line(x: Mapping[str, Any], rule: PointsRule, month: date) -> PointsLine:
    return PointsLine(rule, month, exact(x["value"]), x["parts"], x["points"], x["capped"])


def _rule_as_json(rule: PointsRule) -> dict[str, Any]:
    return {
        "label": rule.label.as_dict(),
        "metric": rule.metric.key,
        "per": rule.per,
        "points": rule.points,
        "cap": rule.cap,
        "since": rule.valid_from.isoformat(),
    }


def _rules(kept: Mapping[str, Any]) -> Iterator[tuple[str, PointsRule]]:
    infos = dictionary().metrics  # a metric that is retired stays there
    for key, d in kept.items():
        if d["metric"] in infos:
            yield (
                key,
                PointsRule(
                    key,
                    Text.of(d["label"]),
                    infos[d["metric"]],
                    d["per"],
                    d["points"],
                    d["cap"],
                    date.fromisoformat(d["since"]),
                ),
            )
