"""The pages of dated rules: a list, one rule with its form, its versions and its switch.

What is asked, read and checked comes from how the kind is declared (``kernel.definitions``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.definitions.base import Question
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.kinds import DatedKind, in_use
from wubu.kernel.definitions.plain import Words
from wubu.kernel.past import Subject
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Refused, Text
from wubu.web.ui import (
    Action,
    Column,
    Crumb,
    Empty,
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
from wubu.web.ui.reaching_back import confirm

SERVED: set[str] = set()  # kinds that a page serves; the others are served by pages.rule_kinds
HOLDS = Text(
    "修改从所选日期起生效，过去的结果不变。",
    "A change takes effect on the day you choose; earlier results stay.",
)
NAME = Words(name="label", label=Text("名称", "Name"), naming=True, required=True, most=200)
SAVED = Text("“{l}”已保存。", "“{l}” is saved.")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the page of something that is set and holds from a day on."""

    crumb: Crumb
    step: str = "setup"
    holds: Text = HOLDS

    def page(
        self, request: PageRequest, title: Any, body: list[Any], status: int = 200
    ) -> HttpResponse:
        """A page below the crumb."""
        page = Page(title, body, self.step, self.holds, crumbs=[self.crumb])
        return page.response(request, status)

    def setting(
        self,
        request: PageRequest,
        title: Any,
        form: Form,
        save: Callable[[], Any],
        *,
        sentence: Text | None = None,
        leads_to: Callable[[Any], str] | None = None,
        after: Sequence[Any] = (),
        said: Text = SAVED,
    ) -> HttpResponse:
        """A page with a form.

        Saved, one is where the crumb leads, or ``leads_to``, and told ``said`` of what ``save``
        gave, which has a label. ``after`` stands below the form.
        """
        refused: Refused | None = None
        if request.method == "POST":
            saved, refused = form.tried(request.POST, save)
            if saved is not None:
                url = leads_to(saved) if leads_to else self.crumb.url
                return redirect(url, said.format(l=saved.label))
        body: list[Any] = [Problems(refused.problems, labels=form.labels)] if refused else []
        body += [*([Note(sentence)] if sentence else []), Panel(body=form), *after]
        return self.page(request, title, body, refused.status if refused else 200)


