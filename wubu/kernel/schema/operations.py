"""From one catalog to the next as operations on tables.

Leg by leg, with values carried over in between.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ProjectState

from wubu.kernel.catalog.render import APP, project_state
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.schema.types import Conversion, Restoration
from wubu.kernel.workspace import choose_schema

Catalog = Mapping[str, ObjectSpec]
# What stands in a new column comes from another: (object, from, to).
Carry = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Leg:
    """Operations from one state to the next; then values that are copied as they are."""

    before: ProjectState
    after: ProjectState
    operations: tuple[Any, ...]
    carries: tuple[Carry, ...] = ()
    created: tuple[str, ...] = ()  # new objects: their tables come first, each in one piece


def legs(
    now: Snapshot,
    wanted: Catalog,
    conversions: Iterable[Conversion] = (),
    restorations: Iterable[Restoration] = (),
) -> tuple[Leg, ...]:
    """The way from the catalog of now to the whole catalog that is ``wanted``.

    A field that changes its type goes a long way: its values are put aside in a new field, its
    column goes, another comes. One that gets its values back goes it the other way round.
    """
    touched = {k for k in {**now.objects, **wanted} if now.objects.get(k) != wanted.get(k)}
    new = [c for c in conversions if c.kept_as or c.before.type != c.after.type]
    kept = [c for c in new if c.kept_as]
    back = list(restorations)
    at: Catalog = now.objects
    stops: list[tuple[Catalog, tuple[Carry, ...]]] = []
    if new or back:
        aside = _with(at, [(c.object, wanted[c.object].fields[c.kept_as]) for c in kept])
        stops.append((aside, tuple((c.object, c.before.key, c.kept_as) for c in kept)))
        bare = _without(
            aside,
            [*((c.object, c.after.key) for c in new), *((r.object, r.field) for r in back)],
        )
        stops.append((bare, ()))
        again = _with(bare, [(r.object, wanted[r.object].fields[r.field]) for r in back])
        carried = tuple((r.object, r.kept_as, r.field) for r in back if r.kept_as)
        stops.append((again, carried))
    stops.append((wanted, ()))
    made = []
    for stop, carries in stops:
        new_ones = tuple(k for k in stop if k not in at)
        old = touched - set(new_ones)
        before = project_state(at.values(), only=old)
        after = project_state(stop.values(), only=old)
        found = _detected(before, after) if old else ()
        whole = project_state(stop.values(), only=touched) if new_ones else after
        made.append(Leg(before, whole, found, carries, new_ones))
        at = stop
    return tuple(made)


def _with(catalog: Catalog, added: Collection[tuple[str, FieldSpec]]) -> Catalog:
    made = dict(catalog)
    for key, f in added:
        plain = replace(f, unique=False)
        made[key] = replace(made[key], fields={**made[key].fields, f.key: plain})
    return made


def _without(catalog: Catalog, gone: Collection[tuple[str, str]]) -> Catalog:
    made = dict(catalog)
    for key, field_key in gone:
        rest = {k: f for k, f in made[key].fields.items() if k != field_key}
        made[key] = replace(made[key], fields=rest)
    return made


def _detected(before: ProjectState, after: ProjectState) -> tuple[Any, ...]:
    detector = MigrationAutodetector(before, after, MigrationQuestioner(specified_apps={APP}))
    changes = detector.changes(MigrationGraph())
    return tuple(op for migration in changes.get(APP, []) for op in migration.operations)


@contextlib.contextmanager
def editing() -> Iterator[BaseDatabaseSchemaEditor]:
    """On SQLite the editor opens before the transaction and is the transaction.

    On PostgreSQL it works inside one.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic():
            choose_schema()
            with connection.schema_editor() as editor:
                yield editor
    else:
        with connection.schema_editor() as editor:
            yield editor


def run(
    editor: BaseDatabaseSchemaEditor,
    way: Iterable[Leg],
    fill: Callable[[ProjectState], None] | None = None,
) -> None:
    """Go the way; ``fill`` writes converted values when the last column is there."""
    state: ProjectState | None = None
    for leg in way:
        for key in leg.created:
            editor.create_model(leg.after.apps.get_model(APP, key))
        state = leg.before
        for operation in leg.operations:
            after = state.clone()
            operation.state_forwards(APP, after)
            operation.database_forwards(APP, editor, state, after)
            state = after
        for carry in leg.carries:
            _carry(state, carry)
        if leg.carries:
            _settle()
    if state is not None and fill is not None:
        fill(state)
        _settle()


def _carry(state: ProjectState, carry: Carry) -> None:
    """Copy a column, or the table between two objects, as it is."""
    model = state.apps.get_model(APP, carry[0])
    source, target = (model._meta.get_field(k) for k in carry[1:])
    quote = connection.ops.quote_name
    if source.many_to_many:
        names = [
            [quote(f.m2m_column_name()), quote(f.m2m_reverse_name())] for f in (source, target)
        ]
        tables = [quote(f.m2m_db_table()) for f in (source, target)]
        sql = (
            f"INSERT INTO {tables[1]} ({', '.join(names[1])}) "  # noqa: S608 (names are quoted)
            f"SELECT {', '.join(names[0])} FROM {tables[0]}"
        )
    else:
        table, one, other = (quote(n) for n in (model._meta.db_table, source.column, target.column))
        sql = f"UPDATE {table} SET {other} = {one} WHERE {one} IS NOT NULL"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _settle() -> None:
    """PostgreSQL alters no table on which keys are still to be checked."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
