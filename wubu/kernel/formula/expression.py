"""A typed tree as one Django expression: usable in filter, annotate, order_by and aggregates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F
from django.db.models.expressions import Func

from wubu.kernel.fields.columns import KeysColumn
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import sqlite
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions import FUNCTIONS
from wubu.kernel.formula.sql import MAX_OPEN, Sql, literal
from wubu.kernel.formula.typed import Node, Path, links_read, stored_paths, walk
from wubu.kernel.formula.values import bind, constant

MAX_COLUMNS = 100  # arguments that a function of SQLite may have, with room to spare


if TYPE_CHECKING:
    _BigInteger = models.BigIntegerField[Any, Any]
else:
    _BigInteger = models.BigIntegerField


class Whole(_BigInteger):
    """A scaled number. PostgreSQL computes in numeric, which arrives as Decimal."""

    def from_db_value(self, value: Any, *_: Any) -> int | None:
        return None if value is None else int(value)


def output_field(type_: ValueType) -> models.Field[Any, Any]:
    """The Django field that reads a value of the type in stored form."""
    if type_.kind in {"number", "link", "member", "team"}:
        return Whole()
    if type_.kind == "bool":
        return models.BooleanField()
    if type_.kind == "date":
        return models.DateField()
    if type_.kind == "datetime":
        return models.DateTimeField()
    return KeysColumn() if type_.kind == "choices" else models.TextField()


class Renderer:
    """Writes the SQL of one tree for one database. ``columns`` holds the SQL of each path."""

    def __init__(self, pg: bool, context: Context, columns: Mapping[Path, Sql]) -> None:
        self.pg = pg
        self.context = context
        self.columns = columns

    def constant(self, node: Node) -> Any:
        return constant(node, self.context)

    def render(self, node: Node) -> Sql:
        if node.op == "path":
            return self.columns[node.data]
        if node.op == "linked":
            return self.columns[node.data.path]
        if node.constant:
            if node.type.kind == "links":
                return Sql("NULL")  # a list of members is written by the comparison that uses it
            return literal(self.pg, self.constant(node), node.type)
        args = [self.render(a) for a in node.args]
        made = FUNCTIONS[node.op].sql(self, node, args)
        if not self.pg and made.open > MAX_OPEN:
            return self._whole(node) or made
        return made

    def _whole(self, node: Node) -> Sql | None:
        """The subtree computed by Python, where SQLite's parser could not follow."""
        kinds = {n.data: n.type.kind for n in walk(node) if n.op == "path"}
        if len(kinds) > MAX_COLUMNS or links_read(node):
            return None
        number = sqlite.keep(bind(node, self.context), tuple(kinds.items()))
        columns = [self.columns[p] for p in kinds]
        text = ", ".join([str(number), *(c.text for c in columns)])
        return Sql(f"wubu_value({text})", tuple(p for c in columns for p in c.params), 3)


class FormulaExpression(Func):
    """The value of a formula for each row; ``prefix`` leads from the model to its object."""

    def __init__(self, node: Node, context: Context, prefix: str = "") -> None:
        self.node = node
        self.context = context
        self.prefix = prefix
        self.paths = tuple(sorted(stored_paths(node)))
        many = {n.data.path for n in links_read(node)}
        # A link to many is asked for by the id of the record that has it: a join would double rows.
        sources = [(*p[:-1], "id") if p in many else p for p in self.paths]
        super().__init__(
            *(F(prefix + "__".join(p)) for p in sources),
            output_field=output_field(node.type),
        )

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        pg = connection.vendor == "postgresql"
        if not pg:
            sqlite.install(connection)
        columns: dict[Path, Sql] = {}
        for path, source in zip(self.paths, self.get_source_expressions(), strict=True):
            text, params = compiler.compile(source)
            columns[path] = Sql(text, tuple(params))
        made = Renderer(pg, self.context, columns).render(self.node)
        if pg and self.node.type.kind == "number" and self.node.constant:
            made = Sql(f"({made.text})::bigint", made.params)
        return made.text, made.params

    def __repr__(self) -> str:
        return f"<FormulaExpression {self.node.op} on {', '.join('.'.join(p) for p in self.paths)}>"
