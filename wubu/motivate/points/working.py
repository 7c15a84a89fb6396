"""Points of one month, worked out from the ledger by the rules that hold."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Actor
from wubu.measure.figures import queries as metrics
from wubu.motivate.points import rules
from wubu.motivate.points.types import MemberPoints, PointsLine, PointsRule


def of_month(actor: Actor, month: Period) -> tuple[list[MemberPoints], list[PointsRule]]:
    """The points of each member that the actor may see, and the rules that gave them.

    A rule that changed within the month holds for it as it stood on the last day, or today.
    """
    held = list(rules.current(month.last))
    if not held:
        return [], []
    lines: dict[int, list[PointsLine]] = defaultdict(list)
    names: dict[int, str] = {}
    keys = tuple(dict.fromkeys(r.metric.key for r in held))
    found = metrics.figures(actor, keys, month, by="member")
    for rule in held:
        for row in found.rows:
            if not isinstance(row.key, int) or row.key == 0:
                continue
            names[row.key] = str(row.label)
            lines[row.key].append(work(rule, month, row.cells[rule.metric.key].value))
    rows = [
        MemberPoints(i, names[i], sum(line.points for line in ls), tuple(ls))
        for i, ls in lines.items()
    ]
    return rows, held


def work(rule: PointsRule, month: Period, value: int | Decimal | None) -> PointsLine:
    """One rule on one value: only whole parts count, a negative value costs nothing."""
    parts = max(int(value or 0), 0) // rule.per
    earned = parts * rule.points
    capped = rule.cap is not None and earned > rule.cap
    if rule.cap is not None and capped:
        earned = rule.cap
    return PointsLine(rule, month.start, value, parts, earned, capped)
