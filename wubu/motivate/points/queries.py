"""Who earned how many points, each with its working."""

from __future__ import annotations

from collections import defaultdict

from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Actor
from wubu.measure.ledger.queries import is_closed
from wubu.motivate.points import keeping, working
from wubu.motivate.points.types import MemberPoints, PointsLine, PointsRule, PointsTable
from wubu.motivate.points.working import work as work


def points(actor: Actor, period: Period) -> PointsTable:
    """What each member that the actor may see earned in a period.

    Month by month under the rules of each month. A closed month answers with what closing kept.
    """
    lines: dict[int, list[PointsLine]] = defaultdict(list)
    names: dict[int, str] = {}
    used: dict[str, PointsRule] = {}
    for month in period.months():
        kept = keeping.of_month(actor, month) if is_closed(month.start) else None
        rows, held = working.of_month(actor, month) if kept is None else kept
        used |= {rule.key: rule for rule in held}
        for row in rows:
            names[row.member_id] = row.name
            lines[row.member_id] += row.lines
    rows = [
        MemberPoints(i, names[i], sum(line.points for line in ls), tuple(ls))
        for i, ls in lines.items()
    ]
    rows.sort(key=lambda r: (-r.points, r.name))
    return PointsTable(period, tuple(used.values()), tuple(rows))
