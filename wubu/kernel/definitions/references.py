"""Fields that name something else: an object, a field, a role, a team, a metric.

Rooms above the kernel add the kinds of things that they keep (``register``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.definitions.base import (
    NOT_SET,
    NOTHING,
    Answers,
    Field,
    Names,
    Question,
    Values,
    shown,
)
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import queries as permissions
from wubu.kernel.schema import uses
from wubu.kernel.schema.uses import Touches
from wubu.kernel.types import Problem, Text

KEY = "^[a-z][a-z0-9_]{0,62}$"
NOT_HERE = Text("“{f}”不能用在这里。", "“{f}” cannot be used here.")
LISTED = 12  # names that a remedy lists


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that a definition may name.

    ``every`` are those that there are, by key, with their names; ``offered`` those that a page
    offers (all, unless said). ``touched`` are the fields that they rest on, by key.
    """

    label: Text
    every: Callable[[], Mapping[str, Text]]
    offered: Callable[[], Mapping[str, Text]] | None = None
    touched: Callable[[Snapshot], Mapping[str, Touches]] | None = None

    def choices(self) -> Mapping[str, Text]:
        return (self.offered or self.every)()

    def touches(self, key: str, snapshot: Snapshot) -> Touches:
        """The fields that a thing rests on."""
        return self.touched(snapshot).get(key, frozenset()) if self.touched else frozenset()


def _objects() -> dict[str, Text]:
    return {o.key: o.label for o in snapshot().live}


def _whole_objects() -> dict[str, Text]:
    return {o.key: o.label for o in snapshot().live if not o.part_of}


def _teams() -> dict[str, Text]:
    return {str(t.id): Text(t.name, t.name) for t in people.tree()}


KINDS: dict[str, Kind] = {
    "object": Kind(
        Text("对象", "object"),
        _objects,
        _whole_objects,
        lambda catalog: {key: frozenset({(key, "")}) for key in catalog.objects},
    ),
    "role": Kind(Text("角色", "role"), lambda: {r.key: r.label for r in permissions.roles()}),
    "team": Kind(Text("团队", "team"), _teams),
}


def register(kind: str, label: Text, every: Callable[[], Mapping[str, Text]], **more: Any) -> None:
    """A kind of thing of a room above; called in AppConfig.ready()."""
    KINDS[kind] = Kind(label, every, **more)


def called(kind: str, key: str, object_key: str = "") -> Text | None:
    """What a thing is called today, None where there is none (see ``base.Names``)."""
    if kind == "field":
        spec = snapshot().objects.get(object_key)
        found = spec.fields.get(key) if spec else None
        return found.label if found else None
    return KINDS[kind].every().get(key) if kind in KINDS else None


def nothing_like_it(kind: Text, key: Any, known: Mapping[str, Text]) -> tuple[Text, Text]:
    """That there is no such thing, and what there is."""
    some = [Text(f"{v.zh}（{k}）", f"{v.en} ({k})") for k, v in list(known.items())[:LISTED]]
    more = "…" if len(known) > LISTED else ""
    zh, en = "、".join(s.zh for s in some), ", ".join(s.en for s in some)
    said = Text("没有{k}“{v}”。", "There is no {k} “{v}”.").format(k=kind, v=shown(key))
    hint = Text("现有：{a}{m}。", "There are: {a}{m}.").format(a=Text(zh, en), m=more)
    none = Text("还没有任何{k}。", "There is no {k} yet.").format(k=kind)
    return said, hint if known else none


