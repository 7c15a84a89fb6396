"""What kinds of metrics ask for. A kind takes those of these fields that it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.definitions.base import NOT_SET, NOTHING, Answers, Field, Names, Question, Values
from wubu.kernel.definitions.formulas import FormulaField
from wubu.kernel.definitions.references import KEY, Ref
from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.types import Text

PATH = re.compile(r"[a-z0-9_.]{0,200}")
# What every record has beside its fields.
BASE: Mapping[str, tuple[str, Text]] = {
    "created_at": ("datetime", Text("创建时间", "Created at")),
    "created_by": ("member", Text("创建人", "Created by")),
}


@dataclass(frozen=True, kw_only=True)
class PathField(Field):
    """A field of the metric's object, or of a record that it links to.

    ``customer.owner``, say; it yields one of ``kinds``. ``blank`` is the option for none.
    """

    kinds: tuple[str, ...]
    blank: Text = NOTHING
    usual_code: ClassVar[str] = "wrong_type"

    @property
    def form(self) -> Text:
        return Text(
            "字段标识，可经过一个关联，如 customer.owner",
            "the key of a field, across a link too, as customer.owner",
        )

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and PATH.fullmatch(value) is not None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 200, "pattern": "^[a-z0-9_.]*$"}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if not isinstance(value, str) or not value:
            return NOT_SET
        object_key, said = str(d.get("object", "")), []
        for key in value.split("."):
            base = BASE.get(key)
            said.append(names("field", key, object_key) or (base[1] if base else Text(key, key)))
            spec = snapshot().objects.get(object_key)
            found = spec.fields.get(key) if spec else None
            object_key = found.target if found else ""
        return Text("的".join(t.zh for t in said), " → ".join(t.en for t in said))

    def options(self, d: Values) -> list[tuple[str, Text]]:
        """The object's own fields, what every record has, and fields across one link."""
        spec = snapshot().objects.get(str(d.get("object")))
        if spec is None:
            return []
        base = [(k, label) for k, (kind, label) in BASE.items() if kind in self.kinds]
        return [*self._own(spec), *base, *self._across(spec)]

    def questions(self, d: Values) -> list[Question]:
        blank = [("", self.blank)] if self.blank.zh else []
        held = self.held(d)
        options = with_held([*blank, *self.options(d)], held)
        return [self.question(d, "select", value=held, options=options, required=False)]

    def held(self, d: Values) -> str:
        """The path that a definition names."""
        return str(d.get(self.name) or "")

    def _own(self, spec: ObjectSpec) -> list[tuple[str, Text]]:
        return [
            (f.key, f.label)
            for f in spec.live_fields
            if FIELD_TYPES[f.type].type_of(f).kind in self.kinds
        ]

    def _across(self, spec: ObjectSpec) -> list[tuple[str, Text]]:
        found = []
        for link in spec.live_fields:
            target = snapshot().objects.get(link.target) if link.kind.links_one else None
            for key, label in self._own(target) if target else ():
                words = Text("{l}的{f}", "{l} → {f}").format(l=link.label, f=label)
                found.append((f"{link.key}.{key}", words))
        return found


