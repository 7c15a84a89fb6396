"""Views of an object, and what lists do: groups with sums, one value for many, pasted cells."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field, StrictInt, StrictStr

from wubu.collect.views import actions, editing, placing
from wubu.collect.views import queries as views
from wubu.collect.views.checking import may_group
from wubu.collect.views.definition import VIEW
from wubu.collect.views.types import ViewInfo
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.registry import to_json
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Measure
from wubu.kernel.query.types import Query as Question
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.web.api.answers import responses, send
from wubu.web.api.records.routes import actor_of
from wubu.web.api.setup.definitions import body, written
from wubu.web.api.values import Strict
from wubu.web.api.wire import to_json as to_wire
from wubu.web.pages.lists import listing_parts

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="key of the object")]
Slug = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,16}$", description="slug or id of the view")]
Id = Annotated[StrictStr, Field(pattern=r"^[0-9]{1,18}$")]
Word = Annotated[StrictStr, Field(max_length=200)]
MOST_GROUPS = 1_000


Definition: Any = body(VIEW, "ViewDefinition")


class NewView(Strict):
    name: StrictStr = Field(max_length=200)
    kind: Word = "list"
    audience: Word = "personal"
    team_id: Id | None = None
    definition: Definition | None = None


class ChangeView(Strict):
    name: StrictStr | None = Field(None, max_length=200)
    audience: Word | None = None
    team_id: Id | None = None
    definition: Definition | None = None
    position: StrictInt | None = None
    version: StrictInt | None = None


class Order(Strict):
    """One's own order of the tabs; empty for the order of everybody."""

    ids: list[Id] = Field(default_factory=list, max_length=200)


class Place(Strict):
    """Behind which view of the same audience; null: first."""

    after: Id | None = None


class ViewShareOut(BaseModel):
    """Who shares the view with its reader; ``until`` is the last day."""

    by: str
    until: date | None
    note: str


class ViewOut(BaseModel):
    """A view as its reader may use it.

    ``left_out`` says what is not open to them, without naming it.
    """

    id: str
    slug: str
    object: str
    name: str
    kind: str
    audience: str
    team_id: str | None
    version: int
    may_edit: bool
    definition: dict[str, Any]
    left_out: list[str]
    shared: ViewShareOut | None


class GroupsQuery(Strict):
    """Counts and exact sums; ``by`` is a field, days by their month."""

    by: str = Field("", max_length=200)
    sum: str = Field("", max_length=1_000, description="keys of amounts and numbers")
    filter: str = Field("", max_length=4_000)
    search: str = Field("", max_length=200)
    view: str = Field("", max_length=16)
    limit: int = Field(200, ge=1, le=MOST_GROUPS)


class GroupOut(BaseModel):
    """One group; ``by`` is null where there is no value, sums are exact."""

    by: Any
    count: int
    sums: dict[str, Any]


class EditMany(Strict):
    """One value for these records, or for all that the filter finds.

    With more than 200 it is done in the background: see the job.
    """

    field: Word
    value: Any = None
    ids: list[Id] = Field(default_factory=list, max_length=2_000)
    filter: StrictStr = Field("", max_length=4_000)
    search: Word = ""
    all: bool = False


class EditedOut(BaseModel):
    batch: str
    updated: int | None
    unchanged: int | None
    job: str | None


class Row(Strict):
    id: Id
    version: StrictInt | None = None


class Paste(Strict):
    """Tab-separated cells, laid over records and columns from the first of each.

    ``dry_run`` tells every problem and writes nothing.
    """

    rows: list[Row] = Field(min_length=1, max_length=1_000)
    columns: list[Word] = Field(min_length=1, max_length=100)
    text: StrictStr = Field(max_length=1_000_000)
    dry_run: bool = False


class PastedOut(BaseModel):
    batch: str | None
    updated: int
    unchanged: int
    cut_rows: int
    cut_columns: int


class UndoneOut(BaseModel):
    put_back: int
    kept: int


