"""The live stream: which objects changed, within a second, only those one may view."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.cast import Cast
from wubu.kernel.people import actions as people
from wubu.kernel.permissions.actions import set_roles
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import forget
from wubu.web import live


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test that awaits."""

    @functools.wraps(test)
    def run(**given: Any) -> None:
        asyncio.run(test(**given))

    return run


@in_a_loop
async def test_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([(1, frozenset()), (1, frozenset()), (2, frozenset({"customer", "invoice"}))])
    monkeypatch.setattr(live, "_look", lambda since: next(looks, (2, frozenset())))
    monkeypatch.setattr(live, "EVERY", 0.01)
    events = live._events(frozenset({"customer"}))
    assert await anext(events) == b"retry: 2000\n\n"
    started = time.monotonic()
    assert await anext(events) == b'event: changed\ndata: {"objects": ["customer"]}\n\n'
    assert time.monotonic() - started < 1
    await events.aclose()


@in_a_loop
async def test_a_change_in_this_process_is_looked_at_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = iter([(1, frozenset()), (2, frozenset({"customer"}))])
    monkeypatch.setattr(live, "_look", lambda since: next(looks, (2, frozenset())))
    monkeypatch.setattr(live, "EVERY", 30)
    events = live._events(frozenset({"customer"}))
    await anext(events)
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0.05)
    await asyncio.to_thread(live.notify, None)
    assert b"customer" in await asyncio.wait_for(waiting, 2)
    await events.aclose()


@in_a_loop
async def test_nobody_looks_when_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def look(seen: frozenset[int] | None) -> tuple[frozenset[int], frozenset[str]]:
        asked.append(1)
        return frozenset({1}), frozenset()

    monkeypatch.setattr(live, "_look", look)
    monkeypatch.setattr(live, "EVERY", 0.01)
    events = live._events(frozenset())
    await anext(events)
    await asyncio.sleep(0.05)
    await events.aclose()
    await asyncio.sleep(0.05)
    seen = len(asked)
    await asyncio.sleep(0.05)
    assert len(asked) == seen


def test_a_lower_id_that_comes_later_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(7, "customer"), (5, "contact")]
    monkeypatch.setattr(live.audit, "newest", lambda limit: rows[:limit])
    monkeypatch.setattr(live, "_notices", dict)
    monkeypatch.setattr(live, "unit_of_work", contextlib.nullcontext)
    seen, told = live._look(None)
    assert not told
    rows.insert(1, (6, "invoice"))  # committed after 7
    seen, told = live._look(seen)
    assert told == {"invoice"}
    assert live._look(seen)[1] == frozenset()


def test_more_changes_at_once_than_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(1, "lead")]
    monkeypatch.setattr(live.audit, "newest", lambda limit: rows[:limit])
    monkeypatch.setattr(live, "_notices", dict)
    monkeypatch.setattr(live, "unit_of_work", contextlib.nullcontext)
    seen, _ = live._look(None)
    rows[:0] = [(n, "contract" if n < 100 else "customer") for n in range(600, 1, -1)]
    assert live._look(seen)[1] == {"contract", "customer"}


def test_a_notice_is_told_to_its_receiver_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(4, 7)]
    monkeypatch.setattr(live.audit, "newest", lambda limit: [])
    monkeypatch.setattr(live.conversations, "newest", lambda limit: rows)
    monkeypatch.setattr(live, "unit_of_work", contextlib.nullcontext)
    seen, told = live._look(None)
    assert not told
    rows.insert(0, (5, 8))
    seen, told = live._look(seen)
    assert told == {"_notice:8"}
    asyncio.run(_only_mine(monkeypatch, told))


async def _only_mine(monkeypatch: pytest.MonkeyPatch, told: frozenset[str]) -> None:
    looks = iter([(1, frozenset()), (2, told | {"_comment:customer", "_notice:9"})])
    monkeypatch.setattr(live, "_look", lambda since: next(looks, (2, frozenset())))
    monkeypatch.setattr(live, "EVERY", 0.01)
    events = live._events(frozenset({"customer", "_comment:customer", "_notice:8"}))
    await anext(events)
    assert b'"objects": ["_comment:customer", "_notice"]' in await anext(events)
    await events.aclose()


def test_what_is_told_follows_the_rights(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever loses a role hears no more of its objects; who is no longer a member, of nothing."""
    monkeypatch.setattr(live.connection, "close", lambda: None)  # that of the test
    person, other = cast.zhang_wei, cast.sun_yue
    before = live._anew(person.id)
    assert before is not None
    assert {"customer", "_comment:customer", f"_notice:{person.id}"} <= before
    assert not before & {f"_notice:{other.id}", "_member", "_role", "_share"}
    set_roles(actor=SYSTEM, member_id=person.id, roles=["finance"])
    forget()
    after = live._anew(person.id)
    assert after is not None
    assert ("visit" in before, "visit" in after) == (True, False)
    people.deactivate(actor=SYSTEM, member_id=person.id)
    forget()
    assert live._anew(person.id) is None


@in_a_loop
async def test_an_open_stream_asks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    news = [{"customer"}, {"_member", "customer", "invoice"}, {"customer"}, {"_share"}]
    looks = iter([(1, frozenset()), *((n, frozenset(k)) for n, k in enumerate(news))])
    monkeypatch.setattr(live, "_look", lambda since: next(looks, (9, frozenset())))
    monkeypatch.setattr(live, "EVERY", 0.01)
    rights = iter([frozenset({"invoice"}), None])

    async def again() -> frozenset[str] | None:
        return next(rights)

    events = live._events(frozenset({"customer"}), again)
    heard = [event async for event in events]
    assert [e for e in heard if b"event" in e] == [
        b'event: changed\ndata: {"objects": ["customer"]}\n\n',
        b'event: changed\ndata: {"objects": ["invoice"]}\n\n',
    ]
