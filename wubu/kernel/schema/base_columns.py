"""Base columns of a new release reach the tables that companies already have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.migrations.operations import AddField
from django.db.models import NOT_PROVIDED

from wubu.kernel.catalog import render
from wubu.kernel.catalog.queries import load_objects
from wubu.kernel.schema import operations
from wubu.kernel.workspace import forget

COLUMNS = {  # every column of every table of the company, in one question
    "sqlite": (
        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c "
        "WHERE t.type = 'table' AND substr(t.name, 1, 2) = 'o_'"
    ),
    "postgresql": (
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND substr(table_name, 1, 2) = 'o_'"
    ),
}


@dataclass(frozen=True, slots=True)
class MissingColumn:
    """A base column, by the name of its field, that an object's table lacks."""

    object_key: str
    field: str


def missing() -> tuple[MissingColumn, ...]:
    """The base columns that tables lack, retired objects included: their records stay readable.
    Two queries and those of the catalog, however many tables there are.
    """
    there: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS[connection.vendor])
        for table, column in cursor.fetchall():
            there[table].add(column)
    wanted = [(name, _column(name, field)) for name, field in render.base_columns()]
    return tuple(
        MissingColumn(spec.key, name)
        for spec in load_objects()
        for name, column in wanted
        if column not in there[render.table_name(spec.key)]
    )


def add(columns: Sequence[MissingColumn]) -> None:
    """Add them in one transaction, with their defaults in the rows that are there.

    Other tables are not touched. On SQLite not inside a transaction: a column with a default makes
    the table anew there. Raises ValueError for a column that the rows there could not fill.
    """
    if not columns:
        return
    fields = dict(render.base_columns())
    for name in sorted({c.field for c in columns}):
        if not (fields[name].null or fields[name].db_default is not NOT_PROVIDED):
            raise ValueError(f"The base column {name} must be nullable or have a db_default")
    specs = load_objects()
    after = render.project_state(specs, only={c.object_key for c in columns})
    before = after.clone()
    for column in columns:
        before.remove_field(render.APP, column.object_key, column.field)
    steps = tuple(AddField(c.object_key, c.field, fields[c.field]) for c in columns)
    try:
        with operations.editing() as editor:
            operations.run(editor, [operations.Leg(before, after, steps)])
    finally:
        forget()


def _column(name: str, field: object) -> str:
    """The name in the table; a link's ends in _id."""
    return f"{name}_id" if getattr(field, "remote_field", None) else name
