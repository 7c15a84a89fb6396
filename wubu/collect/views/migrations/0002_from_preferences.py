"""Views that members kept among their preferences become views of their own."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qsl

from django.db import migrations
from django.utils.timezone import now


def _definition(query: str) -> dict[str, Any]:
    given = dict(parse_qsl(query))
    said = {
        "filter": given.get("f", ""),
        "search": given.get("q", ""),
        "sort": [s for s in given.get("sort", "").split(",") if s],
        "columns": [c for c in given.get("columns", "").split(",") if c],
    }
    return {k: v for k, v in said.items() if v}


def move(apps: Any, schema_editor: Any) -> None:
    """Make a personal view of each and take it out of the preferences."""
    Preference = apps.get_model("people", "Preference")
    View = apps.get_model("views", "View")
    at = now()
    for row in Preference.objects.filter(key__startswith="list:"):
        kept = row.value.get("views") if isinstance(row.value, dict) else None
        if not kept:
            continue
        View.objects.bulk_create(
            View(
                object_key=row.key.removeprefix("list:"),
                slug="v" + secrets.token_urlsafe(8)[:11],
                name={"zh": view["name"], "en": view["name"]},
                kind="list",
                audience="personal",
                member_id=row.member_id,
                definition=_definition(view.get("query", "")),
                position=place,
                created_at=at,
                created_by_id=row.member_id,
                updated_at=at,
            )
            for place, view in enumerate(kept)
        )
        row.value = {k: v for k, v in row.value.items() if k != "views"}
        row.save()


class Migration(migrations.Migration):
    dependencies = (("views", "0001_initial"), ("people", "0002_preference"))
    operations = (migrations.RunPython(move, migrations.RunPython.noop),)
