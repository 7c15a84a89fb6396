"""Drafts: forms that the caller began and did not save."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import BaseModel, Field

from wubu.collect.forms import actions, queries
from wubu.collect.forms.types import DraftInfo
from wubu.kernel.types import Missing, Problem, Text
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.form_shapes import Ref
from wubu.web.api.records.forms import record_of, spec_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.values import Strict
from wubu.web.api.wire import many, model
from wubu.web.api.wire import to_json as wired


class DraftIn(Strict):
    object: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    record: Ref | None = None
    title: str = Field("", max_length=200)
    values: dict[str, list[str]] = Field(max_length=5_000, description="as a form sends them")


class DraftOut(BaseModel):
    draft: model(DraftInfo)  # type: ignore[valid-type]
    values: dict[str, list[str]]


def router() -> Router:
    made = Router(tags=["表单 Forms"])

    @made.get("/drafts", response=responses(many(DraftInfo)), operation_id="drafts")
    def drafts(request: HttpRequest) -> HttpResponse:
        """Forms that the caller began and did not save."""
        return send_of(queries.drafts(actor_of(request)))

    @made.get("/drafts/{id}", response=responses(DraftOut), operation_id="draft")
    def draft(request: HttpRequest, id: Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]) -> Any:
        info, values = queries.draft(actor_of(request), int(id))
        return send({"draft": wired(info), "values": dict(values)})

    @made.put(
        "/drafts/slots/{slot}", response=responses(model(DraftInfo)), operation_id="keep_draft"
    )
    def keep(
        request: HttpRequest,
        slot: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{6,40}$")],
        body: DraftIn,
    ) -> HttpResponse:
        """Keep what stands in a form; ``slot`` names the opened form."""
        actor = actor_of(request)
        spec = spec_of(actor, body.object)
        record = record_of(actor, spec, body.record)
        return send_of(
            actions.keep_draft(
                actor=actor,
                object_key=body.object,
                record_id=record.id if record else None,
                slot=slot,
                values=list(body.values.items()),
                title=body.title,
            )
        )

    @made.delete("/drafts/{id}", response=responses(None, 204), operation_id="drop_draft")
    def drop(
        request: HttpRequest, id: Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
    ) -> HttpResponse:
        if not actions.drop_draft(actor=actor_of(request), id=int(id)):
            words = Text("没有这份草稿。", "There is no such draft.")
            raise Missing(Problem("no_such_draft", words))
        return HttpResponse(status=204)

    return made
