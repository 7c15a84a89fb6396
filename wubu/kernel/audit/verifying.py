"""Is the log as it was sealed? The first place where it is not, by name."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from wubu.kernel.audit.models import Block, Change
from wubu.kernel.audit.queries import FIELDS
from wubu.kernel.audit.sealing import (
    NOTHING_BEFORE,
    chained,
    latest,
    line,
    rows_between,
    unpack,
)
from wubu.kernel.audit.types import ChangeRow, Seal, Tampering, Verified
from wubu.kernel.types import Problem, Refused, Text

Progress = Callable[[int, int], None]


def parse_seal(text: str) -> tuple[int, str]:
    """``12:ab34…`` as a block's number and its hash. Raises Refused."""
    number, _, digest = text.strip().partition(":")
    whole = number.isascii() and number.isdigit() and len(number) < 19
    if not whole or len(digest) != 64 or set(digest.lower()) - set("0123456789abcdef"):
        raise Refused(
            Problem(
                "not_a_seal",
                Text("“{v}”不是封印。", "“{v}” is not a seal.").format(v=text[:80]),
                Text(
                    "封印形如 12:ab34…（块号、冒号、64 位十六进制）。",
                    "A seal is a block's number, a colon and 64 hexadecimal digits: 12:ab34…",
                ),
                field="seal",
                value=text[:200],
            )
        )
    return int(number), digest.lower()


def verify(*, seal: str = "", progress: Progress | None = None) -> Verified:
    """Hold every sealed change against its seal.

    ``seal`` is one that was kept outside: with it, rewriting the log together with all its blocks
    is found out too. Raises Refused for no seal.
    """
    kept = parse_seal(seal) if seal else None
    blocks = list(Block.objects.order_by("number").values_list("pk", flat=True))
    total = Block.objects.order_by("-number").values_list("last_id", flat=True).first() or 0
    checked = changes = 0
    number, previous, last = 0, NOTHING_BEFORE, 0
    found: Tampering | None = None
    for pk in blocks:
        block = Block.objects.get(pk=pk)
        found = _chain(block, number, previous, last) or _held(block)
        if found is None and kept is not None and kept[0] == block.number:
            if kept[1] != block.hash:
                found = Tampering("seal", block.number)
            kept = None
        if found is not None:
            break
        number, previous, last = block.number, block.hash, block.last_id
        checked += 1
        changes += block.count
        if progress is not None:
            progress(min(block.last_id, total), total)
    if found is None and kept is not None:
        found = Tampering("seal", kept[0])
    if found is None:
        found = _gone(last)
    unsealed = Change.objects.filter(id__gt=last).count() if found is None else 0
    return Verified(checked, changes, unsealed, found, latest())


def _chain(block: Block, number: int, previous: str, last: int) -> Tampering | None:
    """Does the block follow the one before it, and is it what its hash says?"""
    if (block.number, block.previous, block.first_id) != (number + 1, previous, last + 1):
        return Tampering("chain", number + 1 if block.number != number + 1 else block.number)
    try:
        lines = unpack(block.entries)
    except (zlib.error, UnicodeDecodeError):
        return Tampering("block", block.number)
    whole = len(lines) == block.count and lines and _place(lines[-1])[0] == block.last_id
    if not whole or chained(block.number, block.previous, lines) != block.hash:
        # Whoever altered a change and its line, but not the hash: the change is named all the same.
        return _differing(block, lines) or Tampering("block", block.number)
    return None


def _held(block: Block) -> Tampering | None:
    return _differing(block, unpack(block.entries))


def _differing(block: Block, lines: Sequence[str]) -> Tampering | None:
    """The first change of a block that is not there as sealed, or was not there when sealed."""
    awaited = iter(lines)
    expected = next(awaited, None)
    for row in rows_between(block.first_id, block.last_id):
        if expected is not None and _place(expected)[0] < row.id:
            return _tampering("deleted", block, expected)
        if expected is None or _place(expected)[0] > row.id:
            return Tampering(
                "inserted", block.number, row.id, row.object_key, row.record_id, row.at
            )
        if line(row) != expected:
            return _tampering("edited", block, expected)
        expected = next(awaited, None)
    return _tampering("deleted", block, expected) if expected is not None else None


def _tampering(flaw: Any, block: Block, expected: str) -> Tampering:
    id_, at, object_key, record_id = _place(expected)
    return Tampering(flaw, block.number, id_, object_key, record_id, at)


def _place(said: str) -> tuple[int, datetime | None, str, int | None]:
    """Id, when, object and record of a sealed line; zero for what is none."""
    with contextlib.suppress(ValueError):
        id_, _, at, object_key, record_id = said.split(" ")
        return int(id_), datetime.fromisoformat(at), object_key, int(record_id)
    return 0, None, "", None


def _gone(last: int) -> Tampering | None:
    """Blocks cut off at the end leave changes that were sealed once.

    Nobody can tell these from new ones without a seal kept outside. What can be told: a change with
    an id below the first.
    """
    row = Change.objects.filter(id__lte=0).values_list(*FIELDS).first() if last else None
    if row is None:
        return None
    odd = ChangeRow(*row)
    return Tampering("inserted", 0, odd.id, odd.object_key, odd.record_id, odd.at)


def seal_of(number: int) -> Seal | None:
    """One seal by its number."""
    rows = Block.objects.filter(number=number)
    found = rows.values_list("number", "hash", "last_id", "sealed_at").first()
    return Seal(*found) if found else None
