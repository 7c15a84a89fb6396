"""One record: what it is, where it stands, what belongs to it, and all that ever happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.conversations import actions as conversations
from wubu.collect.forms import queries as layouts
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.lookup import shown_as
from wubu.kernel.people import queries as people
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record, StoredFile
from wubu.kernel.types import Forbidden, Missing, Problem, Refused, Text
from wubu.web.pages.records import record_parts, record_related, record_story
from wubu.web.pages.records.record_parts import LOSS_REASON
from wubu.web.pages.records.sharing import may_share, sharing_panel
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
from wubu.web.ui.asking import whole

MOST_DAYS = 3650  # to what comes next
KEY_ROLES = ("customer", "amount", "when", "owner")
NEXT_DAYS = (
    (1, Text("明天", "Tomorrow")),
    (3, Text("3 天后", "In 3 days")),
    (7, Text("一周后", "In a week")),
)


def record(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = queries.get(page_request.actor, object_key, record_id)
    activity = _activity(page_request, spec)
    noted = activity["spec"].key if activity else ""
    ways = record_parts.ways(page_request, found)
    related = record_related.related(page_request, spec, found, noted)
    context = {
        "spec": spec,
        "record": found,
        "stages": _stages(spec, found),
        "stage": spec.role("stage"),
        "facts": _facts(page_request, spec, found),
        "findings": record_parts.findings_for(page_request, found),
        "panels": _panels(page_request, spec, found),
        "parts": record_related.parts(page_request, spec, found),
        "related": related,
        "absent": [t for t in related if not t["rows"] and t["new"]],
        "activity": activity,
        "activity_types": _types(activity),
        "next_days": NEXT_DAYS,
        "story": record_story.panel(page_request, spec, found),
        "source": record_parts.source(found),
        "counts": record_parts.counts_for(page_request, found),
        "sharing": sharing_panel(page_request, found),
        "may_edit": "edit" in ways,
        "may_move": bool(ways & {"edit", "stage"}),
        "reason": spec.fields.get(LOSS_REASON),
        "archived_on": show.date(found.archived_at) if found.archived_at else "",
        "names": people.names([i for i in (found.created_by, found.updated_by) if i]),
    }
    if page_request.actor.viewer_id is None:
        conversations.mark_record_read(actor=page_request.actor, object_key=object_key, id=found.id)
    page = Page(
        found.title,
        crumbs=[Crumb(spec.plural, f"/o/{spec.key}/")],
        actions=_actions(page_request, spec, found, ways),
        aside=Raw(
            "parts/records/neighbours.html",
            spec=spec,
            neighbours=record_story.neighbours(page_request, spec, found),
            id=found.id,
        ),
        template="pages/records/record.html",
        context=context,
    )
    return page.response(page_request)


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
    """The sections of the form that this reader would get, read; what it leaves out comes last."""
    seen = _visible(request, spec, found)

    def get(way: tuple[str, ...]) -> Any:
        return found.values.get(way[0]) if len(way) == 1 else None

    layout = layouts.layout_for(request.actor, spec.key, get=get)
    placed: set[str] = set()
    made = []
    files = record_parts.attached(request, seen, found)
    for part in layout.parts:
        items = [i for i in part.items if i.kind == "field" and i.key in seen]
        placed.update(i.key for i in items)
        if part.shown_when is not None and part.shown_when.value(get) is not True:
            continue
        keys = [i.key for i in items if i.shown_when is None or i.shown_when.value(get) is True]
        if keys:
            made.append(Panel(part.label, _attrs(seen, keys, found, files)))
    rest = [k for k in seen if k not in placed]
    if rest and (layout.fallback or not made):
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
                _attached(shown_as(seen[k]), found.values[k], files)
                if record_parts.holds_files(seen[k]) and found.values[k]
                else values.whole(seen[k], found),
                wide=record_parts.holds_files(seen[k]) or seen[k].kind.lengthy,
                help=seen[k].help or "",
            )
            for k in keys
        ]
    )


def _attached(f: FieldSpec, ids: Sequence[int], files: Mapping[int, StoredFile]) -> Raw:
    """The files by name; pictures and signatures to look at, a signature with who and when."""
    there = [files[i] for i in ids if i in files]
    if f.kind.any_file:
        return Raw("parts/records/files.html", files=there)
    signed = f.kind.signed
    names = people.names({file.uploaded_by for file in there if file.uploaded_by}) if signed else {}
    return Raw("parts/records/pictures.html", files=there, signed=signed, names=names)


def _activity(request: PageRequest, spec: ObjectSpec) -> dict[str, Any] | None:
    """The object in which what was done about this record is noted, and its link to it."""
    for other in snapshot().live:
        title = other.role("title")
        if title is None or not title.kind.multiline or not other.options.get("quick"):
            continue
        via = next(
            (f for f in other.live_fields if f.target == spec.key and f.kind.links_one), None
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
    return next((f for f in fields if f.kind.classifies and f.required), None)


def _actions(
    request: PageRequest, spec: ObjectSpec, found: Record, ways: frozenset[str]
) -> list[Action]:
    base = f"/o/{spec.key}/{found.id}"
    if found.archived_at is not None:
        label = Text("从回收站恢复", "Restore")
        url = f"/o/{spec.key}/restore?ids={found.id}"
        return [Action(label, url, icon="restore", style="primary", post=True)]
    made = [record_story.follow_action(request, spec, found)]
    if "edit" in ways:
        made.append(Action(Text("编辑", "Edit"), f"{base}/edit", icon="edit", style="primary"))
    made.insert(1, Action("", icon="dots", style="ghost", menu=_more(request, spec, found, ways)))
    return made


def _more(
    request: PageRequest, spec: ObjectSpec, record: Record, ways: frozenset[str]
) -> list[Action]:
    rights, key = request.policy, spec.key
    base = f"/o/{key}/{record.id}"
    found = []
    if rights.may("create", key) and rights.may("copy", key):
        url = f"/o/{key}/new?copy={record.id}"
        found.append(Action(Text("复制", "Duplicate"), url, icon="copy"))
    if rights.may("print", key):
        attrs = {"target": "_blank", "rel": "noopener"}
        found.append(Action(Text("打印", "Print"), f"{base}/print", icon="printer", attrs=attrs))
    found.append(
        Action(Text("看某一天的样子", "As it was on a day"), f"{base}/past", icon="history")
    )
    if may_share(request, record):
        found.append(Action(Text("共享…", "Share…"), f"{base}/share", icon="share"))
    owner = record.values.get(spec.roles.get("owner", ""))
    if rights.may_setup("roles") or (owner and owner == request.actor.member_id):
        found.append(Action(Text("谁能看到", "Who can see it"), f"{base}/access", icon="eye"))
    if "delete" in ways:
        if "edit" in ways:
            found.append(Action(Text("合并…", "Merge…"), f"{base}/merge", icon="git-merge"))
        label = Text("归档", "Archive")
        found.append(Action(label, f"{base}/archive", icon="archive", style="danger", post=True))
    return found


@require_POST
def archive(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    page_request = cast(PageRequest, request)
    actions.archive(actor=page_request.actor, object_key=object_key, ids=[record_id])
    undo = f"/o/{object_key}/restore?ids={record_id}"
    return redirect(
        f"/o/{object_key}/", Text("已放入回收站", "Moved to the recycle bin"), undo=undo
    )


@require_POST
def note(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """A follow-up in three taps: how, what, save; the next one is planned in the same breath."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = queries.get(page_request.actor, object_key, record_id)
    activity = _activity(page_request, spec)
    if activity is None:
        raise Missing(Problem("no_notes", Text("这里不能写跟进。", "No follow-ups are kept here.")))
    other = activity["spec"]
    raw: dict[str, Any] = {
        activity["via"].key: found.id,
        activity["title"].key: request.POST.get("content", ""),
    }
    _complete(page_request, spec, other, found, raw)
    kind = _types(activity)
    if kind is not None:
        raw[kind.key] = request.POST.get("kind") or kind.default
    try:
        actions.create(actor=page_request.actor, object_key=other.key, values=raw)
    except Refused as refused:
        if isinstance(refused, Forbidden):
            raise
        words = " ".join(str(p.message) for p in refused.problems)
        return redirect(f"/o/{object_key}/{record_id}#note", words)
    label = Text("{o}已记录", "{o} saved").format(o=other.label)
    return redirect(f"/o/{object_key}/{record_id}", label)


def _complete(
    request: PageRequest,
    spec: ObjectSpec,
    other: ObjectSpec,
    found: Record,
    raw: dict[str, Any],
) -> None:
    """What the program knows without asking: whose, of which customer, now, and when next."""
    if owner := other.role("owner"):
        raw[owner.key] = request.actor.member_id
    if (when := other.role("when")) is not None:
        raw[when.key] = now() if when.kind.timed else today()
    mine, theirs = spec.role("customer"), other.role("customer")
    if mine and theirs and theirs.key not in raw and found.values.get(mine.key):
        raw[theirs.key] = found.values[mine.key]
    days = whole(request.POST, "next")
    soon = next((f for f in other.live_fields if f.key == "next_at"), None)
    if soon is not None and days is not None and days <= MOST_DAYS:
        raw[soon.key] = now() + timedelta(days=days)


urlpatterns = [
    path("o/<slug:object_key>/<int:record_id>", record, name="record"),
    path("o/<slug:object_key>/<int:record_id>/archive", archive, name="archive"),
    path("o/<slug:object_key>/<int:record_id>/note", note, name="note"),
]
