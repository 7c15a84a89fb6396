"""Who took records out of the program, printed them, or saw what is sensitive."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path

from wubu.kernel.audit import access
from wubu.kernel.audit.types import AccessRow
from wubu.kernel.calendar.queries import start_of
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.records import queries as records
from wubu.kernel.records.lifecycle import retention
from wubu.kernel.types import Text
from wubu.web.entries import Entry
from wubu.web.pages.setup.logs import may
from wubu.web.ui import Empty, Page, PageRequest, Panel, Raw

PER_PAGE = 100
NAMED = 3  # records of a row that are named
TITLE = Text("查看与导出日志", "Access and exports")
KINDS = {
    "view": Text("查看敏感信息", "Viewed sensitive fields"),
    "export": Text("导出", "Exported"),
    "print": Text("打印", "Printed"),
}
ENTRANCES = {"page": Text("页面", "page"), "api": Text("接口", "API")}


@dataclass(frozen=True)
class Narrowed:
    """What is asked for; what cannot be read is not asked."""

    object: str
    record: int | None
    member: int | None
    kind: str
    since: dt.date | None
    until: dt.date | None

    @classmethod
    def of(cls, raw: QueryDict) -> Narrowed:
        return cls(
            raw.get("object", "")[:63],
            _number(raw.get("record", "")),
            _number(raw.get("member", "")),
            raw.get("kind", "")[:16],
            _day(raw.get("from", "")),
            _day(raw.get("to", "")),
        )


def page(request: HttpRequest) -> HttpResponse:
    """The log, newest first; narrowed by object, record, person, kind and day."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup(retention.AREA)
    narrowed = Narrowed.of(page_request.GET)
    until = narrowed.until
    rows = access.access(
        object_key=narrowed.object,
        record_id=narrowed.record,
        actor_id=narrowed.member,
        kind=narrowed.kind,
        since=start_of(narrowed.since) if narrowed.since else None,
        until=start_of(until + dt.timedelta(days=1)) if until else None,
        before_id=_number(page_request.GET.get("before", "")),
        limit=PER_PAGE + 1,
    )
    more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
    context = {
        "rows": _to_view(page_request, rows),
        "asked": narrowed,
        "objects": [o for o in snapshot().live if not o.part_of],
        "members": people.members(active=None),
        "kinds": KINDS.items(),
        "more": rows[-1].id if more else None,
        "empty": Empty(
            Text("没有符合条件的记录", "Nothing of that kind"),
            Text(
                "字段设为“敏感”后，谁看过它就会记在这里。",
                "Once a field is marked as sensitive, everyone who views it is logged here.",
            ),
            icon="eye-off",
        ),
    }
    made = Page(
        TITLE,
        [Panel("", Raw("parts/setup/access_log.html", **context), key="access", flush=True)],
        step="setup",
        subtitle=Text(
            "谁导出、打印过记录，谁看过敏感信息",
            "Who exported or printed records, and who viewed sensitive fields",
        ),
    )
    return made.response(page_request)


def _to_view(request: PageRequest, rows: list[AccessRow]) -> list[dict[str, Any]]:
    names = people.names({r.actor_id for r in rows if r.actor_id})
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.object_key, set()).update(row.ids[:NAMED])
    objects = snapshot().objects
    titles = {
        key: records.titles(request.actor, key, ids)
        for key, ids in wanted.items()
        if key in objects and ids
    }
    return [
        {
            "row": row,
            "who": names.get(row.actor_id or 0, ""),
            "kind": KINDS.get(row.kind, row.kind),
            "entrance": ENTRANCES.get(row.entrance, row.entrance),
            "spec": objects.get(row.object_key),
            "fields": [_label(row.object_key, k) for k in row.fields],
            "records": [(i, titles.get(row.object_key, {}).get(i, "")) for i in row.ids[:NAMED]],
            "rest": max(row.number - NAMED, 0) if row.ids else 0,
        }
        for row in rows
    ]


def _label(object_key: str, key: str) -> Any:
    spec = snapshot().objects.get(object_key)
    label: Any = key
    for step in key.split("."):
        f = spec.fields.get(step) if spec else None
        if f is None:
            return label
        label, spec = f.label, snapshot().objects.get(f.target)
    return label


def _number(text: str) -> int | None:
    words = text.strip().removeprefix("id:")
    return int(words) if words.isascii() and words.isdigit() and len(words) < 19 else None


def _day(text: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if 1900 < found.year < 2200 else None


NAV = (Entry("setup", TITLE, "/setup/access", "eye-check", may, position=84),)
urlpatterns = [path("setup/access", page)]
