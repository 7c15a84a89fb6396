"""Background work: how far it is, stopping it, trying it again."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from wubu.kernel.jobs import actions, queries
from wubu.kernel.jobs.types import JobView
from wubu.web.api.answers import responses, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.wire import model

Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]


def router() -> Router:
    made = Router(tags=["任务 Jobs"])
    one = model(JobView)

    @made.get("/jobs", response=responses(list[one]), operation_id="jobs")  # type: ignore[valid-type]
    def jobs(request: HttpRequest) -> HttpResponse:
        return send_of(queries.mine(actor_of(request)))

    @made.get("/jobs/{id}", response=responses(one), operation_id="job")
    def job(request: HttpRequest, id: Id) -> HttpResponse:
        return send_of(queries.get(int(id), actor_of(request)))

    @made.post("/jobs/{id}/cancel", response=responses(one), operation_id="cancel_job")
    def cancel(request: HttpRequest, id: Id) -> HttpResponse:
        return send_of(actions.cancel(actor=actor_of(request), job_id=int(id)))

    @made.post("/jobs/{id}/retry", response=responses(one), operation_id="retry_job")
    def retry(request: HttpRequest, id: Id) -> HttpResponse:
        return send_of(actions.retry(actor=actor_of(request), job_id=int(id)))

    return made
