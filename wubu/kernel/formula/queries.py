"""The one language's door: text in, a Formula out."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from wubu.kernel.catalog.types import Choice, Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.check import Checker
from wubu.kernel.formula.context import Context, asking, current
from wubu.kernel.formula.typed import Node, stored_paths, walk
from wubu.kernel.formula.types import Formula
from wubu.kernel.types import Refused

__all__ = ["Context", "asking", "current", "parse"]

KEPT = 4096
_Key = tuple[int, str, str, str, ValueType | None]
_cache: OrderedDict[_Key, tuple[Snapshot, Formula]] = OrderedDict()
_lock = Lock()


def parse(
    text: str, *, snapshot: Snapshot, object_key: str, expect: ValueType | None = None
) -> Formula:
    """The formula of a text on an object; with ``expect``, brought to exactly that type.

    Raises Refused with every problem at once, each with the characters (``start``, ``end``) it is about.
    """
    key = (id(snapshot), snapshot.token, object_key, text, expect)
    with _lock:
        found = _cache.get(key)
        if found is not None and found[0] is snapshot:
            _cache.move_to_end(key)
            return found[1]
    made = _parse(text, snapshot, object_key, expect)
    with _lock:
        _cache[key] = (snapshot, made)
        while len(_cache) > KEPT:
            _cache.popitem(last=False)
    return made


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
    targets = {n.type.target for n in walk(node) if n.type.kind in {"choice", "choices"}}
    return {t: checker.choices(ValueType("choice", target=t)) for t in targets}
