"""A typed tree as one Django expression: usable in filter, annotate, order_by and aggregates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Func

from wubu.kernel.formula import sqlite
from wubu.kernel.formula.aggregate import Aggregate, Held
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions import FUNCTIONS
from wubu.kernel.formula.handles import Handle
from wubu.kernel.formula.outputs import output_field
from wubu.kernel.formula.sql import MAX_OPEN, Sql, literal
from wubu.kernel.formula.typed import Node, Over, Path, links_read, overs, walk
from wubu.kernel.formula.values import bind, constant

MAX_COLUMNS = 100  # arguments that a function of SQLite may have, with room to spare
GATHERED = 12  # what SQLite's parser holds open for a SELECT within, at its shallowest
Source = Callable[[Path], F]


class Renderer:
    """Writes the SQL of one tree for one database. ``columns`` holds the SQL of each path."""

    def __init__(
        self,
        pg: bool,
        context: Context,
        columns: Mapping[Path, Sql],
        gathered: Mapping[int, Sql] | None = None,
    ) -> None:
        self.pg = pg
        self.context = context
        self.columns = columns
        self.gathered = gathered or {}

    def constant(self, node: Node) -> Any:
        return constant(node, self.context)

    def render(self, node: Node) -> Sql:
        if node.op == "path":
            return self.columns[node.data]
        if node.op == "linked":
            return self.columns[node.data.path]
        if node.op == "over":
            return self.gathered[id(node.data)]
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
        if len(kinds) > MAX_COLUMNS or links_read(node) or overs(node):
            return None
        subtree = sqlite.Subtree(bind(node, self.context), tuple(kinds.items()))
        columns = [self.columns[p] for p in kinds]
        text = ", ".join(["%s", *(c.text for c in columns)])
        return Sql(
            f"wubu_value({text})", (Handle(subtree), *(p for c in columns for p in c.params)), 3
        )


class FormulaExpression(Func):
    """The value of a formula for each row; ``prefix`` leads from the model to its object.

    ``source`` says instead where a path is found, for a formula inside a SELECT of its own.
    """

    def __init__(
        self, node: Node, context: Context, prefix: str = "", source: Source | None = None
    ) -> None:
        self.node = node
        self.context = context
        self.prefix = prefix
        self.overs = overs(node)
        read = {n.data for n in walk(node) if n.op == "path"}
        many = {n.data.path for n in links_read(node)}
        self.paths = tuple(sorted(read | many))
        find = source or (lambda path: F(prefix + "__".join(path)))
        # A link to many is asked for by the id of the record that has it: a join would double rows.
        sources = [find((*p[:-1], "id") if p in many else p) for p in self.paths]
        gathered = [_select(o, context, prefix, source) for o in self.overs]
        super().__init__(*sources, *gathered, output_field=output_field(node.type))

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        pg = connection.vendor == "postgresql"
        if not pg:
            sqlite.install(connection)
        sources = [
            Sql(text, tuple(params))
            for text, params in map(compiler.compile, self.get_source_expressions())
        ]
        columns = dict(zip(self.paths, sources, strict=False))
        gathered = {
            id(over): Sql(sql.text, sql.params, GATHERED)
            for over, sql in zip(self.overs, sources[len(self.paths) :], strict=True)
        }
        made = Renderer(pg, self.context, columns, gathered).render(self.node)
        if pg and self.node.type.kind == "number" and self.node.constant:
            made = Sql(f"({made.text})::bigint", made.params)
        return made.text, made.params

    def __repr__(self) -> str:
        return f"<FormulaExpression {self.node.op} on {', '.join('.'.join(p) for p in self.paths)}>"


def many(over: Over, owner: Any) -> QuerySet[Any]:
    """The records that an aggregate is over; ``owner`` says whose they are."""
    rows: QuerySet[Any] = over.model._default_manager.filter(archived_at__isnull=True)
    if over.linked is None:
        return rows.filter(**{over.via: owner})
    return rows.filter(Held(over.linked, owner))


def gathered(
    over: Over, owner: Any, context: Context, source: Source
) -> tuple[QuerySet[Any], Aggregate]:
    """The rows that count and the aggregate over them; ``source`` says where a path is found."""
    rows = many(over, owner)
    if over.condition is not None:
        rows = rows.filter(FormulaExpression(over.condition, context, source=source))
    if over.value is None:
        return rows.order_by(), Aggregate(over.agg, over.type, None)
    value = FormulaExpression(over.value, context, source=source)
    return rows.order_by(), Aggregate(over.agg, over.type, value, over.value.type.scale)


def _select(over: Over, context: Context, prefix: str, outer: Source | None) -> Subquery:
    """The aggregate as a SELECT within, about the row of the one around it."""
    size = len(over.base)

    def source(path: Path) -> F:
        if path[:size] == over.base:
            return F("__".join(path[size:]))
        return around(path)

    def around(path: Path) -> F:
        found = outer(path) if outer is not None else F(prefix + "__".join(path))
        return OuterRef(found) if isinstance(found, OuterRef) else OuterRef(found.name)

    rows, aggregate = gathered(over, around(over.owner), context, source)
    return Subquery(rows.annotate(gathered=aggregate).values("gathered"))
