"""Every object of the catalog has a list, a form, a record page, and a board if it has stages."""

from __future__ import annotations

import random

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.records import actions
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM


def sample(spec: ObjectSpec, made: dict[str, Record], owner: int) -> dict[str, object]:
    """Raw values of every field that can be made up, links to what was made before."""
    rnd = random.Random(spec.key)
    values: dict[str, object] = {}
    for f in spec.live_fields:
        if f.type == "member":
            values[f.key] = owner
        elif f.type == "link" and f.target in made:
            values[f.key] = made[f.target].id
        elif not FIELD_TYPES[f.type].computed and f.type not in (
            "links",
            "team",
            "attachment",
            "serial",
        ):
            raw = FIELD_TYPES[f.type].sample(f, rnd)
            if raw is not None:
                values[f.key] = raw
    return values


def test_it_works(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    made: dict[str, Record] = {}
    waiting = [o for o in snapshot().live if not o.part_of]
    waiting.sort(key=lambda o: sum(f.required and f.type == "link" for f in o.live_fields))
    for spec in waiting:
        needed = [f.target for f in spec.live_fields if f.required and f.type == "link"]
        if set(needed) - made.keys():
            waiting.append(spec)
            continue
        values = sample(spec, made, cast.wang_li.id)
        made[spec.key] = actions.create(actor=SYSTEM, object_key=spec.key, values=values)
    for key, record in made.items():
        pages = ["", "new", str(record.id), f"{record.id}/edit"]
        if snapshot().object(key).role("stage"):
            pages.append("board")
        for page in pages:
            response = client.get(f"/o/{key}/{page}")
            assert response.status_code == 200, (key, page)
            assert "None" not in response.content.decode().split("<main")[1].split("<script")[0]
