"""The API tells a rep no more than the pages do: every address of the OpenAPI document is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.leaks.conftest import Browse
from tests.leaks.test_pages import everything, rename_shared
from tests.leaks.world import MARK, PHONE, World, told
from wubu.kernel.catalog.queries import snapshot


def document(client: Any) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    return dict(json.loads(answer.content))


def asked(world: World, paths: dict[str, Any], method: str) -> Iterator[str]:
    """Every address of a method, with another's ids wherever an id is taken."""
    objects = {s.key for s in snapshot().live}
    for path in paths:
        if method not in paths[path] or not path.startswith("/api/v1"):
            continue
        key = next((p for p in path.split("/") if p in objects), "customer")
        if key == "product":
            continue
        ids = {str(world.theirs[key].id), str(world.cast.sun_yue.id), str(world.cast.south.id)}
        for id_ in ids if "{" in path else [""]:
            yield re.sub(r"\{[^}]*id\}", id_, path)


def of_records(world: World, paths: dict[str, Any], method: str) -> Iterator[str]:
    """Every address of a method that names one record, with the other's."""
    for path in paths:
        for key, record in world.theirs.items():
            if method in paths[path] and f"/{key}/{{" in path and key != "product":
                yield re.sub(r"\{[^}]*id\}", str(record.id), path)


def test_no_answer_tells_of_another(world: World, browse: Browse) -> None:
    rename_shared(world)
    client = browse(world.cast.zhang_wei)
    paths = document(client)["paths"]
    addresses = list(asked(world, paths, "get"))
    assert len(addresses) > 60
    for key in world.theirs:
        if key != "product":
            addresses += [
                f"/api/v1/{key}?search={quote(MARK)}",
                f"/api/v1/{key}?limit=200&sort=-created_at",
            ]
    addresses += [f"/api/v1/search?q={quote(w)}" for w in (MARK, PHONE[-4:], "syjm")]
    leaks = []
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code < 500, address
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if marks := told(body.decode(errors="replace")):
            leaks.append(f"{address}: {marks}")
    assert leaks == []


def test_the_owner_is_told(world: World, browse: Browse) -> None:
    client = browse(world.cast.wang_li)
    paths = document(client)["paths"]
    answers = [client.get(a) for a in asked(world, paths, "get")]
    full = [a for a in answers if not a.streaming and told(a.content.decode())]
    assert len(full) > 20


def test_no_call_reaches_another(world: World, browse: Browse) -> None:
    client = browse(world.cast.zhang_wei)
    paths = document(browse(world.cast.wang_li))["paths"]
    before, asked_for = everything(), 0
    body = {"values": {"name": "x", "note": "x", "content": "x"}}
    for method in ("post", "patch", "put", "delete"):
        for address in of_records(world, paths, method):
            sent = {**body, "drop": str(world.mine["customer"].id), "reason": "x"}
            call = getattr(client, method)
            answer = call(address, json.dumps(sent), content_type="application/json")
            assert answer.status_code < 500, address
            assert told(answer.content.decode()) == [], address
            asked_for += 1
    assert asked_for > 40
    assert everything() == before


def test_merging_needs_both(world: World, browse: Browse) -> None:
    client = browse(world.cast.zhang_wei)
    before = everything()
    mine, theirs = world.mine["customer"].id, world.theirs["customer"].id
    for keep, drop in ((mine, theirs), (theirs, mine)):
        answer = client.post(
            f"/api/v1/customer/{keep}/merge",
            json.dumps({"drop": str(drop)}),
            content_type="application/json",
        )
        assert answer.status_code in (403, 404)
        assert told(answer.content.decode()) == []
    assert everything() == before
