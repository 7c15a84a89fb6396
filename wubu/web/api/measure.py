"""Figures and what stands behind them: metrics, targets, scorecards, closing of months."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field, StrictInt

from wubu.kernel.records import queries as records
from wubu.kernel.types import Missing, Problem, Refused, Text
from wubu.measure.ledger import actions as ledger
from wubu.measure.ledger import queries as books
from wubu.measure.ledger.types import Closing, Posted
from wubu.measure.metrics import queries as metrics
from wubu.measure.metrics.types import Cell, EntryView, MetricInfo, Row
from wubu.measure.scorecards import queries as scorecards
from wubu.measure.scorecards.types import Card, ScoreLine
from wubu.measure.targets import actions as target_actions
from wubu.measure.targets import queries as targets
from wubu.measure.targets.types import Attained, AttainedRow, TargetDraft, TargetsSet, TargetVersion
from wubu.web.api import times
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records import actor_of
from wubu.web.api.times import PERIOD, IdIn
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
    to_json,
)

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
IDS = Field("", max_length=4_000, description="ids with commas; everybody without")


class CellOut(BaseModel):
    """One exact figure in whole units (yuan, not fen; ratios 0–1); null cannot be said."""

    value: Exact | None
    count: int


class RowOut(BaseModel):
    key: str
    label: str
    cells: dict[str, CellOut]


class FiguresOut(BaseModel):
    metrics: list[MetricRef]
    period: PeriodRef
    by: str
    rows: list[RowOut]
    total: RowOut
    restricted: bool


class MetricOut(MetricRef):
    """A line of the metric dictionary; ``rule`` is today's, in plain words."""

    rule: str
    purpose: str
    owner: str
    source: str


class FiguresQuery(Strict):
    metrics: str = Field(max_length=1_000, description="metric keys with commas")
    period: str = PERIOD
    by: Literal["member", "team", "company", "month", "day"] = "member"
    members: str = IDS
    teams: str = IDS


class ComparedQuery(Strict):
    metrics: str = Field(max_length=1_000)
    period: str = PERIOD
    members: str = IDS
    teams: str = IDS


class ExplainQuery(Strict):
    period: str = PERIOD
    member: str = Field("", pattern=r"^[0-9]{0,18}$")
    team: str = Field("", pattern=r"^[0-9]{0,18}$")
    cursor: str = Field("", max_length=400)
    limit: int = Field(50, ge=1, le=200)


class ComparedOut(BaseModel):
    metric: MetricRef
    period: PeriodRef
    now: CellOut
    previous_period: PeriodRef
    previous: CellOut
    previous_change: Exact | None
    year_ago_period: PeriodRef
    year_ago: CellOut
    year_ago_change: Exact | None
    partial: bool


class PartOut(BaseModel):
    key: str
    label: str
    metric: str
    value: Exact | None
    count: int


class EntryOut(model(EntryView)):  # type: ignore[misc]
    value: Exact | None


class ExplainOut(BaseModel):
    """The glass box: rule, parts and a page of the entries behind a figure."""

    metric: MetricRef
    period: PeriodRef
    who: str
    figure: CellOut
    rule: str
    parts: list[PartOut]
    members: list[PartOut]
    entries: list[EntryOut]
    next_cursor: str
    total_entries: int
    hidden: int
    undated: int
    closed: bool


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


def cell(found: Cell, info: MetricInfo) -> dict[str, Any]:
    """A figure in whole units; ratios and averages are exact already."""
    return {"value": exact(found.value, _scale(info)), "count": found.count}


def _scale(info: MetricInfo) -> int:
    return 0 if metrics.is_derived(info) else info.scale


def row(found: Row, infos: Mapping[str, MetricInfo]) -> dict[str, Any]:
    return {
        "key": found.key.isoformat() if not isinstance(found.key, int) else str(found.key),
        "label": str(found.label),
        "cells": {k: cell(c, infos[k]) for k, c in found.cells.items()},
    }


def _known(text: str) -> list[str]:
    """Metric keys that are named and exist. Raises Refused, Missing."""
    keys = list(dict.fromkeys(times.keys(text)))
    if not keys or len(keys) > 30:
        raise Refused(
            Problem(
                "metrics_needed",
                Text("请给出 1 到 30 个指标。", "Name 1 to 30 metrics."),
                Text("全部指标见 /metrics。", "All of them are at /metrics."),
                field="metrics",
            )
        )
    for key in keys:
        metrics.metric(key)
    return keys


def router() -> Router:
    made = Router(tags=["目标 Measure"])
    _figures(made)
    _targets(made)
    _scorecards(made)
    _closing(made)
    return made


