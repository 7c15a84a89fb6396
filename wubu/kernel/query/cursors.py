"""Keyset cursors: opaque, signed, and good only for the query they came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing

from wubu.kernel.query.types import Query
from wubu.kernel.types import Problem, Refused, Text

SALT = "wubu.query.cursor"


@dataclass(frozen=True, slots=True)
class Position:
    """A record's place in the order: what it sorts by and its id. ``back`` looks before it."""

    values: tuple[Any, ...]
    id: int
    back: bool = False


def fingerprint(object_key: str, query: Query) -> str:
    """What a cursor is bound to: everything that decides which records come in which order."""
    said = json.dumps(
        [object_key, query.filter, query.sort, query.search, dict(query.quick)],
        sort_keys=True,
        default=str,
        ensure_ascii=False,
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def encode(position: Position, bound_to: str) -> str:
    """The cursor as a text safe in an address."""
    packed = [bound_to, int(position.back), position.id, *map(_pack, position.values)]
    return signing.dumps(packed, salt=SALT, compress=True)


def decode(cursor: str, bound_to: str, count: int) -> Position:
    """Raises Refused for a cursor that we did not make, or made for another query."""
    try:
        packed: Sequence[Any] = signing.loads(cursor, salt=SALT)
        if packed[0] != bound_to or len(packed) != 3 + count:
            raise signing.BadSignature
    except signing.BadSignature as error:
        raise Refused(
            Problem(
                "bad_cursor",
                Text("翻页位置已失效。", "This page position is no longer valid."),
                Text(
                    "从第一页重新开始；筛选或排序改变后，旧的位置不再适用。",
                    "Start again from the first page; "
                    "a position does not outlive a change of filter or order.",
                ),
                field="cursor",
                value=cursor,
            )
        ) from error
    return Position(tuple(map(_unpack, packed[3:])), packed[2], bool(packed[1]))


def _pack(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, dict):
        if "t" in value:
            return datetime.fromisoformat(value["t"])
        return date.fromisoformat(value["d"])
    return value
