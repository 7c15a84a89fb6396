"""The search index: one row of tokens per searchable record, kept with every write; no triggers.

SQLite holds it in FTS5, PostgreSQL in a tsvector under GIN. Each row also carries the owner as a
token, so that a search within "my own" reads only those.
"""

from __future__ import annotations

# ruff: noqa: S608 (the only names in these statements are this module's own)
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models.expressions import RawSQL

from wubu.kernel import bulk
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.records.context import Context
from wubu.kernel.records.events import ChangeSet
from wubu.kernel.records.indexing import tokens
from wubu.kernel.records.models import SearchObject
from wubu.kernel.workspace import remember

TABLE = "wubu_records_search"
BITS = 40  # row number = object number × 2**40 + record id
CANDIDATES = 500  # rows read per object when the owners are in the question
CANDIDATES_BY_CONDITION = 2_000  # and when only the database can tell what is visible
CANDIDATES_OF_LISTS = 10_000
MAX_OWNERS = 40


@dataclass(frozen=True, slots=True)
class Indexed:
    """The fields of one object that search reads."""

    title: str
    owner: str | None
    phones: tuple[str, ...]
    codes: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(
            (self.title, *self.phones, *self.codes, *([self.owner] if self.owner else []))
        )


_indexed: WeakKeyDictionary[Any, Indexed | None] = WeakKeyDictionary()


def indexed(snapshot: Snapshot, object_key: str) -> Indexed | None:
    """What is indexed of an object; None when it is not searchable."""
    model = snapshot.model(object_key)
    if model not in _indexed:
        _indexed[model] = _plan(snapshot.object(object_key))
    return _indexed[model]


def _plan(spec: ObjectSpec) -> Indexed | None:
    title, owner = spec.role("title"), spec.role("owner")
    if not spec.options.get("searchable") or title is None or title.kind.calculated:
        return None
    others = [f for f in spec.live_fields if f.key != title.key]
    return Indexed(
        title=title.key,
        owner=owner.key if owner is not None and owner.kind.names_member else None,
        phones=tuple(f.key for f in others if f.kind.searched_by_tail),
        codes=tuple(f.key for f in others if _is_code(f)),
    )


def _is_code(f: FieldSpec) -> bool:
    """What people type whole into the search box: a mail address, a number of a contract."""
    kind = f.kind
    return kind.searched or (f.unique and kind.names_record and not kind.searched_by_tail)


def _document(plan: Indexed, mark: str, image: Any) -> list[str]:
    title = image[plan.title]
    found = tokens.of_title(str(title)) if title else set()
    for key in plan.phones:
        if image[key]:
            found |= tokens.of_phone(key, image[key])
    for key in plan.codes:
        if image[key]:
            found |= tokens.of_code(key, image[key])
    if plan.owner and image[plan.owner]:
        found.add(f"@{image[plan.owner]}")
    return [mark + token for token in found]


def keep(ctx: Context, changes: Iterable[ChangeSet]) -> None:
    """Bring the index up to date with these writes, in their transaction."""
    for change in changes:
        plan = indexed(ctx.snapshot, change.object_key)
        if plan is None:
            continue
        stale: list[int] = []
        fresh: list[tuple[int, Any]] = []
        for id_, before, after in zip(change.ids, change.before, change.after, strict=True):
            keys = (*plan.keys, "archived_at")
            if before is not None and all(before[k] == after[k] for k in keys):
                continue
            if before is not None and before["archived_at"] is None:
                stale.append(id_)
            if after["archived_at"] is None:
                fresh.append((id_, after))
        remove(change.object_key, stale)
        add(change.object_key, plan, fresh)


def add(object_key: str, plan: Indexed, images: Sequence[tuple[int, Any]]) -> None:
    """Index records that are not in the index."""
    if not images:
        return
    number = _number(object_key)
    mark = _mark(number)
    if connection.vendor == "postgresql":
        rows: list[Any] = [
            (object_key, id_, "'" + "' '".join(found) + "'" if found else "")
            for id_, found in ((id_, _document(plan, mark, image)) for id_, image in images)
        ]
        bulk.insert(TABLE, ("object_key", "record_id", "tokens"), rows)
    else:
        base = number << BITS
        rows = [(base + id_, " ".join(_document(plan, mark, image))) for id_, image in images]
        bulk.insert(TABLE, ("rowid", "tokens"), rows)


