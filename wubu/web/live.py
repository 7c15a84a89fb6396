"""``/live`` tells open pages which objects changed.

Within a second, whichever process changed them.

One watcher per process looks at the newest Change a few times a second, only while somebody
listens. Pages
then ask for the parts they show, so nothing that a reader may not see ever travels here but an
object's key.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse

from wubu.collect.conversations import queries as conversations
from wubu.kernel.audit import queries as audit
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records.events import ChangeSet
from wubu.kernel.types import Actor
from wubu.kernel.workspace import unit_of_work

if TYPE_CHECKING:
    from wubu.web.ui.request import PageRequest

EVERY = 0.35  # seconds between looks for what other processes changed
PING = 20.0  # seconds of silence after which a comment keeps proxies from closing the line
NOTICES = 60  # of the newest, looked at together with the changes
REMEMBERED, BURST = 200, 2000  # changes looked at; the latter when all of the former are new
NOTICE = "_notice"  # told only to the member whom it concerns
LIFETIME = 600.0  # seconds; the browser comes back by itself and its login is checked anew


Seen = frozenset[int | str]


class Watcher:
    """Looks for changes while at least one page listens."""

    def __init__(self) -> None:
        self.listeners: set[asyncio.Queue[frozenset[str]]] = set()
        self.task: asyncio.Task[None] | None = None
        self.loop = asyncio.get_running_loop()
        self.nudged = asyncio.Event()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Queue[frozenset[str]]]:
        """A queue of the sets of objects that changed."""
        queue: asyncio.Queue[frozenset[str]] = asyncio.Queue(maxsize=64)
        self.listeners.add(queue)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._watch())
        try:
            yield queue
        finally:
            self.listeners.discard(queue)

    async def _watch(self) -> None:
        look = sync_to_async(_look, thread_sensitive=False)
        seen, _ = await look(None)
        while self.listeners:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.nudged.wait(), EVERY)
            self.nudged.clear()
            seen, keys = await look(seen)
            if keys:
                for queue in list(self.listeners):
                    # A page that does not read 64 times in a row will ask again when it wakes.
                    with contextlib.suppress(asyncio.QueueFull):
                        queue.put_nowait(keys)


def _look(seen: Seen | None) -> tuple[Seen, frozenset[str]]:
    """The ids of the newest changes, and the objects of those that were not ``seen`` before.

    Two that write at once take their ids before they commit, so a lower id may come into sight
    after a higher one: ids are compared as sets, never with the highest.
    """
    try:
        with unit_of_work():
            rows = audit.newest(REMEMBERED)
            if seen is not None and len(rows) == REMEMBERED and seen.isdisjoint(dict(rows)):
                rows = audit.newest(BURST)  # more at once than is remembered
            marks = _notices()
            ids: Seen = frozenset([*(i for i, _ in rows[:REMEMBERED]), *marks])
            if seen is None:
                return ids, frozenset()
            keys = {key for i, key in rows if i not in seen}
            return ids, frozenset(keys | {key for mark, key in marks.items() if mark not in seen})
    finally:
        connection.close()  # this thread belongs to nobody: give the connection back


def _notices() -> dict[str, str]:
    """The newest notices, each with the name under which its receiver hears of it."""
    rows = conversations.newest(NOTICES)
    return {f"notice {id_}": f"{NOTICE}:{member_id}" for id_, member_id in rows}


_watchers: dict[int, Watcher] = {}


def _watcher() -> Watcher:
    """This event loop's watcher."""
    loop = asyncio.get_running_loop()
    if id(loop) not in _watchers:
        _watchers.clear()  # an earlier loop has ended, and its watcher with it
        _watchers[id(loop)] = Watcher()
    return _watchers[id(loop)]


def notify(change: ChangeSet) -> None:
    """This process changed something just now: look at once instead of at the next turn."""
    for watcher in list(_watchers.values()):
        if watcher.listeners:
            with contextlib.suppress(RuntimeError):  # its loop is closing
                watcher.loop.call_soon_threadsafe(watcher.nudged.set)


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Server-sent events named ``changed``: ``{"objects": [keys]}``.

    Only objects that the reader may view. When anybody's rights change they are evaluated again.
    """
    page_request = cast("PageRequest", request)
    member_id = page_request.actor.member_id or 0
    visible = await sync_to_async(_visible)(member_id, page_request.policy)
    again = sync_to_async(partial(_anew, member_id), thread_sensitive=False)
    response = StreamingHttpResponse(_events(visible, again), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


def _visible(member_id: int, rights: Policy) -> frozenset[str]:
    """What this reader is told of: their objects, what is said of these, their own notices."""
    keys = [o.key for o in snapshot().live if rights.may("view", o.key)]
    said = [conversations.LOGGED + key for key in keys]
    return frozenset([*keys, *said, f"{NOTICE}:{member_id}"])


def _anew(member_id: int) -> frozenset[str] | None:
    """The same as it stands now; None for who is no longer a member."""
    try:
        with unit_of_work():
            person = people.persons([member_id]).get(member_id)
            if person is None or not person.is_active:
                return None
            return _visible(member_id, policy(Actor(member_id)))
    finally:
        connection.close()  # as above


def _about_rights(key: str) -> bool:
    """Members, teams, roles and shares are logged under names of their own."""
    return key.startswith("_") and not key.startswith((NOTICE, conversations.LOGGED))


async def _events(
    visible: frozenset[str], again: Callable[[], Awaitable[frozenset[str] | None]] | None = None
) -> AsyncIterator[bytes]:
    ends = time.monotonic() + LIFETIME
    async with _watcher().listening() as queue:
        yield b"retry: 2000\n\n"
        while (left := ends - time.monotonic()) > 0:
            try:
                keys = await asyncio.wait_for(queue.get(), min(PING, left))
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if again is not None and any(map(_about_rights, keys)):
                now_visible = await again()
                if now_visible is None:
                    return
                visible = now_visible
            if seen := sorted({k.partition(":")[0] if k.startswith(NOTICE) else k
                               for k in keys & visible}):  # fmt: skip
                yield f"event: changed\ndata: {json.dumps({'objects': seen})}\n\n".encode()
