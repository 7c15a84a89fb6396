"""The parts of a record, edited in place: quote lines, shares of a contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wubu.collect.forms.types import Item
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor, Problem
from wubu.web.forms.inputs import Input, inputs, name_links
from wubu.web.forms.raws import default
from wubu.web.forms.submitted import writable
from wubu.web.ui import values

PLAIN = Item("", "lines")


@dataclass(frozen=True)
class Column:
    """A heading. ``item`` is the place of what the layout says of it; ``hidden`` it waits."""

    spec: FieldSpec
    item: str = ""
    needed: bool = False
    hidden: bool = False


@dataclass
class Line:
    """One row. ``carried`` are inputs that were typed and have no column here: not lost."""

    number: str
    id: str
    cells: list[tuple[Column, Input]]
    carried: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Lines:
    """The rows of one part, with a blank one to copy."""

    spec: ObjectSpec
    columns: list[Column]
    rows: list[Line]
    blank: Line

    @property
    def carried(self) -> list[FieldSpec]:
        """The fields of which something was typed and that have no column here."""
        keys = {name.rsplit(":", 1)[1] for row in self.rows for name, _ in row.carried}
        return [f for f in self.spec.live_fields if f.key in keys]


def lines(
    actor: Actor,
    rights: Policy,
    child: ObjectSpec,
    raw: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    problems: Sequence[Problem] = (),
    drawn: Sequence[Record] = (),
    part: Item = PLAIN,
    hidden: Collection[str] = (),
    limited: Collection[str] = (),
) -> Lines:
    """The parts of one kind as rows of inputs; ``raw`` are the numbers of rows and raw values.

    ``part`` is what the layout says: which columns, and about them. ``hidden`` are the ids of what
    does not show now, ``limited`` the fields whose candidates depend on the form.
    """
    there = [
        f
        for f in child.live_fields
        if f.key != child.part_of and rights.level(child.key, f.key) != "hidden"
    ]
    by_key = {f.key: f for f in there}
    if part.columns:
        there = [by_key[k] for k in part.columns if k in by_key]
    shown = [f for f in there if not f.kind.block or f.kind.multiline or part.columns]
    said = {c.key: c for c in part.cells}
    columns = [_column(f, said.get(f.key), hidden) for f in shown]
    made = _Maker(actor, rights, child, columns, said, {str(r.id): r for r in drawn}, limited)
    rows = []
    for at, (number, values_) in enumerate(raw):
        wrong = [p for p in problems if p.object == child.key and (p.row or 0) == at]
        rows.append(made.line(number, values_, wrong))
    blank = made.line("__", {f.key: v for f in child.live_fields if (v := default(f))}, ())
    blank.carried = []
    name_links(actor, [one for row in [*rows, blank] for _, one in row.cells])
    return Lines(child, columns, rows, blank)


def _column(f: FieldSpec, cell: Item | None, hidden: Collection[str]) -> Column:
    if cell is None:
        return Column(f, needed=f.required)
    return Column(f, cell.id, f.required or cell.needed, cell.id in hidden)


@dataclass
class _Maker:
    actor: Actor
    rights: Policy
    child: ObjectSpec
    columns: Sequence[Column]
    said: Mapping[str, Item]
    by_id: Mapping[str, Record]
    limited: Collection[str]

    def line(self, number: str, raw: Mapping[str, Any], wrong: Sequence[Problem]) -> Line:
        prefix = f"{self.child.key}:{number}:"
        entered = [c.spec for c in self.columns if values.is_typed(c.spec)]
        made = inputs(
            self.actor,
            self.rights,
            self.child,
            raw,
            problems=wrong,
            prefix=prefix,
            only=entered,
            named=False,
        )
        record = self.by_id.get(str(raw.get("id", "")))
        cells = []
        for column in self.columns:
            f, cell = column.spec, self.said.get(column.spec.key)
            one = made.get(f.key) or Input(f, prefix + f.key, read_only=True)
            if one.read_only and record is not None:
                one.drawn = values.plain(f, record)
            one.limits = f.key in self.limited
            if cell is not None:
                one.fixed, one.needed = cell.read_only, cell.needed
            cells.append((column, one))
        carried = [] if record is not None else self._carried(prefix, raw)
        return Line(number, str(raw.get("id", "")), cells, carried)

    def _carried(self, prefix: str, raw: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What was typed into columns of another layout."""
        shown = {c.spec.key for c in self.columns}
        off = {k for k, c in self.said.items() if c.concealed}
        found = []
        for f in writable(self.child, self.rights):
            if f.key in shown or f.key in off or f.key not in raw:
                continue
            if raw[f.key] not in ("", [], None, default(f)):
                found += pairs(prefix + f.key, raw[f.key])
        return found


def pairs(name: str, value: Any) -> list[tuple[str, str]]:
    """A raw value as the inputs of a form send it."""
    if isinstance(value, Mapping):
        return [(f"{name}:here", "1"), *((f"{name}:{box}", str(v)) for box, v in value.items())]
    if isinstance(value, list | tuple):
        return [(f"{name}:here", "1"), *((name, str(v)) for v in value)]
    return [(name, str(value))]
