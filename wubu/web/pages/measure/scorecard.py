"""考核 Scorecard: targets, figures and weights set side by side, each score with its working."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Refused, Text
from wubu.measure.figures.queries import metric
from wubu.measure.scorecards import queries
from wubu.measure.scorecards.types import Score, ScoreLine, Scores
from wubu.web import figures
from wubu.web.entries import Entry
from wubu.web.ui import Action, Empty, Note, Page, PageRequest, Panel, Problems, Raw, Tab, show

STATES = {
    "no_target": Text("没有目标", "no target"),
    "no_data": Text("没有数据", "no data"),
}
LIVE = "contract payment follow_up customer opportunity survey"


def page(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    cards = queries.cards()
    if not cards:
        empty = Empty(
            Text("还没有评分卡", "No scorecards yet"),
            Text(
                "评分卡把几个指标按权重合成一个分数。",
                "A scorecard weighs several metrics into one score.",
            ),
            icon="clipboard-check",
        )
        return Page(Text("考核评分", "Scorecard"), [empty], step="measure").response(page_request)
    card = next((c for c in cards if c.key == page_request.GET.get("card")), cards[0])
    period, refused = figures.safe_period(page_request)
    team = figures.requested_team(page_request)
    scores = queries.score(page_request.actor, card.key, period, teams=(team,) if team else None)
    opened = page_request.GET.get("member", "")
    rows = [_person(page_request, scores, s, opened) for s in scores.rows]
    body = [
        *(
            [Problems(refused.problems, Text("周期无法识别", "This period is not valid"))]
            if refused
            else []
        ),
        Raw("parts/measure/rule.html", rule=scores.rule, url=""),
        *(
            [
                Note(
                    Text(
                        "本月已关账，分数不再变化。",
                        "This month is closed: the scores stay as they are.",
                    )
                )
            ]
            if scores.frozen
            else []
        ),
        Panel(
            body=Raw("parts/measure/scores.html", rows=rows)
            if rows
            else Empty(
                Text("本期还没有可以评分的人", "Nobody can be scored yet"),
                Text("先给成员设定目标。", "Set targets for people first."),
                small=True,
                actions=[Action(Text("设定目标", "Set targets"), "/targets", icon="target")],
            ),
            key="scores",
            live="" if scores.frozen else LIVE,
            flush=True,
        ),
    ]
    return Page(
        card.label,
        body,
        step="measure",
        subtitle=period.label(),
        tabs=[Tab(c.label, f"?card={c.key}", c.key == card.key) for c in cards]
        if len(cards) > 1
        else [],
        actions=[Action(Text("目标", "Targets"), "/targets", icon="target")],
        aside=figures.picker(page_request, period, teams=True),
    ).response(page_request)


def _person(request: PageRequest, scores: Scores, score: Score, opened: str) -> dict[str, Any]:
    best = max((s.score for s in scores.rows if s.score is not None), default=Decimal(0))
    share = score.score / best if score.score and best > 0 else Decimal(0)
    return {
        "id": score.member_id,
        "name": str(score.label),
        "me": score.member_id == request.actor.member_id,
        "score": show.number(score.score, 1),
        "share": f"{max(min(share, Decimal(1)), Decimal(0)):.4f}",
        "covered": None if score.covered == 1 else show.percent(score.covered, 0),
        "open": str(score.member_id) == opened or len(scores.rows) == 1,
        "lines": [_line(line, scores.period, score.member_id) for line in score.lines],
    }


def _line(line: ScoreLine, period: Period, member_id: int) -> dict[str, Any]:
    info = metric(line.metric)
    return {
        "label": line.label,
        "weight": show.percent(line.weight, 0),
        "effective": None if line.effective == line.weight else show.percent(line.effective, 0),
        "actual": figures.shown(info, line.actual.value),
        "target": figures.shown(info, line.target),
        "attained": show.percent(line.attainment, 1),
        "capped": line.cap is not None
        and line.attainment is not None
        and line.attainment > line.cap
        and show.percent(line.cap, 0),
        "points": show.number(line.points, 1),
        "state": STATES.get(line.state, ""),
        "url": figures.link(line.metric, period, member=member_id),
    }


def requested_month(request: PageRequest) -> tuple[Period, Refused | None]:
    """The month of the address; a longer period is brought to its last month that has begun."""
    period, refused = figures.safe_period(request)
    return period_of("month", min(period.last, max(today(), period.start))), refused


urlpatterns = [path("scorecard", page, name="scorecard")]
NAV = (
    Entry("measure", Text("考核评分", "Scorecard"), "/scorecard", "clipboard-check", position=2),
)
