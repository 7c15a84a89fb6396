"""Boards and funnels, what falls due, and alerts."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from wubu.control.alerts import actions as alert_actions
from wubu.control.alerts import queries as alerts
from wubu.control.alerts.types import AlertCount, AlertView, OwnerCount
from wubu.control.boards import queries as boards
from wubu.control.boards.types import Column
from wubu.control.reminders import actions as reminder_actions
from wubu.control.reminders import queries as reminders
from wubu.control.reminders.types import Due, DueCount
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.records import queries as records
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.api import values as wire
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.times import IdIn, day
from wubu.web.api.values import Strict
from wubu.web.api.wire import Day, exact, many

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Stage = Annotated[str, Path(pattern=r"^(_none|[a-z][a-z0-9_]{0,62})$")]
NOT_SET = Text("未设置", "Not set")
Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]


class BoardQuery(Strict):
    filter: str = Field("", max_length=4_000)
    cards: int = Field(20, ge=0, le=100)


class ColumnOut(BaseModel):
    """One stage: how many, how much, and the newest cards. ``_none``: records in no stage."""

    stage: str
    label: str
    color: str
    outcome: str
    probability: float | None
    count: int
    amount: str | None
    weighted: str | None
    cards: list[dict[str, Any]]
    next_cursor: str | None


class BoardOut(BaseModel):
    object: str
    columns: list[ColumnOut]
    count: int


class AlertsQuery(Strict):
    mine: bool = False
    quiet: bool = False
    limit: int = Field(50, ge=1, le=200)


class Quiet(Strict):
    until: Day
    reason: str = Field(min_length=1, max_length=400)


class DueQuery(Strict):
    day: str = Field("", max_length=10, description="by the end of this day; today without")
    limit: int = Field(50, ge=1, le=200)


class Settle(Strict):
    rule: str = Field(max_length=63)
    record_id: IdIn


class Snooze(Settle):
    until: Day


def router() -> Router:
    made = Router(tags=["过程 Control"])
    _boards(made)
    _due(made)
    _alerts(made)
    return made


def _column(column: Column, object_key: str) -> dict[str, Any]:
    spec, stage = snapshot().object(object_key), column.stage
    return {
        "stage": stage.key if stage else boards.NO_STAGE,
        "label": str(stage.label if stage else NOT_SET),
        "color": stage.color if stage else "",
        "outcome": stage.outcome if stage else "",
        "probability": stage.probability if stage else None,
        "count": column.count,
        "amount": exact(column.amount, _scale(spec)),
        "weighted": exact(column.weighted, _scale(spec)),
        "cards": [wire.record_json(r, spec.fields) for r in column.cards.records],
        "next_cursor": column.cards.next_cursor,
    }


def _scale(spec: ObjectSpec) -> int:
    """Decimals of the amounts that a board adds up."""
    amount = spec.role("amount")
    return FIELD_TYPES[amount.type].type_of(amount).scale if amount else 0


def _boards(made: Router) -> None:
    @made.get("/boards/{key}", response=responses(BoardOut), operation_id="board")
    def board(request: HttpRequest, key: Key, q: Query[BoardQuery]) -> HttpResponse:
        found = boards.board(actor_of(request), key, q.filter, cards=q.cards)
        return send(
            {
                "object": found.object_key,
                "columns": [_column(c, key) for c in found.columns],
                "count": found.count,
            }
        )

    class CardsQuery(Strict):
        filter: str = Field("", max_length=4_000)
        cursor: str = Field("", max_length=2_000)
        limit: int = Field(20, ge=1, le=100)

    class CardsOut(BaseModel):
        cards: list[dict[str, Any]]
        next_cursor: str | None

    @made.get(
        "/boards/{key}/{stage}",
        response=responses(CardsOut),
        operation_id="board_cards",
        summary="The next cards of one stage",
    )
    def cards(request: HttpRequest, key: Key, stage: Stage, q: Query[CardsQuery]) -> HttpResponse:
        spec, _ = boards.stage_field(key)
        page = boards.cards(actor_of(request), key, stage, q.filter, cursor=q.cursor, limit=q.limit)
        return send(
            {
                "cards": [wire.record_json(r, spec.fields) for r in page.records],
                "next_cursor": page.next_cursor,
            }
        )


def _due(made: Router) -> None:
    @made.get("/due", response=responses(many(Due)), operation_id="due")
    def due(request: HttpRequest, q: Query[DueQuery]) -> HttpResponse:
        return send_of(reminders.due(actor_of(request), day=day(q.day), limit=q.limit))

    @made.get("/due/owners", response=responses(many(DueCount)), operation_id="due_by_owner")
    def owners(request: HttpRequest) -> HttpResponse:
        return send_of(reminders.due_by_owner(actor_of(request)))

    class Version(BaseModel):
        id: str
        version: int

    @made.post("/due/done", response=responses(Version), operation_id="due_done")
    def done(request: HttpRequest, body: Settle) -> HttpResponse:
        record = reminder_actions.done(body.rule, int(body.record_id), actor=actor_of(request))
        return send({"id": str(record.id), "version": record.version})

    @made.post("/due/put-off", response=responses(Version), operation_id="due_put_off")
    def snooze(request: HttpRequest, body: Snooze) -> HttpResponse:
        record = reminder_actions.snooze(
            body.rule, int(body.record_id), actor=actor_of(request), until=_must(body.until)
        )
        return send({"id": str(record.id), "version": record.version})


def _must(text: str) -> Any:
    found = day(text)
    if found is None:
        raise Refused(Problem("required", Text("请给出日期。", "Give a day."), field="until"))
    return found


def _alerts(made: Router) -> None:
    @made.get("/alerts", response=responses(many(AlertCount)), operation_id="alerts")
    def counts(request: HttpRequest) -> HttpResponse:
        return send_of(alerts.counts(actor_of(request)))

    @made.get(
        "/alerts/owners",
        response=responses(many(OwnerCount)),
        operation_id="alerts_by_owner",
    )
    def owners(request: HttpRequest) -> HttpResponse:
        return send_of(alerts.by_owner(actor_of(request)))

    @made.get(
        "/alerts/on/{key}/{id}",
        response=responses(many(AlertView)),
        operation_id="alerts_on_record",
        summary="What is wrong with one record",
    )
    def on_record(request: HttpRequest, key: Key, id: Id) -> HttpResponse:
        actor = actor_of(request)
        records.get(actor, key, id)
        return send_of(alerts.on_record(actor, key, int(id)))

    @made.get("/alerts/{key}", response=responses(many(AlertView)), operation_id="alerts_of")
    def of_rule(request: HttpRequest, key: Key, q: Query[AlertsQuery]) -> HttpResponse:
        return send_of(
            alerts.alerts(actor_of(request), key, mine=q.mine, quiet=q.quiet, limit=q.limit)
        )

    @made.post("/alerts/{id}/quiet", response=responses(None, 204), operation_id="quiet_alert")
    def quiet(request: HttpRequest, id: Id, body: Quiet) -> HttpResponse:
        alert_actions.quiet(
            int(id), actor=actor_of(request), until=_must(body.until), reason=body.reason
        )
        return HttpResponse(status=204)
