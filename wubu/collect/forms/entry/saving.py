"""Saving what was entered through a form: its layout's own rules first, then the door's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from wubu.collect.forms.entry.entering import Entry
from wubu.collect.forms.entry.scope import Scope
from wubu.collect.forms.types import Item, Layout
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.registry import to_json
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as asked
from wubu.kernel.records.types import Draft, Record
from wubu.kernel.types import Actor, Problem, Refused, Text

Children = Mapping[str, Sequence[Mapping[str, Any]]]


def enter(
    *,
    actor: Actor,
    layout: Layout,
    values: Mapping[str, Any],
    children: Children | None = None,
    record: Record | None = None,
    version: int | None = None,
) -> Record:
    """Create a record, or change ``record``, as somebody fills in this form.

    What does not show is not saved and stays as it was. What the form needs and is empty is told
    together with everything that the door finds. Read-only fields that a linkage fills in take
    its value. Raises Refused, Conflict, Forbidden, Missing.
    """
    lines = {k: [(str(n), dict(r)) for n, r in enumerate(v)] for k, v in (children or {}).items()}
    entry = Entry(actor, layout, values, lines, record)
    kept = _kept(entry, values)
    parts = _kept_lines(entry, children or {}) or None
    problems = [*_needed(entry), *_strict(entry, kept), *_lines(entry, parts or {})]
    if problems:
        raise Refused(*_all(entry, kept, parts, version, problems))
    if record is None:
        return records.create(
            actor=actor, object_key=layout.object_key, values=kept, children=parts
        )
    return records.update(
        actor=actor,
        object_key=layout.object_key,
        id=record.id,
        values=kept,
        version=version,
        children=parts,
    )


def _kept(entry: Entry, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be saved of what was sent."""
    hidden = entry.hidden()
    items = {i.key: i for i in entry.layout.items if i.kind == "field"}
    kept = {k: v for k, v in values.items() if k not in items or items[k].id not in hidden}
    return kept | _filled_in(entry, entry.top, items, hidden)


def _kept_lines(entry: Entry, children: Children) -> dict[str, list[dict[str, Any]]]:
    """The same of the lines of every part that shows."""
    hidden, found = entry.hidden(), {}
    parts = {i.key: i for i in entry.layout.items if i.kind == "lines"}
    for key, rows in children.items():
        part = parts.get(key)
        if part is not None and part.id in hidden:
            continue
        cells = {c.key: c for c in part.cells} if part is not None else {}
        off = {k for k, c in cells.items() if c.id in hidden}
        found[key] = [
            {k: v for k, v in row.items() if k not in off} | _filled_in(entry, scope, cells, hidden)
            for row, scope in zip(rows, entry.rows[key], strict=True)
        ]
    return found


def _filled_in(
    entry: Entry, scope: Scope, items: Mapping[str, Item], hidden: frozenset[str]
) -> dict[str, Any]:
    """What linkages give to those that nobody can type into here."""
    found = {}
    for f, linkage in scope.fills:
        item = items.get(f.key)
        if item is None or not (item.read_only or item.concealed) or item.id in hidden:
            continue
        value = entry.linker.fill(linkage, f, scope.get)
        if value is not None:
            found[f.key] = to_json(f, value)
            scope.own[f.key] = value
    return found


def unseen(entry: Entry, values: Mapping[str, Any]) -> list[str]:
    """The keys of fields that were sent and that do not show here: they would not be saved."""
    hidden = entry.hidden()
    off = {i.key for i in entry.layout.items if i.kind == "field" and i.id in hidden}
    return [key for key in values if key in off]


def strangers(layout: Layout, values: Mapping[str, Any]) -> list[Problem]:
    """Fields that were sent and that this form does not have; a default layout has every one."""
    known = {i.key for i in layout.items}
    if layout.fallback:
        return []
    words = Text("这个表单没有字段“{f}”。", "This form has no field “{f}”.")
    return [
        Problem("not_in_form", words.format(f=key), object=layout.object_key, field=key)
        for key in values
        if key not in known
    ]


