"""Data linkage: a condition on one object's records that also speaks of a form being filled in.

``{form.product}`` is a field of the form (or of the line that is typed), ``{parent.customer}`` one
of the record whose line it is; in Chinese ``{表单.产品}`` and ``{主表.客户}``. Everything else
names fields of the source object. The form's values are put in before it becomes SQL.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from django.db.models import F, QuerySet

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import Asked, Readable, parse
from wubu.kernel.formula.typed import Node, Path, literal, make, stored_paths
from wubu.kernel.formula.types import Formula
from wubu.kernel.query.sorting import within
from wubu.kernel.query.types import Across
from wubu.kernel.types import Problem, Refused, Text

FORM, PARENT = "form", "parent"
LABELS = {FORM: Text("表单", "Form"), PARENT: Text("主表", "Parent")}
BOOL = ValueType("bool")
MANY = frozenset({"links", "choices", "files"})
SHAPE: Mapping[str, tuple[type, ...]] = {
    "source": (str,),
    "when": (str,),
    "take": (str,),
    "sort": (str,),
    "overwrite": (bool,),
    "strict": (bool,),
}
CACHE_SIZE = 64
_wider: OrderedDict[tuple[int, str, str, str], tuple[Snapshot, Snapshot]] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Linkage:
    """One rule. ``needs`` are the form's fields that it depends on, ``reads`` the source's.

    ``overwrite``: it also replaces what was typed. ``strict``: what is not among the candidates is
    refused.
    """

    source: str
    condition: Formula | None
    taken: Formula | None
    sort: str
    overwrite: bool
    strict: bool
    needs: frozenset[Path]
    reads: frozenset[Path]

    def may(self, readable: Readable) -> bool:
        """Whether somebody may read everything of the source that the rule speaks of."""
        return all(readable(path) for path in self.reads)

    def bound(self, get: Callable[[Path], Any]) -> Formula | None:
        """The condition on the source's records, with the form's values put in."""
        if self.condition is None or not self.needs:
            return self.condition
        node = _bind(self.condition.node, get)
        return replace(
            self.condition,
            node=node,
            paths=stored_paths(node),
            written=frozenset(p for p in self.condition.written if p[0] not in LABELS),
            _cache={},
        )

    def filter(
        self,
        rows: QuerySet[Any],
        get: Callable[[Path], Any],
        *,
        context: Asked = None,
        across: Across | None = None,
    ) -> QuerySet[Any]:
        """The rows of the source that fit what stands in the form."""
        formula = self.bound(get)
        if formula is not None:
            rows = rows.filter(formula.expression(context=context))
        beyond = within(self.reads, across)
        return rows.filter(beyond) if beyond else rows

    def taken_from(
        self, rows: QuerySet[Any], limit: int, *, context: Asked = None, distinct: bool = False
    ) -> list[Any]:
        """The stored values that are taken from rows, at most ``limit``, in the rule's order."""
        if self.taken is None:
            raise AssertionError("a linkage that takes nothing")
        valued = rows.annotate(_taken=self.taken.expression(context=context))
        if distinct:
            valued = valued.order_by("_taken").values_list("_taken", flat=True).distinct()
            return list(valued[:limit])
        key = self.sort.removeprefix("-")
        order = F(key).desc(nulls_last=True) if self.sort[:1] == "-" else F(key).asc()
        return list(valued.order_by(order, "-id").values_list("_taken", flat=True)[:limit])


def read(
    definition: Any,
    *,
    snapshot: Snapshot,
    form: str,
    parent: str = "",
    field: FieldSpec | None = None,
    candidates: bool = False,
) -> Linkage:
    """A rule as options and layouts write it: ``{source, when, take, sort, overwrite, strict}``.

    ``form`` and ``parent`` are object keys; ``candidates`` says that it limits what ``field`` may
    hold instead of filling it in. Raises Refused with every problem; ``field`` of a problem is the
    part of the rule it is about.
    """
    found = _shape(definition)
    if found:
        raise Refused(*found)
    source = str(definition.get("source") or (field.target if field and candidates else ""))
    spec = snapshot.objects.get(source)
    if spec is None or spec.retired:
        raise Refused(_no_source(source))
    problems: list[Problem] = []
    condition = taken = None
    when, take = str(definition.get("when", "")), str(definition.get("take", ""))
    if when.strip():
        condition = _try(problems, "when", when, wider(snapshot, source, form, parent), source)
    needs_take = not candidates or field is None or not field.kind.has_target
    if take:
        text = take if "{" in take else f"{{{take}}}"
        taken = _try(problems, "take", text, snapshot, source, None)
    elif needs_take:
        problems.append(_needed("take", Text("请选择取哪个字段。", "Choose the field to take.")))
    elif source != (field.target if field else source):
        problems.append(_other_target(spec))
    if condition is None and not when.strip() and not candidates:
        words = Text("请填写条件。", "Say under which condition.")
        problems.append(_needed("when", words))
    needs = frozenset(p for p in condition.paths if p[0] in LABELS) if condition else frozenset()
    problems += _many(condition, needs)
    sort = str(definition.get("sort") or "-id")
    if sort.removeprefix("-") not in {*_stored(spec), "id"}:
        problems.append(_needed("sort", Text("不能按此字段排序。", "It cannot be sorted by this.")))
    if problems:
        raise Refused(*problems)
    written = {p for f in (condition, taken) if f is not None for p in f.written}
    return Linkage(
        source,
        condition,
        taken,
        sort,
        bool(definition.get("overwrite")),
        bool(definition.get("strict")),
        needs,
        frozenset(p for p in written if p[0] not in LABELS),
    )


