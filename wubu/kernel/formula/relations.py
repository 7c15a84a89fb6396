"""Ways to many records: those that point here by a link, and those that a link to many holds.

``{合同.金额}`` on a customer means the amounts of the contracts whose link points at it; where
several links do, ``{合同@客户.金额}`` says which. Only aggregates may read such a way.
"""

from __future__ import annotations

from dataclasses import dataclass

from wubu.kernel.catalog.types import ObjectSpec, Snapshot
from wubu.kernel.formula import paths
from wubu.kernel.formula.typed import Path
from wubu.kernel.types import Text

MANY = "@"


@dataclass(frozen=True, slots=True)
class Relation:
    """``anchor`` leads over links to the record that many belong to; ``object_key`` is theirs.

    ``via`` is their link that points there; it is empty where ``step`` is a link to many that
    holds them. ``way`` are the labels of ``base``.
    """

    anchor: Path
    step: str
    object_key: str
    via: str
    way: tuple[Text, ...]

    @property
    def label(self) -> Text:
        return self.way[-1]

    @property
    def base(self) -> Path:
        """The way up to the many records."""
        return (*self.anchor, self.step)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several links lead to records of that name; ``near`` are the ways to write one."""

    name: str
    near: tuple[Text, ...]


def find(
    snapshot: Snapshot, object_key: str, reference: str
) -> tuple[Relation, str] | Ambiguous | None:
    """The relation that a reference walks into, and the rest of it; None where it walks into none.

    An object's own field wins over records of the same name that point at it.
    """
    parts = [p.strip() for p in reference.split(".")]
    where = object_key
    anchor: Path = ()
    way: tuple[Text, ...] = ()
    for position, part in enumerate(parts):
        step = _own(snapshot, where, part)
        rest = ".".join(parts[position + 1 :])
        if step is not None and step.type.kind == "links":
            held = (*way, step.label)
            return Relation(anchor, step.key, step.type.target, "", held), rest
        if step is not None:
            if step.type.kind not in {"link", "member", "team"} or step.key == "id":
                return None
            where, anchor, way = step.type.target, (*anchor, step.key), (*way, step.label)
            continue
        known = pointing(snapshot, where, anchor, way)
        found = [r for r in known if _is_called(snapshot, r, part)]
        if len(found) > 1:
            return Ambiguous(part, tuple(_full(snapshot, r) for r in found))
        return (found[0], rest) if found else None
    return None


def _own(snapshot: Snapshot, object_key: str, name: str) -> paths.Step | None:
    if object_key not in snapshot.objects and object_key not in paths.STUBS:
        return None
    found = paths.resolve(snapshot, object_key, name)
    return found.steps[-1] if isinstance(found, paths.Found) and len(found.steps) == 1 else None


def pointing(
    snapshot: Snapshot, object_key: str, anchor: Path = (), way: tuple[Text, ...] = ()
) -> list[Relation]:
    """The records of other objects that point at one of this object."""
    made = []
    for spec in snapshot.live:
        links = [f for f in spec.live_fields if f.type == "link" and f.target == object_key]
        for f in links:
            alone = len(links) == 1 and _own(snapshot, object_key, spec.label.zh) is None
            alone = alone and _own(snapshot, object_key, spec.label.en) is None
            label = spec.label if alone else _at(spec, f.label)
            step = f"{spec.key}{MANY}{f.key}"
            made.append(Relation(anchor, step, spec.key, f.key, (*way, label)))
    return made


def _at(spec: ObjectSpec, link: Text) -> Text:
    return Text(f"{spec.label.zh}{MANY}{link.zh}", f"{spec.label.en}{MANY}{link.en}")


def _full(snapshot: Snapshot, relation: Relation) -> Text:
    spec = snapshot.object(relation.object_key)
    return _at(spec, spec.fields[relation.via].label)


def _is_called(snapshot: Snapshot, relation: Relation, name: str) -> bool:
    spec = snapshot.object(relation.object_key)
    called, _, by = name.partition(MANY)
    said = (spec.label.zh, spec.label.en, spec.plural.zh, spec.plural.en)
    names = {spec.key, *map(_fold, said)}
    if _fold(called) not in names:
        return False
    link = spec.fields[relation.via]
    return not by or _fold(by) in {link.key, _fold(link.label.zh), _fold(link.label.en)}


def _fold(name: str) -> str:
    return " ".join(name.split()).casefold()
