"""设置 Leaderboards and points: rules in words, each holding from a day on."""

from __future__ import annotations

import re
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Text
from wubu.measure.metrics.queries import metrics
from wubu.measure.scorecards.queries import cards
from wubu.motivate.leaderboards import actions as board_actions
from wubu.motivate.leaderboards import rules as board_rules
from wubu.motivate.points import actions as points_actions
from wubu.motivate.points import rules as points_rules
from wubu.web.nav import Entry
from wubu.web.rules import HOLDS, Pages, fresh_key, named, naming, state
from wubu.web.rules import asks as asks_of_change
from wubu.web.ui import (
    Action,
    Column,
    Crumb,
    Page,
    PageRequest,
    Panel,
    Table,
)
from wubu.web.ui.asking import Ask, Form, day

TITLE = Text("激励规则", "Leaderboards and points")
CRUMB = Crumb(TITLE, "/setup/motivation")
BOARDS = Pages(board_rules.SECTION, "/setup/motivation/boards", CRUMB)
POINTS = Pages(points_rules.SECTION, "/setup/motivation/points", CRUMB)
ADDABLE = ("money", "count", "number", "points")


def motivation(request: HttpRequest) -> HttpResponse:
    """Leaderboards and points rules, in words."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("points")
    boards = [board_rules.read(r) for r in dated.rules(board_rules.SECTION, resting=True)]
    board_columns = [
        Column(Text("排行榜", "Leaderboard"), lambda r: r.label),
        Column(Text("规则", "Rule"), board_rules.sentence),
        Column(Text("状态", "State"), lambda r: state(r.active)),
    ]
    points_columns = [
        Column(Text("积分规则", "Points rule"), lambda r: r.label),
        Column(Text("规则", "Rule"), points_rules.sentence),
        Column(Text("举例", "For example"), points_rules.example),
        Column(Text("状态", "State"), lambda r: state(r.active)),
    ]
    body = [
        Panel(
            Text("排行榜", "Leaderboards"),
            Table(board_columns, boards, row_url=lambda r: f"/setup/motivation/boards/{r.key}"),
            key="boards",
            actions=[Action(Text("新增", "New"), "/setup/motivation/boards/new", icon="plus")],
        ),
        Panel(
            Text("积分规则", "Points rules"),
            Table(
                points_columns,
                points_rules.current(resting=True),
                row_url=lambda r: f"/setup/motivation/points/{r.key}",
            ),
            key="points",
            actions=[Action(Text("新增", "New"), "/setup/motivation/points/new", icon="plus")],
        ),
    ]
    return Page(TITLE, body, step="setup", subtitle=HOLDS).response(asked)


def board(request: HttpRequest, key: str = "") -> HttpResponse:
    """One leaderboard's rule."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("points")
    rule = None if not key else dated.rule(board_rules.SECTION, key)
    d = dict(rule.definition) if rule else {}
    sources = [(f"metric:{m.key}", m.label) for m in metrics() if not m.hidden]
    sources += [(f"scorecard:{c.key}", c.label) for c in cards()]
    sources.append(("points:", Text("积分", "Points")))
    label = Text.of(d.get("label") or "")
    asks = [
        *naming(label),
        Ask(
            "what",
            Text("按什么排", "Ranked by"),
            "select",
            f"{d.get('source', '')}:{d.get('of', '')}",
            sources,
        ),
        Ask(
            "by",
            Text("排谁", "Whom"),
            "select",
            d.get("by", "member"),
            [(k, v) for k, v in board_rules.WHO.items()],
        ),
        Ask(
            "period",
            Text("周期", "Period"),
            "select",
            d.get("period", "month"),
            [(k, v) for k, v in board_rules.SPAN.items()],
        ),
        Ask(
            "audience",
            Text("谁能看", "Who sees it"),
            "select",
            d.get("audience", "permitted"),
            [(k, v) for k, v in board_rules.SHOWN_TO.items()],
        ),
        _active(rule),
        *asks_of_change(),
    ]

    def save() -> Any:
        source, _, of = asked.POST.get("what", "").partition(":")
        definition = {
            **d,
            "label": named(asked.POST),
            "source": source,
            "of": of,
            **{name: asked.POST.get(name, "") for name in ("by", "period", "audience")},
        }
        return board_actions.set_rule(
            key or fresh_key(board_rules.SECTION, "board"), definition, **_common(asked)
        )

    title = rule.label if rule else Text("新增排行榜", "New leaderboard")
    said = board_rules.sentence(board_rules.read(rule)) if rule else None
    return BOARDS.setting(asked, title, Form("", asks), save, rule=rule, sentence=said)


