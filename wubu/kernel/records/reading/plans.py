"""How records are read for one set of rights: which columns, what of them is masked, whose names.

Worked out once for all who hold the same rights, as long as the catalog stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q, QuerySet, When

from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.lookup import gathers, path_of
from wubu.kernel.formula.queries import of_field, parse
from wubu.kernel.formula.types import Formula
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records.reading import sensitive
from wubu.kernel.records.shape import BASE_ATTNAMES, Shape
from wubu.kernel.records.shape import shape as shape_of

PREFIX, FAR = "computed_", "far_"


@dataclass(frozen=True, slots=True, eq=False)
class Far:
    """A look-up of links to many: ``of`` of the record ``there`` to which the link ``place`` leads.

    A row holds that link behind the computed columns.
    """

    key: str
    place: str
    there: Shape
    of: str


MOST_JOINED = 8


@dataclass(frozen=True, slots=True)
class Joined:
    """A link to one of which everybody with these rights may see what it is called.

    The look-up of the name, and the field that shows it (None: it is a text).
    """

    key: str
    path: str
    title: FieldSpec | None


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a reader gets of each record.

    ``keys`` names what a row holds after the base columns: stored fields, computed ones
    (``computed``, by their place among the paths), fields over links.

    ``steady``: the plan alone decides the words of its SQL; else the day, the language or what else
    the reader may see do.
    """

    of: Shape
    shown: tuple[FieldSpec, ...]
    columns: tuple[str, ...]
    computed: tuple[tuple[str, Formula], ...]
    keys: tuple[str, ...]
    many: tuple[FieldSpec, ...]
    far: tuple[Far, ...]  # look-ups of links to many
    linking: tuple[tuple[str, str], ...]  # of fields that refer to others: key, what of
    joined: tuple[Joined, ...]  # of these, whose names are read with the row, behind ``keys``
    apart: tuple[tuple[str, str], ...]  # of these, whose names are asked for by themselves
    masks: Mapping[str, FieldSpec]  # by key or path, what may be seen in outline only
    sensitive: tuple[str, ...]
    steady: bool

    def select(self, policy: Policy, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows as tuples: base columns, then ``keys``."""
        values: dict[str, Any] = {}
        for n, (path, formula) in enumerate(self.computed):
            seen = policy.across(self.of.spec.key, tuple(path.split(".")))
            value = formula.expression()
            values[f"{PREFIX}{n}"] = Case(When(seen, then=value)) if seen else value
        for one in self.far:
            # The link, where what is looked up behind it may be seen.
            via = self.of.columns[one.place]
            seen = policy.across(self.of.spec.key, (one.place, one.of))
            values[f"{FAR}{one.key}"] = Case(When(seen, then=F(via))) if seen else F(via)
        wider = rows.annotate(**values) if values else rows
        names = (j.path for j in self.joined)
        return wider.values_list(*BASE_ATTNAMES, *self.columns, *values, *names)


def plan(
    snapshot: Snapshot, policy: Policy, object_key: str, columns: Iterable[str] | None = None
) -> Plan:
    """How to read an object; ``columns`` are those asked for, across links too, else all."""
    wanted = None if columns is None else tuple(columns)

    def make() -> Plan:
        return _plan(snapshot, policy, shape_of(snapshot, object_key), wanted)

    return policy.known.keep(("plan", object_key, wanted), make)


def fields(policy: Policy, of: Shape, columns: Iterable[str] | None = None) -> list[FieldSpec]:
    """The live fields that may be shown, masked too; of these, those asked for and the title."""
    wanted = None if columns is None else set(columns)
    title = of.spec.roles.get("title")
    return [
        f
        for f in of.spec.live_fields
        if (wanted is None or f.key in wanted or f.key == title)
        and policy.level(of.spec.key, f.key) != "hidden"
    ]


def _plan(snapshot: Snapshot, policy: Policy, of: Shape, columns: tuple[str, ...] | None) -> Plan:
    key = of.spec.key
    shown = fields(policy, of, columns)
    across = [c for c in columns or () if "." in c and policy.shown(key, tuple(c.split(".")))]
    stored = [f for f in shown if f.key in of.columns]
    virtual = [f for f in shown if FIELD_TYPES[f.type].virtual and not gathers(f)]
    far = [f for f in shown if gathers(f)]
    computed = [(f.key, of_field(f, snapshot=snapshot)) for f in virtual]
    computed += [(path, parse(f"{{{path}}}", snapshot=snapshot, object_key=key)) for path in across]
    linking = [(f.key, to) for f in shown if (to := FIELD_TYPES[f.type].refers_to(f))]
    joined = [j for k, to in linking if (j := _joined(snapshot, policy, of, k, to))][:MOST_JOINED]
    beside = {j.key for j in joined}
    return Plan(
        of=of,
        shown=tuple(shown),
        columns=tuple(of.columns[f.key] for f in stored),
        computed=tuple(computed),
        keys=(*(f.key for f in stored), *(path for path, _ in computed)),
        many=tuple(f for f in shown if FIELD_TYPES[f.type].many),
        far=tuple(_far(snapshot, of, f) for f in far),
        linking=tuple(linking),
        joined=tuple(joined),
        apart=tuple(link for link in linking if link[0] not in beside),
        masks=_masks(snapshot, policy, key, [*(f.key for f in shown), *across]),
        sensitive=sensitive.sensitive(snapshot, key, shown, across),
        steady=all(
            not formula.is_ambient and policy.across(key, tuple(path.split("."))) == Q()
            for path, formula in computed
        )
        and all(policy.across(key, path_of(f)) == Q() for f in far),
    )


def _far(snapshot: Snapshot, of: Shape, f: FieldSpec) -> Far:
    via, key = path_of(f)
    return Far(f.key, via, shape_of(snapshot, of.spec.fields[via].target), key)


def _joined(snapshot: Snapshot, policy: Policy, of: Shape, key: str, target: str) -> Joined | None:
    if key not in of.columns or not of.model._meta.get_field(key).many_to_one:
        return None
    if target == "member":
        return Joined(key, f"{key}__name", None)
    if target not in snapshot.objects or policy.scope("view", target) != Q():
        return None
    title = snapshot.object(target).role("title")
    if title is None or title.key not in shape_of(snapshot, target).columns:
        return None
    if FIELD_TYPES[title.type].refers_to(title) or not policy.clear(target, title.key):
        return None
    return Joined(key, f"{key}__{title.key}", title)


def _masks(
    snapshot: Snapshot, policy: Policy, object_key: str, keys: Iterable[str]
) -> dict[str, FieldSpec]:
    """Those of the fields, by key or path, of which the reader may see an outline only."""
    found: dict[str, FieldSpec] = {}
    for key in () if policy.everything else keys:
        if policy.readable(object_key, key):
            continue
        here, *rest = key.split(".")
        f = snapshot.object(object_key).fields[here]
        for step in rest if f.target else ():
            f = snapshot.object(f.target).fields[step]
        found[key] = f
    return found
