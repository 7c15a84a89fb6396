"""Importing spreadsheets: upload, map, check, settle, run, undo."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Path, Query, Router
from ninja.files import UploadedFile
from pydantic import BaseModel, Field

from wubu.collect.imports import actions, queries
from wubu.collect.imports.views import BatchView, ImportView
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.times import day
from wubu.web.api.values import Strict
from wubu.web.api.wire import Day, to_json

Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
FieldKey = Annotated[str, Field(max_length=63)]


class ImportsQuery(Strict):
    limit: int = Field(30, ge=1, le=100)
    before: str = Field("", pattern=r"^[0-9]{0,18}$")


class Options(Strict):
    offset_days: int | None = Field(None, ge=-36_500, le=36_500)
    move_to_now: bool = False
    since: Day | None = None
    only_valid: bool | None = None


class Target(Strict):
    object: str = Field(max_length=63, description="object key, member, or empty to leave it out")


class Mapping(Strict):
    """``columns``: index of the column → field key, empty for nowhere."""

    columns: dict[str, FieldKey] = Field(default_factory=dict, max_length=1_000)
    match_on: list[FieldKey] | None = None


class Resolve(Strict):
    field: FieldKey
    value: str = Field(max_length=10_000)
    remedy: str = Field(pattern="^(accept|choose|empty|create|option)$")
    use: str | None = Field(None, max_length=10_000)


class Accept(Strict):
    suspicious: bool = False


class Accepted(BaseModel):
    rows: int


class Start(Strict):
    check_only: bool = False


def _batch_json(batch: BatchView) -> dict[str, Any]:
    out = to_json(batch)
    if batch.mapping is not None:
        out["mapping"] = {
            "columns": [to_json(c) for c in batch.mapping.columns],
            "match_on": list(batch.mapping.match_on),
            "aliases": to_json(batch.mapping.aliases),
            "create": sorted(batch.mapping.create),
        }
    return dict(out)


class MappingOut(BaseModel):
    columns: list[dict[str, Any]]
    match_on: list[str]
    aliases: dict[str, dict[str, Any]]
    create: list[str]


class BatchOut(BaseModel):
    id: str
    import_id: str
    position: int
    file: str
    sheet: str
    kind: str
    encoding: str
    object: str
    state: str
    reason: str | None
    rows: int
    done_rows: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    seconds: float
    header: list[str]
    notices: list[dict[str, Any]]
    mapping: MappingOut | None
    checked: dict[str, Any] | None


class ImportOut(BaseModel):
    """Files that go in together, in the order of their batches."""

    id: str
    title: str
    state: str
    actor_id: str | None
    offset_days: int
    since: str | None
    only_valid: bool
    job_id: str | None
    problems: list[dict[str, Any]]
    created_at: str
    started_at: str | None
    finished_at: str | None
    batches: list[BatchOut]


def _send(view: ImportView, status: int = 200) -> HttpResponse:
    body = to_json(view)
    body["batches"] = [_batch_json(b) for b in view.batches]
    return send(body, status)


def router() -> Router:
    made = Router(tags=["导入 Imports"])
    _imports(made)
    _batches(made)
    return made


def _imports(made: Router) -> None:
    changed = responses(ImportOut)

    @made.get("/imports", response=responses(list[ImportOut]), operation_id="imports")
    def recent(request: HttpRequest, q: Query[ImportsQuery]) -> HttpResponse:
        found = queries.recent(actor_of(request), q.limit, int(q.before) if q.before else None)
        return send([{**to_json(v), "batches": [_batch_json(b) for b in v.batches]} for v in found])

    @made.post("/imports", response=responses(ImportOut, 201), operation_id="stage_import")
    def stage(request: HttpRequest, files: File[list[UploadedFile]]) -> HttpResponse:
        raw = [(f.name or "file", f.chunks()) for f in files]
        return _send(actions.stage(actor=actor_of(request), files=raw), 201)

    @made.get("/imports/{id}", response=responses(ImportOut), operation_id="import")
    def one(request: HttpRequest, id: Id) -> HttpResponse:
        return _send(queries.get(actor_of(request), int(id)))

    @made.patch("/imports/{id}", response=changed, operation_id="import_options")
    def options(request: HttpRequest, id: Id, body: Options) -> HttpResponse:
        actor = actor_of(request)
        if body.move_to_now:
            actions.move_to_now(actor=actor, import_id=int(id))
        view = actions.set_options(
            actor=actor,
            import_id=int(id),
            offset_days=None if body.move_to_now else body.offset_days,
            since=day(body.since),
            only_valid=body.only_valid,
        )
        return _send(view)

    @made.post(
        "/imports/{id}/accept",
        response=responses(Accepted),
        operation_id="accept_suggestions",
    )
    def accept(request: HttpRequest, id: Id, body: Accept) -> HttpResponse:
        rows = actions.accept_all(
            actor=actor_of(request), import_id=int(id), suspicious=body.suspicious
        )
        return send({"rows": rows})

    @made.post("/imports/{id}/start", response=changed, operation_id="start_import")
    def start(request: HttpRequest, id: Id, body: Start) -> HttpResponse:
        return _send(
            actions.start(actor=actor_of(request), import_id=int(id), check_only=body.check_only)
        )

    @made.post("/imports/{id}/cancel", response=changed, operation_id="cancel_import")
    def cancel(request: HttpRequest, id: Id) -> HttpResponse:
        return _send(actions.cancel(actor=actor_of(request), import_id=int(id)))

    @made.post("/imports/{id}/undo", response=changed, operation_id="undo_import")
    def undo(request: HttpRequest, id: Id) -> HttpResponse:
        return _send(actions.undo(actor=actor_of(request), import_id=int(id)))

    @made.delete("/imports/{id}", response=responses(None, 204), operation_id="remove_import")
    def remove(request: HttpRequest, id: Id) -> HttpResponse:
        actions.remove(actor=actor_of(request), import_id=int(id))
        return HttpResponse(status=204)


def _batches(made: Router) -> None:
    changed = responses(ImportOut)

    @made.put("/imports/batches/{id}/target", response=changed, operation_id="batch_target")
    def target(request: HttpRequest, id: Id, body: Target) -> HttpResponse:
        return _send(
            actions.set_target(actor=actor_of(request), batch_id=int(id), object_key=body.object)
        )

    @made.put("/imports/batches/{id}/mapping", response=changed, operation_id="batch_mapping")
    def mapping(request: HttpRequest, id: Id, body: Mapping) -> HttpResponse:
        columns = {int(k): v for k, v in body.columns.items() if k.isascii() and k.isdigit()}
        return _send(
            actions.set_mapping(
                actor=actor_of(request),
                batch_id=int(id),
                columns=columns,
                match_on=body.match_on,
            )
        )

    @made.post("/imports/batches/{id}/resolve", response=changed, operation_id="batch_resolve")
    def resolve(request: HttpRequest, id: Id, body: Resolve) -> HttpResponse:
        return _send(
            actions.resolve(
                actor=actor_of(request),
                batch_id=int(id),
                field=body.field,
                value=body.value,
                remedy=body.remedy,
                use=body.use,
            )
        )

    class LineQuery(Strict):
        record: str = Field("", pattern=r"^[0-9]{0,18}$", description="a record that came of it")

    class LineOut(BaseModel):
        """One line of the file as it arrived."""

        file: str
        sheet: str
        line: int
        header: list[str]
        cells: list[Any]

    @made.get(
        "/imports/batches/{id}/lines/{line}",
        response=responses(LineOut | None),
        operation_id="source_line",
        summary="The line of the file that a change came from",
    )
    def line(
        request: HttpRequest,
        id: Id,
        line: Annotated[str, Path(pattern=r"^[0-9]{1,9}$")],
        q: Query[LineQuery],
    ) -> HttpResponse:
        record_id = int(q.record) if q.record else None
        return send_of(queries.line(actor_of(request), int(id), int(line), record_id))
