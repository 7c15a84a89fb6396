"""One record: what it is, where it stands, what belongs to it, and all that ever happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.people import queries as people
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import ChangeView, Record, StoredFile
from wubu.kernel.types import Forbidden, Missing, Problem, Refused, Text
from wubu.web.pages import record_parts
from wubu.web.pages.board import LOSS_REASON
from wubu.web.ui import (
    Action,
    Attr,
    Attrs,
    Crumb,
    Page,
    PageRequest,
    Panel,
    Raw,
    redirect,
    show,
    values,
)

RELATED = 6
TIMELINE = 30
KEY_ROLES = ("customer", "amount", "when", "owner")
NEXT_DAYS = (
    (1, Text("明天", "Tomorrow")),
    (3, Text("3 天后", "In 3 days")),
    (7, Text("一周后", "In a week")),
)


@dataclass(frozen=True)
class Moment:
    """One entry of the timeline: a follow-up, or a logged change."""

    at: datetime | None
    note: Record | None = None
    change: ChangeView | None = None
    drawn: Any = None


def record(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = queries.get(asked.actor, object_key, record_id)
    activity = _activity(asked, spec)
    changes = queries.history(asked.actor, spec.key, found.id, limit=TIMELINE)
    related = _related(asked, spec, found, activity)
    context = {
        "spec": spec,
        "record": found,
        "stages": _stages(spec, found),
        "stage": spec.role("stage"),
        "facts": _facts(asked, spec, found),
        "panels": _panels(asked, spec, found),
        "parts": _parts(asked, spec, found),
        "related": related,
        "absent": [t for t in related if not t["rows"] and t["new"]],
        "activity": activity,
        "activity_types": _types(activity),
        "next_days": NEXT_DAYS,
        "timeline": _timeline(asked, found, activity, changes),
        "source": record_parts.source(found, changes, TIMELINE),
        "counts": record_parts.counts_for(asked, found),
        "may_edit": asked.policy.may("edit", object_key),
        "may_move": asked.policy.may("edit", object_key) or asked.policy.may("stage", object_key),
        "reason": spec.fields.get(LOSS_REASON),
        "archived_on": show.date(found.archived_at) if found.archived_at else "",
        "names": people.names([i for i in (found.created_by, found.updated_by) if i]),
    }
    page = Page(
        found.title,
        crumbs=[Crumb(spec.plural, f"/o/{spec.key}/")],
        actions=_actions(asked, spec, found),
        aside=Raw("parts/neighbours.html", spec=spec, neighbours=_neighbours(asked, spec, found)),
        template="pages/record.html",
        context=context,
    )
    return page.response(asked)


def _stages(spec: ObjectSpec, found: Record) -> list[dict[str, Any]]:
    """The path: stages passed, the one it is in, those ahead; an ending only where it ended."""
    stage = spec.role("stage")
    if stage is None or stage.key not in found.values:
        return []
    now_in = found.values.get(stage.key)
    live = [c for c in stage.choices if not c.retired or c.key == now_in]
    at = next((n for n, c in enumerate(live) if c.key == now_in), -1)
    ended = at >= 0 and bool(live[at].outcome)
    return [
        {
            "choice": c,
            "now": n == at,
            "passed": n < at and not c.outcome and not (ended and live[at].outcome == "lost"),
        }
        for n, c in enumerate(live)
    ]


def _visible(request: PageRequest, spec: ObjectSpec, found: Record) -> dict[str, FieldSpec]:
    return {f.key: f for f in spec.live_fields if f.key in found.values}


def _facts(request: PageRequest, spec: ObjectSpec, found: Record) -> list[Attr]:
    seen = _visible(request, spec, found)
    keys = [spec.roles[r] for r in KEY_ROLES if spec.roles.get(r) in seen]
    return [
        Attr(seen[k].label, values.draw(seen[k], found))
        for k in dict.fromkeys(keys)
        if k != spec.roles.get("title")
    ]


def _panels(request: PageRequest, spec: ObjectSpec, found: Record) -> list[Panel]:
    """The sections of the form, read; and what the program computes, together at the end."""
    seen = _visible(request, spec, found)
    declared = spec.options.get("form") or []
    placed: set[str] = set()
    made = []
    ids = [i for f in seen.values() if f.type == "attachment" for i in found.values[f.key] or ()]
    files = {file.id: file for file in queries.files_of(request.actor, ids)} if ids else {}
    for part in declared:
        keys = [k for k in part["fields"] if k in seen]
        placed.update(keys)
        if keys:
            made.append(Panel(Text.of(part["label"]), _attrs(seen, keys, found, files)))
    rest = [k for k in seen if k not in placed]
    if rest:
        label = Text("其他信息", "More") if made else Text("信息", "Details")
        made.append(Panel(label, _attrs(seen, rest, found, files)))
    return made


def _attrs(
    seen: dict[str, FieldSpec],
    keys: list[str],
    found: Record,
    files: Mapping[int, StoredFile],
) -> Attrs:
    return Attrs(
        [
            Attr(
                seen[k].label,
                _attached(found.values[k], files)
                if seen[k].type == "attachment" and found.values[k]
                else values.draw(seen[k], found),
                wide=seen[k].type in ("longtext", "attachment"),
                help=seen[k].help or "",
            )
            for k in keys
        ]
    )


def _attached(ids: Sequence[int], files: Mapping[int, StoredFile]) -> Raw:
    return Raw("parts/files.html", files=[files[i] for i in ids if i in files])


def _parts(request: PageRequest, spec: ObjectSpec, found: Record) -> list[dict[str, Any]]:
    """Quote lines, shares of a contract: all of them, in a table."""
    return [
        _table(request, child, child.part_of, found, limit=200)
        for child in snapshot().children(spec.key)
        if request.policy.may("view", child.key)
    ]


def _related(
    request: PageRequest, spec: ObjectSpec, found: Record, activity: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """What points here: as the object declares, else every link that there is.

    What the timeline tells already is not listed again.
    """
    declared = spec.options.get("panels") or [
        {"object": f.object, "via": f.key}
        for f in snapshot().links_to(spec.key)
        if not f.retired and f.type == "link"
    ]
    made = []
    for panel in declared:
        other = snapshot().objects.get(panel["object"])
        if other is None or other.retired or other.part_of == panel["via"]:
            continue
        if activity is not None and other.key == activity["spec"].key:
            continue
        if request.policy.may("view", other.key) and request.policy.readable(
            other.key, (panel["via"],)
        ):
            columns = panel.get("columns", ())
            made.append(_table(request, other, panel["via"], found, tuple(columns)))
    return made


def _table(
    request: PageRequest,
    other: ObjectSpec,
    via: str,
    found: Record,
    columns: tuple[str, ...] = (),
    limit: int = RELATED,
) -> dict[str, Any]:
    wanted = columns or tuple(k for k in other.options.get("list", ()) if k != via)[:5]
    readable = [
        other.fields[k]
        for k in wanted
        if k in other.fields and request.policy.level(other.key, k) != "hidden"
    ]
    where = f"{{{via}}} = {found.id}"
    keys = tuple(f.key for f in readable)
    page = queries.page(
        request.actor, other.key, Query(quick={via: found.id}, columns=keys, limit=limit)
    )
    return {
        "spec": other,
        "fields": [(f, values.is_number(f)) for f in readable],
        "rows": [
            (r, [(f, values.is_number(f), values.draw(f, r)) for f in readable])
            for r in page.records
        ],
        "more": page.next_cursor is not None,
        "where": where,
        "new": f"/o/{other.key}/new?{via}={found.id}&next=/o/{found.object_key}/{found.id}"
        if request.policy.may("create", other.key)
        else "",
    }


def _activity(request: PageRequest, spec: ObjectSpec) -> dict[str, Any] | None:
    """The object in which what was done about this record is noted, and its link to it."""
    for other in snapshot().live:
        title = other.role("title")
        if title is None or title.type != "longtext" or not other.options.get("quick"):
            continue
        via = next(
            (f for f in other.live_fields if f.target == spec.key and f.type == "link"), None
        )
        if via is not None and request.policy.may("view", other.key):
            may_add = request.policy.may("create", other.key)
            return {"spec": other, "via": via, "title": title, "may_add": may_add}
    return None


def _types(activity: dict[str, Any] | None) -> FieldSpec | None:
    """How it was done (call, visit …): the first choice that has to be made."""
    if activity is None:
        return None
    fields = activity["spec"].live_fields
    return next((f for f in fields if f.type == "choice" and f.required), None)


def _timeline(
    request: PageRequest,
    found: Record,
    activity: dict[str, Any] | None,
    changes: Sequence[ChangeView],
) -> list[Moment]:
    moments = [Moment(c.at, change=c) for c in changes]
    if activity is not None:
        other, via = activity["spec"], activity["via"]
        when = other.role("when")
        query = Query(
            quick={via.key: found.id},
            sort=(f"-{when.key}",) if when else ("-id",),
            limit=TIMELINE,
        )
        page = queries.page(request.actor, other.key, query)
        moments += [_note(other, when, r) for r in page.records]
    moments.sort(key=lambda m: m.at or now(), reverse=True)
    return moments


def _note(other: ObjectSpec, when: FieldSpec | None, note: Record) -> Moment:
    at = note.values.get(when.key) if when else None
    told = at if isinstance(at, datetime) else note.created_at
    kind = next((f for f in other.live_fields if f.type == "choice" and f.required), None)
    drawn = {
        "kind": values.draw(kind, note) if kind and kind.key in note.values else "",
        "who": values.plain(owner, note) if (owner := other.role("owner")) else "",
        "rest": [
            (f.label, values.draw(f, note))
            for f in other.live_fields
            if f.key.startswith(("result", "next_")) and note.values.get(f.key) is not None
        ],
    }
    return Moment(told, note=note, drawn=drawn)


def _neighbours(request: PageRequest, spec: ObjectSpec, found: Record) -> dict[str, int | None]:
    """The records before and after it, in the order of the list as it opens: newest first."""
    rows = queries.visible(request.actor, spec.key).values_list("id", flat=True)
    return {
        "previous": rows.filter(id__gt=found.id).order_by("id").first(),
        "next": rows.filter(id__lt=found.id).order_by("-id").first(),
    }


def _actions(request: PageRequest, spec: ObjectSpec, found: Record) -> list[Action]:
    base, rights = f"/o/{spec.key}/{found.id}", request.policy
    if found.archived_at is not None:
        label = Text("从回收站恢复", "Restore")
        url = f"/o/{spec.key}/restore?ids={found.id}"
        return [Action(label, url, icon="restore", style="primary", post=True)]
    made: list[Action] = []
    more: list[Action] = []
    if rights.may("delete", spec.key):
        if rights.may("edit", spec.key):
            label = Text("合并…", "Merge…")
            more.append(Action(label, f"{base}/merge", icon="git-merge"))
        label = Text("归档", "Archive")
        more.append(Action(label, f"{base}/archive", icon="archive", style="danger", post=True))
    if more:
        made.append(Action("", icon="dots", style="ghost", menu=more))
    if rights.may("edit", spec.key):
        made.append(Action(Text("编辑", "Edit"), f"{base}/edit", icon="edit", style="primary"))
    return made


@require_POST
def archive(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    asked = cast(PageRequest, request)
    actions.archive(actor=asked.actor, object_key=object_key, ids=[record_id])
    undo = f"/o/{object_key}/restore?ids={record_id}"
    return redirect(
        f"/o/{object_key}/", Text("已放入回收站", "Moved to the recycle bin"), undo=undo
    )


@require_POST
def note(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """A follow-up in three taps: how, what, save; the next one is planned in the same breath."""
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = queries.get(asked.actor, object_key, record_id)
    activity = _activity(asked, spec)
    if activity is None:
        raise Missing(Problem("no_notes", Text("这里不能写跟进。", "No follow-ups are kept here.")))
    other = activity["spec"]
    given: dict[str, Any] = {
        activity["via"].key: found.id,
        activity["title"].key: request.POST.get("content", ""),
    }
    _complete(asked, spec, other, found, given)
    kind = _types(activity)
    if kind is not None:
        given[kind.key] = request.POST.get("kind") or kind.default
    try:
        actions.create(actor=asked.actor, object_key=other.key, values=given)
    except Refused as refused:
        if isinstance(refused, Forbidden):
            raise
        words = " ".join(str(p.message) for p in refused.problems)
        return redirect(f"/o/{object_key}/{record_id}#note", words)
    label = Text("{o}已记录", "{o} noted").format(o=other.label)
    return redirect(f"/o/{object_key}/{record_id}", label)


def _complete(
    request: PageRequest,
    spec: ObjectSpec,
    other: ObjectSpec,
    found: Record,
    given: dict[str, Any],
) -> None:
    """What the program knows without asking: whose, of which customer, now, and when next."""
    if owner := other.role("owner"):
        given[owner.key] = request.actor.member_id
    if (when := other.role("when")) is not None:
        given[when.key] = now() if when.type == "datetime" else today()
    mine, theirs = spec.role("customer"), other.role("customer")
    if mine and theirs and theirs.key not in given and found.values.get(mine.key):
        given[theirs.key] = found.values[mine.key]
    days = request.POST.get("next", "")
    soon = next((f for f in other.live_fields if f.key == "next_at"), None)
    if soon is not None and days.isdigit():
        given[soon.key] = now() + timedelta(days=int(days))


def open_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """An attached file as a download, a picture also in place: what others sent never runs here."""
    asked = cast(PageRequest, request)
    kept, where = queries.open_file(asked.actor, file_id)
    shown = "view" in request.GET and kept.content_type in show.PICTURES
    answer = FileResponse(where.open("rb"), as_attachment=not shown, filename=kept.name)
    if shown:
        answer["Content-Type"] = kept.content_type
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """A file for an attachment field; the record that is saved with its id keeps it."""
    asked = cast(PageRequest, request)
    sent = request.FILES.get("file")
    if sent is None:
        raise Refused(Problem("no_file", Text("没有收到文件。", "No file arrived.")))
    kept = actions.store_file(
        actor=asked.actor,
        name=sent.name or "file",
        content=cast(Any, sent),
        content_type=sent.content_type or "",
    )
    return JsonResponse({"id": str(kept.id), "name": kept.name, "size": show.size(kept.size)})


urlpatterns = [
    path("o/<slug:object_key>/<int:record_id>", record, name="record"),
    path("o/<slug:object_key>/<int:record_id>/archive", archive, name="archive"),
    path("o/<slug:object_key>/<int:record_id>/note", note, name="note"),
    path("files", upload, name="upload"),
    path("files/<int:file_id>", open_file, name="file"),
]
