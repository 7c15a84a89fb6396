"""What was to be reached: targets, scorecards, and the closing of months."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field, StrictInt

from wubu.kernel.types import Missing, Problem, Text
from wubu.measure.figures import queries as metrics
from wubu.measure.ledger import actions as ledger
from wubu.measure.ledger import queries as books
from wubu.measure.ledger.types import Closing
from wubu.measure.metrics.types import MetricInfo
from wubu.measure.scorecards import queries as scorecards
from wubu.measure.scorecards.types import Card, ScoreLine
from wubu.measure.targets import actions as target_actions
from wubu.measure.targets import queries as targets
from wubu.measure.targets.types import Attained, AttainedRow, TargetDraft, TargetsSet, TargetVersion
from wubu.web.api import times
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.measure.figures import (
    IDS,
    CellOut,
    FiguresQuery,
    Infos,
    Key,
    cell,
    known,
    laid_out,
    scale_of,
)
from wubu.web.api.records.routes import actor_of
from wubu.web.api.times import PERIOD, IdIn
from wubu.web.api.values import Strict
from wubu.web.api.wire import (
    Exact,
    MetricRef,
    PeriodRef,
    exact,
    many,
    model,
    period_ref,
    to_json,
)


class AttainedOut(BaseModel):
    actual: CellOut
    target: Exact | None
    attainment: Exact | None
    gap: Exact | None
    expected: Exact | None
    daily_need: Exact | None
    on_pace: bool | None


class AttainedRowOut(BaseModel):
    key: str
    label: str
    lines: dict[str, AttainedOut]


class AttainmentOut(BaseModel):
    metrics: list[MetricRef]
    period: PeriodRef
    rows: list[AttainedRowOut]
    total: AttainedRowOut


class TargetIn(Strict):
    """``value`` is whole, in the metric's stored form (10**-scale); null takes the target away."""

    metric: str = Field(max_length=63)
    month: str = Field(pattern=r"^\d{4}-\d{2}$", max_length=7)
    member_id: IdIn
    value: StrictInt | None = Field(ge=-(10**15), le=10**15)


class TargetsIn(Strict):
    targets: list[TargetIn] = Field(min_length=1, max_length=5_000)
    reason: str = Field("", max_length=400)


class ScoreLineOut(model(ScoreLine)):  # type: ignore[misc]
    actual: CellOut
    target: Exact | None


class ScoreOut(BaseModel):
    member_id: str
    label: str
    score: Exact | None
    covered: Exact
    lines: list[ScoreLineOut]
    frozen: bool


class ScoresOut(BaseModel):
    key: str
    label: str
    period: PeriodRef
    rule: str
    rows: list[ScoreOut]
    frozen: bool


class ScoreQuery(Strict):
    period: str = PERIOD
    members: str = IDS
    teams: str = IDS


class Close(Strict):
    month: str = Field(pattern=r"^\d{4}-\d{2}$", max_length=7)
    note: str = Field("", max_length=400)


class Reopen(Strict):
    month: str = Field(pattern=r"^\d{4}-\d{2}$", max_length=7)
    reason: str = Field(min_length=1, max_length=400)


def router() -> Router:
    made = Router(tags=["目标 Measure"])
    _targets(made)
    _scorecards(made)
    _closing(made)
    return made


def _attained(a: Attained, info: MetricInfo) -> dict[str, Any]:
    scale = scale_of(info)
    return {
        "actual": cell(a.actual, info),
        "target": exact(a.target, scale),
        "attainment": exact(a.attainment),
        "gap": exact(a.gap, scale),
        "expected": exact(a.expected, scale),
        "daily_need": None if a.daily_need is None else exact(a.daily_need.scaleb(-scale)),
        "on_pace": a.on_pace,
    }


def _attained_row(r: AttainedRow, infos: Infos) -> dict[str, Any]:
    return {
        "key": str(r.key),
        "label": str(r.label),
        "lines": {k: _attained(a, infos[k]) for k, a in r.lines.items()},
    }


