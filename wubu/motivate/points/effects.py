"""What a change of a points rule or of what gives points moves."""

from __future__ import annotations

from datetime import date

from wubu.kernel.calendar.queries import today
from wubu.kernel.past import Subject
from wubu.kernel.types import Text

SECTIONS = {
    "points": Text("积分", "Points"),
    "leaderboards": Text("名次", "Ranks"),
}


def moved(subject: Subject, day: date) -> list[Text]:
    """Points and ranks of open months follow their rules as of each month's last day."""
    what = SECTIONS.get(subject.key.partition("/")[0]) if subject.kind == "rule" else None
    if what is None or day > today():
        return []
    said = Text(
        "{d} 起未关账期间的{w}将按新规则重新计算；已关账的不变。",
        "{w} of open periods from {d} on will follow the new rule; closed ones stay as they are.",
    )
    return [said.format(d=day.isoformat(), w=what)]