@dataclass(frozen=True, slots=True)
class Pages:
    """How the pages of one kind of rule look.

    ``first``: the object is asked for on a page of its own before a new rule. Kinds that say what
    their switch does have one; the others are enabled by a tick in the form. Saved, one is where
    the frame says, or ``leads_to``. ``fresh`` is what a new rule of an object begins with;
    ``preview`` stands below the form, ``nothing`` in its place where no object will do.
    """

    kind: DatedKind[Any]
    frame: Frame
    first: bool = False
    leads_to: Callable[[Any], str] | None = None
    fresh: Callable[[str], dict[str, Any]] | None = None
    preview: Callable[[PageRequest, Rule | None], Sequence[Any]] | None = None
    nothing: Callable[[], Empty | None] | None = None

    def urls(self, name: str) -> list[Any]:
        """The addresses: a new rule, one rule, its switch."""
        SERVED.add(self.kind.name)
        base = self.kind.url.lstrip("/")
        return [
            path(f"{base}/new", self.one, name=f"{name}-new"),
            path(f"{base}/<slug:key>", self.one, name=name),
            path(f"{base}/<slug:key>/switch", require_POST(self.switch), name=f"{name}-switch"),
        ]

    # The list

    def listed(self, more: Sequence[Column] = (), *, note: Text | str = "") -> Panel:
        """Every rule of the kind in words, disabled ones too. ``more`` columns stand between."""
        kind = self.kind
        rules = [r for r in dated.rules(kind.name, with_disabled=True) if in_use(r)]
        columns = [
            Column(kind.definition.label, kind.label_of),
            Column(Text("规则", "Rule"), lambda r: self.sentence(r)),
            *more,
            Column(Text("状态", "State"), lambda r: state(r.active)),
        ]
        table = Table(
            columns,
            rules,
            row_url=lambda r: f"{self.kind.url}/{r.key}",
            empty=Empty(Text("还没有{k}", "None yet").format(k=kind.definition.label), small=True),
        )
        new = Action(kind.new, f"{self.kind.url}/new", icon="plus")
        return Panel(kind.label, table, key=kind.name, actions=[new], note=note)

    def sentence(self, rule: Rule) -> Text:
        """A rule in plain words; why it cannot be said where something it names is gone."""
        try:
            return self.kind.sentence(self.kind.read(rule))
        except Refused as refused:
            return refused.problems[0].message

    def column(self, label: Text, say: Callable[[Any], Any]) -> Column:
        """A column of the list about what a rule says; empty where it names what is gone."""

        def said(rule: Rule) -> Any:
            try:
                return say(self.kind.read(rule))
            except Refused:
                return ""

        return Column(label, said)

    # One rule

    def one(self, request: HttpRequest, key: str = "") -> HttpResponse:
        """The page of one rule, or of a new one: in words, asked for in a form, with versions."""
        page_request = cast(PageRequest, request)
        page_request.policy.require_setup(self.kind.area)
        rule = dated.rule(self.kind.name, key) if key else None
        before = dict(rule.definition) if rule else {}
        if self.first and rule is None:
            before = self._begun(page_request.GET.get("object", ""))
            if not before:
                return self.frame.page(page_request, self.kind.new, [Panel(body=self._choose())])
        return self.frame.setting(
            page_request,
            self.kind.label_of(rule) if rule else self.kind.new,
            Form("", [*asks(self.kind.definition.questions(before)), *self._more(rule)]),
            lambda: self._save(page_request, rule, before),
            sentence=self.sentence(rule) if rule else None,
            leads_to=self.leads_to,
            after=[
                *([*self._switch(rule), self._history(rule)] if rule else []),
                *(self.preview(page_request, rule) if self.preview else []),
            ],
        )

    def switch(self, request: HttpRequest, key: str) -> HttpResponse:
        """Disable a rule, or enable it, from today on."""
        rule = dated.rule(self.kind.name, key)
        actor = cast(PageRequest, request).actor
        self.kind.switch(key, actor=actor, active=not rule.active)
        said = (
            Text("已停用。", "It is disabled.")
            if rule.active
            else Text("已启用。", "It is enabled.")
        )
        return redirect(f"{self.kind.url}/{key}", said)

    def _begun(self, object_key: str) -> dict[str, Any]:
        """What a new rule of an object begins with. Raises Missing."""
        if not object_key:
            return {}
        spec = snapshot().object(object_key)
        return {"object": spec.key, **(self.fresh(spec.key) if self.fresh else {})}

    def _choose(self) -> Any:
        """The first question of a new rule: about which object."""
        found = self.kind.definition.field("object")
        questions = asks(found.questions({}) if found else ())
        nothing = self.nothing() if self.nothing else None
        form = Form(f"{self.kind.url}/new", questions, Text("下一步", "Next"), method="get")
        return nothing or form

    def _more(self, rule: Rule | None) -> list[Ask]:
        on = "1" if rule is None or rule.active else ""
        tick = Ask("active", Text("启用", "Enabled"), "check", on)
        return [*([] if self.kind.disable_help.zh else [tick]), *of_change()]

    def _save(self, request: PageRequest, rule: Rule | None, before: dict[str, Any]) -> Any:
        post = request.POST
        definition = self.kind.definition.answered(post, before)
        active = rule.active if rule else True
        if not self.kind.disable_help.zh:
            active = bool(post.get("active"))
        stem = self.kind.stem or self.kind.name
        key = rule.key if rule else fresh_key(self.kind.name, stem)
        when = dated_answers(post)
        self.kind.check(key, definition)
        confirm(request, Subject("rule", f"{self.kind.name}/{key}"), when["valid_from"])
        return self.kind.set_rule(key, definition, actor=request.actor, active=active, **when)

    def _switch(self, rule: Rule) -> list[Panel]:
        if not self.kind.disable_help.zh:
            return []
        label = Text("停用", "Disable") if rule.active else Text("启用", "Enable")
        action = Action(label, f"{self.kind.url}/{rule.key}/switch", icon="power", post=True)
        words = self.kind.disable_help if rule.active else self.kind.enable_help
        return [Panel(Text("启用与停用", "Enable or disable"), words, actions=[action])]

    def _history(self, rule: Rule) -> Panel:
        columns = [
            Column(Text("生效日期", "Effective from"), lambda r: since(r)),
            Column(Text("内容", "What"), lambda r: in_short(self.kind.definition, r)),
            Column(Text("状态", "State"), lambda r: state(r.active)),
            Column(Text("原因", "Reason"), lambda r: r.reason),
        ]
        versions = dated.history(self.kind.name, rule.key)
        return Panel(Text("版本", "Versions"), Table(columns, versions), key="history")


def asks(questions: Sequence[Question]) -> list[Ask]:
    """The questions of a definition as a form shows them."""
    return [
        Ask(
            q.name,
            q.label,
            cast(Any, q.kind),
            q.value,
            q.options,
            q.help,
            q.required,
            q.wide,
            object=q.object,
            object_from=q.object_from,
            expect=cast(Any, q.expect),
            place=q.place,
        )
        for q in questions
    ]


def naming(label: Text) -> list[Ask]:
    """A name, asked for in both languages."""
    return asks(NAME.questions({"label": label.as_dict()}))


def named(post: QueryDict) -> dict[str, str]:
    """What was answered to ``naming``, as a definition keeps it."""
    found: dict[str, str] = NAME.answered(post, {})["label"]
    return found


def of_change() -> list[Ask]:
    """From when, and why: asked of every change."""
    today = Text("留空即今天", "empty: today")
    return [
        Ask("valid_from", Text("生效日期", "Effective from"), "date", help=today),
        Ask("reason", Text("修改原因", "Reason")),
    ]


def dated_answers(post: QueryDict) -> dict[str, Any]:
    """What was answered to ``of_change``. Raises Refused for no day."""
    return {"valid_from": day(post, "valid_from"), "reason": post.get("reason", "").strip()}


def state(active: bool) -> Text:
    return Text("启用", "Enabled") if active else Text("停用", "Disabled")


def fresh_key(section: str, stem: str) -> str:
    """A key that no rule of the section has yet: stem_1, stem_2 …"""
    taken = {r.key for r in dated.rules(section, with_disabled=True)}
    n = 1
    while f"{stem}_{n}" in taken:
        n += 1
    return f"{stem}_{n}"


def since(rule: Rule) -> Any:
    """The first day of a version."""
    if rule.valid_from.year <= 2000:
        return Text("一开始", "the beginning")
    return show.date(rule.valid_from)


def in_short(definition: Definition, rule: Rule) -> str:
    """What a version says, field by field."""
    d = rule.definition
    parts = [
        f"{f.label} {definition.say(f.name, d)}"
        for f in definition.fields
        if f.name not in ("label", "object") and d.get(f.name) not in (None, "", [], {})
    ]
    return " · ".join(parts)