def _figures(made: Router) -> None:
    @made.get("/metrics", response=responses(list[MetricOut]), operation_id="metrics")
    def dictionary(request: HttpRequest) -> HttpResponse:
        return send([_metric_out(m) for m in metrics.metrics()])

    @made.get("/metrics/{key}", response=responses(MetricOut), operation_id="metric")
    def one(request: HttpRequest, key: Key) -> HttpResponse:
        return send(_metric_out(metrics.metric(key)))

    @made.get("/figures", response=responses(FiguresOut), operation_id="figures")
    def table(request: HttpRequest, q: Query[FiguresQuery]) -> HttpResponse:
        found = metrics.figures(
            actor_of(request),
            _known(q.metrics),
            times.period(q.period),
            q.by,
            members=times.ids(q.members),
            teams=times.ids(q.teams),
        )
        infos = {m.key: m for m in found.metrics}
        return send(
            {
                "metrics": [metric_ref(m) for m in found.metrics],
                "period": period_ref(found.period),
                "by": found.by,
                "rows": [row(r, infos) for r in found.rows],
                "total": row(found.total, infos),
                "restricted": found.restricted,
            }
        )

    @made.get(
        "/figures/compared",
        response=responses(list[ComparedOut]),
        operation_id="figures_compared",
        summary="Figures beside the previous period and last year, like for like",
    )
    def compared(request: HttpRequest, q: Query[ComparedQuery]) -> HttpResponse:
        found = metrics.compare(
            actor_of(request),
            _known(q.metrics),
            times.period(q.period),
            members=times.ids(q.members),
            teams=times.ids(q.teams),
        )
        return send(
            [
                {
                    **to_json(c),
                    "now": cell(c.now, c.metric),
                    "previous": cell(c.previous, c.metric),
                    "year_ago": cell(c.year_ago, c.metric),
                }
                for c in found
            ]
        )

    @made.get(
        "/records/{key}/{id}/entries",
        response=responses(many(Posted)),
        operation_id="entries_of_record",
        summary="What a record counts for in the ledger, in stored units",
    )
    def counts_for(
        request: HttpRequest, key: Key, id: Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
    ) -> HttpResponse:
        actor = actor_of(request)
        records.get(actor, key, id)
        sight = metrics.sees(actor)
        posted = books.of_record(key, int(id))
        return send_of([p for p in posted if sight.member(p.member_id, p.team_id)])

    @made.get("/metrics/{key}/explain", response=responses(ExplainOut), operation_id="explain")
    def why(request: HttpRequest, key: Key, q: Query[ExplainQuery]) -> HttpResponse:
        found = metrics.explain(
            actor_of(request),
            key,
            times.period(q.period),
            member=int(q.member) if q.member else None,
            team=int(q.team) if q.team else None,
            cursor=q.cursor,
            limit=q.limit,
        )
        scales = {m.key: m.scale for m in metrics.metrics(hidden=True, retired=True)}
        body = to_json(found)
        body["figure"] = cell(found.figure, found.metric)
        for name in ("parts", "members"):
            body[name] = [
                {
                    "key": p.key,
                    "label": str(p.label),
                    "metric": p.metric,
                    "value": exact(p.value, p.scale),
                    "count": p.count,
                }
                for p in getattr(found, name)
            ]
        body["entries"] = [
            {**to_json(e), "value": exact(e.value, scales.get(e.metric, found.metric.scale))}
            for e in found.entries
        ]
        body.pop("context", None)
        body.pop("rules", None)
        return send(body)


def _metric_out(m: MetricInfo) -> dict[str, Any]:
    return {
        **metric_ref(m),
        "rule": str(metrics.rule_in_words(m.key)),
        "purpose": str(m.purpose),
        "owner": str(m.owner),
        "source": str(m.source),
    }


def _attained(a: Attained, info: MetricInfo) -> dict[str, Any]:
    scale = _scale(info)
    return {
        "actual": cell(a.actual, info),
        "target": exact(a.target, scale),
        "attainment": exact(a.attainment),
        "gap": exact(a.gap, scale),
        "expected": exact(a.expected, scale),
        "daily_need": None if a.daily_need is None else exact(a.daily_need.scaleb(-scale)),
        "on_pace": a.on_pace,
    }


def _attained_row(r: AttainedRow, infos: Mapping[str, MetricInfo]) -> dict[str, Any]:
    return {
        "key": str(r.key),
        "label": str(r.label),
        "lines": {k: _attained(a, infos[k]) for k, a in r.lines.items()},
    }


def _targets(made: Router) -> None:
    class AttainmentQuery(ComparedQuery):
        by: Literal["member", "team", "company"] = "member"

    @made.get("/targets/attainment", response=responses(AttainmentOut), operation_id="attainment")
    def attainment(request: HttpRequest, q: Query[AttainmentQuery]) -> HttpResponse:
        found = targets.attainment(
            actor_of(request),
            _known(q.metrics),
            times.period(q.period),
            q.by,
            members=times.ids(q.members),
            teams=times.ids(q.teams),
        )
        infos = {m.key: m for m in found.metrics}
        return send(
            {
                "metrics": [metric_ref(m) for m in found.metrics],
                "period": period_ref(found.period),
                "rows": [_attained_row(r, infos) for r in found.rows],
                "total": _attained_row(found.total, infos),
            }
        )

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
        "target": exact(line.target, _scale(info)),
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
