"""What a change that holds from an open day would move: so many entries from that day on."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, Sum

from wubu.kernel.calendar.queries import today
from wubu.kernel.past import Subject
from wubu.kernel.people import queries as people
from wubu.kernel.types import Text
from wubu.measure.ledger.models import DayBalance
from wubu.measure.metrics.dictionary import dictionary


def moved(subject: Subject, day: date) -> list[Text]:
    """How many entries from a day on belong to a subject.

    A member, the teams below a team, or a metric; nothing for days to come. One query.
    """
    whose = _whose(subject, day)
    if whose is None or day > today():
        return []
    rows = DayBalance.objects.filter(whose, day__gte=day, day__lte=today())
    count = rows.aggregate(n=Sum("count"))["n"] or 0
    if not count:
        return []
    return [
        Text(
            "从 {d} 起未关账的 {n} 笔业绩将重新归属或计算；已关账的月份不变。",
            "{n} entries of open days from {d} on will be credited or counted anew; closed months "
            "stay as they are.",
        ).format(d=day.isoformat(), n=count)
    ]


def _whose(subject: Subject, day: date) -> Q | None:
    # kind: of a subject (member, team), not of a field
    if subject.kind == "member":
        return Q(member_id=int(subject.key))
    # kind: of a subject (member, team), not of a field
    if subject.kind == "team":
        return Q(team_id__in=people.subtree(int(subject.key), day))
    if subject.kind == "metric":
        info = dictionary().metrics.get(subject.key)
        return None if info is None else Q(metric_id=info.id)
    return None
