"""Who can see a record, and why."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions import access
from wubu.kernel.permissions.types import ACTIONS, LEVELS
from wubu.kernel.records import queries as records
from wubu.kernel.types import Text
from wubu.web.pages.records.sharing import crumbs
from wubu.web.ui import Page, PageRequest, Panel, Raw

COLORS = {"hidden": "red", "masked": "orange", "read": "gray", "write": "teal"}


def who(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """Everybody who sees this record, with the sentence that says by what."""
    page_request = cast(PageRequest, request)
    found = records.get(page_request.actor, object_key, record_id)
    spec = snapshot().object(object_key)
    fields = [
        f for f in spec.live_fields if page_request.policy.level(object_key, f.key) != "hidden"
    ]
    wanted = request.GET.get("field", "")
    field_key = wanted if any(f.key == wanted for f in fields) else None
    people = access.who_can(page_request.actor, object_key, record_id, field_key)
    context: dict[str, Any] = {
        "rows": [_row(one) for one in people],
        "fields": fields,
        "field": spec.fields.get(field_key or ""),
    }
    page = Page(
        Text("谁能看到这条{o}", "Who can see this {o}").format(o=spec.label.inside),
        [Panel("", Raw("parts/records/access.html", **context), flush=True, key="access")],
        subtitle=Text("{n} 人可以看到“{t}”", "{n} people see “{t}”").format(
            n=len(people), t=found.title
        ),
    )
    page.crumbs = crumbs(object_key, record_id, found.title)
    return page.response(page_request)


def _row(one: access.Access) -> dict[str, Any]:
    return {
        "person": one.person,
        "actions": [ACTIONS[a] for a in one.actions if a != "view"],
        "edits": "edit" in one.actions,
        "reasons": one.reasons,
        "level": LEVELS[one.level] if one.level else None,
        "color": COLORS.get(one.level or "", ""),
    }


urlpatterns = [path("o/<slug:object_key>/<int:record_id>/access", who)]
