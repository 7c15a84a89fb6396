"""设置 A metric of one's own: what it counts, on which day, for whom, in which unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.past import Subject
from wubu.kernel.types import Problem, Refused, Text
from wubu.measure.figures.queries import metric, metrics, rules_in_words
from wubu.measure.ledger.queries import open_from
from wubu.measure.metrics import actions
from wubu.measure.metrics.definition import TEXTS
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.types import MetricInfo, Rule
from wubu.web.pages.measure.metric_questions import FIRST, form
from wubu.web.pages.measure.metric_questions import place as place_asked
from wubu.web.rules import Frame, named
from wubu.web.ui import Action, Column, Crumb, PageRequest, Panel, Table, redirect, show
from wubu.web.ui.asking import Ask, Form, day
from wubu.web.ui.reaching_back import confirm

BASE = "/setup/metrics"
NEW = Text("新指标", "New metric")
FRAME = Frame(
    Crumb(Text("指标字典", "Metric dictionary"), "/metrics/"),
    step="measure",
    holds=Text(
        "算什么、记在哪一天、归谁；以后换规则不动以前的数字。",
        "What it counts, on which day, for whom; another rule later leaves earlier figures.",
    ),
)
MADE = Text(
    "“{l}”已保存，已按现有记录算好；可以设目标，用于排行榜和积分。",
    "“{l}” is saved and worked out from the records there are. It can have targets and count in "
    "leaderboards and points.",
)
CHANGED = Text("“{l}”已保存，数字已按规则重算。", "“{l}” is saved, its figures follow the rule.")


def new(request: HttpRequest) -> HttpResponse:
    """A new metric: first which kind and of which records, then all of it."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("metrics")
    kind, object_key = page_request.GET.get("kind", ""), page_request.GET.get("object", "")
    if kind not in KINDS or not (object_key or not KINDS[kind].posted):
        return FRAME.page(page_request, NEW, [Panel(body=_choose())])
    spec = snapshot().object(object_key) if KINDS[kind].posted else None
    return FRAME.setting(
        page_request,
        NEW,
        form(kind, spec, None),
        lambda: _make(page_request, kind, spec),
        sentence=_follows(kind),
        leads_to=lambda made: f"/metrics/{made.key}",
        said=MADE,
    )


