"""The routes of the company's objects, typed from the catalog: one router per object."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field, StrictInt, StrictStr, create_model

from wubu.collect.views import queries as views
from wubu.collect.views.placing import joined
from wubu.collect.views.types import Look
from wubu.kernel.catalog.types import ObjectSpec, Snapshot
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Query as Question
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import ChangeView, Draft, Record, StageInterval
from wubu.kernel.types import Actor, Conflict, Missing, Problem, Refused, Text
from wubu.web.api import values as wire
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.wire import many

MOST = 2_000  # records of one bulk call
PAGE = 200  # records of one page at most

# Note: no "from __future__ import annotations" here, the models are made at run time.
RecordId = Annotated[str, Path(pattern=r"^[0-9]{1,18}$", description="id of the record")]
Ref = Annotated[StrictStr, Field(pattern=r"^[0-9]{1,18}$")]


class ListQuery(wire.Strict):
    """A question about the records of an object."""

    filter: str = Field("", max_length=4_000, description="a condition in the one language")
    sort: str = Field("", max_length=400, description="fields, - for descending: -amount,name")
    search: str = Field("", max_length=200)
    columns: str = Field("", max_length=2_000, description="field keys; all readable ones without")
    limit: int = Field(50, ge=1, le=PAGE)
    cursor: str = Field("", max_length=2_000)
    archived: bool = Field(False, description="the recycle bin instead")
    view: str = Field("", max_length=16, description="a view: its filter, order and columns")

    def question(self, look: Look | None = None) -> Question:
        """The question; a view's filter holds besides, its order and columns unless given."""
        look = look or Look()
        return Question(
            filter=joined(look.filter, self.filter.strip()),
            sort=_split(self.sort) or look.sort,
            search=self.search or look.search,
            columns=_split(self.columns) or look.columns,
            limit=self.limit,
            cursor=self.cursor,
        )


class HistoryQuery(wire.Strict):
    limit: int = Field(50, ge=1, le=200)
    before: str = Field("", pattern=r"^[0-9]{0,18}$", description="id of a change")


class NumberOfRecords(BaseModel):
    """Counting stops at ten thousand; then ``more`` is true."""

    number: int
    more: bool


class BulkResult(BaseModel):
    created: int
    updated: int
    unchanged: int
    ids: list[str | None]


class Merge(wire.Strict):
    """``drop`` (one or several) becomes part of this record.

    ``choices`` names, by field, whose value stays.
    """

    drop: Ref | Annotated[list[Ref], Field(min_length=1, max_length=20)]
    choices: dict[str, Ref] = Field(default_factory=dict)


class Transfer(wire.Strict):
    ids: list[Ref] = Field(min_length=1, max_length=MOST)
    owner: Ref


class RestoreValue(wire.Strict):
    """Back to what these fields were before one change."""

    change_id: Ref
    fields: list[str] | None = None


class Many(BaseModel):
    changed: int


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def routers(catalog: Snapshot) -> Iterable[Router]:
    """One router for every live object."""
    for spec in catalog.live:
        yield _router(catalog, spec)


def _send_record(spec: ObjectSpec, record: Record, status: int = 200) -> HttpResponse:
    body = wire.record_json(record, spec.fields)
    return send(body, status, ETag=f'"{record.version}"')


def _children_model(catalog: Snapshot, spec: ObjectSpec) -> type[BaseModel] | None:
    fields: dict[str, Any] = {}
    for child in catalog.children(spec.key):
        row: Any = create_model(
            f"{wire.camel(child.key)}Row",
            __base__=wire.input_model(child),
            id=(Ref | None, None),
        )
        fields[child.key] = (list[row] | None, None)
    if not fields:
        return None
    return create_model(f"{wire.camel(spec.key)}Children", __base__=wire.Strict, **fields)


class _Shapes:
    """The models of one object."""

    def __init__(self, catalog: Snapshot, spec: ObjectSpec) -> None:
        name = wire.camel(spec.key)
        values = wire.input_model(spec)
        record: Any = wire.record_model(spec, wire.output_model(spec))
        self.record = record
        children = _children_model(catalog, spec)
        parts: dict[str, Any] = {"children": (children | None, None)} if children else {}
        self.create = create_model(
            f"{name}Create", __base__=wire.Strict, values=(values, ...), **parts
        )
        self.change = create_model(
            f"{name}Change",
            __base__=wire.Strict,
            values=(values, ...),
            version=(StrictInt | None, None),
            **parts,
        )
        row: Any = create_model(
            f"{name}Draft",
            __base__=wire.Strict,
            values=(values, ...),
            id=(Ref | None, None),
            version=(StrictInt | None, None),
        )
        self.bulk = create_model(
            f"{name}Bulk",
            __base__=wire.Strict,
            records=(list[row], Field(max_length=MOST)),
            match_on=(list[str] | None, Field(None, description="natural key fields")),
            accept=(dict[str, dict[str, str]] | None, None),
            dry_run=(bool, False),
        )
        self.page = create_model(
            f"{name}Page",
            records=(list[record], ...),
            next_cursor=(str | None, ...),
            previous_cursor=(str | None, ...),
            left_out=(
                list[str],
                Field(default=[], description="what of a view is not open to the caller"),
            ),
        )


