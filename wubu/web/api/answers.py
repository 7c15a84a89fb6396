"""What routes answer with.

JSON straight from the rooms' own types, and the problems they may give.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse
from pydantic import BaseModel, Field

from wubu.web.api.wire import to_json


class ErrorItem(BaseModel):
    """One thing that is wrong: where it is, and how to mend it."""

    code: str
    message: str
    hint: str | None = None
    object: str | None = None
    field: str | None = None
    row: int | None = Field(default=None, description="index of the record in what was sent")
    line: int | None = None
    start: int | None = None
    end: int | None = None
    value: Any = None
    suggestion: Any = None


class ProblemDetails(BaseModel):
    """RFC 9457, with every problem at once."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ErrorItem]


class ConflictDetails(ProblemDetails):
    """Someone else saved first: both sides."""

    theirs: dict[str, Any] | None = None
    yours: dict[str, Any] | None = None


def responses(model: Any, status: int = 200) -> dict[Any, Any]:
    """What an operation answers when all is well.

    Problems are the same everywhere: see ``document``.
    """
    return {status: model}


def send(data: Any, status: int = 200, **headers: str) -> HttpResponse:
    """Data that is JSON already."""
    response = HttpResponse(orjson.dumps(data), status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    return response


def send_of(value: Any, status: int = 200) -> HttpResponse:
    """A value of a room, in its JSON form."""
    return send(to_json(value), status)
