"""What is set up once and holds from a day on: rules, metrics, scorecards, roles, the calendar."""

from typing import Annotated, Any, cast

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import BaseModel, Field, WithJsonSchema

from wubu.kernel import hooks
from wubu.kernel.calendar import actions as calendar
from wubu.kernel.calendar import queries as days
from wubu.kernel.calendar.types import CalendarSettings, DayNote
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.jobs import queries as running
from wubu.kernel.jobs.types import ScheduleView
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.permissions import queries as rights
from wubu.kernel.types import Problem, Refused, Text
from wubu.measure.metrics import actions as metrics
from wubu.measure.metrics.definition import BETTER, RULE, UNIT
from wubu.measure.metrics.types import MetricInfo
from wubu.measure.scorecards import actions as scorecards
from wubu.measure.scorecards.definition import LINES, MISSING, SET_ASIDE
from wubu.measure.scorecards.types import Card, Missing, WeightedLine
from wubu.web.api import times
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.setup.catalog import Label
from wubu.web.api.setup.definitions import RoleDefinition, body, written
from wubu.web.api.values import Strict
from wubu.web.api.wire import Day, MetricRef, many, metric_ref, model

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
NewKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


MetricDefinition: Any = body(RULE, "MetricDefinition")
Unit = Annotated[str, WithJsonSchema(UNIT.schema())]
Better = Annotated[str, WithJsonSchema(BETTER.schema())]


class NewMetric(Strict):
    key: NewKey
    label: Label
    definition: MetricDefinition
    unit: Unit = UNIT.default
    better: Better = BETTER.default
    texts: dict[str, Label] = Field(default_factory=dict, max_length=10)
    hidden: bool = False
    since: Day | None = Field(None, description="nothing counts on days before it")


class ReviseMetric(Strict):
    """Another rule from a day on; what counted before that day stays as it was."""

    definition: MetricDefinition
    valid_from: Day
    reason: str = Field("", max_length=400)


class DescribeMetric(Strict):
    label: Label | None = None
    better: Better | None = None
    position: int | None = Field(None, ge=0, le=10_000)
    hidden: bool | None = None
    texts: dict[str, Label] = Field(default_factory=dict, max_length=10)


class Retire(Strict):
    retired: bool = True


Lines = Annotated[list[dict[str, Any]], WithJsonSchema(LINES.schema())]


class Weights(Strict):
    """``weight`` and ``cap`` in basis points; the weights of a scorecard add up to 10,000."""

    lines: Lines
    missing: Annotated[str, WithJsonSchema(MISSING.schema())] = SET_ASIDE
    valid_from: Day | None = None
    reason: str = Field("", max_length=400)


class NewCard(Weights):
    key: NewKey
    label: Label


class RoleIn(Strict):
    """A role as packs write it: label, grants, fields, setup, performance."""

    definition: RoleDefinition


class CalendarIn(Strict):
    time_zone: str | None = Field(None, max_length=60)
    fiscal_start_month: int | None = Field(None, ge=1, le=12)


class DayIn(Strict):
    """``working`` null leaves the day to the public calendar again."""

    day: Day
    working: bool | None
    name: str = Field("", max_length=80)


class DaysIn(Strict):
    days: list[DayIn] = Field(min_length=1, max_length=800)