def _given(body: BaseModel) -> dict[str, Any]:
    return body.model_dump(exclude_unset=True)


def _router(catalog: Snapshot, spec: ObjectSpec) -> Router:
    """Everything that can be asked of and done to the records of one object."""
    shapes, key, tag = _Shapes(catalog, spec), spec.key, f"{spec.label.zh} {spec.label.en}"
    router = Router(tags=[tag])
    base = f"/records/{key}"

    def add(
        method: str, path: str, name: str, view: Callable[..., Any], response: Any, words: str
    ) -> None:
        router.add_api_operation(
            f"{base}{path}",
            [method],
            view,
            response=response,
            operation_id=f"{name}_{key}",
            summary=f"{words} {spec.label.en} · {spec.label.zh}",
        )

    def listing(request: HttpRequest, q: Query[ListQuery]) -> HttpResponse:
        return _list(actor_of(request), spec, q)

    def count(request: HttpRequest, q: Query[ListQuery]) -> HttpResponse:
        look = _look(actor_of(request), key, q)[0]
        found = queries.count(actor_of(request), key, q.question(look), archived=q.archived)
        return send({"number": found.number, "more": found.more})

    def get(request: HttpRequest, id: RecordId) -> HttpResponse:
        return _send_record(spec, queries.get(actor_of(request), key, id))

    def create(request: HttpRequest, body: shapes.create) -> HttpResponse:  # type: ignore[name-defined]
        raw = _given(body)
        record = actions.create(
            actor=actor_of(request),
            object_key=key,
            values=raw["values"],
            children=raw.get("children"),
        )
        response = _send_record(spec, record, 201)
        response["Location"] = f"/api/v1{base}/{record.id}"
        return response

    def change(request: HttpRequest, id: RecordId, body: shapes.change) -> HttpResponse:  # type: ignore[name-defined]
        raw = _given(body)
        return _change(request, spec, int(id), raw)

    def delete(request: HttpRequest, id: RecordId) -> HttpResponse:
        actions.archive(actor=actor_of(request), object_key=key, ids=[int(id)])
        return HttpResponse(status=204)

    def restore(request: HttpRequest, id: RecordId) -> HttpResponse:
        actor = actor_of(request)
        actions.restore(actor=actor, object_key=key, ids=[int(id)])
        return _send_record(spec, queries.get(actor, key, id))

    def bulk(request: HttpRequest, body: shapes.bulk) -> HttpResponse:  # type: ignore[name-defined]
        return _bulk(actor_of(request), spec, body)

    def history(request: HttpRequest, id: RecordId, q: Query[HistoryQuery]) -> HttpResponse:
        before = int(q.before) if q.before else None
        return send_of(
            queries.history(actor_of(request), key, int(id), limit=q.limit, before_id=before)
        )

    def stages(request: HttpRequest, id: RecordId) -> HttpResponse:
        return send_of(queries.stage_history(actor_of(request), key, int(id)))

    def merge(request: HttpRequest, id: RecordId, body: Merge) -> HttpResponse:
        record = actions.merge(
            actor=actor_of(request),
            object_key=key,
            keep=int(id),
            drop=[int(i) for i in ([body.drop] if isinstance(body.drop, str) else body.drop)],
            choices={f: int(i) for f, i in body.choices.items()},
        )
        return _send_record(spec, record)

    def restore_value(request: HttpRequest, id: RecordId, body: RestoreValue) -> HttpResponse:
        record = actions.restore_value(
            actor=actor_of(request),
            object_key=key,
            id=int(id),
            change_id=int(body.change_id),
            fields=body.fields,
        )
        return _send_record(spec, record)

    def transfer(request: HttpRequest, body: Transfer) -> HttpResponse:
        saved = actions.transfer(
            actor=actor_of(request),
            object_key=key,
            ids=[int(i) for i in body.ids],
            owner=int(body.owner),
        )
        if saved.problems:
            raise Refused(*saved.problems)
        return send({"changed": saved.updated})

    one = shapes.record
    add("GET", "", "list", listing, responses(shapes.page), "List")
    add("GET", "/count", "count", count, responses(NumberOfRecords), "Count")
    add("POST", "", "create", create, responses(one, 201), "Create")
    add("POST", "/bulk", "bulk", bulk, responses(BulkResult), "Create or change many")
    if spec.role("owner"):
        add("POST", "/transfer", "transfer", transfer, responses(Many), "Hand over")
    add("GET", "/{id}", "get", get, responses(one), "Read")
    add("PATCH", "/{id}", "change", change, responses(one), "Change")
    add("DELETE", "/{id}", "archive", delete, responses(None, 204), "Archive")
    add("POST", "/{id}/restore", "restore", restore, responses(one), "Restore")
    add("GET", "/{id}/history", "history", history, responses(many(ChangeView)), "Story of")
    if spec.role("stage"):
        add("GET", "/{id}/stages", "stages", stages, responses(many(StageInterval)), "Stages of")
    add("POST", "/{id}/merge", "merge", merge, responses(one), "Merge")
    add(
        "POST",
        "/{id}/restore-value",
        "restore_value",
        restore_value,
        responses(one),
        "Put back values of",
    )
    return router