class Placed(Strict):
    """Dates of a record on other days; null takes a date away."""

    days: dict[str, Annotated[StrictStr, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None] = Field(
        min_length=1, max_length=2
    )
    version: StrictInt | None = None


def router() -> Router:
    made = Router(tags=["视图 Views"])
    one, many = responses(ViewOut), responses(list[ViewOut])

    @made.get("/views/{object}", response=many, operation_id="views")
    def listed(request: HttpRequest, object: Key) -> HttpResponse:
        snapshot().object(object)
        return send([view_json(v) for v in views.views(actor_of(request), object)])

    @made.post("/views/{object}", response=responses(ViewOut, 201), operation_id="create_view")
    def create(request: HttpRequest, object: Key, body: NewView) -> HttpResponse:
        made_ = actions.create(
            actor=actor_of(request),
            object_key=object,
            name=body.name,
            kind=body.kind,
            audience=body.audience,
            team_id=int(body.team_id) if body.team_id else None,
            definition=written(body.definition) if body.definition else {},
        )
        return send(view_json(made_), 201)

    @made.put("/views/{object}/order", response=many, operation_id="arrange_views")
    def order(request: HttpRequest, object: Key, body: Order) -> HttpResponse:
        snapshot().object(object)
        actor = actor_of(request)
        actions.arrange(actor=actor, object_key=object, ids=[int(i) for i in body.ids])
        return send([view_json(v) for v in views.arranged(actor, object)])

    @made.put("/views/{object}/{slug}/place", response=many, operation_id="place_view")
    def place(request: HttpRequest, object: Key, slug: Slug, body: Place) -> HttpResponse:
        after = int(body.after) if body.after else None
        actions.place(_found(request, object, slug).id, actor=actor_of(request), after=after)
        return send([view_json(v) for v in views.views(actor_of(request), object)])

    @made.get("/views/{object}/{slug}", response=one, operation_id="view")
    def get(request: HttpRequest, object: Key, slug: Slug) -> HttpResponse:
        return send(view_json(_found(request, object, slug)))

    @made.patch("/views/{object}/{slug}", response=one, operation_id="change_view")
    def change(request: HttpRequest, object: Key, slug: Slug, body: ChangeView) -> HttpResponse:
        raw = body.model_dump(exclude_unset=True, exclude={"definition", "team_id"})
        if body.definition is not None:
            raw["definition"] = written(body.definition)
        team = int(body.team_id) if body.team_id else None
        found = _found(request, object, slug)
        return send(
            view_json(actions.update(found.id, actor=actor_of(request), team_id=team, **raw))
        )

    @made.delete("/views/{object}/{slug}", response={204: None}, operation_id="remove_view")
    def remove(request: HttpRequest, object: Key, slug: Slug) -> HttpResponse:
        actions.remove(_found(request, object, slug).id, actor=actor_of(request))
        return HttpResponse(status=204)

    @made.post("/views/{object}/{id}/restore", response=one, operation_id="restore_view")
    def restore(
        request: HttpRequest, object: Key, id: Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
    ) -> HttpResponse:
        policy(actor_of(request)).require("view", snapshot().object(object).key)
        return send(view_json(actions.restore(int(id), actor=actor_of(request))))

    @made.get("/records/{object}/groups", response=responses(list[GroupOut]), operation_id="groups")
    def groups(request: HttpRequest, object: Key, q: Query[GroupsQuery]) -> HttpResponse:
        return send(_groups(actor_of(request), object, q))

    @made.post(
        "/records/{object}/edit-many", response=responses(EditedOut), operation_id="edit_many"
    )
    def edit_many(request: HttpRequest, object: Key, body: EditMany) -> HttpResponse:
        return send(_edit(actor_of(request), object, body))

    @made.post("/records/{object}/paste", response=responses(PastedOut), operation_id="paste")
    def paste(request: HttpRequest, object: Key, body: Paste) -> HttpResponse:
        return send(_paste(actor_of(request), object, body))

    @made.post(
        "/records/{object}/undo-edit/{id}", response=responses(UndoneOut), operation_id="undo_edit"
    )
    def undo(
        request: HttpRequest, object: Key, id: Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
    ) -> HttpResponse:
        policy(actor_of(request)).require("view", snapshot().object(object).key)
        done = records.undo_batch(actor=actor_of(request), batch=int(id))
        return send({"put_back": done.put_back, "kept": len(done.kept)})

    @made.post(
        "/records/{object}/{id}/when", response=responses(EditedOut), operation_id="move_date"
    )
    def when(
        request: HttpRequest,
        object: Key,
        id: Annotated[str, Path(pattern=r"^[0-9]{1,18}$")],
        body: Placed,
    ) -> HttpResponse:
        snapshot().object(object)
        _, batch = placing.move(
            actor=actor_of(request),
            object_key=object,
            record_id=int(id),
            days={k: _day(k, v) for k, v in body.days.items()},
            version=body.version,
        )
        return send({"batch": str(batch), "updated": 1, "unchanged": 0, "job": None})

    return made


def view_json(v: ViewInfo) -> dict[str, Any]:
    """A view as the API sends it."""
    return {
        "id": str(v.id),
        "slug": v.slug,
        "object": v.object_key,
        "name": str(v.name),
        "kind": v.kind,
        "audience": v.audience,
        "team_id": None if v.team_id is None else str(v.team_id),
        "version": v.version,
        "may_edit": v.may_edit,
        "definition": v.look.as_json(),
        "left_out": [str(words) for words in v.left_out],
        "shared": to_wire(v.given),
    }


def _found(request: HttpRequest, object_key: str, slug: str) -> ViewInfo:
    snapshot().object(object_key)
    return views.view(actor_of(request), slug, object_key)


def _day(key: str, words: str | None) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError as error:
        said = Text("“{v}”不是日期。", "“{v}” is not a date.").format(v=words)
        raise Refused(Problem("not_a_date", said, field=key, value=words)) from error


def _field(actor: Actor, object_key: str, key: str, *, grouped: bool) -> FieldSpec:
    f = snapshot().object(object_key).fields.get(key)
    if f is None or f.retired or not policy(actor).readable(object_key, (key,)):
        said = Text("没有字段“{f}”。", "There is no field “{f}”.").format(f=key)
        raise Refused(Problem("no_such_field", said, object=object_key, field=key))
    if grouped and not may_group(f):
        said = Text("不能按“{f}”分组。", "“{f}” cannot be grouped by.").format(f=f.label)
        raise Refused(Problem("not_groupable", said, object=object_key, field=key))
    return f


def _groups(actor: Actor, object_key: str, q: GroupsQuery) -> list[dict[str, Any]]:
    spec = snapshot().object(object_key)
    policy(actor).require("view", object_key)
    look = views.view(actor, q.view, object_key).look if q.view else None
    key = q.by or (look.group if look else "")
    by = _field(actor, spec.key, key, grouped=True) if key else None
    wanted = [k.strip() for k in q.sum.split(",") if k.strip()]
    summed = [_field(actor, spec.key, k, grouped=False) for k in wanted]
    where = placing.joined(look.filter if look else "", q.filter.strip())
    question = Question(filter=where, search=q.search or (look.search if look else ""))
    measures = [Measure("count"), *(Measure("sum", f.key) for f in summed)]
    names = (listing_parts.by(by),) if by else ()
    limit = q.limit if by else None
    found = queries.aggregate(actor, spec.key, names, measures, question, limit=limit)
    return [
        {
            "by": _plain(by, g.by[0]) if by else None,
            "count": g.values[0],
            "sums": {f.key: to_json(f, v) for f, v in zip(summed, g.values[1:], strict=True)},
        }
        for g in found
    ]


def _plain(f: FieldSpec, value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    return value.isoformat()[:10] if hasattr(value, "isoformat") else str(value)


def _edit(actor: Actor, object_key: str, body: EditMany) -> dict[str, Any]:
    policy(actor).require("bulk_edit", snapshot().object(object_key).key)
    editing.writable(actor, snapshot().object(object_key), body.field)
    ids = [int(i) for i in body.ids]
    if not ids and not body.all:
        said = Text("请给出 ids，或 all 加筛选条件。", "Give ids, or all with a filter.")
        raise Refused(Problem("required", said, field="ids"))
    if ids and len(ids) <= editing.AT_ONCE:
        done = editing.edit(
            actor=actor, object_key=object_key, ids=ids, field=body.field, value=body.value
        )
        return {
            "batch": str(done.batch),
            "updated": done.updated,
            "unchanged": done.unchanged,
            "job": None,
        }
    query = Question(filter=body.filter, search=body.search)
    if not ids:
        editing.count(actor, object_key, query)  # a filter that cannot be is told now
    batch = editing.start(actor, object_key, body.field)
    job = jobs.enqueue(
        editing.JOB,
        {
            "object_key": object_key,
            "field": body.field,
            "value": body.value,
            "batch": batch,
            "filter": body.filter,
            "search": body.search,
            "ids": ids,
        },
        actor=actor,
    )
    return {"batch": str(batch), "updated": None, "unchanged": None, "job": str(job.id)}


def _paste(actor: Actor, object_key: str, body: Paste) -> dict[str, Any]:
    policy(actor).require("edit", snapshot().object(object_key).key)
    raw = editing.block(
        actor=actor,
        object_key=object_key,
        rows=[(int(r.id), r.version) for r in body.rows],
        columns=body.columns,
        text=body.text,
    )
    cut = {"cut_rows": raw.cut_rows, "cut_columns": raw.cut_columns}
    if body.dry_run:
        checked = editing.check(actor, object_key, raw)
        if checked.problems:
            raise Refused(*checked.problems)
        return {"batch": None, "updated": checked.updates, "unchanged": checked.unchanged, **cut}
    done = editing.paste(actor, object_key, raw)
    return {
        "batch": str(done.batch),
        "updated": done.updated,
        "unchanged": done.unchanged,
        **cut,
    }