def _needed(entry: Entry) -> list[Problem]:
    needed = entry.needed()
    return [
        _required(_label(entry, item), entry.spec.key, item.key)
        for item in entry.layout.items
        if item.id in needed and not _filled(entry, item)
    ]


def _filled(entry: Entry, item: Item) -> bool:
    if item.kind == "lines":
        return bool(entry.rows.get(item.key))
    if entry.rights.level(entry.spec.key, item.key) != "write":
        return True  # who may not write it cannot be asked for it
    raw = entry.top.raw.get(item.key)
    if item.key in entry.top.raw and raw not in (None, "", [], ()):
        return True  # whether it can be read is for the door to say
    return item.key not in entry.top.raw and entry.top.own.get(item.key) not in (None, "", ())


def _strict(entry: Entry, kept: Mapping[str, Any]) -> list[Problem]:
    """Strict candidates of the layout; those of a field itself are for the door."""
    items = [i for i in entry.layout.items if i.kind == "field" and i.key in kept]
    return [p for i in items if (p := _stranger(entry, entry.top, i)) is not None]


def _lines(entry: Entry, parts: Children) -> list[Problem]:
    """What lines lack that this layout asks of them."""
    found: list[Problem] = []
    needed = entry.needed_cells()
    for item in entry.layout.items if any(i.cells for i in entry.layout.items) else ():
        for number, row in enumerate(entry.rows[item.key] if item.key in parts else ()):
            for cell in item.cells:
                f = row.spec.fields[cell.key]
                if row.name(f.key) in needed and _is_missing(entry, row, f):
                    found.append(replace(_required(f.label, row.spec.key, f.key), row=number))
                wrong = _stranger(entry, row, cell) if f.key in row.raw else None
                if wrong is not None:
                    found.append(replace(wrong, row=number))
    return found


def _is_missing(entry: Entry, row: Scope, f: FieldSpec) -> bool:
    if entry.rights.level(row.spec.key, f.key) != "write":
        return False
    if f.key not in row.raw and not row.is_new:
        return False  # left as it is
    raw = row.raw.get(f.key)
    return raw in (None, "", [], ()) and row.own.get(f.key) in (None, "", ())


def _stranger(entry: Entry, scope: Scope, item: Item) -> Problem | None:
    """A value that is not among the strict candidates of the layout."""
    rule = item.candidates
    f = scope.spec.fields[item.key]
    value = scope.own.get(item.key)
    if rule is None or not rule.strict or value in (None, ()):
        return None
    many = value if isinstance(value, tuple) else (value,)
    if f.kind.has_target:
        fits = all(entry.linker.allows(rule, scope.get, i) for i in many)
    else:
        fits = set(many) <= set(entry.linker.options(rule, f, scope.get))
    if fits:
        return None
    words = Text("“{f}”不在当前可选的范围内。", "“{f}” is not among those that may be chosen here.")
    hint = Text("请从列表中重新选择。", "Choose from the list again.")
    return Problem(
        "not_a_candidate", words.format(f=f.label), hint, object=scope.spec.key, field=f.key
    )


def _required(label: Text, object_key: str, key: str) -> Problem:
    words = Text("请填写“{f}”。", "“{f}” is required.").format(f=label)
    return Problem("required", words, object=object_key, field=key)


def _label(entry: Entry, item: Item) -> Text:
    if item.kind == "lines":
        return entry.snapshot.object(item.key).plural
    return entry.spec.fields[item.key].label


def _all(
    entry: Entry,
    kept: Mapping[str, Any],
    parts: Children | None,
    version: int | None,
    problems: list[Problem],
) -> list[Problem]:
    """The form's problems with the door's, each thing once."""
    record = entry.record
    draft = Draft(kept, id=record.id if record else None, version=version, children=parts)
    checked = asked.check(actor=entry.actor, object_key=entry.spec.key, drafts=[draft])
    said = {_place(p) for p in problems}
    more = [p for p in checked.problems if p.code != "stale" and _place(p) not in said]
    return [*problems, *more]


def _place(p: Problem) -> tuple[Any, ...]:
    return (p.code, p.object, p.field, p.row or 0)
