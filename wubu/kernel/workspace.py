"""The unit of work: one request, job or command on one workspace, with one Snapshot."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection, transaction

_memory: ContextVar[dict[Any, Any] | None] = ContextVar("wubu_unit_of_work", default=None)
_rehearsal: ContextVar[bool] = ContextVar("wubu_rehearsal", default=False)


def workspace_key() -> str:
    """Names the workspace that the connection points at; caches and channels carry it."""
    settings = connection.settings_dict
    schema = settings.get("WUBU_SCHEMA", "")
    return f"{connection.vendor}:{settings.get('HOST', '')}/{settings['NAME']}#{schema}"


@contextlib.contextmanager
def unit_of_work() -> Iterator[None]:
    """Everything inside sees one Snapshot and one policy per actor.

    On PostgreSQL it is one transaction that begins by choosing the workspace's schema; on SQLite
    each action opens its own, because the schema editor must open before a transaction there. A
    unit inside another joins it.
    """
    if _memory.get() is not None:
        yield
        return
    token = _memory.set({})
    try:
        if connection.vendor == "postgresql":
            with transaction.atomic():
                choose_schema()
                yield
        else:
            yield
    finally:
        _memory.reset(token)


def choose_schema() -> None:
    """Point this transaction at the workspace's schema.

    Only this transaction: poolers share sessions.
    """
    schema = connection.settings_dict.get("WUBU_SCHEMA", "public")
    if schema and schema != "public":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('search_path', %s, true)", [schema])


@contextlib.contextmanager
def rehearsal() -> Iterator[None]:
    """What is written inside is taken back at the end, to find out whether it could be."""
    token = _rehearsal.set(True)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        _rehearsal.reset(token)
        forget()


def rehearsing() -> bool:
    """Whether what is written now is taken back: what follows from it at length may be left out."""
    return _rehearsal.get()


T = TypeVar("T")


def remember(key: Any, make: Callable[[], T]) -> T:
    """What ``make`` answers, once per unit of work; outside of one it is asked each time."""
    memory = _memory.get()
    if memory is None:
        return make()
    if key not in memory:
        memory[key] = make()
    return memory[key]  # type: ignore[no-any-return]


def forget(key: Any = None) -> None:
    """Ask again next time: one key, or everything when the catalog or the people changed."""
    memory = _memory.get()
    if memory is None:
        return
    if key is None:
        memory.clear()
    else:
        memory.pop(key, None)
