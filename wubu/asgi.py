"""The ASGI application that granian serves.

Pages and API calls are plain synchronous Django. They run on a few threads that live as long as the
process, each keeping its database connection; Django's own ASGI handler would start a thread and
open a connection for every request, which costs three times as much as a small page itself. Only
what stays open (``/live``) goes through that handler, where waiting costs no thread.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wubu.settings")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

STAYS_OPEN = ("/live",)
IN_MEMORY = 2**20  # bytes of a request's body; a longer one is kept in a temporary file
THREADS = int(os.environ.get("WUBU_THREADS", "4"))

_open: Any = get_asgi_application()
_plain: Any = get_wsgi_application()
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="wubu-request")


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """One request, by the handler that suits it."""
    if scope["type"] != "http" or scope["path"].startswith(STAYS_OPEN):
        await _open(scope, receive, send)
        return
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body.write(message.get("body", b""))
            if not message.get("more_body"):
                break
        body.seek(0)
        loop = asyncio.get_running_loop()
        request = _Request(environ(scope, body), loop, send)
        for message in await loop.run_in_executor(_threads, contextvars.Context().run, request.run):
            await send(message)


def environ(scope: Message, body: IO[bytes]) -> dict[str, Any]:
    """What a WSGI handler wants to know about a request."""
    server = scope.get("server") or ("localhost", 80)
    made: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        # WSGI text is bytes dressed as Latin-1; Django undresses it again.
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        key = name.upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        if key in made and key == "HTTP_COOKIE":
            value = f"{made[key]}; {value}"
        elif key in made:
            value = f"{made[key]},{value}"
        made[key] = value
    # A body of unknown length was read whole, so its length is known now.
    end = body.seek(0, os.SEEK_END)
    body.seek(0)
    made["CONTENT_LENGTH"] = str(end)
    return made


class _Request:
    """One request in its thread."""

    def __init__(
        self, environment: dict[str, Any], loop: asyncio.AbstractEventLoop, send: Send
    ) -> None:
        self._environment = environment
        self._loop = loop
        self._send = send
        self._start: Message = {}

    def run(self) -> list[Message]:
        """The messages still to be sent: all of them, or none when they were streamed from here."""
        response = _plain(self._environment, self._begin)
        try:
            if not getattr(response, "streaming", False):
                return [self._start, {"type": "http.response.body", "body": b"".join(response)}]
            self._pass_on(self._start)
            for chunk in response:
                self._pass_on({"type": "http.response.body", "body": chunk, "more_body": True})
            self._pass_on({"type": "http.response.body", "body": b""})
            return []
        finally:
            response.close()  # ends the request for Django: closes files, returns connections

    def _begin(self, status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        self._start = {
            "type": "http.response.start",
            "status": int(status.split(" ", 1)[0]),
            "headers": [
                (k.lower().encode("latin-1"), v.strip().encode("latin-1")) for k, v in headers
            ],
        }

    def _pass_on(self, message: Message) -> None:
        """Send from the thread, and wait until the client took it."""

        async def sending() -> None:
            await self._send(message)

        asyncio.run_coroutine_threadsafe(sending(), self._loop).result()
