"""The order of a list: by fields, across links, missing values last, ids break ties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q, When
from django.db.models.expressions import OrderBy

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.lookup import path_of as looked_up
from wubu.kernel.formula.context import NOWHERE
from wubu.kernel.formula.queries import Asked, Found, Readable, parse, resolve, type_of
from wubu.kernel.query.types import Across
from wubu.kernel.query.walking import Options, Titles, Walk
from wubu.kernel.types import Problem, Refused, Text

NEVER = Q(pk__in=())
ALIAS = "_sort_{}"


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order.

    ``expression`` gives the value that is compared; ``walk`` finds it step by step where no index
    of the records holds it. ``steady``: the name alone says what is compared, neither the day nor
    the reader do.
    """

    name: str
    descending: bool
    expression: Any
    walk: Walk | None = None
    steady: bool = False

    def order(self, alias: str, back: bool, *, nulls: bool) -> OrderBy:
        """As an ORDER BY term; ``nulls`` puts missing values last (first when backwards)."""
        placed: dict[str, Any] = {}
        if nulls:
            placed = {"nulls_first": True} if back else {"nulls_last": True}
        return OrderBy(F(alias), descending=self.descending != back, **placed)

    def beyond(self, alias: str, value: Any, back: bool, *, nulls: bool) -> Q:
        """Strictly after ``value`` (before it when ``back``); missing values come last."""
        if value is None:
            return Q(**{f"{alias}__isnull": False}) if back else NEVER
        further = "lt" if self.descending != back else "gt"
        after = Q(**{f"{alias}__{further}": value})
        return after if back or not nulls else after | Q(**{f"{alias}__isnull": True})

    def same(self, alias: str, value: Any) -> Q:
        return Q(**{f"{alias}__isnull": True}) if value is None else Q(**{alias: value})


def sorts_of(
    names: tuple[str, ...],
    snapshot: Snapshot,
    object_key: str,
    readable: Readable,
    context: Asked = None,
    across: Across | None = None,
) -> tuple[tuple[Sort, ...], bool]:
    """The keys of the order up to an ``id``, and whether ids descend. Raises Refused.

    What lies behind a link that ``across`` does not let pass counts as missing.
    """
    found: list[Sort] = []
    problems: list[Problem] = []
    for name in names:
        descending = name.startswith("-")
        reference = name.removeprefix("-").strip()
        if reference == "id":
            return _or_refuse(found, problems), descending
        try:
            made, steady = _expression(reference, snapshot, object_key, readable, context, across)
            walk = None if found else _walk(reference, snapshot, object_key, readable, across)
            found.append(Sort(name, descending, made, walk, steady))
        except Refused as refused:
            problems += refused.problems
    descending = found[0].descending if found else True
    return _or_refuse(found, problems), descending


def _or_refuse(found: list[Sort], problems: list[Problem]) -> tuple[Sort, ...]:
    if problems:
        raise Refused(*problems)
    return tuple(found)


def _expression(
    reference: str,
    snapshot: Snapshot,
    object_key: str,
    readable: Readable,
    context: Asked,
    across: Across | None,
) -> tuple[Any, bool]:
    """What a reference sorts by: a link by the title behind it, an option by its place."""
    path, value = _sorted_by(reference, snapshot, object_key, readable, context)
    seen = guarded(value, [path], across)
    steady = isinstance(value, F) or value.context is NOWHERE
    return seen, steady and seen is value


def _walk(
    reference: str,
    snapshot: Snapshot,
    object_key: str,
    readable: Readable,
    across: Across | None,
) -> Walk | None:
    """How an order by a choice, a link, a member or a team of the records themselves is walked."""
    name = reference.removeprefix("{").removesuffix("}")
    found = resolve(snapshot, object_key, name, readable)
    if not isinstance(found, Found) or found.field is None or len(found.path) > 2:
        return None
    first = snapshot.object(object_key).fields.get(found.path[0])
    if first is None or first.retired:
        return None
    formula = parse(f"{{{name}}}", snapshot=snapshot, object_key=object_key, readable=readable)
    titled = found.path[-1]
    if len(found.path) == 1 and first.kind.chooses_one:
        if within([found.path], across):
            return None
        return Options(first.key, formula.option_keys, formula.ranking)
    if not first.kind.refers_to_one:
        return None
    if len(found.path) == 2 and (not found.type.comparable or formula.node.op != "path"):
        return None
    if len(found.path) == 1 and first.kind.links_one:
        title = snapshot.object(first.target).role("title")
        if title is None or not readable((first.key, title.key)):
            return None
        if type_of(title).several or title.kind.virtual:
            return None
        titled = title.key
    elif len(found.path) == 1:
        titled = "name"
    return Titles(first.key, snapshot.model(object_key), titled, few=first.kind.links_one)


def guarded(value: Any, paths: Iterable[tuple[str, ...]], across: Across | None) -> Any:
    """A value that is missing where a link on the way leads out of sight."""
    passes = within(paths, across)
    return Case(When(passes, then=value)) if passes else value


def within(paths: Iterable[tuple[str, ...]], across: Across | None) -> Q:
    """The rows of which all that the paths lead over may be seen."""
    found = Q()
    for path in sorted(paths):
        if across is not None:  # a field without a column may look over links by itself
            found &= across(path)
    return found


def _sorted_by(
    reference: str,
    snapshot: Snapshot,
    object_key: str,
    readable: Readable,
    context: Asked,
) -> tuple[tuple[str, ...], Any]:
    """The path of what is compared, and its value."""
    reference = reference.removeprefix("{").removesuffix("}")
    formula = parse(f"{{{reference}}}", snapshot=snapshot, object_key=object_key, readable=readable)
    found = resolve(snapshot, object_key, reference, readable)
    if not isinstance(found, Found):
        raise AssertionError("a reference that parses resolves")
    while found.field is not None and found.field.kind.looks_up and found.type.target:
        # By what it looks up: the title of a link, the name of a member.
        way = ".".join((*found.path[:-1], *looked_up(found.field)))
        seen = resolve(snapshot, object_key, way, readable)
        if not isinstance(seen, Found):
            break
        found = seen
    if found.type.one_choice:
        return found.path, formula.ranking()
    if found.type.names_staff and found.path[-1] != "id":
        return found.path, F("__".join((*found.path, "name")))
    if found.type.links_one and found.path[-1] != "id":
        title = snapshot.object(found.type.target).role("title")
        if title is not None and readable((*found.path, title.key)):
            if type_of(title).several or title.kind.virtual:
                return found.path, F("__".join(found.path))
            return (*found.path, title.key), F("__".join((*found.path, title.key)))
        return found.path, F("__".join(found.path))
    if found.type.several or (found.field and not FIELD_TYPES[found.field.type].sortable):
        raise Refused(
            Problem(
                "not_sortable",
                Text("不能按“{f}”排序。", "“{f}” cannot be sorted by.").format(
                    f=found.steps[-1].label
                ),
                field=reference,
            )
        )
    if formula.node.op == "path":
        return found.path, F("__".join(found.path))
    return found.path, formula.expression(context=context)
