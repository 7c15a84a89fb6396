"""What happened around a record, what is said of it, how it was, and what lies in the bin."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field, StrictStr

from wubu.collect.conversations import actions as talking
from wubu.collect.conversations import mentions
from wubu.collect.conversations import queries as talk
from wubu.collect.conversations.timeline import timeline
from wubu.collect.conversations.types import (
    CommentVersion,
    CommentView,
    Entry,
    NoticeView,
)
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people.types import Person
from wubu.kernel.records import actions, queries
from wubu.kernel.records.history import stories
from wubu.kernel.records.lifecycle import retention
from wubu.kernel.records.lifecycle.retention import Retention
from wubu.web.api import values as wire
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import Ref, actor_of
from wubu.web.api.wire import many, model, to_json

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="key of the object")]
Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
RECORD = "/records/{object_key}/{id}"


class Said(wire.Strict):
    """``mentions`` tells people of one name apart; who is called stands in the text after an @."""

    text: str = Field(max_length=20_000)
    mentions: list[Ref] = Field(default_factory=list, max_length=100)


class TimelineQuery(wire.Strict):
    kind: str = Field("", max_length=63, description="change, comment or the key of an object")
    cursor: str = Field("", max_length=2_000)
    limit: int = Field(30, ge=1, le=100)


class CommentsQuery(wire.Strict):
    before: str = Field("", pattern=r"^[0-9]{0,18}$", description="id of a comment")
    limit: int = Field(50, ge=1, le=200)


class NoticesQuery(wire.Strict):
    unread: bool = False
    limit: int = Field(50, ge=1, le=100)


class CallableQuery(wire.Strict):
    q: str = Field("", max_length=40, description="part of a name, pinyin or login")


class OnQuery(wire.Strict):
    on: str = Field(max_length=40, description="a day (its end) or a moment")


class On(wire.Strict):
    on: StrictStr = Field(max_length=40, description="a day (its end) or a moment")


class BinQuery(wire.Strict):
    cursor: str = Field("", max_length=2_000)
    limit: int = Field(50, ge=1, le=200)


class Ids(wire.Strict):
    ids: list[Ref] = Field(min_length=1, max_length=1_000)


class Read(wire.Strict):
    ids: list[Ref] | None = Field(None, max_length=1_000, description="all of them without")


class Keep(wire.Strict):
    """Days; 0 keeps for ever."""

    bin_days: int | None = None
    access_days: int | None = None


class Followed(BaseModel):
    following: bool


class Number(BaseModel):
    number: int


class Linked(BaseModel):
    object_key: str
    id: str
    title: str


class EntryOut(BaseModel):
    """One of ``change``, ``comment`` and ``record`` is there."""

    at: str
    kind: str
    id: str
    change: dict[str, Any] | None
    comment: dict[str, Any] | None
    record: Linked | None


class TimelineOut(BaseModel):
    entries: list[EntryOut]
    next_cursor: str | None


class PastOut(BaseModel):
    """``changed`` are the fields that differ today, ``untold`` those that the log does not hold."""

    on: str
    record: dict[str, Any]
    changed: list[str]
    untold: list[str]
    parts: dict[str, list[dict[str, Any]]]


class BinnedOut(BaseModel):
    id: str
    title: str
    archived_at: str | None
    by: str
    goes_at: str | None
    merged_into: str | None


class BinOut(BaseModel):
    records: list[BinnedOut]
    next_cursor: str | None


class PurgedOut(BaseModel):
    """``kept``: by id, the objects that still point there and how many of each."""

    deleted: int
    kept: dict[str, dict[str, int]]


def router() -> Router:
    made = Router(tags=["记录的经过 Stories"])
    _talk(made)
    _past(made)
    _bin(made)
    return made


def _talk(made: Router) -> None:
    comment, versions = model(CommentView), many(CommentVersion)

    @made.get(f"{RECORD}/timeline", response=responses(TimelineOut), operation_id="timeline")
    def story(
        request: HttpRequest, object_key: Key, id: Id, q: Query[TimelineQuery]
    ) -> HttpResponse:
        page = timeline(
            actor_of(request), object_key, int(id), kind=q.kind, cursor=q.cursor, limit=q.limit
        )
        entries = [_entry(e) for e in page.entries]
        return send({"entries": entries, "next_cursor": page.next_cursor})

    @made.get(f"{RECORD}/comments", response=responses(many(CommentView)), operation_id="comments")
    def comments(
        request: HttpRequest, object_key: Key, id: Id, q: Query[CommentsQuery]
    ) -> HttpResponse:
        before = int(q.before) if q.before else None
        return send_of(
            talk.comments(actor_of(request), object_key, int(id), before_id=before, limit=q.limit)
        )

    @made.post(f"{RECORD}/comments", response=responses(comment, 201), operation_id="comment")
    def say(request: HttpRequest, object_key: Key, id: Id, body: Said) -> HttpResponse:
        view = talking.comment(
            actor=actor_of(request),
            object_key=object_key,
            id=int(id),
            text=body.text,
            mentions=[int(i) for i in body.mentions],
        )
        return send_of(view, 201)

    @made.patch("/comments/{id}", response=responses(comment), operation_id="edit_comment")
    def edit(request: HttpRequest, id: Id, body: Said) -> HttpResponse:
        view = talking.edit_comment(
            actor=actor_of(request),
            comment_id=int(id),
            text=body.text,
            mentions=[int(i) for i in body.mentions],
        )
        return send_of(view)

    @made.delete("/comments/{id}", response=responses(None, 204), operation_id="delete_comment")
    def delete(request: HttpRequest, id: Id) -> HttpResponse:
        talking.delete_comment(actor=actor_of(request), comment_id=int(id))
        return HttpResponse(status=204)

    @made.get("/comments/{id}/versions", response=responses(versions), operation_id="said_before")
    def before(request: HttpRequest, id: Id) -> HttpResponse:
        return send_of(talk.versions(actor_of(request), int(id)))

    @made.get(
        f"{RECORD}/callable", response=responses(many(Person)), operation_id="callable_people"
    )
    def callable_people(
        request: HttpRequest, object_key: Key, id: Id, q: Query[CallableQuery]
    ) -> HttpResponse:
        return send_of(mentions.candidates(actor_of(request), object_key, int(id), q.q))

    @made.get(f"{RECORD}/subscription", response=responses(Followed), operation_id="followed")
    def followed(request: HttpRequest, object_key: Key, id: Id) -> HttpResponse:
        queries.get(actor_of(request), object_key, int(id))
        return send({"following": talk.follows(actor_of(request), object_key, int(id))})

    @made.put(f"{RECORD}/subscription", response=responses(Followed), operation_id="follow")
    def follow(request: HttpRequest, object_key: Key, id: Id) -> HttpResponse:
        on = talking.subscribe(actor=actor_of(request), object_key=object_key, id=int(id))
        return send({"following": on})

    @made.delete(f"{RECORD}/subscription", response=responses(Followed), operation_id="unfollow")
    def unfollow(request: HttpRequest, object_key: Key, id: Id) -> HttpResponse:
        on = talking.subscribe(
            actor=actor_of(request), object_key=object_key, id=int(id), active=False
        )
        return send({"following": on})

    @made.get("/notices", response=responses(many(NoticeView)), operation_id="notices")
    def notices(request: HttpRequest, q: Query[NoticesQuery]) -> HttpResponse:
        return send_of(talk.notices(actor_of(request), unread=q.unread, limit=q.limit))

    @made.post("/notices/read", response=responses(Number), operation_id="read_notices")
    def read(request: HttpRequest, body: Read) -> HttpResponse:
        ids = None if body.ids is None else [int(i) for i in body.ids]
        return send({"number": talking.mark_read(actor=actor_of(request), ids=ids)})


def _past(made: Router) -> None:
    @made.get(f"{RECORD}/as-of", response=responses(PastOut), operation_id="as_of")
    def as_of(request: HttpRequest, object_key: Key, id: Id, q: Query[OnQuery]) -> HttpResponse:
        moment = stories.moment_of(q.on)
        past = stories.as_of(actor_of(request), object_key, int(id), moment)
        return send(
            {
                "on": past.on.isoformat(),
                "record": _record(past.record),
                "changed": list(past.changed),
                "untold": list(past.untold),
                "parts": {k: [_record(r) for r in rows] for k, rows in past.parts.items()},
            }
        )

    @made.post(
        f"{RECORD}/restore-to", response=responses(dict[str, Any]), operation_id="restore_to"
    )
    def restore_to(request: HttpRequest, object_key: Key, id: Id, body: On) -> HttpResponse:
        record = actions.restore_to(
            actor=actor_of(request),
            object_key=object_key,
            id=int(id),
            moment=stories.moment_of(body.on),
        )
        return send(_record(record))

    @made.post("/batches/{id}/undo", response=responses(dict[str, Any]), operation_id="undo_batch")
    def undo(request: HttpRequest, id: Id) -> HttpResponse:
        return send_of(actions.undo_batch(actor=actor_of(request), batch=int(id)))


def _bin(made: Router) -> None:
    @made.get("/bin/{object_key}", response=responses(BinOut), operation_id="bin")
    def listed(request: HttpRequest, object_key: Key, q: Query[BinQuery]) -> HttpResponse:
        rows, cursor = stories.binned(actor_of(request), object_key, cursor=q.cursor, limit=q.limit)
        found = [
            {
                "id": str(b.record.id),
                "title": b.record.title,
                "archived_at": to_json(b.record.archived_at),
                "by": b.by,
                "goes_at": to_json(b.goes_at),
                "merged_into": str(b.merged_into) if b.merged_into else None,
            }
            for b in rows
        ]
        return send({"records": found, "next_cursor": cursor})

    @made.post("/bin/{object_key}/restore", response=responses(Number), operation_id="bin_restore")
    def restore(request: HttpRequest, object_key: Key, body: Ids) -> HttpResponse:
        ids = [int(i) for i in body.ids]
        count = actions.restore(actor=actor_of(request), object_key=object_key, ids=ids)
        return send({"number": count})

    @made.post("/bin/{object_key}/purge", response=responses(PurgedOut), operation_id="bin_purge")
    def purge(request: HttpRequest, object_key: Key, body: Ids) -> HttpResponse:
        ids = [int(i) for i in body.ids]
        done = actions.purge(actor=actor_of(request), object_key=object_key, ids=ids)
        return send({"deleted": done.deleted, "kept": {str(k): v for k, v in done.kept.items()}})

    @made.get("/keeping", response=responses(model(Retention)), operation_id="keeping")
    def kept(request: HttpRequest) -> HttpResponse:
        return send_of(retention.retention())

    @made.put("/keeping", response=responses(model(Retention)), operation_id="keep")
    def keep(request: HttpRequest, body: Keep) -> HttpResponse:
        return send_of(retention.keep(actor=actor_of(request), **body.model_dump()))


def _record(record: Any) -> dict[str, Any]:
    return wire.record_json(record, snapshot().object(record.object_key).fields)


def _entry(entry: Entry) -> dict[str, Any]:
    record = entry.record
    return {
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "id": str(entry.id),
        "change": to_json(entry.change),
        "comment": to_json(entry.comment),
        "record": None
        if record is None
        else {"object_key": record.object_key, "id": str(record.id), "title": record.title},
    }