def _targets(made: Router) -> None:
    class AttainmentQuery(FiguresQuery):
        by: Literal["member", "team", "company"] = "member"

    @made.get("/targets/attainment", response=responses(AttainmentOut), operation_id="attainment")
    def attainment(request: HttpRequest, q: Query[AttainmentQuery]) -> HttpResponse:
        found = targets.attainment(
            actor_of(request), known(q.metrics), times.period(q.period), q.by, **q.whom()
        )
        return send(laid_out(found, _attained_row))

    class HistoryQuery(Strict):
        metric: str = Field(max_length=63)
        month: str = Field(pattern=r"^\d{4}-\d{2}$", max_length=7)
        member_id: IdIn

    @made.get(
        "/targets/history",
        response=responses(many(TargetVersion)),
        operation_id="target_history",
        summary="Every time that a target was set",
    )
    def history(request: HttpRequest, q: Query[HistoryQuery]) -> HttpResponse:
        found = metrics.sees(actor_of(request))
        member = int(q.member_id)
        if not found.member(member):
            raise Missing(Problem("no_such_target", Text("没有这个目标。", "No such target.")))
        metrics.metric(q.metric)
        return send_of(targets.history(q.metric, times.period(q.month), member))

    @made.put("/targets", response=responses(model(TargetsSet)), operation_id="set_targets")
    def set_targets(request: HttpRequest, body: TargetsIn) -> HttpResponse:
        drafts = [
            TargetDraft(t.metric, times.period(t.month), int(t.member_id), t.value)
            for t in body.targets
        ]
        return send_of(
            target_actions.set_targets(actor=actor_of(request), drafts=drafts, reason=body.reason)
        )


def _scorecards(made: Router) -> None:
    @made.get("/scorecards", response=responses(many(Card)), operation_id="scorecards")
    def cards(request: HttpRequest) -> HttpResponse:
        return send_of(scorecards.cards())

    @made.get("/scorecards/{key}", response=responses(ScoresOut), operation_id="scores")
    def scores(request: HttpRequest, key: Key, q: Query[ScoreQuery]) -> HttpResponse:
        found = scorecards.score(
            actor_of(request),
            key,
            times.period(q.period),
            times.ids(q.members),
            teams=times.ids(q.teams),
        )
        infos = {m.key: m for m in metrics.metrics(hidden=True, retired=True)}
        return send(
            {
                "key": found.card.key,
                "label": str(found.card.label),
                "period": period_ref(found.period),
                "rule": str(found.rule),
                "rows": [
                    {
                        "member_id": str(s.member_id),
                        "label": str(s.label),
                        "score": exact(s.score),
                        "covered": exact(s.covered),
                        "lines": [_score_line(line, infos[line.metric]) for line in s.lines],
                        "frozen": s.frozen,
                    }
                    for s in found.rows
                ],
                "frozen": found.frozen,
            }
        )


def _score_line(line: ScoreLine, info: MetricInfo) -> dict[str, Any]:
    return {
        **to_json(line),
        "actual": cell(line.actual, info),
        "target": exact(line.target, scale_of(info)),
    }


def _closing(made: Router) -> None:
    closings: Any = many(Closing)

    @made.get("/periods", response=responses(closings), operation_id="closings")
    def closed(request: HttpRequest) -> HttpResponse:
        return send_of(books.closings())

    @made.post("/periods/close", response=responses(model(Closing)), operation_id="close_month")
    def close(request: HttpRequest, body: Close) -> HttpResponse:
        return send_of(
            ledger.close_month(
                actor=actor_of(request), month=times.period(body.month), note=body.note
            )
        )

    @made.post(
        "/periods/reopen",
        response=responses(model(Closing)),
        operation_id="reopen_month",
    )
    def reopen(request: HttpRequest, body: Reopen) -> HttpResponse:
        return send_of(
            ledger.reopen_month(
                actor=actor_of(request), month=times.period(body.month), reason=body.reason
            )
        )
