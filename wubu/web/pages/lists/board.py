"""The pipeline as a board: stages side by side, cards dragged from one to the next."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from wubu.control.boards import queries as boards
from wubu.control.boards.types import Board, Column
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Text
from wubu.web import list_state
from wubu.web.pages.lists.filters import filter_bar
from wubu.web.pages.records.record_parts import LOSS_REASON
from wubu.web.ui import Action, Page, PageRequest, htmx_target, redirect, show, toast, values
from wubu.web.ui.icons import svg

DOTS = svg("dots")
MOVE = Text("移动 {t}", "Move {t}")
NOT_SET = Choice(boards.NO_STAGE, Text("未设置", "Not set"), color="gray")
ON_CARDS = ("title", "customer", "amount", "when", "owner")


def board(request: HttpRequest, object_key: str) -> HttpResponse:
    page_request = cast(PageRequest, request)
    spec, stage = boards.stage_field(object_key)
    now = list_state.of(page_request, object_key, "board")
    if isinstance(now, HttpResponse):
        return now
    where = now.where
    fields = _card_fields(spec, page_request)
    more = _more_fields(page_request, now, fields)
    found = boards.board(
        page_request.actor, object_key, where, columns=tuple(f.key for f in (*fields, *more))
    )
    movable = _may_move(page_request, spec)
    may_empty = movable and not stage.required
    context = {
        "spec": spec,
        "stage": stage,
        "not_set": NOT_SET,
        "columns": [_column(c, spec, fields, more, movable=movable) for c in found.columns],
        "count": found.count,
        "spare": None if not may_empty or _has_none(found) else NOT_SET,
        "may_empty": may_empty,
        "may_move": movable,
        "reason": _reason(spec, page_request),
        "where": where,
    }
    if htmx_target(request) == "board":
        return render(request, "parts/lists/board.html", context)
    page = Page(
        spec.plural,
        actions=_actions(page_request, spec),
        template="pages/lists/board.html",
        context={
            **context,
            "now": now,
            "filters": filter_bar(page_request, now),
            "views": list_state.tabs(page_request, now),
        },
    )
    return page.response(page_request)


def more(request: HttpRequest, object_key: str, stage_key: str) -> HttpResponse:
    """The next cards of one stage."""
    page_request = cast(PageRequest, request)
    spec, stage = boards.stage_field(object_key)
    now = list_state.of(page_request, object_key, "board")
    if isinstance(now, HttpResponse):
        return now
    fields = _card_fields(spec, page_request)
    extra = _more_fields(page_request, now, fields)
    page = boards.cards(
        page_request.actor,
        object_key,
        stage_key,
        now.where,
        cursor=request.GET.get("cursor", ""),
        columns=tuple(f.key for f in (*fields, *extra)),
    )
    movable = _may_move(page_request, spec)
    context = {
        "spec": spec,
        "stage": stage,
        "cards": [_card(r, spec, fields, extra, movable=movable) for r in page.records],
        "next": page.next_cursor,
        "stage_key": stage_key,
        "where": now.where,
    }
    return render(request, "parts/lists/cards.html", context)


@require_POST
def move(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """To another stage. A refusal is told, and the card goes back."""
    page_request = cast(PageRequest, request)
    spec, stage = boards.stage_field(object_key)
    to = request.POST.get("stage", "")
    to = "" if to == boards.NO_STAGE else to
    changed: dict[str, Any] = {stage.key: to}
    if request.POST.get("reason"):
        changed[LOSS_REASON] = request.POST["reason"]
    before = queries.get(page_request.actor, object_key, record_id)
    record = actions.update(
        actor=page_request.actor, object_key=object_key, id=record_id, values=changed
    )
    choice = stage.choice(record.values.get(stage.key))
    words = Text("“{t}”已移到“{s}”", "“{t}” moved to “{s}”").format(
        t=record.title, s=choice.label if choice else to or NOT_SET.label
    )
    if request.headers.get("HX-Request") != "true":
        return redirect(f"/o/{spec.key}/{record_id}", words)
    undo = f"/o/{object_key}/{record_id}/undo-stage?to={before.values.get(stage.key) or ''}"
    return toast(HttpResponse(status=204), words, undo=undo)


@require_POST
def undo(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """Back to the stage it came from."""
    page_request = cast(PageRequest, request)
    _, stage = boards.stage_field(object_key)
    to = {stage.key: request.GET.get("to", "")}
    actions.update(actor=page_request.actor, object_key=object_key, id=record_id, values=to)
    back = request.headers.get("Referer", f"/o/{object_key}/board")
    return redirect(back, Text("已撤销", "Undone"))


def _actions(request: PageRequest, spec: ObjectSpec) -> list[Action]:
    found = []
    if request.policy.may("create", spec.key):
        label = Text("新建{o}", "New {o}").format(o=spec.label)
        found.append(Action(label, f"/o/{spec.key}/new", icon="plus", style="primary"))
    return found


def _has_none(found: Board) -> bool:
    return any(c.stage is None for c in found.columns)


def _may_move(request: PageRequest, spec: ObjectSpec) -> bool:
    return request.policy.may("edit", spec.key) or request.policy.may("stage", spec.key)


def _card_fields(spec: ObjectSpec, request: PageRequest) -> list[FieldSpec]:
    return [
        f
        for role in ON_CARDS
        if (f := spec.role(role)) is not None and request.policy.level(spec.key, f.key) != "hidden"
    ]


def _more_fields(
    request: PageRequest, now: list_state.ListState, fields: list[FieldSpec]
) -> list[FieldSpec]:
    """What a view shows on its cards besides what every card has."""
    if not now.look.card:
        return []
    shown = {f.key for f in fields}
    return [
        f for f in list_state.card_fields(request, now.spec, now.look.card) if f.key not in shown
    ]


def _reason(spec: ObjectSpec, request: PageRequest) -> FieldSpec | None:
    f = spec.fields.get(LOSS_REASON)
    return f if f and request.policy.level(spec.key, f.key) == "write" else None


def _column(
    column: Column,
    spec: ObjectSpec,
    fields: list[FieldSpec],
    more: list[FieldSpec],
    *,
    movable: bool,
) -> dict[str, Any]:
    amount = spec.role("amount")
    return {
        "choice": column.stage or NOT_SET,
        "count": column.count,
        "amount": None if column.amount is None else _amount(amount, column.amount),
        "cards": [_card(r, spec, fields, more, movable=movable) for r in column.cards.records],
        "next": column.cards.next_cursor,
    }


def _amount(f: FieldSpec | None, value: int) -> str:
    if f is None or f.options.get("result", f.type) == "money":
        return show.money(value, str(f.options.get("currency", "CNY")) if f else "CNY", short=True)
    scale = FIELD_TYPES[f.type].type_of(f).scale
    return show.number(Decimal(value).scaleb(-scale), short=True)


def _card(
    record: Record,
    spec: ObjectSpec,
    fields: list[FieldSpec],
    more: list[FieldSpec],
    *,
    movable: bool,
) -> dict[str, Any]:
    roles = {role: spec.roles.get(role) for role in ON_CARDS}
    drawn = {f.key: _short(f, record) for f in fields if f.key in record.values}
    card = {
        "id": record.id,
        "title": record.title,
        "customer": drawn.get(roles["customer"] or "", ""),
        "amount": drawn.get(roles["amount"] or "", ""),
        "when": drawn.get(roles["when"] or "", ""),
        "owner": drawn.get(roles["owner"] or "", ""),
    }
    facts = [(f.label, values.draw(f, record)) for f in more if f.key in record.values]
    return {**card, "drawn": _drawn(spec.key, card, facts, movable=movable)}


def _drawn(
    key: str, card: dict[str, Any], facts: list[tuple[Text, SafeString]], *, movable: bool
) -> SafeString:
    """A card as HTML, written out here: a board holds 120, and a template for each is slow."""
    words = {k: escape(v) for k, v in card.items()}
    name, amount, when, who = words["title"], words["amount"], words["when"], words["owner"]
    customer = words["customer"] if words["customer"] != name else ""
    return SafeString(
        f'<article class="w-card" id="card-{card["id"]}" data-id="{card["id"]}">'
        f'<a class="w-card-title" href="/o/{key}/{card["id"]}">{name}</a>'
        + (f'<div class="w-card-sub">{customer}</div>' if customer else "")
        + "".join(
            f'<div class="w-card-fact"><span>{escape(label)}</span>{drawn}</div>'
            for label, drawn in facts
        )
        + '<div class="w-card-foot">'
        + (f'<strong class="tnum">{amount}</strong>' if amount else "")
        + (f'<span class="w-card-when tnum">{when}</span>' if when else "")
        + (
            f'<span class="w-card-owner" title="{who}">{values.disc(card["owner"])}'
            f'<span class="visually-hidden">{who}</span></span>'
            if who
            else ""
        )
        + "</div>"
        + (
            '<button type="button" class="w-card-menu" data-card-menu aria-haspopup="menu" '
            f'aria-label="{MOVE.format(t=name)}">{DOTS}</button>'
            if movable
            else ""
        )
        + "</article>"
    )


def _short(f: FieldSpec, record: Record) -> str:
    """As much as a card has room for: days without their year, round amounts."""
    value = record.values.get(f.key)
    if isinstance(value, date):
        return show.tight_day(value)
    if isinstance(value, int) and f.kind.monetary:
        return _amount(f, value)
    return values.plain(f, record)


urlpatterns = [
    path("o/<slug:object_key>/board", board, name="board"),
    path("o/<slug:object_key>/board/<slug:stage_key>", more, name="board-more"),
    path("o/<slug:object_key>/<int:record_id>/stage", move, name="move"),
    path("o/<slug:object_key>/<int:record_id>/undo-stage", undo, name="undo-stage"),
]