def remove(object_key: str, ids: Sequence[int]) -> None:
    """Take records out of the index."""
    if not ids:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"DELETE FROM {TABLE} WHERE object_key = %s AND record_id = ANY(%s)",
                [object_key, list(ids)],
            )
        else:
            base = _number(object_key) << BITS
            cursor.executemany(
                f"DELETE FROM {TABLE} WHERE rowid = %s", [(base + id_,) for id_ in ids]
            )


def clear(object_key: str) -> None:
    """Take a whole object out of the index."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DELETE FROM {TABLE} WHERE object_key = %s", [object_key])
        else:
            base = _number(object_key) << BITS
            cursor.execute(
                f"DELETE FROM {TABLE} WHERE rowid BETWEEN %s AND %s",
                [base, base + (1 << BITS) - 1],
            )


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search text made ready for one object.

    The statement that yields ids of matching records.
    """

    statement: str
    params: tuple[Any, ...]
    limit: int

    def ids(self) -> list[int]:
        """The matching ids, no more than ``limit``."""
        with connection.cursor() as cursor:
            cursor.execute(f"{self.statement} LIMIT {self.limit}", self.params)
            return [row[0] for row in cursor.fetchall()]

    def subquery(self) -> RawSQL:
        """The same as a subquery, for ``id__in`` of a list; lists look further."""
        statement = f"{self.statement} LIMIT {CANDIDATES_OF_LISTS}"
        return RawSQL(statement, self.params)  # noqa: S611 (values are parameters)


def ask(
    object_key: str,
    text: str,
    *,
    phones: Sequence[str],
    codes: Sequence[str],
    owners: frozenset[int] | None,
    everything: bool,
) -> SearchRequest | None:
    """A search text for one object; None when the text asks for nothing.

    ``owners``: only records of these members. ``everything``: the actor sees all that matches. With
    neither, more candidates are read, as the scope is yet to choose among them.
    """
    groups = tokens.query_tokens(text, phones, codes)
    if not groups:
        return None
    few = owners is not None and len(owners) <= MAX_OWNERS
    limit = CANDIDATES if everything or few else CANDIDATES_BY_CONDITION
    number = _number(object_key)
    mark = _mark(number)
    owned = [f"@{o}" for o in sorted(owners)] if owners is not None and few else []
    if connection.vendor == "postgresql":
        every = [" | ".join(f"'{mark}{t}'{':*' if part else ''}" for t, part in g) for g in groups]
        if owned:
            every.append(" | ".join(f"'{mark}{t}'" for t in owned))
        return SearchRequest(
            f"SELECT record_id FROM {TABLE} WHERE tokens @@ %s::tsquery",
            (" & ".join(f"({g})" for g in every),),
            limit,
        )
    every = [" OR ".join(f'"{mark}{t}"{"*" if part else ""}' for t, part in g) for g in groups]
    if owned:
        every.append(" OR ".join(f'"{mark}{t}"' for t in owned))
    base = number << BITS
    return SearchRequest(
        f"SELECT rowid - %s FROM {TABLE} WHERE {TABLE} MATCH %s AND rowid BETWEEN %s AND %s "
        "ORDER BY rowid DESC",
        (base, " AND ".join(f"({g})" for g in every), base, base + (1 << BITS) - 1),
        limit,
    )


def _mark(number: int) -> str:
    """One character before every token of an object: a search within it meets no other's tokens."""
    return chr(0x100 + number)


def number(catalog: Snapshot) -> None:
    """Give a number to every searchable object that has none, with the change that made it so."""
    wanted = [o.key for o in catalog.live if indexed(catalog, o.key)]
    there = set(SearchObject.objects.values_list("object_key", flat=True))
    SearchObject.objects.bulk_create(
        (SearchObject(object_key=key) for key in wanted if key not in there),
        ignore_conflicts=True,
    )


def _number(object_key: str) -> int:
    """The object's number. One that is given just now may yet be taken back: it is not kept."""
    known: dict[str, int] = remember("records.search", _numbers)
    if object_key in known:
        return known[object_key]
    return int(SearchObject.objects.get_or_create(object_key=object_key)[0].pk)


def _numbers() -> dict[str, int]:
    return dict(SearchObject.objects.values_list("object_key", "id"))
