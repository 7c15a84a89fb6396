"""Figures of metrics as pages show them: by unit, with the link that opens what is behind them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from wubu.kernel.calendar.queries import parse_period, period_of, today
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.types import Refused, Text
from wubu.measure.figures.queries import is_derived
from wubu.measure.metrics.types import MetricInfo
from wubu.web.ui import Column, Raw, show
from wubu.web.ui.asking import whole
from wubu.web.ui.components import Kind
from wubu.web.ui.request import PageRequest

Number = int | Decimal
KINDS: dict[str, Text] = {
    "month": Text("月", "Month"),
    "quarter": Text("季", "Quarter"),
    "year": Text("年", "Year"),
}
DAYS = Text("天", "days")
POINTS = Text("分", "points")


def shown(metric: MetricInfo, value: Number | None, *, short: bool = False) -> str:
    """A figure in words, without its unit unless the unit is part of the number (¥, %)."""
    if value is None:
        return show.NONE
    match metric.unit:
        case "money":
            return show.money(fen(metric, value), short=short)
        case "ratio":
            return show.percent(value, 1)
        case "days":
            return show.number(value, 1)
        case "count":
            return show.number(value, short=short)
        case _:
            return show.number(plain(metric, value), 2, short=short)


def fen(metric: MetricInfo, value: Number) -> int:
    """Money as it is shown: sums are kept in fen already, averages of money are in yuan."""
    return round(value * 100 if is_derived(metric) else value)


def plain(metric: MetricInfo, value: Number) -> Decimal:
    """The figure itself: stored whole numbers in the metric's digits, ratios as they are."""
    if isinstance(value, int) and metric.unit not in ("ratio", "days"):
        return Decimal(value).scaleb(-metric.scale)
    return Decimal(value)


def unit(metric: MetricInfo) -> Text | str:
    """What stands small behind the number."""
    return {"days": DAYS, "points": POINTS}.get(metric.unit, "")


def charted(metric: MetricInfo, value: Number | None) -> float | None:
    """For a chart: money in yuan, ratios as they are."""
    if value is None:
        return None
    return float(plain(metric, value))


def chart_unit(metric: MetricInfo) -> Any:
    return {"money": "money", "ratio": "ratio"}.get(metric.unit, "number")


def column(metric: MetricInfo, read: Any, **more: Any) -> Column:
    """A table column of one metric: right-aligned, in its unit."""
    kind: Kind = "number"
    decimals = 0
    if metric.unit == "money":
        kind, in_yuan = "money", read

        def read(row: Any) -> int | None:
            value = in_yuan(row)
            return None if value is None else fen(metric, value)

    elif metric.unit == "ratio":
        kind, decimals = "percent", 1
    elif metric.unit == "days":
        decimals = 1
    elif metric.unit != "count":
        decimals = 2
    label = Text("{m}（天）", "{m} (days)").format(m=metric.label)
    return Column(
        label if metric.unit == "days" else metric.label, read, kind, decimals=decimals, **more
    )


def link(
    metric_key: str, period: Period, *, member: int | None = None, team: int | None = None
) -> str:
    """Where a figure opens: its rule, parts and records."""
    query: dict[str, Any] = {"period": period.key}
    if member is not None:
        query["member"] = member
    if team:
        query["team"] = team
    return f"/metrics/{metric_key}?{urlencode(query)}"


def requested_period(request: PageRequest, default: str = "month") -> Period:
    """The period of the address, else the current one. A senseless one is refused by its parser."""
    text = request.GET.get("period", "")
    if text:
        return parse_period(text)
    kind = request.GET.get("kind", default)
    return period_of("month" if kind not in KINDS else kind, today())  # type: ignore[arg-type]


def requested_team(request: PageRequest) -> int | None:
    """The team of the address, None for everybody. Teams out of sight are ignored."""
    team = whole(request.GET, "team")
    return team if team in dict(team_choices(request)) else None


def team_choices(request: PageRequest) -> list[tuple[int, str]]:
    """The teams whose figures the reader may see, indented by depth."""
    allowed = request.policy.teams()
    found = []
    depth: dict[int, int] = {}
    for node in people.tree():
        depth[node.id] = depth.get(node.parent_id or 0, -1) + 1
        if allowed == "all" or node.id in allowed:
            found.append((node.id, "　" * depth[node.id] + node.name))
    return found


def picker(request: PageRequest, period: Period, *, kinds: bool = True, teams: bool = False) -> Raw:
    """Month, quarter or year; one back, one on; and the team."""
    keep = {k: v for k, v in request.GET.items() if k not in ("period", "kind", "team", "cursor")}
    team = requested_team(request) if teams else None

    def url(at: Period) -> str:
        return "?" + urlencode({**keep, "period": at.key, **({"team": team} if team else {})})

    ahead = period.next()
    anchor = min(period.last, today())
    return Raw(
        "parts/measure/period.html",
        period=period,
        back=url(period.previous()),
        ahead=url(ahead) if ahead.start <= today() else "",
        kinds=[
            (label, url(period_of(kind, anchor)), kind == period.kind)  # type: ignore[arg-type]
            for kind, label in KINDS.items()
        ]
        if kinds
        else [],
        teams=team_choices(request) if teams else [],
        team=team,
        keep={**keep, "period": period.key},
    )


def safe_period(request: PageRequest, default: str = "month") -> tuple[Period, Refused | None]:
    """The asked period, or the current one with what was wrong about the asked."""
    try:
        return requested_period(request, default), None
    except Refused as refused:
        return period_of("month", today()), refused
