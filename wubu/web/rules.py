"""What the pages of dated rules share: since when a rule holds, its versions, a fresh key."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Text
from wubu.web.ui import Action, Column, Panel, Table, show
from wubu.web.ui.asking import Ask, day

HOLDS = Text(
    "修改从所选日期起生效，过去的结果不变。",
    "A change holds from the day you choose; the past stays.",
)


def asks() -> list[Ask]:
    """From when, and why: asked of every change."""
    today = Text("留空即今天", "empty: today")
    return [
        Ask("valid_from", Text("生效日期", "Holds from"), "date", help=today),
        Ask("reason", Text("修改原因", "Reason")),
    ]


def answers(post: QueryDict, rule: Rule | None) -> dict[str, Any]:
    """What was answered to ``asks``, as setting a rule takes it. Raises Refused for no day."""
    return {
        "active": rule.active if rule else True,
        "valid_from": day(post, "valid_from"),
        "reason": post.get("reason", "").strip(),
    }


def state(active: bool) -> Text:
    return Text("启用", "On") if active else Text("停用", "Resting")


def switch(rule: Rule, url: str, *, rests: Text, wakes: Text) -> Panel:
    """The panel that lets a rule rest or wakes it: ``rests`` and ``wakes`` say what that does."""
    label = Text("停用", "Let it rest") if rule.active else Text("启用", "Wake it")
    return Panel(
        Text("开关", "Switch"),
        rests if rule.active else wakes,
        actions=[Action(label, url, icon="power", post=True)],
    )


def switched(rule: Rule) -> Text:
    """What was done to a rule that was as given."""
    return Text("已停用。", "It rests.") if rule.active else Text("已启用。", "It is on.")


def fresh_key(section: str, stem: str) -> str:
    """A key that no rule of the section has yet: stem_1, stem_2 …"""
    taken = {r.key for r in dated.rules(section, resting=True)}
    n = 1
    while f"{stem}_{n}" in taken:
        n += 1
    return f"{stem}_{n}"


def history(section: str, key: str) -> Panel:
    columns = [
        Column(Text("生效", "Holds from"), lambda r: _since(r)),
        Column(Text("内容", "What"), lambda r: _short(r)),
        Column(Text("状态", "State"), lambda r: state(r.active)),
        Column(Text("原因", "Reason"), lambda r: r.reason),
    ]
    return Panel(
        Text("版本", "Versions"), Table(columns, dated.history(section, key)), key="history"
    )


def _since(rule: Rule) -> Any:
    if rule.valid_from.year <= 2000:
        return Text("一开始", "the beginning")
    return show.date(rule.valid_from)


def _short(rule: Rule) -> str:
    d = rule.definition
    parts = [f"{k}={v}" for k, v in d.get("params", {}).items()]
    named = ("filter", "metric", "per", "points", "cap", "source", "of", "by", "audience")
    parts += [
        str(d[name]) if name == "filter" else f"{name}={d[name]}"
        for name in named
        if d.get(name) not in (None, "")
    ]
    return " · ".join(parts)
