"""The one language's door: text in, a Formula out."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

from wubu.kernel.catalog.types import Choice, FieldSpec, Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import builder
from wubu.kernel.formula.check import Checker, formula_of
from wubu.kernel.formula.context import Asked, Context, asking, current, now_for
from wubu.kernel.formula.functions import FUNCTIONS
from wubu.kernel.formula.functions.base import Function
from wubu.kernel.formula.outputs import Whole
from wubu.kernel.formula.paths import (
    Found,
    Readable,
    leads_on,
    parts_of,
    resolve,
    steps_of,
    type_of,
)
from wubu.kernel.formula.relations import MANY, pointing
from wubu.kernel.formula.typed import Node, Path, deep, stored_paths
from wubu.kernel.formula.types import Formula
from wubu.kernel.types import Refused, Text

__all__ = [
    "MANY",
    "Asked",
    "Context",
    "Found",
    "Function",
    "Name",
    "Readable",
    "Whole",
    "asking",
    "current",
    "functions",
    "many",
    "names",
    "now_for",
    "of_field",
    "of_tree",
    "parse",
    "resolve",
    "target",
    "to_tree",
    "type_of",
]

CACHE_SIZE = 4096
_Key = tuple[int, str, str, str, ValueType | None]
_cache: OrderedDict[_Key, tuple[Snapshot, Formula]] = OrderedDict()
_lock = Lock()


def parse(
    text: str,
    *,
    snapshot: Snapshot,
    object_key: str,
    expect: ValueType | None = None,
    readable: Readable | None = None,
) -> Formula:
    """The formula of a text on an object; with ``expect``, brought to exactly that type.

    With ``readable``, a field that may not be read is refused exactly like one that is not there.
    Raises Refused with every problem at once, each with the characters (``start``, ``end``) that it
    is about.
    """
    if readable is not None:
        return _parse_readable(text, snapshot, object_key, expect, readable)
    key = (id(snapshot), snapshot.token, object_key, text, expect)
    with _lock:
        found = _cache.get(key)
        if found is not None and found[0] is snapshot:
            _cache.move_to_end(key)
            return found[1]
    made = _parse(text, snapshot, object_key, expect)
    with _lock:
        _cache[key] = (snapshot, made)
        while len(_cache) > CACHE_SIZE:
            _cache.popitem(last=False)
    return made


def of_tree(
    tree: Any,
    *,
    snapshot: Snapshot,
    object_key: str,
    expect: ValueType | None = None,
    readable: Readable | None = None,
) -> Formula:
    """The formula of a visual builder's tree; ``to_tree`` gives one. Raises Refused."""
    text = builder.text_of(tree)
    return parse(text, snapshot=snapshot, object_key=object_key, expect=expect, readable=readable)


def to_tree(formula: Formula) -> dict[str, Any]:
    """The formula as the JSON tree that the visual builder edits."""
    return builder.to_json(formula)


@dataclass(frozen=True, slots=True)
class Name:
    """What can stand between curly brackets; ``links_to`` names an object to walk on into."""

    path: str
    label: Text
    type: ValueType
    links_to: str = ""
    choices: tuple[Choice, ...] = ()


def names(
    snapshot: Snapshot, object_key: str, readable: Readable | None = None, prefix: Path = ()
) -> tuple[Name, ...]:
    """What can be named on an object, for editors and builders.

    To walk on, ask for the object in ``links_to`` with the path so far as ``prefix``.
    """
    found: list[Name] = []
    for s in steps_of(snapshot, object_key):
        path = (*prefix, s.key)
        if s.retired or not (readable is None or readable(path)):
            continue
        of = (s.field.source or s.field) if s.field else None
        aim = s.type.target if leads_on(s) else ""
        found.append(Name(".".join(path), s.label, s.type, aim, of.choices if of else ()))
        for p in parts_of(s):
            label = Text(f"{s.label.zh} · {p.label.zh}", f"{s.label.en} · {p.label.en}")
            found.append(Name(".".join((*path, p.key)), label, p.type))
    return tuple(found)


def many(
    snapshot: Snapshot, object_key: str, readable: Readable | None = None, prefix: Path = ()
) -> tuple[Name, ...]:
    """The records of other objects that point at one of this object, for aggregates over them."""
    return tuple(
        Name(
            ".".join((*prefix, r.step)),
            r.label,
            ValueType("links", target=r.object_key),
            r.object_key,
        )
        for r in pointing(snapshot, object_key)
        if readable is None or readable((*prefix, r.step, "id"))
    )


def target(snapshot: Snapshot, object_key: str, path: Path) -> str | None:
    """The object that a path of links, to one record or to many, leads to; None if to none."""
    here = object_key
    for step in path:
        source, _, _ = step.rpartition(MANY)
        if source:
            here = source
            continue
        found = resolve(snapshot, here, step)
        if not isinstance(found, Found) or not found.type.target:
            return None
        here = found.type.target
    return here


def functions() -> tuple[Function, ...]:
    """Every function with its names, usage and help, for editors and the reference."""
    return tuple(f for f in FUNCTIONS.values() if f.group != "operator")


def _parse_readable(
    text: str,
    snapshot: Snapshot,
    object_key: str,
    expect: ValueType | None,
    readable: Readable,
) -> Formula:
    try:
        found = parse(text, snapshot=snapshot, object_key=object_key, expect=expect)
    except Refused:
        found = None  # say it again without naming what may not be read
    if found is not None and all(readable(path) for path in found.written):
        return found
    checker = Checker(snapshot, object_key, readable=readable)
    checker.result(text, expect)
    raise Refused(*checker.problems)


def of_field(spec: FieldSpec, *, snapshot: Snapshot) -> Formula:
    """The formula of a formula field, its result in the field's own type. Raises Refused."""
    text, expect = formula_of(spec)
    return parse(text, snapshot=snapshot, object_key=spec.object, expect=expect)


def _parse(text: str, snapshot: Snapshot, object_key: str, expect: ValueType | None) -> Formula:
    snapshot.object(object_key)
    checker = Checker(snapshot, object_key)
    node = checker.result(text, expect)
    if node is None:
        raise Refused(*checker.problems)
    return Formula(
        text=text,
        object_key=object_key,
        type=node.type,
        node=node,
        paths=stored_paths(node),
        written=frozenset(checker.written),
        labels=checker.labels,
        options=_options(checker, node),
    )


def _options(checker: Checker, node: Node) -> dict[str, tuple[Choice, ...]]:
    targets = {n.type.target for n in deep(node) if n.type.kind in {"choice", "choices"}}
    return {t: checker.choices(ValueType("choice", target=t)) for t in targets}