@dataclass(frozen=True, kw_only=True)
class Credit(PathField):
    """Whose it is: ``owner`` is a path to a member; ``splits`` share it among several.

    A page asks for the owner; shares come from packs and callers and stay.
    """

    split_keys: ClassVar[tuple[str, ...]] = ("object", "via", "member", "share", "of")

    @property
    def form(self) -> Text:
        return Text("{owner: 路径, splits: 分成}", "{owner: path, splits: shares}")

    def fits(self, value: Any) -> bool:
        if not isinstance(value, Mapping) or set(value) - {"owner", "splits"}:
            return False
        owner, splits = value.get("owner"), value.get("splits")
        return (owner is None or super().fits(owner)) and (splits is None or self._shares(splits))

    def _shares(self, splits: Any) -> bool:
        return (
            isinstance(splits, Mapping)
            and set(self.split_keys[:-1]) <= set(splits) <= set(self.split_keys)
            and all(v is None or super(Credit, self).fits(v) for v in splits.values())
        )

    def schema(self) -> dict[str, Any]:
        key, path = {"type": "string", "pattern": KEY}, super().schema()
        shares = {
            "type": "object",
            "properties": {k: path if k == "of" else key for k in self.split_keys},
            "required": list(self.split_keys[:-1]),
            "additionalProperties": False,
        }
        return {
            "type": "object",
            "properties": {"owner": path, "splits": {"anyOf": [shares, {"type": "null"}]}},
            "additionalProperties": False,
        }

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if not isinstance(value, Mapping):
            return super().say(value, d, names)
        said = super().say(value.get("owner"), d, names)
        shared = Text("{o}，有分成时按比例", "{o}, by shares where there are any").format(o=said)
        return shared if value.get("splits") else said

    def inner(self, key: str) -> Text | None:
        return self.label.inside if key == "owner" else None

    def held(self, d: Values) -> str:
        return str((d.get(self.name) or {}).get("owner") or "")

    def answered(self, answers: Answers, before: Values) -> dict[str, Any]:
        if self.name not in answers:
            return {}
        owner = str(answers.get(self.name, "")).strip()
        return {self.name: {**(before.get(self.name) or {}), "owner": owner}}


@dataclass(frozen=True, kw_only=True)
class StageField(Field):
    """A stage of the metric's object."""

    usual_code: ClassVar[str] = "no_such_stage"

    @property
    def form(self) -> Text:
        return Text("阶段的标识", "the key of a stage")

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and len(value) <= 63

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 63}

    def _stages(self, d: Values) -> list[tuple[str, Text]]:
        spec = snapshot().objects.get(str(d.get("object")))
        stage = spec.role("stage") if spec else None
        return [(c.key, c.label) for c in stage.choices if not c.retired] if stage else []

    def say(self, value: Any, d: Values, names: Names) -> Text:
        return dict(self._stages(d)).get(value) or super().say(value, d, names)

    def questions(self, d: Values) -> list[Question]:
        options = with_held(self._stages(d), str(d.get(self.name) or ""))
        return [self.question(d, "select", options=options, required=False)]


@dataclass(frozen=True, kw_only=True)
class Divided(Ref):
    """A metric that may be divided, or divided by."""

    def questions(self, d: Values) -> list[Question]:
        options = with_held(list(self.choices().items()), str(d.get(self.name) or ""))
        return [self.question(d, "select", options=options, required=False)]


def with_held(options: list[tuple[str, Text]], value: str) -> list[tuple[str, Text]]:
    """The options, and what a pack or a caller wrote that is not among them."""
    there = not value or value in {key for key, _ in options}
    return options if there else [*options, (value, Text(value, value))]


VALUE = FormulaField(
    name="value",
    label=Text("加总什么", "What is added up"),
    help=Text("一个金额或数字字段，也可以是算式", "A money or number field, or a formula"),
    kinds=("number",),
    wide=True,
    required=True,
    example="{amount}",
)
ANY_VALUE = replace(
    VALUE,
    required=False,
    help=Text("留空即数条数", "Empty: records are counted"),
)
WHEN = PathField(
    name="when",
    label=Text("记在哪一天", "On which day"),
    kinds=("date", "datetime"),
    example="signed_on",
)
STAGE = StageField(name="stage", label=Text("阶段", "Stage"))
CREDIT = Credit(
    name="credit",
    label=Text("归谁", "Credited to"),
    kinds=("member",),
    blank=Text("（不归个人）", "(nobody)"),
    example={"owner": "owner"},
)
FILTER = FormulaField(
    name="filter",
    label=Text("只算满足条件的", "Only where"),
    help=Text("留空即全部记录", "Empty: every record"),
    wide=True,
)
NUMERATOR = Divided(
    name="numerator", label=Text("分子", "What is divided"), kind="divisible", code="no_such_metric"
)
DENOMINATOR = Divided(
    name="denominator", label=Text("分母", "Divided by"), kind="divisible", code="no_such_metric"
)
