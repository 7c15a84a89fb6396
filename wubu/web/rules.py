"""What the pages of dated rules share: the page that sets one, since when it holds, its versions,
a fresh key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict

from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Refused, Text
from wubu.web.ui import (
    Action,
    Column,
    Crumb,
    Note,
    Page,
    PageRequest,
    Panel,
    Problems,
    Table,
    redirect,
    show,
)
from wubu.web.ui.asking import Ask, Form, day

HOLDS = Text(
    "修改从所选日期起生效，过去的结果不变。",
    "A change holds from the day you choose; the past stays.",
)
SAVED = Text("“{l}”已保存。", "“{l}” is saved.")


@dataclass(frozen=True, slots=True)
class Pages:
    """How the pages of one section of rules look: each is set alike, and may rest.

    ``base`` is the address of a rule without its key; ``rests`` and ``wakes`` say what the switch
    of a rule does, which without them has none.
    """

    section: str
    base: str
    crumb: Crumb
    step: str = "setup"
    rests: Text | None = None
    wakes: Text | None = None
    holds: Text = HOLDS

    def page(
        self, request: PageRequest, title: Any, body: list[Any], status: int = 200
    ) -> HttpResponse:
        """A page of the section."""
        page = Page(title, body, self.step, self.holds, crumbs=[self.crumb])
        return page.response(request, status)

    def setting(
        self,
        request: PageRequest,
        title: Any,
        form: Form,
        save: Callable[[], Any],
        *,
        rule: Rule | None = None,
        sentence: Text | None = None,
        leads_to: Callable[[Any], str] | None = None,
        after: Sequence[Any] = (),
        said: Text = SAVED,
    ) -> HttpResponse:
        """The page of one rule, or of a new one: in words, asked for in a form, with its versions.

        What ``save`` gives has a label; afterwards one is where the crumb leads, or ``leads_to``,
        and told ``said``. ``after`` stands below the form.
        """
        refused: Refused | None = None
        if request.method == "POST":
            saved, refused = form.tried(request.POST, save)
            if saved is not None:
                url = leads_to(saved) if leads_to else self.crumb.url
                return redirect(url, said.format(l=saved.label))
        body: list[Any] = [Problems(refused.problems, labels=form.labels)] if refused else []
        body += [*([Note(sentence)] if sentence else []), Panel(body=form)]
        if rule is not None:
            body += [*self._switch(rule), history(self.section, rule.key)]
        body += after
        return self.page(request, title, body, refused.status if refused else 200)

    def _switch(self, rule: Rule) -> list[Panel]:
        if self.rests is None or self.wakes is None:
            return []
        label = Text("停用", "Let it rest") if rule.active else Text("启用", "Wake it")
        url = f"{self.base}/{rule.key}/switch"
        return [
            Panel(
                Text("开关", "Switch"),
                self.rests if rule.active else self.wakes,
                actions=[Action(label, url, icon="power", post=True)],
            )
        ]

    def switched(self, rule: Rule) -> HttpResponse:
        """Back on the page of a rule that was as given and has just been switched."""
        said = Text("已停用。", "It rests.") if rule.active else Text("已启用。", "It is on.")
        return redirect(f"{self.base}/{rule.key}", said)


def naming(label: Text) -> list[Ask]:
    """A rule's name, asked for in both languages."""
    return [
        Ask("label_zh", Text("名称", "Name"), value=label.zh, required=True),
        Ask("label_en", Text("英文名称", "In English, if different"), value=label.en),
    ]


def named(post: QueryDict) -> dict[str, str]:
    """What was answered to ``naming``, as a definition keeps it."""
    zh = post.get("label_zh", "").strip()
    return {"zh": zh, "en": post.get("label_en", "").strip() or zh}


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
