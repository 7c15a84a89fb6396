"""From which day on a thing may change, and what a change would move."""

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from wubu.kernel import past
from wubu.kernel.calendar.queries import today
from wubu.kernel.past import Subject
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.api import times
from wubu.web.api.answers import responses, send
from wubu.web.api.records.routes import actor_of
from wubu.web.api.values import Strict

AREAS = {
    "rule": "points",
    "metric": "metrics",
    "scorecard": "scorecards",
    "member": "people",
    "team": "teams",
}


class ReachOut(BaseModel):
    """``first_day``: nothing may change from an earlier one; null while nothing is closed."""

    first_day: str | None
    allowed: bool
    effects: list[dict[str, str]]


class ReachQuery(Strict):
    kind: Literal["rule", "metric", "scorecard", "member", "team"]
    key: str = Field(max_length=130, description="id, key, or section/key of a rule")
    valid_from: str = Field(max_length=10, description="the day from which the change would hold")


def router() -> Router:
    made = Router(tags=["设置 Setup"])

    @made.get(
        "/open-days",
        response=responses(ReachOut),
        operation_id="open_days",
        summary="May a thing change from a day on, and what would that move",
    )
    def reach(request: HttpRequest, q: Query[ReachQuery]) -> HttpResponse:
        request.policy.require_setup(AREAS[q.kind])  # type: ignore[attr-defined]
        # kind: of what is asked about, not of a field
        if q.kind in ("member", "team") and not q.key.isdigit():
            said = Text("“{k}”不是编号。", "“{k}” is not an id.").format(k=q.key[:40])
            raise Refused(Problem("bad_id", said, field="key", value=q.key[:40]))
        actor_of(request)
        day = times.day(q.valid_from) or today()
        first = past.first_day()
        allowed = not past.is_closed(day)
        found = past.effects(Subject(q.kind, q.key), day) if allowed else ()
        return send(
            {
                "first_day": first and first.isoformat(),
                "allowed": allowed,
                "effects": [t.as_dict() for t in found],
            }
        )

    return made
