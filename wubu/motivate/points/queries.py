"""Points worked out from the ledger, each with its working."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Actor
from wubu.measure.metrics import queries as metrics
from wubu.motivate.points import rules
from wubu.motivate.points.types import MemberPoints, PointsLine, PointsRule, PointsTable


def points(actor: Actor, period: Period) -> PointsTable:
    """What each member that the actor may see earned in a period, month by month under the rules of
    each month.

    A rule that changed within a month holds for it as it stood on the month's last day, or today.
    """
    lines: dict[int, list[PointsLine]] = defaultdict(list)
    names: dict[int, str] = {}
    used: dict[str, PointsRule] = {}
    for month in period.months():
        held = rules.current(month.last)
        if not held:
            continue
        keys = tuple(dict.fromkeys(r.metric.key for r in held))
        found = metrics.figures(actor, keys, month, by="member")
        for rule in held:
            used[rule.key] = rule
            for row in found.rows:
                if not isinstance(row.key, int) or row.key == 0:
                    continue
                names[row.key] = str(row.label)
                cell = row.cells[rule.metric.key]
                lines[row.key].append(work(rule, month, cell.value))
    rows = [
        MemberPoints(i, names[i], sum(line.points for line in ls), tuple(ls))
        for i, ls in lines.items()
    ]
    rows.sort(key=lambda r: (-r.points, r.name))
    return PointsTable(period, tuple(used.values()), tuple(rows))


def work(rule: PointsRule, month: Period, value: int | Decimal | None) -> PointsLine:
    """One rule on one value: only whole parts count, a negative value costs nothing."""
    parts = max(int(value or 0), 0) // rule.per
    earned = parts * rule.points
    capped = rule.cap is not None and earned > rule.cap
    if rule.cap is not None and capped:
        earned = rule.cap
    return PointsLine(rule, month.start, value, parts, earned, capped)
