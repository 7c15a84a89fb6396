"""A form while it is filled in: what shows, what is needed, what is computed and filled in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from wubu.collect.forms.entry.gathering import rolled
from wubu.collect.forms.entry.linking import CANDIDATES, FILLS, Linker
from wubu.collect.forms.entry.scope import FieldAccess, PermittedLinks, Raw, Rule, Scope
from wubu.collect.forms.types import Item, Layout
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.lookup import gathers
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formulas
from wubu.kernel.formula.typed import Path
from wubu.kernel.formula.types import Formula
from wubu.kernel.query.linked import Linkage
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor, Refused

Lines = Mapping[str, Sequence[tuple[str, Raw]]]  # by child: the number of a line, and its values
BOOL = ValueType("bool")
ROUNDS = 4  # a product fills the unit, the unit fills …; a circle ends here
MOST_NAMED = 2_000


class Entry:
    """What one actor has in one form. ``raw`` and ``lines`` are raw, as typed."""

    def __init__(
        self,
        actor: Actor,
        layout: Layout,
        raw: Raw,
        lines: Lines | None = None,
        record: Record | None = None,
    ) -> None:
        self.actor = actor
        self.layout = layout
        self.field_access = FieldAccess(actor)
        self.rights = self.field_access.rights
        self.snapshot = self.field_access.snapshot
        self.spec = self.snapshot.object(layout.object_key)
        self.record = record
        self.linker = Linker(actor, self.snapshot)
        self._items = {i.key: i for i in layout.items if i.kind == "field"}
        self._parts = {i.key: i for i in layout.items if i.kind == "lines"}
        base = {} if record is None else record.values
        self.top = self._scope(self.spec, "", raw, base, record is None, _formulas(layout))
        self.top.fills = self._fills(self.top, list(layout.items))
        self.rows: dict[str, list[Scope]] = {
            key: [self._line(key, number, line) for number, line in given_]
            for key, given_ in (lines or {}).items()
        }
        self._names()
        self.computed = self._compute()

    # What stands in it

    def _scope(
        self,
        spec: ObjectSpec,
        prefix: str,
        raw: Raw,
        base: Raw,
        is_new: bool,
        asked: Iterable[Formula] = (),
        parent: Scope | None = None,
    ) -> Scope:
        own = self.field_access.own(spec, raw, base)
        wanted = {p for formula in asked for p in formula.paths}
        wanted |= {p for f in _virtual(spec) for p in _paths_of(f)}
        above = parent.beside if parent is not None else None
        beside = PermittedLinks(self.field_access, spec, own, wanted, above)
        return Scope(spec, prefix, raw, own, is_new, beside, [], parent)

    def _line(self, child_key: str, number: str, raw: Raw) -> Scope:
        child, part = self.snapshot.object(child_key), self._parts.get(child_key)
        prefix = f"{child_key}:{number}:"
        cells = part.cells if part is not None else ()
        asked = [c.needed_when for c in cells if c.needed_when is not None]
        is_new = not raw.get("id")
        made = self._scope(child, prefix, raw, {}, is_new, asked, parent=self.top)
        made.fills = self._fills(made, cells, part.columns if part is not None else ())
        return made

    def _names(self) -> None:
        """Records named by hand or pasted, by their exact title: one question per object."""
        wanted: dict[str, dict[str, list[tuple[Scope, str]]]] = {}
        for scope in self.scopes():
            for f in scope.spec.live_fields:
                raw = scope.raw.get(f.key)
                name = " ".join(raw.split()) if f.kind.links_one and isinstance(raw, str) else ""
                if name and not name.startswith("id:"):
                    places = wanted.setdefault(f.target, {}).setdefault(name, [])
                    places.append((scope, f.key))
        for target, names in wanted.items():
            title = self.snapshot.object(target).role("title")
            if title is None or not self.rights.readable(target, (title.key,)):
                continue
            if FIELD_TYPES[title.type].virtual:
                continue
            rows = records.visible(self.actor, target).filter(**{f"{title.key}__in": list(names)})
            found: dict[str, list[int]] = {}
            for id_, name in rows.order_by().values_list("id", title.key)[:MOST_NAMED]:
                found.setdefault(name, []).append(id_)
            for name, ids in found.items():
                for scope, key in names[name] if len(ids) == 1 else ():
                    scope.own[key] = ids[0]

    def add_line(self, child_key: str, number: str) -> None:
        """A line in which nothing stands yet."""
        self.rows.setdefault(child_key, []).append(self._line(child_key, number, {}))

    def _fills(
        self, scope: Scope, items: Sequence[Item], columns: Collection[str] = ()
    ) -> list[Rule]:
        """What a layout fills in: its own rules, and those of the fields that it has."""
        by_key = {i.key: i for i in items if i.kind == "field"}
        is_line = scope.parent is not None
        found: list[Rule] = []
        for f in scope.spec.live_fields:
            item = by_key.get(f.key)
            if is_line:
                if columns and f.key not in columns and not (item and item.concealed):
                    continue
            elif items and item is None:
                continue
            own = item.fills if item else None
            rules = [own] if own else self.linker.rules(f, FILLS)
            if rules and self.rights.level(scope.spec.key, f.key) == "write":
                found += [(f, rule) for rule in rules]
        return found

    def item_of(self, f: FieldSpec) -> Item | None:
        """What the layout says of a field, of the record or of a line."""
        if f.object == self.spec.key:
            return self._items.get(f.key)
        part = self._parts.get(f.object)
        return next((c for c in part.cells if c.key == f.key), None) if part else None

    # Formulas, sums

    def _compute(self) -> dict[str, tuple[FieldSpec, Any]]:
        """Stored values of what is computed, by input name."""
        found: dict[str, tuple[FieldSpec, Any]] = {}
        for rows in self.rows.values():
            for row in rows:
                self._formulas_of(row, found)
        for f in self.spec.live_fields:
            if f.kind.aggregates and f.options.get("object") in self.rows:
                child = self.snapshot.object(str(f.options["object"]))
                if f.options.get("via") != child.part_of:
                    continue  # it gathers along another link: what was saved stands
                value = rolled(f, child, [r.own for r in self._counted(f)])
                self.top.own[f.key] = value
                found[f.key] = (f, value)
        self._formulas_of(self.top, found)
        return found

    def _formulas_of(self, scope: Scope, found: dict[str, tuple[FieldSpec, Any]]) -> None:
        for f in _virtual(scope.spec):
            formula = _of_field(f)
            if formula is not None:
                scope.own[f.key] = value = formula.value(
                    scope.beside.get, context=self.rights.context
                )
                if self.field_access.clear(scope.spec, f.key):
                    found[scope.name(f.key)] = (f, value)

    def _counted(self, f: FieldSpec) -> list[Scope]:
        """The lines that a roll-up's own condition counts."""
        child, text = str(f.options["object"]), str(f.options.get("filter") or "")
        if not text:
            return self.rows[child]
        try:
            formula = formulas.parse(text, snapshot=self.snapshot, object_key=child, expect=BOOL)
        except Refused:
            return self.rows[child]
        return [
            r
            for r in self.rows[child]
            if formula.value(r.beside.get, context=self.rights.context) is True
        ]

    # What shows, what is needed

    def hidden(self) -> frozenset[str]:
        """The ids of sections and items that do not show for what is typed now."""
        found: set[str] = set()
        for part in self.layout.parts:
            gone = not self._holds(part.shown_when, True)
            if gone:
                found.add(part.id)
            for item in part.items:
                if gone or not self._holds(item.shown_when, True):
                    found.add(item.id)
                found |= {c.id for c in item.cells if not self._holds(c.shown_when, True)}
        return frozenset(found)

    def needed(self) -> frozenset[str]:
        """The ids of items that this form asks for now, as far as they show."""
        hidden = self.hidden()
        return frozenset(
            i.id
            for i in self.layout.items
            if i.id not in hidden and (i.needed or self._holds(i.needed_when, False))
        )

    def needed_cells(self) -> frozenset[str]:
        """The names of the inputs of lines that this form asks for now."""
        hidden, found = self.hidden(), set()
        for part in self._parts.values():
            for cell in part.cells if part.id not in hidden else ():
                if cell.concealed or cell.id in hidden:
                    continue
                found |= {
                    row.name(cell.key)
                    for row in self.rows.get(part.key, ())
                    if cell.needed or self._holds(cell.needed_when, False, row)
                }
        return frozenset(found)

    def _holds(self, condition: Formula | None, otherwise: bool, at: Scope | None = None) -> bool:
        if condition is None:
            return otherwise
        get = (at or self.top).beside.get
        return condition.value(get, context=self.rights.context) is True

    # What is filled in, what is offered

    @property
    def is_live(self) -> bool:
        """Whether anything of this form depends on what is typed into it."""
        parts = self.layout.parts
        return bool(
            self.computed
            or self.snapshot.children(self.spec.key)
            or self.top.fills
            or any(p.shown_when for p in parts)
            or any(i.shown_when or i.needed_when or i.candidates for i in self.layout.items)
            or any(f.options.get(CANDIDATES) for f in self.spec.live_fields if f.choices)
        )

    def scopes(self) -> list[Scope]:
        return [self.top, *(row for rows in self.rows.values() for row in rows)]

    def filled(
        self,
        changed: Collection[str] | None = None,
        touched: Collection[str] = (),
        was: Raw | None = None,
    ) -> dict[str, tuple[FieldSpec, Any]]:
        """What linkages fill in now, as stored values by input name.

        ``changed`` are the inputs that changed (None: the form was just opened), ``touched`` those
        in which somebody typed: they are left alone unless the rule says otherwise. ``was`` holds
        what stood in the changed ones before, to tell what came from a linkage.
        """
        found: dict[str, tuple[FieldSpec, Any]] = {}
        changed = None if changed is None else _whole(changed)
        touched = _whole(touched)
        for _ in range(ROUNDS):
            fresh: dict[str, tuple[FieldSpec, Any]] = {}
            for scope in self.scopes():
                for f, linkage in scope.fills:
                    name = scope.name(f.key)
                    if name in found or name in fresh:
                        continue
                    if changed is not None and not scope.listens(linkage) & changed:
                        continue
                    value = self.linker.fill(linkage, f, scope.get)
                    if value is None or value == scope.own.get(f.key):
                        continue
                    if self._free(scope, f, linkage, touched, was or {}):
                        fresh[name] = (f, value)
                        scope.own[f.key] = value
            if not fresh:
                break
            found |= fresh
            changed = set(fresh)
        if found:
            self.computed = self._compute()
        return found

    def _free(
        self, scope: Scope, f: FieldSpec, linkage: Linkage, touched: Collection[str], was: Raw
    ) -> bool:
        """May this input be filled in, or did somebody type what stands there?"""
        if scope.raw.get(f.key) in (None, "", [], ()) or linkage.overwrite:
            return True
        if scope.name(f.key) in touched:
            return False
        if scope.is_new:
            return True
        before = scope.as_it_was(was)
        return bool(self.linker.fill(linkage, f, before) == scope.own.get(f.key))

    def offered(self) -> dict[str, list[str]]:
        """The options that choices have now, by input name, where a linkage limits them."""
        found: dict[str, list[str]] = {}
        for scope in self.scopes():
            for f in scope.spec.live_fields:
                rule = self.candidates_of(f) if FIELD_TYPES[f.type].has_choices else None
                if rule is not None:
                    found[scope.name(f.key)] = self.linker.options(rule, f, scope.get)
        return found

    def candidates_of(self, f: FieldSpec) -> Linkage | None:
        """What limits a field: the layout's own rule, or that of the field."""
        item = self.item_of(f)
        if item is not None and item.candidates is not None:
            return item.candidates
        return next(iter(self.linker.rules(f, CANDIDATES)), None)

    def scope_of(self, name: str) -> tuple[Scope, FieldSpec] | None:
        """The record or line that an input stands in, and its field."""
        child, _, rest = name.partition(":")
        number, _, key = rest.partition(":")
        for scope in self.scopes():
            wanted = f"{child}:{number}:" if rest else ""
            if scope.prefix == wanted:
                f = scope.spec.fields.get(key if rest else child)
                return (scope, f) if f is not None and not f.retired else None
        return None


def _whole(names: Collection[str]) -> set[str]:
    """With the field of which a box is a piece: ``address`` beside ``address:city``."""
    return {*names, *(n.rpartition(":")[0] for n in names if ":" in n)}


def _virtual(spec: ObjectSpec) -> list[FieldSpec]:
    """What is worked out as one types; links to many behind a link are read with the record."""
    return [f for f in spec.live_fields if f.kind.virtual and not gathers(f)]


def _of_field(f: FieldSpec) -> Formula | None:
    try:
        return formulas.of_field(f, snapshot=snapshot())
    except Refused:
        return None


def _paths_of(f: FieldSpec) -> frozenset[Path]:
    formula = _of_field(f)
    return formula.paths if formula is not None else frozenset()


def _formulas(layout: Layout) -> list[Formula]:
    """Every condition of a layout on the record."""
    found = [p.shown_when for p in layout.parts]
    found += [c for i in layout.items for c in (i.shown_when, i.needed_when)]
    found += [c.shown_when for i in layout.items for c in i.cells]
    return [c for c in found if c is not None]