class ScheduleIn(Strict):
    """A time of day (``08:30``) or minutes; neither leaves it as the program declares."""

    daily_at: str | None = Field(None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    every_minutes: int | None = Field(None, ge=1, le=1_440)
    active: bool = True


class CalendarOut(BaseModel):
    settings: model(CalendarSettings)  # type: ignore[valid-type]
    days: many(DayNote)  # type: ignore[valid-type]


def router() -> Router:
    made = Router(tags=["设置 Setup"])
    _metrics(made)
    _scorecards(made)
    _roles(made)
    _calendar(made)
    return made


def _texts(raw: dict[str, Label]) -> dict[str, Text]:
    return {name: label.text() for name, label in raw.items()}


def _metrics(made: Router) -> None:
    def answer(info: MetricInfo, status: int = 200) -> HttpResponse:
        return send(metric_ref(info), status)

    @made.post("/metrics", response=responses(MetricRef, 201), operation_id="define_metric")
    def define(request: HttpRequest, body: NewMetric) -> HttpResponse:
        info = metrics.define(
            actor=actor_of(request),
            key=body.key,
            label=body.label.text(),
            definition=written(body.definition),
            unit=body.unit,
            better=body.better,
            texts=_texts(body.texts),
            hidden=body.hidden,
            since=times.day(body.since) if body.since else None,
        )
        return answer(info, 201)

    @made.post("/metrics/{key}/revise", response=responses(MetricRef), operation_id="revise_metric")
    def revise(request: HttpRequest, key: Key, body: ReviseMetric) -> HttpResponse:
        valid_from = times.day(body.valid_from)
        if valid_from is None:
            raise Refused(
                Problem("required", Text("请给出日期。", "Give a day."), field="valid_from")
            )
        return answer(
            metrics.revise(
                actor=actor_of(request),
                key=key,
                definition=written(body.definition),
                valid_from=valid_from,
                reason=body.reason,
            )
        )

    @made.patch("/metrics/{key}", response=responses(MetricRef), operation_id="describe_metric")
    def describe(request: HttpRequest, key: Key, body: DescribeMetric) -> HttpResponse:
        return answer(
            metrics.describe(
                actor=actor_of(request),
                key=key,
                label=body.label.text() if body.label else None,
                better=body.better,
                position=body.position,
                hidden=body.hidden,
                texts=_texts(body.texts),
            )
        )

    @made.post("/metrics/{key}/retire", response=responses(MetricRef), operation_id="retire_metric")
    def retire(request: HttpRequest, key: Key, body: Retire) -> HttpResponse:
        return answer(metrics.retire(actor=actor_of(request), key=key, retired=body.retired))


def _lines(body: Weights) -> list[WeightedLine]:
    """Raises Refused with what cannot be read."""
    wrong = [*LINES.problems({"lines": body.lines}), *MISSING.problems({"missing": body.missing})]
    if wrong:
        raise Refused(*wrong)
    return [WeightedLine(x["metric"], x["weight"], x.get("cap")) for x in body.lines]


def _scorecards(made: Router) -> None:
    @made.post("/scorecards", response=responses(model(Card), 201), operation_id="create_card")
    def create(request: HttpRequest, body: NewCard) -> HttpResponse:
        card = scorecards.create_card(
            actor=actor_of(request),
            key=body.key,
            label=body.label.text(),
            lines=_lines(body),
            missing=cast(Missing, body.missing),
        )
        return send_of(card, 201)

    @made.put(
        "/scorecards/{key}/weights", response=responses(model(Card)), operation_id="set_weights"
    )
    def weights(request: HttpRequest, key: Key, body: Weights) -> HttpResponse:
        card = scorecards.set_weights(
            actor=actor_of(request),
            key=key,
            lines=_lines(body),
            valid_from=times.day(body.valid_from),
            missing=cast(Missing, body.missing),
            reason=body.reason,
        )
        return send_of(card)


def _roles(made: Router) -> None:
    @made.get("/roles/{key}", response=responses(dict[str, Any]), operation_id="role")
    def get(request: HttpRequest, key: Key) -> HttpResponse:
        rights.policy(actor_of(request)).require_setup("roles")
        return send_of(rights.definition(key))

    @made.put("/roles/{key}", response=responses(dict[str, Any]), operation_id="put_role")
    def put(request: HttpRequest, key: Key, body: RoleIn) -> HttpResponse:
        permissions.define_role(
            actor=actor_of(request), key=key, definition=body.definition.written()
        )
        return send_of(rights.definition(key))

    @made.delete("/roles/{key}", response=responses(None, 204), operation_id="delete_role")
    def delete(request: HttpRequest, key: Key) -> HttpResponse:
        permissions.delete_role(actor=actor_of(request), key=key)
        return HttpResponse(status=204)


def _calendar_json() -> dict[str, Any]:
    return {"settings": days.settings(), "days": days.overrides()}


def _calendar(made: Router) -> None:
    @made.get("/calendar", response=responses(CalendarOut), operation_id="calendar")
    def get(request: HttpRequest) -> HttpResponse:
        return send_of(_calendar_json())

    @made.patch("/calendar", response=responses(CalendarOut), operation_id="change_calendar")
    def change(request: HttpRequest, body: CalendarIn) -> HttpResponse:
        calendar.update_settings(
            actor=actor_of(request),
            time_zone=body.time_zone,
            fiscal_start_month=body.fiscal_start_month,
        )
        return send_of(_calendar_json())

    @made.put("/calendar/days", response=responses(CalendarOut), operation_id="declare_days")
    def declare(request: HttpRequest, body: DaysIn) -> HttpResponse:
        actor = actor_of(request)
        raw = [(times.day(d.day), d) for d in body.days]
        notes = [DayNote(at, d.working, d.name) for at, d in raw if at and d.working is not None]
        calendar.declare_days(actor=actor, days=notes)
        calendar.clear_days(actor=actor, days=[at for at, d in raw if at and d.working is None])
        return send_of(_calendar_json())

    @made.get("/schedules", response=responses(many(ScheduleView)), operation_id="schedules")
    def schedules(request: HttpRequest) -> HttpResponse:
        hooks.require_setup(actor_of(request), "periods")
        return send_of(running.schedules())

    @made.put(
        "/schedules/{key}", response=responses(model(ScheduleView)), operation_id="set_schedule"
    )
    def schedule(
        request: HttpRequest,
        key: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_.]{0,62}$")],
        body: ScheduleIn,
    ) -> HttpResponse:
        return send_of(
            jobs.set_schedule(
                actor=actor_of(request),
                key=key,
                daily_at=times.clock(body.daily_at),
                every_minutes=body.every_minutes,
                active=body.active,
            )
        )
