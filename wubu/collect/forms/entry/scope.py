"""What stands in a form, or in one of its lines, as far as one actor may see and read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.formula.typed import Path
from wubu.kernel.permissions.queries import Policy, policy
from wubu.kernel.query.beside import Beside
from wubu.kernel.query.linked import FORM, PARENT, Linkage, depends_on
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor

Raw = Mapping[str, Any]
Rule = tuple[FieldSpec, Linkage]
CLEAR = ("read", "write")


class FieldAccess:
    """What one actor may see; what was read through links is shared by a form and its lines."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.rights: Policy = policy(actor)
        self.snapshot: Snapshot = snapshot()
        self._links: dict[str, dict[tuple[str, Any], dict[Path, Any]]] = {}

    def clear(self, spec: ObjectSpec, key: str) -> bool:
        """Whether they may read this field as it is."""
        return self.rights.level(spec.key, key) in CLEAR

    def own(self, spec: ObjectSpec, raw: Raw, base: Raw) -> dict[str, Any]:
        """Stored values of what was typed, over those of the record."""
        own = {k: v for k, v in base.items() if self.clear(spec, k)}
        for f in spec.live_fields:
            if f.key in raw and not FIELD_TYPES[f.type].computed and self.clear(spec, f.key):
                own[f.key] = stored(f, raw[f.key])
        return own

    def rows(self, key: str) -> Any:
        """The records of an object within sight; colleagues and teams are known to all."""
        if key in self.snapshot.objects:
            return records.visible(self.actor, key)
        return self.snapshot.apps.get_model("company", key).objects.all()

    def links(self, key: str) -> dict[tuple[str, Any], dict[Path, Any]]:
        return self._links.setdefault(key, {})


class PermittedLinks(Beside):
    """Walks links only as far as the actor may see and read.

    The link of a line to the record that it is a part of leads into the form above it, which may
    not have been saved yet.
    """

    def __init__(
        self,
        field_access: FieldAccess,
        spec: ObjectSpec,
        own: Mapping[str, Any],
        wanted: Iterable[Path],
        above: PermittedLinks | None = None,
    ) -> None:
        self.field_access = field_access
        self.upward = spec.part_of if above is not None else ""
        self.above = above
        super().__init__(
            field_access.snapshot,
            spec.key,
            own,
            field_access.rows,
            [p for p in wanted if len(p) == 1 or self._seen(spec.key, p)],
            lambda key: lambda path: field_access.rights.across(key, path),
            field_access.links(spec.key),
        )

    def _seen(self, object_key: str, path: Path) -> bool:
        return self.field_access.rights.readable(object_key, path)

    def get(self, path: Path) -> Any:
        if len(path) > 1 and not self._seen(self.object_key, path):
            return None
        if len(path) > 1 and self.above is not None and path[0] == self.upward:
            return self.above.get(path[1:])
        return super().get(path)


@dataclass
class Scope:
    """The record, or one line of a part: what stands in it in stored form."""

    spec: ObjectSpec
    prefix: str
    raw: Raw
    own: dict[str, Any]
    is_new: bool
    beside: PermittedLinks
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

    def as_it_was(self, was: Raw) -> Callable[[Path], Any]:
        """``get`` before some of its inputs changed."""
        own = dict(self.own)
        for key, f in self.spec.fields.items():
            if self.name(key) in was:
                own[key] = stored(f, was[self.name(key)])
        above = self.parent.beside if self.parent is not None else None
        beside = PermittedLinks(self.beside.field_access, self.spec, own, (), above)
        old = Scope(self.spec, self.prefix, self.raw, own, False, beside, [], self.parent)
        return old.get

    def listens(self, linkage: Linkage) -> set[str]:
        """The names of the inputs that a linkage depends on."""
        found = {self.name(key) for scope, key in depends_on(linkage) if scope == FORM}
        if self.parent is not None:
            found |= {self.parent.name(k) for s, k in depends_on(linkage) if s == PARENT}
        return found


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