def wider(snapshot: Snapshot, source: str, form: str, parent: str = "") -> Snapshot:
    """The catalog in which records of ``source`` also have a form beside them, as if linked."""
    key = (id(snapshot), source, form, parent)
    with _lock:
        found = _wider.get(key)
        if found is not None and found[0] is snapshot:
            _wider.move_to_end(key)
            return found[1]
    spec = snapshot.object(source)
    beside = {
        name: FieldSpec(source, name, "link", LABELS[name], target=target)
        for name, target in ((FORM, form), (PARENT, parent))
        if target
    }
    changed = replace(spec, fields={**spec.fields, **beside})
    made = replace(
        snapshot,
        token=f"{snapshot.token}+{source}+{form}+{parent}",
        objects={**snapshot.objects, source: changed},
    )
    with _lock:
        _wider[key] = (snapshot, made)
        while len(_wider) > CACHE_SIZE:
            _wider.popitem(last=False)
    return made


def canonical(definition: Mapping[str, Any], linkage: Linkage) -> dict[str, Any]:
    """The rule as it is stored: keys instead of labels, so that it survives every renaming."""
    found = {k: v for k, v in definition.items() if k in SHAPE and v not in ("", False, None)}
    found["source"] = linkage.source
    if linkage.condition is not None:
        found["when"] = linkage.condition.canonical()
    return found


def _bind(node: Node, get: Callable[[Path], Any]) -> Node:
    if node.op == "path":
        if node.data[0] in LABELS:
            return literal(get(node.data), node.type, node.at)
        return node
    args = tuple(_bind(a, get) for a in node.args)
    if all(a is b for a, b in zip(args, node.args, strict=True)):
        return node
    return make(node.op, node.type, args, node.data, at=node.at, note=node.note)


def _shape(definition: Any) -> list[Problem]:
    if not isinstance(definition, Mapping):
        return [_needed("", Text("数据联动的写法不对。", "This is not a data linkage."))]
    return [
        _needed(str(key), Text("“{k}”写得不对。", "“{k}” is not right.").format(k=key))
        for key, value in definition.items()
        if key not in SHAPE or not isinstance(value, (*SHAPE[key], type(None)))
    ]


def _try(
    problems: list[Problem],
    part: str,
    text: str,
    snapshot: Snapshot,
    source: str,
    expect: ValueType | None = BOOL,
) -> Formula | None:
    try:
        return parse(text, snapshot=snapshot, object_key=source, expect=expect)
    except Refused as refused:
        problems += [replace(p, object=source, field=part) for p in refused.problems]
        return None


def _many(condition: Formula | None, needs: frozenset[Path]) -> list[Problem]:
    if condition is None:
        return []
    kinds = {n.data: n.type.kind for n in _paths(condition.node)}
    linked = [p for p in needs if kinds.get(p, "links") in MANY]
    words = Text(
        "条件里不能用表单的多值字段“{f}”。",
        "The form's field “{f}” holds several values and cannot be used in a condition.",
    )
    return [_needed("when", words.format(f=".".join(path[1:]))) for path in sorted(linked)]


def _paths(node: Node) -> list[Node]:
    found = [node] if node.op == "path" else []
    return found + [n for a in node.args for n in _paths(a)]


def _stored(spec: ObjectSpec) -> list[str]:
    return [f.key for f in spec.live_fields if not _is_apart(f)]


def _needed(part: str, words: Text) -> Problem:
    return Problem("bad_linkage", words, field=part or None)


def _no_source(key: str) -> Problem:
    return Problem(
        "no_such_object",
        Text("没有来源对象“{k}”。", "There is no source object “{k}”.").format(k=key or "—"),
        Text("请选择数据来自哪个对象。", "Choose the object that the data comes from."),
        field="source",
        value=key,
    )


def _other_target(spec: ObjectSpec) -> Problem:
    words = Text(
        "候选记录必须来自该字段关联的对象，而不是“{o}”。",
        "Candidates must come from the object that the field links to, not from “{o}”.",
    )
    return Problem("bad_linkage", words.format(o=spec.label), field="source", value=spec.key)


def depends_on(linkage: Linkage) -> frozenset[tuple[str, str]]:
    """Which fields of the form (``form``) or its parent (``parent``) it listens to, by key."""
    return frozenset((p[0], p[1]) for p in linkage.needs)


__all__ = [
    "FORM",
    "PARENT",
    "Linkage",
    "canonical",
    "depends_on",
    "read",
    "wider",
]


def _is_apart(f: FieldSpec) -> bool:
    """Whether its value does not stand in the record's own row as a form knows it."""
    return f.kind.calculated or f.kind.links_many or f.kind.files
