"""Questions that are always asked in the same words: put together once, asked again and again.

Putting a small SELECT together costs several times what running it does. ``compiled`` keeps its SQL
with the model that it reads; a model that changes is another class, so nothing kept grows old.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX
from django.db.models import BooleanField, DateField, DateTimeField, Value
from django.db.models.expressions import Col

from wubu.kernel.bulk import ArrayParam, packed

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet

CACHE_ATTRIBUTE = "_wubu_compiled"
FEW = 4  # rows that are converted one by one
REPEATING = (DateField, BooleanField)  # of few different values, which nobody can change


class Param(Value):
    """A place for one value in a condition: ``filter(day__lte=One("day", DateField()))``.

    ``kind`` says how the value goes to the driver; without it the value goes as it is.
    """

    def __init__(self, name: str, kind: Field[Any, Any] | None = None) -> None:
        super().__init__(Placeholder(name, kind))


class Placeholder:
    """Where a value goes, among the parameters of a compiled statement."""

    __slots__ = ("kind", "name")

    def __init__(self, name: str, kind: Field[Any, Any] | None = None) -> None:
        self.name = name
        self.kind = kind


class PreparedQuery:
    """A queryset of ``values_list`` in SQL, with places for what changes from time to time."""

    __slots__ = ("converters", "cut", "native", "params", "sql")

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        self.sql = self.native = ""
        self.params: tuple[Any, ...] = ()
        self.converters: list[tuple[int, list[Any], Any, bool]] = []
        self.cut: int | None = None
        try:
            self.sql, params = compiler.as_sql()
        except EmptyResultSet:
            return
        self.params = tuple(params)
        if connection.vendor == "sqlite":
            self.native = FORMAT_QMARK_REGEX.sub("?", self.sql).replace("%%", "%")
        fields = [s[0] for s in compiler.select[: compiler.col_count]]
        self.converters = [
            (n, needed, expression, isinstance(_kind(expression), REPEATING))
            for n, (convs, expression) in compiler.get_converters(fields).items()
            if (needed := _needed(convs, expression))
        ]
        self.cut = compiler.col_count if compiler.has_extra_select else None

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers; ``values`` by the names of the places."""
        if not self.sql:
            return []
        params = [
            p
            if p.__class__ is not Placeholder and p.__class__ is not ArrayParam
            else packed(values[p.name])
            if p.__class__ is ArrayParam
            else values[p.name]
            if p.kind is None
            else p.kind.get_db_prep_value(values[p.name], connection)
            for p in self.params
        ]
        found = self._asked(params)
        if self.cut is not None:
            found = [row[: self.cut] for row in found]
        return self._converted(found) if self.converters and found else found

    def _asked(self, params: list[Any]) -> list[tuple[Any, ...]]:
        """On SQLite straight from the driver, when nobody wants to hear of statements.

        Django's cursors cost more than a small question.
        """
        here: Any = connections[DEFAULT_DB_ALIAS]
        quiet = not here.queries_logged and not here.execute_wrappers
        found: list[tuple[Any, ...]]
        if self.native and quiet and here.connection is not None:
            here.validate_no_broken_transaction()
            with here.wrap_database_errors:
                found = here.connection.execute(self.native, params).fetchall()
            return found
        with here.cursor() as cursor:
            cursor.execute(self.sql, params)
            found = cursor.fetchall()
        return found

    def _converted(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        if len(rows) <= FEW:
            return [self._row(row) for row in rows]
        columns = list(zip(*rows, strict=True))
        for n, convs, expression, repeats in self.converters:
            values = columns[n]
            for convert in convs:
                if repeats:
                    known = {v: convert(v, expression, connection) for v in set(values)}
                    values = tuple([known[v] for v in values])
                else:
                    values = tuple([convert(v, expression, connection) for v in values])
            columns[n] = values
        return list(zip(*columns, strict=True))

    def _row(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for n, convs, expression, _ in self.converters:
            for convert in convs:
                values[n] = convert(values[n], expression, connection)
        return tuple(values)


def _kind(expression: Any) -> Any:
    return getattr(expression, "output_field", None)


def _needed(convs: list[Any], expression: Any) -> list[Any]:
    """The converters without those of SQLite that look again at what its driver has converted.

    Columns that are declared as days, instants and yes or no.
    """
    if connection.vendor != "sqlite" or len(convs) > 1 or not isinstance(expression, Col):
        return convs
    return [] if type(expression.target) in (DateField, DateTimeField, BooleanField) else convs


def _instant(raw: bytes) -> datetime:
    """An instant as Django writes it for SQLite: in UTC, which it does not say."""
    text = raw.decode()
    try:
        return datetime.fromisoformat(f"{text}+00:00")
    except ValueError:  # a day alone, or one that says it
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)


@lru_cache(maxsize=4_096)
def _day(raw: bytes) -> date:
    return date.fromisoformat(raw.decode())


# In place of those of Django, which ask more of each value, for all connections of the process.
sqlite3.register_converter("datetime", _instant)
sqlite3.register_converter("date", _day)


def compiled(model: Any, key: Hashable, make: Callable[[], QuerySet[Any, Any]]) -> PreparedQuery:
    """The statement that ``make`` describes, put together the first time it is asked for.

    ``key`` must tell apart whatever decides its words: the columns, which conditions there are.
    """
    cache: dict[Hashable, PreparedQuery] | None = model.__dict__.get(CACHE_ATTRIBUTE)
    if cache is None:
        cache = {}
        setattr(model, CACHE_ATTRIBUTE, cache)
    found = cache.get(key)
    if found is None:
        found = cache[key] = PreparedQuery(make())
    return found
