"""What the pages of reviews are made of: closing a month, pinned figures, conclusions, actions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wubu.improve.actions import queries as acts_queries
from wubu.improve.reviews.types import Pinned, PinnedRow, ReviewLine, ReviewView
from wubu.kernel.calendar.queries import today
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Conflict, Refused, Text
from wubu.measure.figures.queries import metrics
from wubu.measure.ledger import queries as ledger
from wubu.measure.ledger.actions import first_open_month
from wubu.web import figures
from wubu.web.pages.improve.action import action_form, action_table
from wubu.web.pages.measure.cockpit import headlines
from wubu.web.ui import (
    Action,
    Bar,
    Column,
    Empty,
    Note,
    PageRequest,
    Panel,
    Raw,
    Table,
    show,
)
from wubu.web.ui.asking import Ask, Form

STATES = {
    "open": Text("进行中", "Open"),
    "signed": Text("已签字", "Signed"),
}
PROSE = (
    ("findings", Text("发现了什么", "Findings")),
    ("causes", Text("原因是什么", "Causes")),
    ("decisions", Text("决定", "Decisions")),
)


def closing() -> Panel:
    """The month that may be closed next, and the one that may be opened again."""
    month = first_open_month()
    over = month.end <= today()
    words = (
        Text(
            "{m}已经结束，可以关账。关账后数字不再改写，并打开复盘。",
            "{m} is over and can be closed: its figures are pinned and the review opens.",
        )
        if over
        else Text(
            "{m}还没有结束，月底后可以关账。",
            "{m} is not over yet; it can be closed after its end.",
        )
    ).format(m=month.label())
    last = next((c for c in ledger.closings() if c.is_closed), None)
    actions_ = []
    if over:
        actions_.append(
            Action(
                Text("关账 {m}", "Close {m}").format(m=month.label()),
                f"/review/close/{month.key}",
                icon="lock",
                style="primary",
                post=True,
                confirm=Text(
                    "确定关账吗？之后的更正会记入下个月。",
                    "Close the month? Later corrections count in the next.",
                ),
            )
        )
    if last is not None:
        actions_.append(
            Action(
                Text("重新打开 {m}", "Reopen {m}").format(m=last.month.label()),
                f"/review/reopen/{last.month.key}",
                icon="lock-open",
                style="ghost",
            )
        )
    return Panel(Text("关账", "Closing"), words, key="closing", actions=actions_)


def review_table(lines: tuple[ReviewLine, ...]) -> Panel:
    """Every review in a table."""
    columns = [
        Column(Text("月份", "Month"), lambda r: Period.of("month", r.month).label()),
        Column(Text("范围", "Of"), lambda r: r.team_name or Text("全公司", "Company")),
        Column(Text("状态", "State"), _state),
        Column(
            Text("行动", "Actions"),
            lambda r: (
                f"{r.actions_all - r.actions_open}/{r.actions_all}" if r.actions_all else show.NONE
            ),
        ),
    ]
    empty = Empty(
        Text("还没有复盘", "No reviews yet"),
        Text("第一次关账后，复盘会自动打开。", "The first one opens when a month is closed."),
        icon="refresh",
        small=True,
    )
    return Panel(
        Text("复盘", "Reviews"),
        Table(columns, lines, row_url=lambda r: f"/review/{r.id}", empty=empty),
        key="reviews",
    )


def _state(line: ReviewLine) -> str:
    said = str(STATES[line.state])
    if line.round > 1:
        said += str(Text(" · 第 {n} 次", " · round {n}").format(n=line.round))
    if line.reopened:
        said += str(Text(" · 月份已重新打开", " · month reopened"))
    return said


def open_actions(request: PageRequest) -> Panel:
    """What was agreed and is not done yet."""
    found = acts_queries.actions(request.actor, state="open", limit=30)
    return Panel(
        Text("未完成的改进行动", "Open actions"),
        action_table(found),
        key="actions",
    )


def round_notes(review: ReviewView) -> list[Any]:
    """Which closing this is, and who signed."""
    notes = []
    if review.round > 1:
        notes.append(
            Note(
                Text(
                    "这个月曾重新打开，这是第 {n} 次关账的数字。",
                    "The month was reopened; these are the figures of closing {n}.",
                ).format(n=review.round)
            )
        )
    if review.state == "signed":
        notes.append(
            Note(
                Text("{w} 于 {d} 签字。", "Signed by {w} on {d}.").format(
                    w=review.signed_by or "–", d=show.moment(review.signed_at)
                ),
                "good",
            )
        )
    return notes


def pinned(review: ReviewView, month: Period) -> Panel:
    """The figures as they stood when the month was closed."""
    infos = {m.key: m for m in metrics(hidden=True, retired=True)}
    rows = [f for f in review.figures if f.metric in infos]

    def value(name: str) -> Any:
        def read(f: Pinned) -> str:
            number = getattr(f, name)
            return figures.shown(infos[f.metric], number)

        return read

    columns = [
        Column(Text("指标", "Metric"), lambda f: f.label),
        Column(Text("本月", "This month"), value("value"), align="end"),
        Column(Text("目标", "Target"), value("target"), align="end"),
        Column(Text("完成率", "Attained"), lambda f: f.attainment, "percent"),
        Column(
            "",
            lambda f: Bar(f.attainment, label=f.label) if f.attainment is not None else "\u00a0",
            "bar",
        ),
        Column(Text("上月", "Previous"), value("previous"), align="end"),
        Column(
            Text("环比", "Change"),
            lambda f: Raw("parts/improve/delta.html", value=f.previous_change, better=f.better),
            align="end",
        ),
        Column(Text("去年同月", "Last year"), value("year_ago"), align="end"),
        Column(
            Text("同比", "Change"),
            lambda f: Raw("parts/improve/delta.html", value=f.year_ago_change, better=f.better),
            align="end",
        ),
    ]

    def url(f: Pinned) -> str:
        return figures.link(f.metric, month, team=review.team_id or None)

    return Panel(
        Text("定格的数字", "Pinned figures"),
        Table(columns, rows, row_url=url),
        key="pinned",
        note=Text("关账时的数字，以后不变", "as of closing; they never change"),
    )


def pinned_rows(title: Text, kind: str, rows: tuple[PinnedRow, ...], month: Period) -> Panel:
    """Teams or people with the leading figures of the month."""
    shown = headlines()[:4]

    columns = [
        # kind: of what a review pins, not of a field
        Column(title, lambda r: r.name, "member" if kind == "member" else "text"),
        *(figures.column(m, _reader(m.key)) for m in shown),
    ]
    busy = [r for r in rows if any(r.values.get(m.key) for m in shown)]
    lead = shown[0].key if shown else ""
    busy.sort(key=lambda r: -(r.values.get(lead) or Decimal(0)))

    def url(r: PinnedRow) -> str:
        return figures.link(lead, month, **{kind: r.id})

    return Panel(title, Table(columns, busy, row_url=url), key=kind, scroll=True)


def _reader(key: str) -> Any:
    return lambda r: r.values.get(key)


def prose(request: PageRequest, review: ReviewView, refused: Refused | None) -> Panel:
    """Findings, causes and decisions: written, or read once signed."""
    if not review.may_edit:
        return Panel(
            Text("结论", "Conclusions"),
            Raw(
                "parts/improve/prose.html",
                items=[(label, getattr(review, key)) for key, label in PROSE],
            ),
            key="prose",
        )
    form = Form(
        f"/review/{review.id}/write",
        [Ask(key, label, "textarea", getattr(review, key), wide=True) for key, label in PROSE],
        extra={"version": str(review.version)},
    )
    if refused is not None:
        form.answered(request.POST, refused)
    if isinstance(refused, Conflict):
        for ask in form.asks:
            theirs = str(refused.theirs.get(ask.name) or "")
            if theirs and theirs != ask.value:
                ask.help = Text("对方保存的：{t}", "What they saved: {t}").format(t=theirs)
    return Panel(Text("结论", "Conclusions"), form, key="prose")


def new_action(request: PageRequest, review: ReviewView, refused: Refused | None) -> list[Panel]:
    """The form of one more action, while the review is open."""
    if not review.may_edit:
        return []
    form = action_form(request, f"/review/{review.id}/action")
    if refused is not None:
        form.answered(request.POST, refused)
    return [Panel(Text("添加行动", "Add an action"), form, key="new-action")]
