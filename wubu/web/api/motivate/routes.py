"""Leaderboards with the working of every score, and points."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from wubu.measure.figures.queries import is_derived
from wubu.motivate.leaderboards import queries as leaderboards
from wubu.motivate.leaderboards.types import BoardRule, Leaderboard
from wubu.motivate.points import queries as points
from wubu.motivate.points.types import PointsTable
from wubu.web.api import times
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.times import PERIOD
from wubu.web.api.values import Strict
from wubu.web.api.wire import (
    Exact,
    MetricRef,
    PeriodRef,
    exact,
    many,
    metric_ref,
    model,
    period_ref,
)
from wubu.web.api.wire import to_json as plain

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class PlaceOut(BaseModel):
    """One line; ``working`` only where its reader may see what is behind it."""

    rank: int | None
    id: str
    name: str
    team: str
    value: Exact | None
    target: Exact | None
    attainment: Exact | None
    share: Exact
    moved: int | None
    open: bool
    state: Literal["ranked", "not_started", "no_figure"]
    working: dict[str, Any]


class LeaderboardOut(BaseModel):
    rule: model(BoardRule)  # type: ignore[valid-type]
    period: PeriodRef
    metric: MetricRef | None
    places: list[PlaceOut]
    left_out: int
    unassigned: Exact | None
    closed: bool


class BoardQuery(Strict):
    period: str = Field("", max_length=40, description="the board's current period without")


class PointsQuery(Strict):
    period: str = PERIOD


def _board(found: Leaderboard) -> dict[str, Any]:
    metric = found.metric
    scale = 0 if metric is None or is_derived(metric) else metric.scale
    return {
        "rule": plain(found.rule),
        "period": period_ref(found.period),
        "metric": metric_ref(metric) if metric else None,
        "places": [
            {
                "rank": p.rank,
                "id": str(p.id),
                "name": p.name,
                "team": p.team,
                "value": exact(p.value, scale),
                "target": exact(p.target, scale),
                "attainment": exact(p.attainment),
                "share": exact(p.share),
                "moved": p.moved,
                "open": p.open,
                "state": p.state,
                "working": plain(p.working) if p.open else {},
            }
            for p in found.places
        ],
        "left_out": found.left_out,
        "unassigned": exact(found.unassigned, scale),
        "closed": found.closed,
    }


def router() -> Router:
    made = Router(tags=["激励 Motivate"])

    @made.get(
        "/leaderboards",
        response=responses(many(BoardRule)),
        operation_id="leaderboards",
    )
    def boards(request: HttpRequest) -> HttpResponse:
        return send_of(leaderboards.leaderboards())

    @made.get("/leaderboards/{key}", response=responses(LeaderboardOut), operation_id="leaderboard")
    def board(request: HttpRequest, key: Key, q: Query[BoardQuery]) -> HttpResponse:
        period = times.period(q.period) if q.period else None
        return send(_board(leaderboards.leaderboard(actor_of(request), key, period)))

    @made.get("/points", response=responses(model(PointsTable)), operation_id="points")
    def table(request: HttpRequest, q: Query[PointsQuery]) -> HttpResponse:
        return send_of(points.points(actor_of(request), times.period(q.period)))

    return made
