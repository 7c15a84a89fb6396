"""A form while it is filled in: what shows, what is needed, what is computed and filled in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wubu.collect.forms.linking import CANDIDATES, FILLS, Linker
from wubu.collect.forms.types import Item, Layout
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formulas
from wubu.kernel.formula.typed import Path
from wubu.kernel.formula.types import Formula
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.beside import Beside
from wubu.kernel.query.linked import FORM, PARENT, Linkage, depends_on
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor, Refused

Raw = Mapping[str, Any]
Lines = Mapping[str, Sequence[tuple[str, Raw]]]  # by child: the number of a line, and its values
Rule = tuple[FieldSpec, Linkage]
BOOL = ValueType("bool")
ROUNDS = 4  # a product fills the unit, the unit fills …; a circle ends here
CLEAR = ("read", "write")
MOST_NAMED = 2_000


@dataclass
class Scope:
    """The record, or one line of a part: what stands in it in stored form."""

    spec: ObjectSpec
    prefix: str
    given: Raw
    own: dict[str, Any]
    is_new: bool
    beside: Beside
    fills: list[Rule] = field(default_factory=list)
    parent: Scope | None = None

    def name(self, key: str) -> str:
        """The name of an input."""
        return self.prefix + key

    def get(self, path: Path) -> Any:
        """For linkages: ``form.…`` is this scope, ``parent.…`` the record it is a line of."""
        if path[0] == FORM:
            return self.beside.get(path[1:])
        return self.parent.beside.get(path[1:]) if self.parent is not None else None

    def listens(self, linkage: Linkage) -> set[str]:
        """The names of the inputs that a linkage depends on."""
        found = {self.name(key) for scope, key in depends_on(linkage) if scope == FORM}
        if self.parent is not None:
            found |= {self.parent.name(k) for s, k in depends_on(linkage) if s == PARENT}
        return found


class Entry:
    """What one actor has in one form. ``given`` and ``lines`` are raw, as typed."""

    def __init__(
        self,
        actor: Actor,
        layout: Layout,
        given: Raw,
        lines: Lines | None = None,
        record: Record | None = None,
    ) -> None:
        self.actor = actor
        self.layout = layout
        self.rights = policy(actor)
        self.snapshot = snapshot()
        self.spec = self.snapshot.object(layout.object_key)
        self.record = record
        self.linker = Linker(actor, self.snapshot)
        self._links: dict[str, dict[tuple[str, Any], dict[Path, Any]]] = {}
        base = {} if record is None else record.values
        self.top = self._scope(self.spec, "", given, base, record is None, _formulas(layout))
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
        given: Raw,
        base: Raw,
        is_new: bool,
        asked: Iterable[Formula] = (),
        parent: Scope | None = None,
    ) -> Scope:
        own = {k: v for k, v in base.items() if self._clear(spec, k)}
        for f in spec.live_fields:
            if f.key in given and not FIELD_TYPES[f.type].computed and self._clear(spec, f.key):
                own[f.key] = stored(f, given[f.key])
        wanted = {p for formula in asked for p in formula.paths}
        wanted |= {p for f in _virtual(spec) for p in _paths_of(f)}
        beside = _Sighted(self, spec, own, wanted)
        return Scope(spec, prefix, given, own, is_new, beside, [], parent)

    def _clear(self, spec: ObjectSpec, key: str) -> bool:
        return self.rights.level(spec.key, key) in CLEAR

    def _line(self, child_key: str, number: str, given: Raw) -> Scope:
        child = self.snapshot.object(child_key)
        prefix = f"{child_key}:{number}:"
        made = self._scope(child, prefix, given, {}, not given.get("id"), parent=self.top)
        made.fills = self._fills(made, ())
        return made

    def _names(self) -> None:
        """Records named by hand or pasted, by their exact title: one question per object."""
        wanted: dict[str, dict[str, list[tuple[Scope, str]]]] = {}
        for scope in self.scopes():
            for f in scope.spec.live_fields:
                raw = scope.given.get(f.key)
                name = " ".join(raw.split()) if f.type == "link" and isinstance(raw, str) else ""
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

    def _fills(self, scope: Scope, items: Sequence[Item]) -> list[Rule]:
        by_key = {i.key: i for i in items if i.kind == "field"}
        found: list[Rule] = []
        for f in scope.spec.live_fields:
            item = by_key.get(f.key)
            if items and item is None:
                continue
            own = item.fills if item else None
            rules = [own] if own else self.linker.rules(f, FILLS)
            if rules and self.rights.level(scope.spec.key, f.key) == "write":
                found += [(f, rule) for rule in rules]
        return found

    # Formulas, sums

    def _compute(self) -> dict[str, tuple[FieldSpec, Any]]:
        """Stored values of what is computed, by input name."""
        found: dict[str, tuple[FieldSpec, Any]] = {}
        for rows in self.rows.values():
            for row in rows:
                self._formulas_of(row, found)
        for f in self.spec.live_fields:
            if f.type == "rollup" and f.options.get("object") in self.rows:
                value = self._rolled(f)
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
                if self.rights.level(scope.spec.key, f.key) in CLEAR:
                    found[scope.name(f.key)] = (f, value)

    def _rolled(self, f: FieldSpec) -> Any:
        rows = [r.own for r in self._counted(f)]
        key = str(f.options.get("field", ""))
        values = [r[key] for r in rows if r.get(key) is not None]
        match f.options.get("agg"):
            case "count":
                return len(values) if key else len(rows)
            case "sum":
                return sum(values)
            case "min":
                return min(values, default=None)
            case "max":
                return max(values, default=None)
            case _:
                return self.top.own.get(f.key)

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
            found |= {i.id for i in part.items if gone or not self._holds(i.shown_when, True)}
        return frozenset(found)

    def needed(self) -> frozenset[str]:
        """The ids of items that this form asks for now, as far as they show."""
        hidden = self.hidden()
        return frozenset(
            i.id
            for i in self.layout.items
            if i.id not in hidden and (i.needed or self._holds(i.needed_when, False))
        )

    def _holds(self, condition: Formula | None, otherwise: bool) -> bool:
        if condition is None:
            return otherwise
        return condition.value(self.top.beside.get, context=self.rights.context) is True

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
        for _ in range(ROUNDS):
            fresh: dict[str, tuple[FieldSpec, Any]] = {}
            for scope in self.scopes():
                for f, linkage in scope.fills:
                    name = scope.name(f.key)
                    if name in found or name in fresh:
                        continue
                    if changed is not None and not scope.listens(linkage) & set(changed):
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
        if scope.given.get(f.key) in (None, "", [], ()) or linkage.overwrite:
            return True
        if scope.name(f.key) in touched:
            return False
        if scope.is_new:
            return True
        own = dict(scope.own)
        for key in scope.spec.fields:
            if scope.name(key) in was:
                own[key] = stored(scope.spec.fields[key], was[scope.name(key)])
        before = Scope(
            scope.spec,
            scope.prefix,
            scope.given,
            own,
            False,
            _Sighted(self, scope.spec, own, ()),
            [],
            scope.parent,
        )
        return bool(self.linker.fill(linkage, f, before.get) == scope.own.get(f.key))

    def offered(self) -> dict[str, list[str]]:
        """The options that choices have now, by input name, where a linkage limits them."""
        items = {i.key: i for i in self.layout.items if i.kind == "field"}
        found: dict[str, list[str]] = {}
        for scope in self.scopes():
            for f in scope.spec.live_fields:
                if not FIELD_TYPES[f.type].has_choices:
                    continue
                item = items.get(f.key) if scope is self.top else None
                rule = self.candidates_of(f, item)
                if rule is not None:
                    found[scope.name(f.key)] = self.linker.options(rule, f, scope.get)
        return found

    def candidates_of(self, f: FieldSpec, item: Item | None = None) -> Linkage | None:
        """What limits a field: the layout's own rule, or that of the field."""
        if item is None and f.object == self.spec.key:
            item = next((i for i in self.layout.items if i.key == f.key), None)
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


