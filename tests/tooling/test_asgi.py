"""The bridge from the server to Django: bodies, headers and streams arrive as they were sent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from wubu import asgi

SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/o/客户/",
    "query_string": b"q=a%20b",
    "http_version": "1.1",
    "scheme": "https",
    "server": ("127.0.0.1", 8000),
    "client": ("127.0.0.1", 50000),
    "headers": [
        (b"host", b"crm.example.com"),
        (b"content-type", b"text/plain"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"x-forwarded-for", b"10.0.0.1"),
        (b"x-forwarded-for", b"10.0.0.2"),
    ],
}


class Response(list[bytes]):
    streaming = False
    closed = False

    def close(self) -> None:
        self.closed = True


def ask(
    answer: Callable[[dict[str, Any], Callable[..., None]], Any],
    monkeypatch: pytest.MonkeyPatch,
    *bodies: bytes,
) -> list[dict[str, Any]]:
    """Send one request whose body arrives in pieces; return what was sent back."""
    monkeypatch.setattr(asgi, "_plain", answer)
    pieces = list(bodies) or [b""]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(asgi.application(SCOPE, receive, send))
    return sent


def test_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    response = Response([b"sa", b"ved"])

    def answer(environ: dict[str, Any], start: Callable[..., None]) -> Response:
        seen.update(environ, body=environ["wsgi.input"].read())
        start("201 Created", [("Location", "/o/1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return response

    sent = ask(answer, monkeypatch, b"half ", b"and half")
    assert seen["body"] == b"half and half"
    assert seen["CONTENT_LENGTH"] == "13"
    assert seen["CONTENT_TYPE"] == "text/plain"
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/o/客户/"
    assert seen["QUERY_STRING"] == "q=a%20b"
    assert seen["HTTP_HOST"] == "crm.example.com"
    assert seen["HTTP_COOKIE"] == "a=1; b=2"
    assert seen["HTTP_X_FORWARDED_FOR"] == "10.0.0.1,10.0.0.2"
    assert seen["wsgi.url_scheme"] == "https"
    assert sent[0]["status"] == 201
    assert sent[0]["headers"][1:] == [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    assert sent[1] == {"type": "http.response.body", "body": b"saved"}
    assert response.closed


def test_a_long_body_arrives_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    piece = b"x" * (asgi.IN_MEMORY // 2 + 1)
    got: list[int] = []

    def answer(environ: dict[str, Any], start: Callable[..., None]) -> Response:
        got.append(len(environ["wsgi.input"].read()))
        start("204 No Content", [])
        return Response()

    ask(answer, monkeypatch, piece, piece, piece)
    assert got == [3 * len(piece)]


def test_a_stream_is_made_and_closed_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[int] = set()

    class Stream:
        streaming = True

        def __iter__(self) -> Iterator[bytes]:
            for chunk in (b"a", b"b"):
                threads.add(threading.get_ident())
                yield chunk

        def close(self) -> None:
            threads.add(threading.get_ident())

    def answer(environ: dict[str, Any], start: Callable[..., None]) -> Stream:
        start("200 OK", [])
        return Stream()

    sent = ask(answer, monkeypatch)
    assert [m.get("body") for m in sent[1:]] == [b"a", b"b", b""]
    assert not sent[-1].get("more_body")
    assert len(threads) == 1
    assert threads != {threading.get_ident()}
