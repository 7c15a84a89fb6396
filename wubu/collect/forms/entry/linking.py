"""Data linkage at work: what a form is filled in with from another object, and what it offers.

Everything is asked within what the actor may see and read: a rule that speaks of more gives
nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wubu.collect.forms.layouts.checking import read_linkage
from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.formula.typed import Path
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.linked import Linkage
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries as records
from wubu.kernel.records.checks.candidates import as_keys
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor, Refused

Get = Callable[[Path], Any]
MOST_OPTIONS = 1_000
FILLS, CANDIDATES = "default_from", "candidates"  # options of a field


@dataclass
class Linker:
    """Answers linkages for one actor; the same question is asked of the database once."""

    actor: Actor
    snapshot: Snapshot
    _taken: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    _rules: dict[tuple[str, str, str], list[Linkage]] = field(default_factory=dict)
    _same: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def rules(self, f: FieldSpec, name: str) -> list[Linkage]:
        """The linkages that a field carries itself, for every form; broken ones are left out."""
        key = (f.object, f.key, name)
        if key not in self._rules:
            raw = f.options.get(name)
            rules = [raw] if raw else self._implied(f, name)
            self._rules[key] = found = []
            for rule in rules:
                with contextlib.suppress(Refused):
                    made = read_linkage(rule, self.snapshot, f, candidates=name == CANDIDATES)
                    found.append(made)
        return self._rules[key]

    def _implied(self, f: FieldSpec, name: str) -> list[Any]:
        """What the option ``same`` of links says for forms."""
        if name == CANDIDATES:
            return _offered(f)
        if f.object not in self._same:
            self._same[f.object] = _brought(f.object, self.snapshot)
        return self._same[f.object].get(f.key, [])

    def fill(self, linkage: Linkage, f: FieldSpec, get: Get) -> Any:
        """The stored value that ``f`` is filled in with; None where there is nothing to take."""
        values = _values(linkage, get)
        if linkage.needs and all(v is None for v in values):
            return None
        key = (id(linkage), f.object, f.key, values)
        if key not in self._taken:
            found = self._read(linkage, get, 1)
            self._taken[key] = fitted(linkage, f, found[0]) if found else None
        return self._taken[key]

    def options(self, linkage: Linkage, f: FieldSpec, get: Get) -> list[str]:
        """The keys of the choices that may be taken now, in the field's order."""
        key = (id(linkage), "options", f.object, f.key, _values(linkage, get))
        if key not in self._taken:
            found = self._read(linkage, get, MOST_OPTIONS, distinct=True)
            allowed = {k for value in found for k in as_keys(f, value)}
            self._taken[key] = [c.key for c in f.choices if c.key in allowed and not c.retired]
        kept: list[str] = self._taken[key]
        return kept

    def candidates(self, linkage: Linkage, get: Get, words: str, limit: int) -> list[Record]:
        """The records that a link may point at now, by name; within sight only."""
        rights = policy(self.actor)
        if not linkage.may(lambda path: rights.readable(linkage.source, path)):
            return []
        source = self.snapshot.object(linkage.source)
        rows = linkage.filter(
            records.visible(self.actor, source.key),
            get,
            context=rights.context,
            across=lambda path: rights.across(source.key, path),
        )
        title = source.roles.get("title", "")
        if words:
            query = Query(search=words, columns=(title,) if title else (), limit=limit * 8)
            page = records.page(self.actor, source.key, query)
            ids = [r.id for r in page.records]
            fits = set(rows.filter(pk__in=ids).values_list("id", flat=True))
            return [r for r in page.records if r.id in fits][:limit]
        return records.present(self.actor, source.key, rows.order_by("-id")[:limit], [title])

    def allows(self, linkage: Linkage, get: Get, id_: int) -> bool:
        """Whether a link may point at this record now."""
        rights = policy(self.actor)
        rows = records.visible(self.actor, linkage.source)
        return bool(linkage.filter(rows, get, context=rights.context).filter(pk=id_).exists())

    def _read(self, linkage: Linkage, get: Get, limit: int, *, distinct: bool = False) -> list[Any]:
        rights = policy(self.actor)
        if not linkage.may(lambda path: rights.readable(linkage.source, path)):
            return []
        rows = linkage.filter(
            records.visible(self.actor, linkage.source),
            get,
            context=rights.context,
            across=lambda path: rights.across(linkage.source, path),
        )
        return linkage.taken_from(rows, limit, context=rights.context, distinct=distinct)


def _values(linkage: Linkage, get: Get) -> tuple[Any, ...]:
    return tuple(get(path) for path in sorted(linkage.needs))


def _offered(f: FieldSpec) -> list[Any]:
    """A link with the option ``same`` (its customer is that of the record) offers such records."""
    pairs = (f.options.get("same") or {}).items() if f.kind.links_one else ()
    parts = [f"({{{theirs}}} = {{form.{own}}} OR ISBLANK({{form.{own}}}))" for own, theirs in pairs]
    return [{"when": " AND ".join(parts)}] if parts else []


def _brought(object_key: str, snapshot: Snapshot) -> dict[str, list[Any]]:
    """And it brings the customer where it is chosen first: rules by field."""
    found: dict[str, list[Any]] = {}
    for link in snapshot.object(object_key).live_fields:
        for own, theirs in (link.options.get("same") or {}).items() if link.kind.links_one else ():
            when = f"{{id}} = {{form.{link.key}}}"
            found.setdefault(own, []).append(
                {"source": link.target, "when": when, "take": str(theirs)}
            )
    return found


def fitted(linkage: Linkage, f: FieldSpec, value: Any) -> Any:
    """A stored value of the source as the stored value of the field; None where it cannot be."""
    if value is None or linkage.taken is None:
        return None
    type_ = linkage.taken.type
    raws: list[Any] = [value]
    if type_.numeric:
        raws = [Decimal(value).scaleb(-type_.scale)]
    elif type_.chosen:
        labels = {c.key: c.label.say() for c in linkage.taken.options.get(type_.target, ())}
        keys = value if isinstance(value, list | tuple) else (value,)
        if FIELD_TYPES[f.type].has_choices:
            raws = [list(keys) if f.kind.chooses_many else value]
            raws.append([labels.get(k, k) for k in keys] if f.kind.chooses_many else None)
            raws.append(labels.get(value, value) if isinstance(value, str) else None)
        else:
            raws = ["、".join(str(labels.get(k, k)) for k in keys)]
    elif type_.refers:
        many = tuple(value) if isinstance(value, list | tuple) else (value,)
        if f.kind.links_many:
            return many
        return many[0] if len(many) == 1 and f.kind.refers_to_one else None
    for raw in raws:
        if raw is None:
            continue
        try:
            found = FIELD_TYPES[f.type].parse(f, raw)
        except FieldError:
            continue
        is_name = isinstance(found, str) and f.kind.refers_to_one
        return None if is_name else found
    return None