@dataclass(frozen=True, kw_only=True)
class Ref(Field):
    """The key of a thing of some kind.

    ``fit`` may ask more of it than that it exists; then ``unfit`` and ``remedy`` say why another
    one is wanted. ``parts``: a page offers also what it leaves out elsewhere, such as objects that
    are parts of others.
    """

    kind: str
    fit: Callable[[str], bool] | None = None
    unfit: Text = NOTHING
    remedy: Text = NOTHING
    blank: Text = NOTHING
    parts: bool = False

    @property
    def form(self) -> Text:
        label = KINDS[self.kind].label
        article = "an" if label.en[:1] in "aeiou" else "a"
        return Text(f"现有{label.zh}的标识", f"the key of {article} {label.en}")

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and 0 < len(value) <= 63

    def wrong(self, value: Any, d: Values) -> Iterator[Problem]:
        known = KINDS[self.kind].every()
        code = self.code or f"no_such_{self.kind}"
        if self.unfit.zh and (value not in known or not self._fit(value)):
            yield Problem(code, self.unfit, self.remedy, field=self.name, value=value)
        elif value not in known:
            said, hint = nothing_like_it(KINDS[self.kind].label, value, self.choices())
            yield Problem(code, said, hint, field=self.name, value=value)

    def choices(self) -> dict[str, Text]:
        """What a page offers."""
        kind = KINDS[self.kind]
        found = kind.every() if self.parts else kind.choices()
        return {k: v for k, v in found.items() if self._fit(k)}

    def _fit(self, key: str) -> bool:
        return self.fit is None or self.fit(key)

    def touches(self, value: Any, d: Values, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        yield from KINDS[self.kind].touches(str(value), snapshot)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": 63}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if value in (None, ""):
            return NOT_SET
        return names(self.kind, str(value)) or Text(str(value), str(value))

    def questions(self, d: Values) -> list[Question]:
        blank = [("", self.blank)] if self.blank.zh else []
        options = [*blank, *self.choices().items()]
        return [self.question(d, "select", options=options, required=False)]


@dataclass(frozen=True, kw_only=True)
class FieldRef(Field):
    """The key of a field of the object that the field ``object_from`` names.

    ``types`` are the field types that will do, ``fit`` a narrower test; ``unfit`` says why a field
    will not do, with ``{f}`` for its name. ``blank`` is the option for none.
    """

    object_from: str = "object"
    types: tuple[str, ...] = ()
    fit: Callable[[FieldSpec], bool] | None = None
    unfit: Text = NOT_HERE
    unfit_code: str = "wrong_field"
    blank: Text = NOTHING

    @property
    def form(self) -> Text:
        return Text("该对象的字段标识", "the key of a field of the object")

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and len(value) <= 63

    def wrong(self, value: Any, d: Values) -> Iterator[Problem]:
        spec = self.spec(d)
        if spec is None:  # told of the object
            return
        found = spec.fields.get(value)
        if found is None or found.retired:
            said = Text("“{o}”没有字段“{f}”。", "“{o}” has no field “{f}”.")
            said = said.format(o=spec.label, f=found.label if found else value)
            code = self.code or "no_such_field"
        elif not self.takes(found):
            said, code = self.unfit.format(f=found.label), self.code or self.unfit_code
        else:
            return
        able = dict(self.choices(d))
        words = Text("、".join(v.zh for v in able.values()), ", ".join(v.en for v in able.values()))
        hint = Text("可选：{a}。", "Choose one of {a}.").format(a=words) if able else None
        yield Problem(code, said, hint, object=spec.key, field=self.name, value=value)

    def spec(self, d: Values) -> ObjectSpec | None:
        """The object whose fields are meant, None while there is no such object."""
        key = d.get(self.object_from)
        return snapshot().objects.get(key) if isinstance(key, str) else None

    def takes(self, field: FieldSpec) -> bool:
        """Whether a field will do."""
        kind = not self.types or field.type in self.types
        return kind and (self.fit is None or self.fit(field))

    def choices(self, d: Values) -> list[tuple[str, Text]]:
        """The fields that will do."""
        spec = self.spec(d)
        return [(f.key, f.label) for f in spec.live_fields if self.takes(f)] if spec else []

    def touches(self, value: Any, d: Values, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        yield from uses.along(snapshot, str(d.get(self.object_from)), str(value).split("."))

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 63}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if value in (None, ""):
            return self.blank if self.blank.zh else NOT_SET
        found = names("field", str(value), str(d.get(self.object_from, "")))
        return found or Text(str(value), str(value))

    def questions(self, d: Values) -> list[Question]:
        options = self.choices(d)
        if not options and not self.required:
            return []
        if self.blank.zh:
            options = [("", self.blank), *options]
        return [self.question(d, "select", options=options, required=False)]


@dataclass(frozen=True, kw_only=True)
class OneOf(Field):
    """One thing of several kinds: ``name`` holds the kind, ``of`` the key; asked as one choice.

    ``kinds`` gives each its label and, where a key belongs to it, the kind of reference.
    """

    of: str
    asks: str
    kinds: Mapping[str, tuple[Text, str]]

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.name, self.of)

    @property
    def form(self) -> Text:
        every = [Text(f"{k}（{v.zh}）", f"{k} ({v.en})") for k, (v, _) in self.kinds.items()]
        zh, en = "、".join(w.zh for w in every), ", ".join(w.en for w in every)
        return Text(f"以下之一：{zh}", f"one of {en}")

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.kinds

    def problems(self, d: Values) -> Iterator[Problem]:
        source, key = d.get(self.name), d.get(self.of)
        if source in (None, ""):
            yield self.missing()
        elif not self.fits(source):
            yield replace(self.misfit(source, d), code="no_such_option")
        elif kind := self.kinds[str(source)][1]:
            known = KINDS[kind].every()
            if not isinstance(key, str) or key not in known:
                said, hint = nothing_like_it(KINDS[kind].label, key or "", KINDS[kind].choices())
                yield Problem("no_such_source", said, hint, field=self.of, value=key)

    def touches(self, value: Any, d: Values, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        kind = self.kinds[value][1] if value in self.kinds else ""
        if kind:
            yield from KINDS[kind].touches(str(d.get(self.of)), snapshot)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.kinds)}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        label, kind = self.kinds.get(value, (Text(str(value), str(value)), ""))
        found = names(kind, str(d.get(self.of, ""))) if kind else None
        return Text("{l}“{n}”", "{l} “{n}”").format(l=label, n=found) if found else label

    def questions(self, d: Values) -> list[Question]:
        options = []
        for source, (label, kind) in self.kinds.items():
            if kind:
                options += [(f"{source}:{k}", v) for k, v in KINDS[kind].choices().items()]
            else:
                options.append((f"{source}:", label))
        held = f"{d.get(self.name, '')}:{d.get(self.of) or ''}"
        return [
            self.question(d, "select", name=self.asks, value=held, options=options, required=False)
        ]

    def answered(self, answers: Answers, before: Values) -> dict[str, Any]:
        if self.asks not in answers:
            return {}
        source, _, key = str(answers.get(self.asks, "")).partition(":")
        return {self.name: source or None, self.of: key or None}
