"""Reminder rules, read from the dated rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from wubu.control.reminders.types import ReminderRule
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.definitions.base import NOT_SET, Field, Names, Question, Values, listed
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.formulas import FormulaField
from wubu.kernel.definitions.kinds import DatedKind
from wubu.kernel.definitions.plain import Whole, Words
from wubu.kernel.definitions.references import KEY, FieldRef, Ref, called
from wubu.kernel.formula import queries as formula
from wubu.kernel.rules.types import Rule
from wubu.kernel.schema import uses
from wubu.kernel.types import Problem, Text

SECTION = "reminders"
MOST_OPTIONS = 50  # of one choice, as something that ticks off


@dataclass(frozen=True, kw_only=True)
class Ticks(Field):
    """The values that settle a record, by name of their field.

    The page offers what one tap may set: a box that is ticked, or one option of a choice; packs and
    callers may set several.
    """

    most: int = 10
    usual_code: ClassVar[str] = "no_such_tick"

    @property
    def form(self) -> Text:
        return Text("字段和值", "fields and values")

    def fits(self, value: Any) -> bool:
        return (
            isinstance(value, Mapping)
            and len(value) <= self.most
            and all(isinstance(v, str | bool) for v in value.values())
        )

    def wrong(self, value: Any, d: Values) -> Iterator[Problem]:
        spec = snapshot().objects.get(str(d.get("object")))
        for name, wanted in value.items():
            found = spec.fields.get(name) if spec else None
            if spec is None:  # told of the object
                continue
            if found is None or found.retired:
                said = Text("“{o}”没有字段“{f}”。", "“{o}” has no field “{f}”.")
                said = said.format(o=spec.label, f=name)
                yield Problem("no_such_field", said, object=spec.key, field=self.name, value=name)
            elif found.choices and wanted not in {c.key for c in found.choices}:
                said = Text("不能这样标记完成。", "That value cannot mark it as done.")
                hint = Text("“{f}”没有选项“{v}”。", "“{f}” has no option “{v}”.")
                hint = hint.format(f=found.label, v=wanted)
                yield Problem(self.usual_code, said, hint, field=self.name, value=wanted)

    def touches(self, value: Any, d: Values, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        for key in value:
            yield from uses.along(snapshot, str(d.get("object")), [key])

    def schema(self) -> dict[str, Any]:
        one = {"anyOf": [{"type": "boolean"}, {"type": "string"}]}
        names = {"pattern": KEY}
        return {"type": "object", "additionalProperties": one, "propertyNames": names}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if not isinstance(value, Mapping) or not value:
            return NOT_SET
        return listed([_tick(str(d.get("object")), k, v, names) for k, v in value.items()])

    def questions(self, d: Values) -> list[Question]:
        held = _tick_of(d.get(self.name) or {})
        options = [("", Text("（打开记录处理）", "(open the record)")), *self._offered(d)]
        return [self.question(d, "select", value=held, options=options)]

    def _offered(self, d: Values) -> list[tuple[str, Text]]:
        spec = snapshot().objects.get(str(d.get("object")))
        found: list[tuple[str, Text]] = []
        for f in spec.live_fields if spec else ():
            kept = [c.key for c in f.choices if not c.retired][:MOST_OPTIONS]
            values = [True] if f.kind.yes_no else kept if f.kind.chooses_one else []
            for value in values:
                words = _tick(str(d.get("object")), f.key, value, called)
                found.append((_tick_of({f.key: value}), words))
        return found

    def parsed(self, typed: str, before: Values) -> Any:
        held = before.get(self.name) or {}
        if typed == _tick_of(held):
            return held
        field, _, value = typed.partition("=")
        return {field: True if value == "true" else value}


def _tick(object_key: str, key: str, value: Any, names: Names) -> Text:
    """A field with a value, in words."""
    field = names("field", key, object_key) or Text(key, key)
    if value is True:
        return Text("“{f}”为“是”", "“{f}” is yes").format(f=field)
    spec = snapshot().objects.get(object_key)
    choices = spec.fields[key].choices if spec and key in spec.fields else ()
    said = next((c.label for c in choices if c.key == value), Text(str(value), str(value)))
    return Text("“{f}”为“{c}”", "“{f}” is “{c}”").format(f=field, c=said)


def _tick_of(done: Mapping[str, Any]) -> str:
    for key, value in done.items():
        return f"{key}={'true' if value is True else value}"
    return ""


DEFINITION = Definition(
    name=SECTION,
    label=Text("到期提醒", "Reminder"),
    fields=(
        Words(name="label", label=Text("名称", "Name"), naming=True, most=200),
        Ref(
            name="object",
            label=Text("提醒哪一类记录", "Remind of which records"),
            kind="object",
            fit=lambda key: bool(days(key)),
            unfit=Text("没有这个对象，或它没有日期字段。", "No such object, or it has no date."),
            remedy=Text("选择有日期或时间字段的对象。", "Choose one with a date or a time."),
            code="no_such_object",
            required=True,
            asked=False,
            example="follow_plan",
        ),
        FieldRef(
            name="when",
            label=Text("到期的日期", "The day that falls due"),
            types=("date", "datetime"),
            unfit=Text(
                "“{f}”不是日期字段，不能用来提醒。", "“{f}” is not a date; it cannot remind."
            ),
            unfit_code="not_a_day",
            required=True,
            example="due_at",
        ),
        Whole(
            name="ahead_days",
            label=Text("提前几天出现", "Days ahead"),
            help=Text("0 表示当天才出现", "0: on the day itself"),
            least=0,
            most=365,
            default=0,
            code="not_a_day_count",
        ),
        FormulaField(
            name="filter",
            label=Text("只在满足条件时", "Only where"),
            help=Text("留空即所有记录", "Empty: every record"),
            wide=True,
            example="NOT({done})",
        ),
        Ticks(
            name="done",
            label=Text("一键完成时写入", "Marking as done sets"),
            example={"done": True},
        ),
        FieldRef(
            name="subject",
            label=Text("同时显示", "Shown beside it"),
            types=("link",),
            unfit=Text("“{f}”不是关联字段。", "“{f}” is not a field that links."),
            code="not_a_link",
            blank=Text("（不显示）", "(nothing)"),
            example="customer",
        ),
    ),
)


def days(object_key: str) -> list[str]:
    """The fields of an object that can fall due."""
    spec = snapshot().objects.get(object_key)
    return [f.key for f in spec.live_fields if f.kind.dated] if spec else []


def read(rule: Rule) -> ReminderRule:
    """A dated rule as a reminder rule."""
    d = DEFINITION.filled(rule.definition)
    return ReminderRule(
        key=rule.key,
        label=rule.label,
        object_key=d["object"],
        when=d["when"],
        where=d.get("filter", ""),
        done=d.get("done", {}),
        ahead_days=int(d["ahead_days"]),
        subject=d.get("subject", ""),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def sentence(rule: ReminderRule) -> Text:
    """The rule in plain words, in both languages."""
    spec = snapshot().object(rule.object_key)
    when = spec.field(rule.when).label
    words = Text("“{o}”的“{w}”到期时提醒负责人", "Remind the owner when “{w}” of “{o}” is due")
    said = words.format(o=spec.label, w=when)
    if not rule.where:
        return said
    parsed = formula.parse(rule.where, snapshot=snapshot(), object_key=rule.object_key)
    return Text(f"{said.zh}；条件：{parsed.sentence('zh')}", f"{said.en}, if {parsed.clause('en')}")


KIND = DatedKind(
    definition=DEFINITION,
    area="alerts",
    read=read,
    sentence=sentence,
    label=Text("到期提醒", "Reminders"),
    new=Text("新增提醒", "New reminder"),
    stem="reminder",
    base="/setup/reminders",
    disable_help=Text("停用后不再提醒。", "When disabled, it sends no reminders."),
    enable_help=Text("启用后马上出现在工作台。", "When enabled, it appears on Today immediately."),
)
current, check = KIND.current, KIND.check
