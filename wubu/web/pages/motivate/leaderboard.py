"""排行榜 Leaderboards: who leads now, by which rule, and how each place came about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.calendar.queries import parse_period, period_of, today
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Refused, Text
from wubu.motivate.leaderboards import queries, rules
from wubu.motivate.leaderboards.types import Leaderboard, Place
from wubu.motivate.points import queries as points
from wubu.motivate.points import rules as points_rules
from wubu.web import figures
from wubu.web.entries import Entry
from wubu.web.ui import (
    Action,
    Column,
    Empty,
    Note,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    Tab,
    Table,
    show,
)

SHOWN = 50  # places
LIVE = "contract payment follow_up customer opportunity survey"
CLOSED = Text(
    "本期已关账：名次、数字和规则都是关账时保存的，不再变化。",
    "This period is closed: ranks, figures and the rule are those kept at closing.",
)


def page(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    boards = queries.leaderboards()
    if not boards:
        empty = Empty(
            Text("还没有排行榜", "No leaderboards yet"),
            Text("在设置里添加一个。", "Add one under Setup."),
            icon="trophy",
            actions=[Action(Text("激励设置", "Set up"), "/setup/motivation", icon="settings")],
        )
        return Page(Text("排行榜", "Leaderboards"), [empty], step="motivate").response(page_request)
    key = page_request.GET.get("board", "") or boards[0].key
    rule = next((b for b in boards if b.key == key), boards[0])
    period, refused = _period(page_request, rule.period)
    board = queries.leaderboard(page_request.actor, rule.key, period)
    shown = _shown(page_request, board)
    body = [
        *(
            [Problems(refused.problems, Text("周期无法识别", "This period is not valid"))]
            if refused
            else []
        ),
        Raw("parts/measure/rule.html", rule=rules.sentence(rule), url=_rule_url(board)),
        *([Note(CLOSED)] if board.closed else []),
        Panel(
            body=Raw(
                "parts/motivate/ranks.html", places=[_line(page_request, board, p) for p in shown]
            )
            if board.places
            else Empty(
                Text("本期还没有人上榜", "Nobody is ranked yet"),
                Text(
                    "先添加成员；有了第一笔业绩，名次马上出现。",
                    "Add people first; the ranks appear with the first figures.",
                ),
                icon="trophy",
                actions=[Action(Text("成员", "People"), "/setup/people", icon="users")]
                if page_request.policy.may_setup("people")
                else [],
            ),
            key="ranks",
            live=LIVE,
            flush=True,
            foot=_foot(board, len(shown)),
        ),
    ]
    return Page(
        Text("排行榜", "Leaderboards"),
        body,
        step="motivate",
        tabs=[Tab(b.label, f"?board={b.key}", b.key == rule.key) for b in boards],
        aside=figures.picker(page_request, period, kinds=False),
    ).response(page_request)


def _shown(request: PageRequest, board: Leaderboard) -> tuple[Place, ...]:
    """The first, and the reader's own: a page's cost must not grow with the company."""
    if "all" in request.GET:
        return board.places
    mine = request.actor.member_id if board.rule.by == "member" else None
    rest = tuple(p for p in board.places[SHOWN:] if p.id == mine)
    return board.places[:SHOWN] + rest


def _foot(board: Leaderboard, shown: int) -> Any:
    if shown >= len(board.places):
        return _left_out(board)
    words = Text("全部 {n} 名", "All {n} places").format(n=len(board.places))
    url = f"?board={board.rule.key}&period={board.period.key}&all=1"
    return [Raw("parts/measure/all.html", url=url, label=words), _left_out(board)]


def _period(request: PageRequest, kind: str) -> tuple[Period, Refused | None]:
    text = request.GET.get("period", "")
    current = period_of(kind, today())  # type: ignore[arg-type]
    if not text:
        return current, None
    try:
        return parse_period(text), None
    except Refused as refused:
        return current, refused


def _rule_url(board: Leaderboard) -> str:
    if board.rule.source == "metric":
        return figures.link(board.rule.of, board.period)
    return "/points" if board.rule.source == "points" else "/scorecard"


def _line(request: PageRequest, board: Leaderboard, place: Place) -> dict[str, object]:
    return {
        "rank": place.rank,
        "idle": place.state == "not_started",
        "name": place.name,
        "team": place.team,
        "value": _value(board, place.value),
        "share": f"{place.share:.4f}",
        "moved": place.moved,
        "attained": None if place.attainment is None else show.percent(place.attainment, 0),
        "url": _url(board, place) if place.open else "",
        "me": board.rule.by == "member" and place.id == request.actor.member_id,
    }


def _value(board: Leaderboard, value: int | Decimal | None) -> str:
    if board.metric is not None:
        return figures.shown(board.metric, value)
    if value is None:
        return show.NONE
    return show.number(value, 0 if board.rule.source == "points" else 1)


def _url(board: Leaderboard, place: Place) -> str:
    at = board.period
    if board.rule.source == "metric":
        if board.rule.by == "team":
            return figures.link(board.rule.of, at, team=place.id)
        return figures.link(board.rule.of, at, member=place.id)
    page_ = "points" if board.rule.source == "points" else "scorecard"
    return f"/{page_}?period={at.key}&member={place.id}#m-{place.id}"


def _left_out(board: Leaderboard) -> Text | str:
    said = []
    idle = sum(p.state == "not_started" for p in board.places)
    if idle:
        words = Text(
            "{n} 个本期尚未开始（没有数据也没有活动），不占名次。",
            "{n} have not started in this period and take no place.",
        )
        said.append(words.format(n=idle))
    if board.left_out:
        said.append(
            Text(
                "{n} 人本期没有数据，不参与排名。", "{n} people have no figure and are not ranked."
            ).format(n=board.left_out)
        )
    if board.unassigned:
        said.append(
            Text("另有 {v} 没有归属到人。", "Another {v} belong to nobody.").format(
                v=_value(board, board.unassigned)
            )
        )
    return " ".join(map(str, said))


def points_page(request: HttpRequest) -> HttpResponse:
    """积分 Points: the rules in words, and each one's working."""
    page_request = cast(PageRequest, request)
    period, refused = figures.safe_period(page_request)
    table = points.points(page_request.actor, period)
    held = table.rules or points_rules.current()
    rule_rows = Table(
        [
            Column(Text("规则", "Rule"), points_rules.sentence),
            Column(Text("举例", "For example"), points_rules.example),
            Column(
                Text("自", "Since"), lambda r: _since(r.valid_from.year, show.date(r.valid_from))
            ),
        ],
        held,
        empty=Empty(Text("还没有积分规则", "No points rules yet"), small=True),
    )
    rows = [
        {
            "id": r.member_id,
            "name": r.name,
            "points": show.number(r.points),
            "open": str(r.member_id) == page_request.GET.get("member"),
            "lines": [
                {
                    "label": line.rule.label,
                    "month": f"{line.month:%Y-%m}",
                    "value": figures.shown(line.rule.metric, line.value),
                    "parts": show.number(line.parts),
                    "each": line.rule.points,
                    "points": show.number(line.points),
                    "capped": line.capped,
                    "url": figures.link(
                        line.rule.metric.key, Period.of("month", line.month), member=r.member_id
                    ),
                }
                for line in r.lines
            ],
        }
        for r in table.rows
    ]
    body = [
        *(
            [Problems(refused.problems, Text("周期无法识别", "This period is not valid"))]
            if refused
            else []
        ),
        Panel(
            Text("规则", "Rules"),
            rule_rows,
            key="rules",
            note=Text("对所有人公开", "open to everybody"),
            actions=[Action(Text("设置", "Set up"), "/setup/motivation", style="ghost")]
            if page_request.policy.may_setup("points")
            else [],
        ),
        Panel(
            Text("每人的积分", "Points by person"),
            Raw("parts/motivate/points.html", rows=rows)
            if rows
            else Empty(Text("本期还没有积分", "No points yet"), small=True),
            key="points",
            live=LIVE,
            flush=True,
        ),
    ]
    return Page(
        Text("积分", "Points"),
        body,
        step="motivate",
        subtitle=Text(
            "点开一个人，看每一分从哪里来。", "Open a person to see where each point comes from."
        ),
        aside=figures.picker(page_request, period),
    ).response(page_request)


def _since(year: int, day: str) -> Text | str:
    return Text("一开始", "the beginning") if year <= 2000 else day


urlpatterns = [
    path("leaderboard", page, name="leaderboard"),
    path("points", points_page, name="points"),
]
NAV = (
    Entry("motivate", Text("排行榜", "Leaderboards"), "/leaderboard", "trophy", position=1),
    Entry("motivate", Text("积分", "Points"), "/points", "coins", position=2),
)
