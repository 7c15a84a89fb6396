"""The log of changes under its seals, and the log of who saw or took what."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from wubu.kernel.audit import access, sealing
from wubu.kernel.audit.types import AccessRow, Seal
from wubu.kernel.audit.verifying import parse_seal
from wubu.kernel.calendar.queries import start_of
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.jobs.types import JobView
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records.jobs import VERIFY
from wubu.kernel.records.lifecycle.retention import AREA
from wubu.kernel.types import Missing, Problem, Text
from wubu.web.api import values as wire
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.times import day
from wubu.web.api.wire import many, model, to_json


class Verify(wire.Strict):
    """``seal`` is one that was kept outside, ``12:3f9a…``."""

    seal: str = Field("", max_length=200)


class AccessQuery(wire.Strict):
    object: str = Field("", max_length=63)
    record: str = Field("", pattern=r"^[0-9]{0,18}$")
    member: str = Field("", pattern=r"^[0-9]{0,18}$")
    kind: str = Field("", pattern=r"^(view|export|print)?$")
    since: str = Field("", max_length=10, description="a day")
    before: str = Field("", pattern=r"^[0-9]{0,18}$", description="id of a row")
    limit: int = Field(100, ge=1, le=200)


class SealOut(BaseModel):
    number: int
    hash: str
    last_id: str
    sealed_at: str
    text: str


def router() -> Router:
    made = Router(tags=["日志 Logs"])

    @made.get("/log/seal", response=responses(SealOut), operation_id="log_seal")
    def seal(request: HttpRequest) -> HttpResponse:
        policy(actor_of(request)).require_setup(AREA)
        found = sealing.latest()
        if found is None:
            raise Missing(Problem("nothing_sealed", Text("还没有封印。", "Nothing is sealed yet.")))
        return send(_seal(found))

    @made.post("/log/verify", response=responses(model(JobView), 202), operation_id="log_verify")
    def verify(request: HttpRequest, body: Verify) -> HttpResponse:
        actor = actor_of(request)
        policy(actor).require_setup(AREA)
        if body.seal:
            parse_seal(body.seal)
        job = jobs.enqueue(VERIFY, {"seal": body.seal} if body.seal else {}, actor=actor)
        return send_of(job, 202)

    @made.get("/log/access", response=responses(many(AccessRow)), operation_id="access_log")
    def listed(request: HttpRequest, q: Query[AccessQuery]) -> HttpResponse:
        policy(actor_of(request)).require_setup(AREA)
        since = day(q.since)
        rows = access.access(
            object_key=q.object,
            record_id=int(q.record) if q.record else None,
            actor_id=int(q.member) if q.member else None,
            kind=q.kind,
            since=start_of(since) if since else None,
            before_id=int(q.before) if q.before else None,
            limit=q.limit,
        )
        return send_of(rows)

    return made


def _seal(found: Seal) -> dict[str, Any]:
    told = to_json(found)
    return {**told, "last_id": str(found.last_id), "text": str(found)}
