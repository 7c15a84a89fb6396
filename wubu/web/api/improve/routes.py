"""Reviews of closed months, and the actions that come of them."""

from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import Field, StrictInt

from wubu.improve.actions import actions
from wubu.improve.actions import queries as plans
from wubu.improve.actions.types import ActionView
from wubu.improve.reviews import actions as review_actions
from wubu.improve.reviews import queries as reviews
from wubu.improve.reviews.types import ReviewLine, ReviewView
from wubu.web.api.answers import responses, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.times import IdIn, day
from wubu.web.api.values import Strict
from wubu.web.api.wire import Day, many, model

Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
Prose = Annotated[str, Field(max_length=20_000)]


class Write(Strict):
    findings: Prose | None = None
    causes: Prose | None = None
    decisions: Prose | None = None
    version: StrictInt | None = None


class NewAction(Strict):
    title: str = Field(max_length=200)
    owner_id: IdIn | None = None
    due_on: Day | None = None
    detail: Prose = ""
    review_id: IdIn | None = None
    team_id: IdIn | None = None
    metric: str = Field("", max_length=63)
    wanted: Decimal | None = Field(None, max_digits=18, decimal_places=4)


class ChangeAction(Strict):
    title: str | None = Field(None, max_length=200)
    detail: Prose | None = None
    owner_id: IdIn | None = None
    due_on: Day | None = None
    wanted: Decimal | None = Field(None, max_digits=18, decimal_places=4)
    state: str | None = Field(None, max_length=20)
    outcome: Prose | None = None
    version: StrictInt | None = None


class ActionsQuery(Strict):
    review: str = Field("", pattern=r"^[0-9]{0,18}$")
    mine: bool = False
    state: str = Field("", max_length=20)
    limit: int = Field(100, ge=1, le=200)


def router() -> Router:
    made = Router(tags=["复盘 Improve"])
    _reviews(made)
    _actions(made)
    return made


def _reviews(made: Router) -> None:
    one = model(ReviewView)

    @made.get("/reviews", response=responses(many(ReviewLine)), operation_id="reviews")
    def listing(request: HttpRequest) -> HttpResponse:
        return send_of(reviews.reviews(actor_of(request)))

    @made.get("/reviews/{id}", response=responses(one), operation_id="review")
    def get(request: HttpRequest, id: Id) -> HttpResponse:
        return send_of(reviews.review(actor_of(request), int(id)))

    @made.patch("/reviews/{id}", response=responses(one), operation_id="write_review")
    def write(request: HttpRequest, id: Id, body: Write) -> HttpResponse:
        raw = {k: v for k, v in body.model_dump(exclude_unset=True).items() if v is not None}
        version = raw.pop("version", None)
        return send_of(
            review_actions.write(int(id), actor=actor_of(request), version=version, **raw)
        )

    @made.post("/reviews/{id}/sign", response=responses(one), operation_id="sign_review")
    def sign(request: HttpRequest, id: Id) -> HttpResponse:
        return send_of(review_actions.sign(int(id), actor=actor_of(request)))


def _actions(made: Router) -> None:
    one = model(ActionView)

    @made.get("/actions", response=responses(list[one]), operation_id="actions")  # type: ignore[valid-type]
    def listing(request: HttpRequest, q: Query[ActionsQuery]) -> HttpResponse:
        return send_of(
            plans.actions(
                actor_of(request),
                review_id=int(q.review) if q.review else None,
                mine=q.mine,
                state=q.state or None,
                limit=q.limit,
            )
        )

    @made.get("/actions/{id}", response=responses(one), operation_id="action")
    def get(request: HttpRequest, id: Id) -> HttpResponse:
        return send_of(plans.action(actor_of(request), int(id)))

    @made.post("/actions", response=responses(one, 201), operation_id="add_action")
    def create(request: HttpRequest, body: NewAction) -> HttpResponse:
        made_action = actions.create(
            actor=actor_of(request),
            title=body.title,
            owner_id=int(body.owner_id) if body.owner_id else None,
            due_on=day(body.due_on),
            detail=body.detail,
            review_id=int(body.review_id) if body.review_id else None,
            team_id=int(body.team_id) if body.team_id else 0,
            metric_key=body.metric,
            wanted=body.wanted,
        )
        return send_of(made_action, 201)

    @made.patch("/actions/{id}", response=responses(one), operation_id="change_action")
    def change(request: HttpRequest, id: Id, body: ChangeAction) -> HttpResponse:
        raw = {k: v for k, v in body.model_dump(exclude_unset=True).items() if v is not None}
        version = raw.pop("version", None)
        if "owner_id" in raw:
            raw["owner_id"] = int(raw["owner_id"])
        if "due_on" in raw:
            raw["due_on"] = day(raw["due_on"])
        return send_of(actions.update(int(id), actor=actor_of(request), version=version, **raw))
