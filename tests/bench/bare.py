"""Raw SQL behind a bare server: what the same answer costs a program that can do nothing else.

A WSGI function of a few lines. It asks who is calling, runs the hand-written SELECTs, makes objects
of their rows and writes these as JSON. No rights of fields, no names of choices, no log, no page.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from tests.bench.raw import Raw

Start = Callable[[str, list[tuple[str, str]]], Any]
WHO = "SELECT name, is_owner FROM wubu_people_member WHERE id = %s AND is_active = %s"


def objects(raw: Raw, columns: Sequence[str], sql: str) -> Callable[[], Any]:
    """An answer of one SELECT: an object of each row."""
    return lambda: [dict(zip(columns, row, strict=True)) for row in raw.rows(sql)]


class Bare:
    """The server; ``answers`` by path."""

    def __init__(self, raw: Raw, member: int, answers: Mapping[str, Callable[[], Any]]) -> None:
        self.raw = raw
        self.member = member
        self.answers = answers

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        answer = self.answers.get(environ["PATH_INFO"])
        active: Any = 1 if self.raw.sqlite else True
        if answer is None or not self.raw.rows(WHO, [self.member, active]):
            start("404 Not Found", [])
            return [b""]
        body = orjson.dumps(answer(), default=str)
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def get(self, path: str) -> bytes:
        """One call in this process, without a network, as ``Site.get`` calls the program."""
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "wsgi.input": io.BytesIO(),
        }
        said: list[str] = []
        body = b"".join(self(environ, lambda status, headers: said.append(status)))
        if said != ["200 OK"]:
            raise RuntimeError(f"{path}: {said}")
        return body
