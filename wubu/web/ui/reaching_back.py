"""A change that reaches back to open days says first what it moves; asked again, it is done."""

from __future__ import annotations

from datetime import date

from wubu.kernel import past
from wubu.kernel.calendar.queries import today
from wubu.kernel.past import Subject
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.ui.asking import CONFIRMED, MOVES
from wubu.web.ui.request import PageRequest


def confirm(
    request: PageRequest, subject: Subject, day: date | None, *, field: str = "valid_from"
) -> None:
    """Raises Refused, once, with what a change of the subject from an earlier open day would move.

    The form that shows it sends along that it was read (see ``Form.answered``).
    """
    if day is None or day >= today() or past.is_closed(day) or request.POST.get(CONFIRMED):
        return
    found = past.effects(subject, day)
    if found:
        said = Text("".join(t.zh for t in found), " ".join(t.en for t in found))
        hint = Text("确认无误请再次保存。", "Save again to confirm.")
        raise Refused(Problem(MOVES, said, hint, field=field, value=day.isoformat()))
