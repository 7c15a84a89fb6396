"""The collection plan: what is collected, by whom, how often, and how it stands."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from wubu.collect.plans import queries
from wubu.collect.plans.types import Plan, PlanStatus
from wubu.web.api.answers import responses, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.wire import many, model

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


def router() -> Router:
    made = Router(tags=["采集 Collect"])

    @made.get("/collection", response=responses(many(Plan)), operation_id="collection_plans")
    def listing(request: HttpRequest) -> HttpResponse:
        return send_of(queries.plans(actor_of(request)))

    @made.get(
        "/collection/{key}",
        response=responses(model(PlanStatus)),
        operation_id="collection_plan",
        summary="What is filled and who enters, of the newest records that one may see",
    )
    def status(request: HttpRequest, key: Key) -> HttpResponse:
        actor = actor_of(request)
        return send_of(queries.status(actor, queries.plan(actor, key)))

    return made
