"""Calls to the API as the members of the cast, with their personal keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast, build_cast
from wubu.kernel.people.access import create_token
from wubu.kernel.people.types import Person
from wubu.kernel.types import SYSTEM


@dataclass
class Caller:
    """One member with a key."""

    key: str
    lang: str = "en"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        client = Client(
            headers={
                "Authorization": f"Bearer {self.key}",
                "Accept-Language": self.lang,
                **{k.replace("_", "-"): v for k, v in headers.items()},
            }
        )
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        if body is not None and not isinstance(body, str | bytes):
            more["data"] = json.dumps(body)
        return client.generic(method.upper(), f"/api/v1{path}", **more)

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, {} if body is None else body, **headers)


def caller_for(person: Person, lang: str = "en") -> Caller:
    _, key = create_token(actor=SYSTEM, name="tests", member_id=person.id)
    return Caller(key, lang)


@pytest.fixture
def people(db: None) -> Cast:
    return build_cast()


@pytest.fixture
def boss(people: Cast) -> Caller:
    return caller_for(people.wang_li)


@pytest.fixture
def rep(people: Cast) -> Caller:
    return caller_for(people.zhang_wei)


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem details of a refusal, with its shape checked."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == status
    assert {"type", "title", "detail", "instance", "errors"} <= body.keys()
    assert all(e["code"] and e["message"] for e in body["errors"])
    return body
