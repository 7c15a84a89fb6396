"""What every piece of a layout's definition goes through: words, conditions, linkages, fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import parse
from wubu.kernel.formula.typed import Path
from wubu.kernel.formula.types import Formula
from wubu.kernel.query import linked
from wubu.kernel.query.linked import Linkage
from wubu.kernel.types import Problem, Refused, Text

BOOL = ValueType("bool")


@dataclass
class Checker:
    """Collects every problem, each with its place in ``field`` (``s0.2.show_when``).

    ``tolerant`` leaves out what is gone since (a retired field), as when a form is opened.
    """

    snapshot: Snapshot
    spec: ObjectSpec
    tolerant: bool = False
    problems: list[Problem] = field(default_factory=list)

    def _condition(
        self,
        raw: Mapping[str, Any],
        name: str,
        kept: dict[str, Any],
        place: str = "",
        of: ObjectSpec | None = None,
    ) -> Formula | None:
        text = raw.get(name)
        if not text:
            return None
        if not isinstance(text, str):
            words = Text("条件应为一段文字。", "A condition is a text.")
            self._wrong("bad_layout", words, _at(place, name))
            return None
        try:
            key = (of or self.spec).key
            found = parse(text, snapshot=self.snapshot, object_key=key, expect=BOOL)
        except Refused as refused:
            self._take(refused, _at(place, name))
            return None
        kept[name] = found.canonical()
        self._in_use((of or self.spec).key, found.written, _at(place, name))
        return found

    def _in_use(self, key: str, paths: Iterable[Path], place: str) -> None:
        """A retired field keeps what stood in it, but nobody can answer a condition with it."""
        for path in sorted(paths):
            at = self.snapshot.objects.get(key)
            for step in path:
                f = at.fields.get(step) if at is not None else None
                if f is None:
                    break
                if f.retired:
                    words = Text(
                        "条件里的字段“{f}”已停用。", "The condition uses the disabled field “{f}”."
                    )
                    hint = Text(
                        "请换一个字段，或先恢复它。", "Use another field, or enable this one first."
                    )
                    self._gone(words.format(f=f.label), place, hint)
                at = self.snapshot.objects.get(f.target)

    def _linkage(
        self, raw: Mapping[str, Any], name: str, f: FieldSpec, place: str, kept: dict[str, Any]
    ) -> Linkage | None:
        rule = raw.get(name)
        if not rule:
            return None
        kind = FIELD_TYPES[f.type]
        wrong = None
        if kind.computed:
            wrong = Text("计算字段不能带入。", "A computed field cannot be filled in.")
        elif name == "candidates" and not (kind.has_target or kind.classifies or kind.chooses_many):
            wrong = Text(
                "只有关联和选项字段可以限定候选。", "Only links and choices have candidates."
            )
        if wrong is not None:
            self._wrong("bad_linkage", wrong, f"{place}.{name}", f.key)
            return None
        try:
            found = read_linkage(rule, self.snapshot, f, candidates=name == "candidates")
        except Refused as refused:
            for p in refused.problems:
                self._take(Refused(p), f"{place}.{name}.{p.field or ''}".rstrip("."))
            return None
        kept[name] = linked.canonical(rule, found)
        self._in_use(found.source, found.reads, f"{place}.{name}.when")
        return found

    def _known_field(self, spec: ObjectSpec, key: str, place: str) -> bool:
        """Whether the field is there and in use."""
        f = spec.fields.get(key)
        if f is not None and not f.retired:
            return True
        if f is not None:
            words = Text("字段“{f}”已停用。", "The field “{f}” is disabled.").format(f=f.label)
            hint = Text(
                "请移出它，或在“{o}”的字段设置中恢复。",
                "Remove it, or enable it again in the fields of “{o}”.",
            ).format(o=spec.label)
        else:
            words = Text("“{o}”没有字段“{k}”。", "“{o}” has no field “{k}”.")
            words = words.format(o=spec.label, k=key or "—")
            hint = Text("请移出它，或先建这个字段。", "Remove it, or create this field first.")
        self._gone(words, place, hint)
        return False

    def _texts(self, raw: Mapping[str, Any], name: str, place: str = "") -> list[str]:
        value = raw.get(name) or []
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            words = Text("“{n}”应为一列文字。", "“{n}” must be a list of texts.").format(n=name)
            self._wrong("bad_layout", words, _at(place, name))
            return []
        return list(value)

    def _words(self, value: Any, place: str) -> Text | None:
        if not value:
            return None
        if isinstance(value, str | Mapping) and (
            isinstance(value, str) or all(isinstance(v, str) for v in value.values())
        ):
            return Text.of(value)
        words = Text("应为文字或 {{zh, en}}。", "It must be a text or {{zh, en}}.")
        self._wrong("bad_layout", words.format(), place)
        return None

    def _known(self, raw: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        for key in raw:
            if key not in known:
                words = Text("不认识“{k}”。", "“{k}” is unknown.").format(k=key)
                self._wrong("bad_layout", words, _at(place, str(key)))

    def _gone(self, words: Text, place: str, hint: Text | None = None) -> None:
        if not self.tolerant:
            self._wrong("no_such_field", words, place, hint=hint)

    def _wrong(
        self, code: str, words: Text, place: str, value: Any = None, hint: Text | None = None
    ) -> None:
        self.problems.append(
            Problem(code, words, hint, object=self.spec.key, field=place or None, value=value)
        )

    def _take(self, refused: Refused, place: str) -> None:
        self.problems += [replace(p, object=self.spec.key, field=place) for p in refused.problems]


def read_linkage(
    rule: Any, snapshot: Snapshot, f: FieldSpec, *, candidates: bool = False
) -> Linkage:
    """A linkage of a field, whose form is the field's own object. Raises Refused."""
    spec = snapshot.object(f.object)
    parent = spec.fields[spec.part_of].target if spec.part_of else ""
    return linked.read(
        rule, snapshot=snapshot, form=spec.key, parent=parent, field=f, candidates=candidates
    )


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