class _Sighted(Beside):
    """Walks links only as far as the actor may see and read."""

    def __init__(
        self, entry: Entry, spec: ObjectSpec, own: Mapping[str, Any], wanted: Iterable[Path]
    ) -> None:
        self.entry = entry
        super().__init__(
            entry.snapshot,
            spec.key,
            own,
            entry_rows(entry),
            [p for p in wanted if len(p) == 1 or self._seen(spec.key, p)],
            lambda key: lambda path: entry.rights.across(key, path),
            entry._links.setdefault(spec.key, {}),
        )

    def _seen(self, object_key: str, path: Path) -> bool:
        return self.entry.rights.readable(object_key, path)

    def get(self, path: Path) -> Any:
        if len(path) > 1 and not self._seen(self.object_key, path):
            return None
        return super().get(path)


def entry_rows(entry: Entry) -> Callable[[str], Any]:
    """The records of an object within sight; colleagues and teams are known to all."""

    def rows(key: str) -> Any:
        if key in entry.snapshot.objects:
            return records.visible(entry.actor, key)
        return entry.snapshot.apps.get_model("company", key).objects.all()

    return rows


def stored(f: FieldSpec, raw: Any) -> Any:
    """The stored value of what can be read already; None for what cannot, and for bare names."""
    try:
        value = FIELD_TYPES[f.type].parse(f, raw)
    except FieldError:
        return None
    if not FIELD_TYPES[f.type].refers_to(f):
        return value
    if FIELD_TYPES[f.type].many:
        return tuple(v for v in value or () if isinstance(v, int)) or None
    return value if isinstance(value, int) else None


def _virtual(spec: ObjectSpec) -> list[FieldSpec]:
    return [f for f in spec.live_fields if f.type == "formula"]


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
    return [c for c in found if c is not None]
