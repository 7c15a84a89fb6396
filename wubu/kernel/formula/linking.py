"""Typing aggregates over linked records: whose fields are meant, and what may be written where."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import paths, relations
from wubu.kernel.formula.coerce import Coercion, listed
from wubu.kernel.formula.gathering import gather
from wubu.kernel.formula.relations import Ambiguous, Relation
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import BOOL, NUMBER, Linked, Node, Over, Path, make, overs
from wubu.kernel.types import Text

COMPARED = {"number", "text", "date", "datetime", "bool", "choice", "link", "member", "team"}
TYPES = {"COUNT": NUMBER, "COUNTDISTINCT": NUMBER, "EXISTS": BOOL}
OF_NUMBERS = {"SUM", "AVERAGE"}


MOST_LEVELS = 3  # aggregates within aggregates, formula fields inside included


def levels(over: Over) -> int:
    """How many aggregates are within each other."""
    inner = [o for n in over.inner for o in overs(n)]
    return 1 + max(map(levels, inner), default=0)


@dataclass(slots=True)
class Linking(Coercion, ABC):
    """The part of the checker that knows about many records at once."""

    object_key: str
    prefix: Path = ()
    readable: paths.Readable | None = field(default=None, kw_only=True)
    within: Relation | None = field(default=None, kw_only=True)
    written: set[Path] = field(default_factory=set, kw_only=True)
    labels: dict[Path, tuple[Text, ...]] = field(default_factory=dict, kw_only=True)

    @abstractmethod
    def typed(self, tree: Tree) -> Node:
        """The typed node of a tree."""

    def over(self, key: str, tree: Tree) -> Node | None:
        """The call as an aggregate over linked records; None where its first part is of none."""
        relation = next((r for r in self._relations(tree.args[0])), None)
        if relation is None:
            return None
        at = (tree.start, tree.end)
        if len(tree.args) > 2:
            for arg in tree.args[2:]:
                self.typed(arg)
            return self.refuse(
                "wrong_arguments",
                Text("参数个数不对。", "The number of arguments is not right."),
                tree,
                Text(
                    "先写要汇总的字段，再写一个条件；多个条件用 AND 连接。",
                    "First what is summed, then one condition; join conditions with AND.",
                ),
            )
        around, self.within = self.within, relation
        try:
            value = self._value(key, tree.args[0], relation)
            condition = self.coerce(self.typed(tree.args[1]), "bool") if tree.args[1:] else None
        finally:
            self.within = around
        if (value is not None and value.is_bad) or (condition is not None and condition.is_bad):
            return make("bad", NUMBER, (value or condition,), at=at)  # type: ignore[arg-type]
        made = self._made(key, relation, value, condition)
        if levels(made) > MOST_LEVELS:
            return self.refuse(
                "too_deep",
                Text(
                    "汇总里套的汇总太多（最多 {n} 层）。",
                    "Too many aggregates within aggregates ({n} levels at most).",
                ).format(n=MOST_LEVELS),
                tree,
                Text(
                    "请在中间的对象上做一个汇总字段。", "Make a roll-up on the object in between."
                ),
            )
        return make("over", made.type, data=made, at=at)

    def _type(self, key: str, value: Node | None) -> ValueType:
        if key in TYPES or value is None:
            return TYPES.get(key, NUMBER)
        return ValueType("number", 6) if key == "AVERAGE" else value.type

    def _made(
        self, key: str, relation: Relation, value: Node | None, condition: Node | None
    ) -> Over:
        spec = self.snapshot.objects[relation.object_key]
        linked = None
        if not relation.via:
            where = self._object_at(relation.anchor)
            linked = self.linked(relation.base, self.snapshot.objects[where].fields[relation.step])
        return Over(
            agg=key,
            type=self._type(key, value),
            anchor=(*self.prefix, *relation.anchor),
            base=(*self.prefix, *relation.base),
            model=spec.model,  # none yet in a catalog that is only planned
            via=relation.via,
            linked=linked,
            value=value,
            condition=condition,
            gather=gather,
        )

    def _object_at(self, anchor: Path) -> str:
        where = self.object_key
        for step in anchor:
            where = self.snapshot.objects[where].fields[step].target
        return where

    def linked(self, path: Path, spec: FieldSpec) -> Linked:
        """The table behind a link to many."""
        model = self.snapshot.object(spec.object).model
        if model is None:  # a catalog that is only planned: checked, never asked
            return Linked(path, "", "", "")
        link: Any = model._meta.get_field(spec.key)
        table = str(link.m2m_db_table())
        return Linked(path, table, str(link.m2m_column_name()), str(link.m2m_reverse_name()))

    def _value(self, key: str, tree: Tree, relation: Relation) -> Node | None:
        """What is aggregated of each record; None for the records themselves."""
        if tree.op == "field":
            found = relations.find(self.snapshot, self.object_key, str(tree.data))
            if isinstance(found, tuple) and not found[1]:
                if key in {"COUNT", "EXISTS"}:
                    base = (*self.prefix, *relation.base)
                    self.labels[base] = relation.way
                    self.written.add((*base, "id"))
                    return None
                return self.refuse(
                    "wrong_type",
                    Text("要写明“{r}”的哪个字段。", "Say which field of “{r}” is meant.").format(
                        r=relation.label
                    ),
                    tree,
                    Text("例如 {{{r}.…}}。", "For example {{{r}.…}}.").format(r=relation.label),
                )
        value = self.typed(tree)
        if key in OF_NUMBERS:
            return self.coerce(value, "number")
        if not value.is_bad and value.type.kind not in COMPARED:
            return self.refuse(
                "wrong_type",
                Text(
                    "多值字段不能这样汇总。",
                    "A field with several values cannot be aggregated this way.",
                ),
                tree,
            )
        if key in {"MIN", "MAX"} and value.type.kind not in {"number", "text", "date", "datetime"}:
            return value if value.is_bad else self.coerce(value, "number")
        return value

    def _relations(self, tree: Tree) -> Iterator[Relation]:
        """The ways to many records that an argument reads, in the order of the text."""
        if tree.op == "field":
            found = relations.find(self.snapshot, self.object_key, str(tree.data))
            if isinstance(found, Ambiguous):
                self.ambiguous(found, tree)
            elif found is not None and found[0] != self.within and self._in_sight(found[0]):
                yield found[0]
        for arg in tree.args:
            yield from self._relations(arg)

    def _in_sight(self, relation: Relation) -> bool:
        return self.readable is None or self.readable((*relation.base, "id"))

    def ambiguous(self, found: Ambiguous, tree: Tree) -> Node:
        """Several links lead to records of that name."""
        return self.refuse(
            "ambiguous_link",
            Text("“{n}”有几种关联方式。", "“{n}” is linked in several ways.").format(n=found.name),
            tree,
            Text("写明是哪一种：{a}。", "Say which: {a}.").format(
                a=listed(found.near, " / ", "{{{}.…}}")
            ),
        )

    def many(self, tree: Tree) -> paths.Found | Node | None:
        """A field of many records: found where an aggregate is over them, refused elsewhere."""
        reference = str(tree.data)
        found = relations.find(self.snapshot, self.object_key, reference)
        if isinstance(found, Ambiguous):
            return self.ambiguous(found, tree)
        if found is None:
            return None
        relation, rest = found
        readable = self.readable
        if not self._in_sight(relation):
            return None
        if self.within != relation:
            return self.refuse(
                "many_records",
                Text("“{r}”有多条记录。", "There are many records of “{r}”.").format(
                    r=relation.label
                ),
                tree,
                Text(
                    "用汇总函数，例如 SUM({{{r}.…}}) 或 COUNT({{{r}}})。",
                    "Use an aggregate, such as SUM({{{r}.…}}) or COUNT({{{r}}}).",
                ).format(r=relation.label),
            )
        if not rest:
            return paths.Found(
                (*relation.base, "id"),
                (paths.Step("id", relation.label, ValueType("link", target=relation.object_key)),),
            )
        seen = None if readable is None else (lambda p: readable((*relation.base, *p)))
        inside = paths.resolve(self.snapshot, relation.object_key, rest, seen)
        if isinstance(inside, paths.NotFound):
            return self.unknown_field(inside, tree)
        way = zip(relation.base, relation.way, strict=True)
        steps = [paths.Step(key, label, NUMBER) for key, label in way]
        return paths.Found((*relation.base, *inside.path), (*steps, *inside.steps))

    @abstractmethod
    def unknown_field(self, found: paths.NotFound, tree: Tree) -> Node:
        """Nothing there is called so."""