def points(request: HttpRequest, key: str = "") -> HttpResponse:
    """One points rule."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("points")
    rule = None if not key else dated.rule(points_rules.SECTION, key)
    d = dict(rule.definition) if rule else {}
    every = {m.key: m for m in metrics() if m.unit in ADDABLE}
    info = every.get(d.get("metric", ""))
    whole = 10**info.scale if info else 1
    label = Text.of(d.get("label") or "")
    asks = [
        *naming(label),
        Ask(
            "metric",
            Text("指标", "Metric"),
            "select",
            d.get("metric", ""),
            [(m.key, m.label) for m in every.values()],
        ),
        Ask(
            "per",
            Text("每满", "For every"),
            "number",
            d.get("per", 1) // whole,
            help=Text("元或个", "yuan, or a count"),
        ),
        Ask(
            "points",
            Text("得分", "Points"),
            "number",
            d.get("points", 1),
            help=Text("负数为扣分", "negative takes points away"),
        ),
        Ask(
            "cap",
            Text("每月上限", "Monthly cap"),
            "number",
            d.get("cap") or "",
            help=Text("留空即不封顶", "empty: none"),
        ),
        _active(rule),
        *asks_of_change(),
    ]

    def save() -> Any:
        chosen = every.get(asked.POST.get("metric", ""))
        scale = 10**chosen.scale if chosen else 1
        per = _int(asked, "per")
        cap = asked.POST.get("cap", "").strip()
        definition: dict[str, Any] = {
            "label": named(asked.POST),
            "metric": asked.POST.get("metric", ""),
            "per": per * scale if per is not None else asked.POST.get("per", ""),
            "points": _int(asked, "points"),
        }
        if cap:
            definition["cap"] = _int(asked, "cap") if _int(asked, "cap") is not None else cap
        return points_actions.set_rule(
            key or fresh_key(points_rules.SECTION, "points"), definition, **_common(asked)
        )

    title = rule.label if rule else Text("新增积分规则", "New points rule")
    said = next(
        (points_rules.sentence(r) for r in points_rules.current(resting=True) if r.key == key), None
    )
    return POINTS.setting(asked, title, Form("", asks), save, rule=rule, sentence=said)


def _active(rule: Rule | None) -> Ask:
    return Ask("active", Text("启用", "On"), "check", "1" if rule is None or rule.active else "")


def _common(request: PageRequest) -> dict[str, Any]:
    return {
        "actor": request.actor,
        "active": bool(request.POST.get("active")),
        "valid_from": day(request.POST, "valid_from"),
        "reason": request.POST.get("reason", "").strip(),
    }


def _int(request: PageRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip().replace(",", "")
    return int(text) if re.fullmatch(r"-?\d{1,12}", text) else None


urlpatterns: list[Any] = [
    path("setup/motivation", motivation, name="setup-motivation"),
    path("setup/motivation/boards/new", board, name="setup-board-new"),
    path("setup/motivation/boards/<slug:key>", board, name="setup-board"),
    path("setup/motivation/points/new", points, name="setup-points-new"),
    path("setup/motivation/points/<slug:key>", points, name="setup-points"),
]
NAV = (
    Entry(
        "setup",
        Text("激励规则", "Incentives"),
        "/setup/motivation",
        "award",
        may=lambda p: p.may_setup("points"),
        position=71,
    ),
)