def _list(actor: Actor, spec: ObjectSpec, q: ListQuery) -> HttpResponse:
    look, left_out = _look(actor, spec.key, q)
    page = queries.page(actor, spec.key, q.question(look), archived=q.archived)
    body = {
        "records": [wire.record_json(r, spec.fields) for r in page.records],
        "next_cursor": page.next_cursor,
        "previous_cursor": page.previous_cursor,
    }
    return send(body | ({"left_out": left_out} if q.view else {}))


def _look(actor: Actor, object_key: str, q: ListQuery) -> tuple[Look | None, list[str]]:
    """What a view adds to a question, as far as this caller may use it, and what was left out."""
    if not q.view:
        return None, []
    found = views.view(actor, q.view, object_key)
    return found.look, [str(words) for words in found.left_out]


def _change(request: HttpRequest, spec: ObjectSpec, id_: int, raw: dict[str, Any]) -> HttpResponse:
    """A change, guarded by ``version`` or If-Match; a conflict shows both sides."""
    version = raw.get("version")
    tag = request.headers.get("If-Match", "").strip('W/" ')
    if version is None and tag and tag != "*":
        if not (tag.isascii() and tag.isdigit() and len(tag) < 10):
            raise Refused(_bad_tag(tag))
        version = int(tag)
    try:
        record = actions.update(
            actor=actor_of(request),
            object_key=spec.key,
            id=id_,
            values=raw["values"],
            version=version,
            children=raw.get("children"),
        )
    except Conflict as conflict:
        conflict.theirs = wire.stored_json(spec, conflict.theirs)
        raise
    return _send_record(spec, record)


def _bulk(actor: Actor, spec: ObjectSpec, body: Any) -> HttpResponse:
    """Many at once: all or none; problems carry the index of the record in ``row``."""
    drafts = [
        Draft(
            row.values.model_dump(exclude_unset=True),
            id=int(row.id) if row.id else None,
            version=row.version,
        )
        for row in body.records
    ]
    for key in body.match_on or ():
        f = spec.fields.get(key)
        if f is None or not wire.is_input(f) or not policy(actor).clear(spec.key, key):
            raise Missing(_no_field(spec, key))
    saved = actions.save_many(
        actor=actor,
        object_key=spec.key,
        drafts=drafts,
        match_on=body.match_on or None,
        accept=body.accept,
        dry_run=body.dry_run,
    )
    if saved.problems:
        raise Refused(*saved.problems)
    return send(
        {
            "created": saved.created,
            "updated": saved.updated,
            "unchanged": saved.unchanged,
            "ids": [None if i is None else str(i) for i in saved.ids],
        }
    )


def _no_field(spec: ObjectSpec, key: str) -> Problem:
    return Problem(
        "no_such_field",
        Text("“{o}”没有字段“{f}”。", "“{o}” has no field “{f}”.").format(o=spec.label, f=key),
        object=spec.key,
        field=key,
    )


def _bad_tag(tag: str) -> Problem:
    return Problem(
        "bad_version",
        Text("If-Match 应为记录的版本号。", "If-Match must be the version of the record."),
        Text("版本号在记录的 version 和 ETag 里。", "It is in the record's version and ETag."),
        value=tag,
    )