def change(request: HttpRequest, key: str) -> HttpResponse:
    """A metric that is there: its words, its rule from a day on, every rule it had."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("metrics")
    info = metric(key)
    object_key = info.rule.definition.object
    spec = snapshot().object(object_key) if object_key else None
    rules = rules_in_words(key)
    return FRAME.setting(
        page_request,
        info.label,
        form(info.kind, spec, info),
        lambda: _change(page_request, info),
        sentence=rules[-1][1],
        leads_to=lambda saved: f"/metrics/{saved.key}",
        after=[_switch(info), _history(rules)],
        said=CHANGED,
    )


def _choose() -> Form:
    objects = [(o.key, o.label) for o in snapshot().live if not o.part_of]
    several = Text("比率和平均不用选。", "Ratios and averages need none.")
    kinds = [(k.key, k.what) for k in KINDS.values()]
    return Form(
        BASE + "/new",
        [
            Ask("kind", Text("算什么", "What it counts"), "select", "count", kinds),
            Ask("object", Text("哪一类记录", "Of which records"), "select", "", objects, several),
        ],
        Text("下一步", "Next"),
        method="get",
    )


def _follows(kind: str) -> Text:
    if not KINDS[kind].posted:
        return Text(
            "先各自按期间、按人相加，再相除。保存后列入指标字典，随两个指标变化。",
            "Both are added up by period and person first, then divided. Once saved it is in the "
            "dictionary and follows its two metrics.",
        )
    said = Text(
        "保存时按现有记录计算，之后随记录变化。列入指标字典，可设目标，用于排行榜和积分。",
        "It is worked out from the records there are when saved and follows them from then on. "
        "It is in the dictionary, can have targets, and count in leaderboards and points.",
    )
    opened = open_from()
    if opened is None:
        return said
    closed = Text(
        "{s}{d}以前已关账，不改写：起算日更早时，那些日子的数记在这一天。",
        "{s} Days before {d} are closed and stay: where counting begins earlier, what they would "
        "have held stands on that day.",
    )
    return closed.format(s=said, d=show.date(opened))


# What is answered


def _make(request: PageRequest, kind: str, spec: ObjectSpec | None) -> MetricInfo:
    post = request.POST
    place, wrong = _placed(post, None)
    since = None
    try:
        since = day(post, "since")
    except Refused as refused:
        wrong += refused.problems
    definition = _definition(post, {"kind": kind} | ({"object": spec.key} if spec else {}))
    try:
        return actions.define(
            actor=request.actor,
            key=_fresh_key(post),
            label=Text.of(named(post)),
            definition=definition,
            unit=post.get("unit", ""),
            better=post.get("better", ""),
            texts=_texts(post, None),
            position=place,
            since=since,
            wrong=wrong,
        )
    except Refused as refused:
        raise _beside_its_question(refused) from refused


def _change(request: PageRequest, info: MetricInfo) -> MetricInfo:
    post = request.POST
    place, wrong = _placed(post, info)
    since = info.rule.valid_from if post.get("correct") else None
    try:
        since = since or day(post, "valid_from")
    except Refused as refused:
        wrong += refused.problems
    try:
        if not wrong:
            confirm(request, Subject("metric", info.key), since)
        return actions.change(
            actor=request.actor,
            key=info.key,
            label=Text.of(named(post)),
            better=post.get("better", info.better),
            position=place,
            texts=_texts(post, info),
            definition=_definition(post, info.rule.definition.as_json()),
            valid_from=since,
            reason=post.get("reason", "").strip(),
            wrong=wrong,
        )
    except Refused as refused:
        raise _beside_its_question(refused) from refused


def _definition(post: QueryDict, before: Mapping[str, Any]) -> dict[str, Any]:
    """The rule as answered; what the form does not ask, such as shares of credit, stays."""
    made = dict(before)
    for field in KINDS[before["kind"]].fields:
        made.update(field.answered(post, made))
    return {k: v for k, v in made.items() if v is not None}


def _placed(post: QueryDict, info: MetricInfo | None) -> tuple[int, list[Problem]]:
    """The position behind the metric that was chosen, and what is wrong with the choice."""
    chosen = post.get("place", "")
    if info is not None and chosen == place_asked(info).value:
        return info.position, []
    every = metrics()
    if chosen == FIRST:
        return min((m.position for m in every), default=1) - 1, []
    for m in every:
        if m.key == chosen:
            return m.position + 1, []
    said = Text("没有指标“{k}”。", "There is no metric “{k}”.").format(k=chosen)
    return 0, [Problem("no_such_metric", said, field="place", value=chosen)]


def _texts(post: QueryDict, info: MetricInfo | None) -> dict[str, Text]:
    """The columns of the dictionary: the words in the language of who writes them.

    Where the two languages differ, the other one stays.
    """
    found = {}
    for field in TEXTS:
        requested = replace(field, name=f"text_{field.name}")
        kept = {requested.name: getattr(info, field.name).as_dict()} if info else {}
        words = requested.answered(post, kept).get(requested.name)
        if info or words:
            found[field.name] = Text.of(words or "")
    return found


def _fresh_key(post: QueryDict) -> str:
    """A key out of the English name, metric_1 where there is none to make it of."""
    words = re.sub(r"[^a-z0-9]+", "_", named(post)["en"].lower()).strip("_")[:40].strip("_")
    stem = words if words[:1].isalpha() else "metric"
    taken = {m.key for m in metrics(hidden=True, retired=True)}
    if stem != "metric" and stem not in taken:
        return stem
    n = 1
    while f"{stem}_{n}" in taken:
        n += 1
    return f"{stem}_{n}"


def _beside_its_question(refused: Refused) -> Refused:
    return type(refused)(
        *(replace(p, field="label_zh") if p.field == "label" else p for p in refused.problems)
    )


# Retiring, and the past


def _switch(info: MetricInfo) -> Panel:
    if info.retired:
        words = Text("已停用：不再计数，也不显示。", "Disabled: it is not counted and not shown.")
        label = Text("恢复", "Restore")
    else:
        words = Text(
            "停用后不再计数，不再显示；已计入的保留，随时可以恢复。",
            "When disabled, it stops counting and is hidden; what it counted "
            "stays, and it can be enabled again.",
        )
        label = Text("停用", "Disable")
    action = Action(label, f"{BASE}/{info.key}/switch", icon="power", post=True)
    return Panel(Text("启用与停用", "Enable or disable"), words, actions=[action])


def _history(rules: Sequence[tuple[Rule, Text]]) -> Panel:
    columns = [
        Column(Text("生效日期", "Effective from"), lambda r: _since(r[0])),
        Column(Text("规则", "Rule"), lambda r: r[1]),
        Column(Text("原因", "Reason"), lambda r: r[0].reason or ""),
    ]
    return Panel(Text("版本", "Versions"), Table(columns, rules[::-1]), key="history")


def _since(rule: Rule) -> Any:
    if rule.valid_from <= actions.EVER:
        return Text("一开始", "the beginning")
    return show.date(rule.valid_from)


@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Retire a metric, or bring it back."""
    page_request = cast(PageRequest, request)
    info = actions.retire(actor=page_request.actor, key=key, retired=not metric(key).retired)
    said = (
        Text("已停用。", "It is disabled.") if info.retired else Text("已恢复。", "It is restored.")
    )
    return redirect(f"{BASE}/{key}", said)


urlpatterns: list[Any] = [
    path("setup/metrics/new", new, name="setup-metric-new"),
    path("setup/metrics/<slug:key>", change, name="setup-metric"),
    path("setup/metrics/<slug:key>/switch", switch, name="setup-metric-switch"),
]
