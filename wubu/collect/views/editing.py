"""Many cells at once: one value for many records, or a block from a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wubu.collect.views.types import Edited
from wubu.kernel.audit.actions import open_batch
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries
from wubu.kernel.records.types import Checked, Draft
from wubu.kernel.types import Actor, Forbidden, Origin, Problem, Refused, Text

CHUNK = 1_000
AT_ONCE = 200  # records that are edited while one waits
MOST_CELLS = 5_000
MAX_SHOWN = 20
JOB, UNDO_JOB = "views.edit_many", "views.undo_edit"
BARE_NUMBER = re.compile(r"-?[\d.,]+")


def writable(actor: Actor, spec: ObjectSpec, key: str) -> FieldSpec:
    """The field, if the actor may type into it. Raises Refused, Forbidden."""
    f = spec.fields.get(key)
    rights = policy(actor)
    level = rights.level(spec.key, key) if f is not None else "hidden"
    if f is None or f.retired or level == "hidden":
        raise Refused(
            Problem(
                "no_such_field",
                Text("“{o}”没有字段“{f}”。", "“{o}” has no field “{f}”.").format(
                    o=spec.label, f=key
                ),
                object=spec.key,
                field=key,
            )
        )
    kind = FIELD_TYPES[f.type]
    if level != "write" or kind.computed or kind.virtual or f.kind.numbered:
        raise Forbidden(
            Problem(
                "not_writable",
                Text("“{f}”不能修改。", "“{f}” cannot be changed.").format(f=f.label),
                object=spec.key,
                field=key,
            )
        )
    return f


def raw(f: FieldSpec, words: Any) -> Any:
    """What was typed or pasted, as the field reads it.

    A bare number in a percent cell is percent.
    """
    if not isinstance(words, str):
        return words
    if f.kind.chooses_many or f.kind.links_many:
        return [w.strip() for w in re.split(r"[、,，;；\n]", words) if w.strip()]
    return f.kind.from_input(f, words)


def count(actor: Actor, object_key: str, query: Query) -> tuple[int, int]:
    """Of the records that the query finds.

    How many there are, and how many may be changed together.
    """
    found = queries.count(actor, object_key, query, cap=10_000_000)
    may = queries.count(actor, object_key, query, cap=10_000_000, action="bulk_edit")
    return found.number, may.number


def ids_of(actor: Actor, object_key: str, query: Query) -> Iterator[list[int]]:
    """The ids of the records found that the actor may change together, a chunk at a time."""
    spec = snapshot().object(object_key)
    columns = (spec.roles["title"],) if spec.role("title") else ("id",)
    asked = Query(query.filter, ("id",), query.search, columns, CHUNK, "", query.quick)
    while True:
        page = queries.page(actor, object_key, asked, "bulk_edit")
        if page.records:
            yield [r.id for r in page.records]
        if not page.next_cursor:
            return
        asked = Query(
            query.filter, ("id",), query.search, columns, CHUNK, page.next_cursor, query.quick
        )


def start(actor: Actor, object_key: str, field: str) -> int:
    """Open the batch that takes the edit back."""
    return open_batch(actor=actor, kind="edit", at=now(), note=f"{object_key} {field}"[:255])


def edit(
    *,
    actor: Actor,
    object_key: str,
    ids: Sequence[int],
    field: str,
    value: Any,
    batch: int | None = None,
) -> Edited:
    """Give one field of these records one value: all of them, or none.

    Raises Refused, Forbidden.
    """
    spec = snapshot().object(object_key)
    f = writable(actor, spec, field)
    batch = start(actor, object_key, field) if batch is None else batch
    saved = records.save_many(
        actor=actor,
        object_key=object_key,
        drafts=[Draft({field: raw(f, value)}, id=i) for i in ids],
        origin=Origin(batch=batch),
    )
    if saved.problems:
        raise Refused(*_once(saved.problems))
    return Edited(batch, saved.updated, saved.unchanged)


def edit_some(
    *, actor: Actor, object_key: str, ids: Sequence[int], field: str, value: Any, batch: int
) -> Edited:
    """The same for a part of many: records that refuse are left as they are and told.

    Running it again changes nothing more.
    """
    spec = snapshot().object(object_key)
    made = raw(writable(actor, spec, field), value)
    told: dict[str, Text] = {}
    left = list(
        queries.visible(actor, object_key, "bulk_edit")
        .filter(id__in=list(ids))
        .order_by("id")
        .values_list("id", flat=True)
    )
    while left:
        saved = records.save_many(
            actor=actor,
            object_key=object_key,
            drafts=[Draft({field: made}, id=i) for i in left],
            origin=Origin(batch=batch),
        )
        if not saved.problems:
            refused = len(ids) - len(left)
            return Edited(batch, saved.updated, saved.unchanged, refused, tuple(told.values()))
        for p in saved.problems:
            if len(told) < MAX_SHOWN:
                told.setdefault(p.message.en, p.message)
        bad = {p.row for p in saved.problems if p.row is not None}
        left = [i for n, i in enumerate(left) if n not in bad] if bad else []
    return Edited(batch, 0, 0, len(ids), tuple(told.values()))


# From a spreadsheet


@dataclass(frozen=True, slots=True)
class Block:
    """What was copied from a spreadsheet, laid over the cells of a list."""

    drafts: tuple[Draft, ...]
    fields: tuple[FieldSpec, ...]
    cells: tuple[tuple[str, ...], ...]
    cut_rows: int = 0
    cut_columns: int = 0


def table(text: str) -> list[list[str]]:
    """The cells of tab-separated text as spreadsheets copy it; quotes hold line breaks and tabs."""
    rows: list[list[str]] = [[]]
    at, end = 0, len(text)
    while at <= end:
        if at < end and text[at] == '"':
            cell, at = _quoted(text, at + 1)
        else:
            stop = min((i for i in (text.find(c, at) for c in "\t\r\n") if i >= 0), default=end)
            cell, at = text[at:stop], stop
        rows[-1].append(cell)
        if at >= end:
            break
        if text[at] == "\t":
            at += 1
            continue
        at += 2 if text[at : at + 2] == "\r\n" else 1
        if at >= end:
            break
        rows.append([])
    return rows


def _quoted(text: str, at: int) -> tuple[str, int]:
    found = []
    while at < len(text):
        if text[at] != '"':
            found.append(text[at])
        elif text[at : at + 2] == '""':
            found.append('"')
            at += 1
        else:
            at += 1
            break
        at += 1
    # What follows the closing quote belongs to the cell, as spreadsheets have it.
    while at < len(text) and text[at] not in "\t\r\n":
        found.append(text[at])
        at += 1
    return "".join(found), at


def block(
    *,
    actor: Actor,
    object_key: str,
    rows: Sequence[tuple[int, int | None]],
    columns: Sequence[str],
    text: str,
) -> Block:
    """Lay copied cells over records (id and version as read, from the first) and columns.

    What goes beyond the last row or column is cut and counted. One copied cell fills nothing but
    the first. Raises Refused for a column that cannot be written, Forbidden.
    """
    spec = snapshot().object(object_key)
    cells = table(text)
    wide = max(map(len, cells), default=0)
    if sum(map(len, cells)) > MOST_CELLS:
        said = Text("一次最多粘贴 {n} 格，更多请用导入。", "{n} cells at most; import more.")
        raise Refused(Problem("too_many", said.format(n=MOST_CELLS)))
    fields = [writable(actor, spec, key) for key in columns[:wide]]
    drafts = [
        Draft(
            {f.key: raw(f, cell) for f, cell in zip(fields, line, strict=False)},
            id=record_id,
            version=version,
        )
        for (record_id, version), line in zip(rows, cells, strict=False)
    ]
    return Block(
        tuple(drafts),
        tuple(fields),
        tuple(tuple(line[: len(fields)]) for line in cells[: len(drafts)]),
        max(0, len(cells) - len(drafts)),
        max(0, wide - len(fields)),
    )


def check(actor: Actor, object_key: str, raw: Block) -> Checked:
    """What pasting would do, without doing it."""
    return queries.check(actor=actor, object_key=object_key, drafts=raw.drafts)


def paste(actor: Actor, object_key: str, raw: Block) -> Edited:
    """Write the block: all of it, or nothing and every problem. Raises Refused, Forbidden."""
    batch = open_batch(actor=actor, kind="paste", at=now(), note=object_key)
    saved = records.save_many(
        actor=actor, object_key=object_key, drafts=raw.drafts, origin=Origin(batch=batch)
    )
    if saved.problems:
        raise Refused(*saved.problems)
    return Edited(batch, saved.updated, saved.unchanged)


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """The same problem of many records once."""
    found: dict[tuple[str, str], Problem] = {}
    for p in problems:
        found.setdefault((p.code, p.message.en), p)
    return list(found.values())[:MAX_SHOWN]
