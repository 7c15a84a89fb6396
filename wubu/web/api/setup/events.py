"""Consumers of the log of changes: how they keep up, and what was set aside."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from wubu.kernel.events import actions, queries
from wubu.kernel.events.types import ConsumerView, SetAsideView
from wubu.web.api import values as wire
from wubu.web.api.answers import responses, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.wire import many

Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]


class SetAsideQuery(wire.Strict):
    consumer: str = Field("", max_length=60)


def router() -> Router:
    made = Router(tags=["事件 Events"])
    listed = responses(many(SetAsideView))

    @made.get("/events/consumers", response=responses(many(ConsumerView)), operation_id="consumers")
    def consumers(request: HttpRequest) -> HttpResponse:
        return send_of(queries.consumers(actor_of(request)))

    @made.get("/events/set-aside", response=listed, operation_id="events_set_aside")
    def set_aside(request: HttpRequest, q: Query[SetAsideQuery]) -> HttpResponse:
        return send_of(queries.set_aside(actor_of(request), q.consumer))

    @made.post("/events/set-aside/{id}/retry", response=listed, operation_id="retry_event")
    def retry(request: HttpRequest, id: Id) -> HttpResponse:
        actions.retry(actor=actor_of(request), id=int(id))
        return send_of(queries.set_aside(actor_of(request)))

    @made.post("/events/set-aside/{id}/dismiss", response=listed, operation_id="dismiss_event")
    def dismiss(request: HttpRequest, id: Id) -> HttpResponse:
        actions.dismiss(actor=actor_of(request), id=int(id))
        return send_of(queries.set_aside(actor_of(request)))

    return made
