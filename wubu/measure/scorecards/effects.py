"""What a change of weights moves."""

from __future__ import annotations

from datetime import date

from wubu.kernel.calendar.queries import today
from wubu.kernel.past import Subject
from wubu.kernel.types import Text


def moved(subject: Subject, day: date) -> list[Text]:
    """Scores of open months follow the weights of each month's last day."""
    if subject.kind != "scorecard" or day > today():
        return []
    said = Text(
        "{d} 起未关账月份的得分将按新权重重新计算；已关账的不变。",
        "Scores of open months from {d} on will follow the new weights; closed ones stay.",
    )
    return [said.format(d=day.isoformat())]
