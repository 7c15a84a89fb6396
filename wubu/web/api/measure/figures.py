"""Figures and what stands behind them."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from wubu.kernel.calendar.queries import today
from wubu.kernel.records import queries as records
from wubu.kernel.types import Problem, Refused, Text
from wubu.measure.figures import queries as metrics
from wubu.measure.ledger.types import Posted
from wubu.measure.metrics.types import Cell, EntryView, MetricInfo, Row
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
    to_json,
)

Infos = Mapping[str, MetricInfo]
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
    principle: str
    scene: str
    tools: str
    worth: str


class FiguresQuery(Strict):
    """Which figures, of when and of whom."""

    metrics: str = Field(max_length=1_000, description="metric keys with commas")
    period: str = PERIOD
    members: str = IDS
    teams: str = IDS

    def whom(self) -> dict[str, Any]:
        """The people and teams that are named, as queries take them. Raises Refused."""
        # kind: arguments of a query by name, not types
        return {"members": times.ids(self.members), "teams": times.ids(self.teams)}


class TableQuery(FiguresQuery):
    by: Literal["member", "team", "company", "month", "day"] = "member"


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


def cell(found: Cell, info: MetricInfo) -> dict[str, Any]:
    """A figure in whole units; ratios and averages are exact already."""
    return {"value": exact(found.value, scale_of(info)), "count": found.count}


def scale_of(info: MetricInfo) -> int:
    return 0 if metrics.is_derived(info) else info.scale


def _row(found: Row, infos: Infos) -> dict[str, Any]:
    return {
        "key": found.key.isoformat() if not isinstance(found.key, int) else str(found.key),
        "label": str(found.label),
        "cells": {k: cell(c, infos[k]) for k, c in found.cells.items()},
    }


def laid_out(found: Any, row: Callable[[Any, Infos], dict[str, Any]]) -> dict[str, Any]:
    """A table of figures, or of what was attained: metrics, period, rows and their total."""
    infos = {m.key: m for m in found.metrics}
    return {
        "metrics": [metric_ref(m) for m in found.metrics],
        "period": period_ref(found.period),
        "rows": [row(r, infos) for r in found.rows],
        "total": row(found.total, infos),
    }


def known(text: str) -> list[str]:
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
    return made


def _figures(made: Router) -> None:
    @made.get("/metrics", response=responses(list[MetricOut]), operation_id="metrics")
    def dictionary(request: HttpRequest) -> HttpResponse:
        return send([_metric_out(m) for m in metrics.metrics()])

    @made.get("/metrics/{key}", response=responses(MetricOut), operation_id="metric")
    def one(request: HttpRequest, key: Key) -> HttpResponse:
        return send(_metric_out(metrics.metric(key)))

    @made.get("/figures", response=responses(FiguresOut), operation_id="figures")
    def table(request: HttpRequest, q: Query[TableQuery]) -> HttpResponse:
        found = metrics.figures(
            actor_of(request), known(q.metrics), times.period(q.period), q.by, **q.whom()
        )
        return send({**laid_out(found, _row), "by": found.by, "restricted": found.restricted})

    @made.get(
        "/figures/compared",
        response=responses(list[ComparedOut]),
        operation_id="figures_compared",
        summary="Figures beside the previous period and last year, like for like",
    )
    def compared(request: HttpRequest, q: Query[FiguresQuery]) -> HttpResponse:
        found = metrics.compare(
            actor_of(request), known(q.metrics), times.period(q.period), **q.whom()
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
        posted = metrics.entries_of(key, int(id))
        book = metrics.dictionary()
        return send_of(
            [
                p
                for p in posted
                if sight.member(p.member_id, p.team_id)
                and (info := book.of(p.metric_id)) is not None
                and metrics.reads_value(actor, info, today())
            ]
        )

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
        "principle": str(m.principle),
        "scene": str(m.scene),
        "tools": str(m.tools),
        "worth": str(m.worth),
    }
