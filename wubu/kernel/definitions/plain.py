"""Fields that need nothing but their value: words, numbers, amounts, days, choices."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from wubu.kernel.definitions.base import (
    NOT_SET,
    NOTHING,
    Answers,
    Field,
    Names,
    Question,
    Values,
    listed,
    shown,
)
from wubu.kernel.types import LANGS, Problem, Text, language

WHOLE = re.compile(r"-?\d{1,18}")
LARGEST = 10**15  # of amounts in the smallest unit; exact in JSON numbers of every client


@dataclass(frozen=True, kw_only=True)
class Line(Field):
    """One line of text that people do not translate."""

    most: int = 200

    @property
    def form(self) -> Text:
        return Text("不超过 {n} 个字符的文字", "a text of at most {n} characters").format(
            n=self.most
        )

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and len(value) <= self.most

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.most}

    def questions(self, d: Values) -> list[Question]:
        return [self.question(d, "text")]


@dataclass(frozen=True, kw_only=True)
class Words(Field):
    """Words in both languages, kept as ``{zh, en}``; one text stands for both.

    ``naming``: the name of the thing. It is asked in both languages and is never empty; other
    words are asked in the language of who writes them, and the other language stays as it is.
    """

    most: int = 500
    naming: bool = False

    @property
    def sample(self) -> Any:
        named = self.naming and self.example is None
        return {"zh": "名称", "en": "Name"} if named else self.example

    @property
    def form(self) -> Text:
        said = Text(
            "文字或 {{zh, en}}，每种语言不超过 {n} 个字符",
            "a text or {{zh, en}}, at most {n} characters in each language",
        )
        return said.format(n=self.most)

    def fits(self, value: Any) -> bool:
        if isinstance(value, str):
            return len(value) <= self.most
        return (
            isinstance(value, Mapping)
            and set(value) <= set(LANGS)
            and all(isinstance(v, str) and len(v) <= self.most for v in value.values())
        )

    def wrong(self, value: Any, d: Values) -> Iterator[Problem]:
        first = value.get("zh", value.get("en", "")) if isinstance(value, Mapping) else value
        if self.naming and not first.strip():
            yield self.missing()

    def problems(self, d: Values) -> Iterator[Problem]:
        if self.naming and d.get(self.name) == "":
            yield self.missing()
        else:
            yield from super().problems(d)

    def schema(self) -> dict[str, Any]:
        text = {"type": "string", "maxLength": self.most}
        both = {"zh": text, "en": text}
        words = {"type": "object", "properties": both, "additionalProperties": False}
        return {"anyOf": [text, words]}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        return Text.of(value) if value else NOT_SET

    def questions(self, d: Values) -> list[Question]:
        held = d.get(self.name)
        words = Text.of(held) if held and self.fits(held) else NOTHING
        if not self.naming:
            return [self.question(d, "text", value=str(words))]
        english = Text("英文名称", "In English, if different")
        return [
            self.question(d, "text", name=f"{self.name}_zh", value=words.zh, required=True),
            Question(name=f"{self.name}_en", label=english, value=words.en),
        ]

    def answered(self, answers: Answers, before: Values) -> dict[str, Any]:
        if self.naming:
            if f"{self.name}_zh" not in answers:
                return {}
            zh = str(answers.get(f"{self.name}_zh", "")).strip()
            return {
                self.name: {"zh": zh, "en": str(answers.get(f"{self.name}_en", "")).strip() or zh}
            }
        return super().answered(answers, before)

    def parsed(self, entered: str, before: Values) -> Any:
        held = before.get(self.name)
        words = Text.of(held) if held else NOTHING
        if entered == str(words):
            return held
        if words.zh == words.en:
            return {"zh": entered, "en": entered}
        return {**words.as_dict(), language(): entered}


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    """A whole number between two limits, both included."""

    least: int
    most: int
    unit: Text = NOTHING
    not_zero: bool = False
    usual_code: ClassVar[str] = "not_whole"

    @property
    def form(self) -> Text:
        said = Text("{a} 到 {b} 之间的整数", "a whole number from {a} to {b}")
        if self.not_zero:
            said = Text(
                "{a} 到 {b} 之间、不为 0 的整数", "a whole number from {a} to {b}, but not 0"
            )
        return said.format(a=f"{self.least:,}", b=f"{self.most:,}")

    def fits(self, value: Any) -> bool:
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return self.least <= value <= self.most and not (self.not_zero and value == 0)

    def schema(self) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {**made, "not": {"const": 0}} if self.not_zero else made

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if value is None:
            return NOT_SET
        if not isinstance(value, int):
            return Text(shown(value), shown(value))
        said = Text("{v} {u}", "{v} {u}").format(v=f"{value:,}", u=self.unit)
        return said if self.unit.zh else Text(f"{value:,}", f"{value:,}")

    def questions(self, d: Values) -> list[Question]:
        return [self.question(d, "number")]

    def parsed(self, entered: str, before: Values) -> Any:
        bare = entered.replace(",", "").replace("，", "")
        return int(bare) if bare.isascii() and WHOLE.fullmatch(bare) else entered


@dataclass(frozen=True, slots=True)
class Unit:
    """How an amount is written: ``scale`` decimals, and what one is called."""

    scale: int = 0
    name: Text = NOTHING


@dataclass(frozen=True, kw_only=True)
class Amount(Field):
    """An amount, kept as a whole number of its smallest unit (fen) and written with decimals.

    ``unit`` says how it is written, by what else the definition says: a metric in money has two
    decimals, a count none. ``least`` and ``most`` are in the smallest unit.
    """

    unit: Callable[[Values], Unit]
    least: int = 1
    most: int = LARGEST
    usual_code: ClassVar[str] = "not_an_amount"

    @property
    def form(self) -> Text:
        said = Text(
            "{a} 到 {b} 之间的整数（最小单位，金额为分）",
            "a whole number from {a} to {b}, in the smallest unit (fen for money)",
        )
        return said.format(a=f"{self.least:,}", b=f"{self.most:,}")

    def fits(self, value: Any) -> bool:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and self.least <= value <= self.most

    def misfit(self, value: Any, d: Values) -> Problem:
        unit = self.unit(d)
        entered = self._written(value, unit.scale)
        said = Text("“{l}”现在是“{v}”。", "“{l}” is “{v}”.").format(l=self.label, v=shown(entered))
        kind = Text("数", "a number") if unit.scale else Text("整数", "a whole number")
        hint = Text("应为 {a} 到 {b}{u} 之间的{k}", "It must be {k} from {a} to {b}{u}").format(
            k=kind,
            a=written(self.least, unit.scale),
            b=written(self.most, unit.scale),
            u=Text(f" {unit.name.zh}", f" {unit.name.en}") if unit.name.en else unit.name,
        )
        ends = Text("{h}。", "{h}.")
        if unit.scale:
            ends = Text(
                "{h}，最多 {n} 位小数（接口和配置包以最小单位写）。",
                "{h}, with at most {n} decimals (callers and packs write the smallest unit).",
            )
        hint = ends.format(h=hint, n=unit.scale)
        return Problem(
            self.code or self.usual_code, said, hint, field=self.name, value=shown(value)
        )

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if value is None:
            return NOT_SET
        unit = self.unit(d)
        number = self._written(value, unit.scale)
        return Text(f"{number} {unit.name.zh}".strip(), f"{number} {unit.name.en}".strip())

    def questions(self, d: Values) -> list[Question]:
        unit = self.unit(d)
        value = self.value(d)
        entered = "" if value is None else self._written(value, unit.scale).replace(",", "")
        return [self.question(d, "text", value=entered)]

    def parsed(self, entered: str, before: Values) -> Any:
        return self.in_smallest(entered, before)

    def in_smallest(self, entered: str, d: Values) -> Any:
        """The whole number of the smallest unit that a text means; the text where it means none."""
        bare = entered.replace(",", "").replace("，", "")
        try:
            exact = Decimal(bare).scaleb(self.unit(d).scale)
        except InvalidOperation:
            return entered
        if not exact.is_finite() or exact.adjusted() > 18 or exact != exact.to_integral_value():
            return entered
        return int(exact)

    def _written(self, value: Any, scale: int) -> str:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return written(value, scale) if whole else str(value)


def written(value: int, scale: int) -> str:
    """A whole number of the smallest unit with its decimals, none where they are all nought."""
    said = f"{Decimal(value).scaleb(-scale):,f}"
    return said.rstrip("0").rstrip(".") if "." in said else said


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A day, as 2026-01-31."""

    usual_code: ClassVar[str] = "not_a_date"

    @property
    def form(self) -> Text:
        return Text("日期，如 2026-01-31", "a day, as 2026-01-31")

    def fits(self, value: Any) -> bool:
        if isinstance(value, dt.date):
            return not isinstance(value, dt.datetime)
        try:
            return isinstance(value, str) and bool(dt.date.fromisoformat(value))
        except ValueError:
            return False

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def questions(self, d: Values) -> list[Question]:
        return [self.question(d, "date")]


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    """Yes or no."""

    @property
    def form(self) -> Text:
        return Text(" true 或 false", "true or false")

    def fits(self, value: Any) -> bool:
        return isinstance(value, bool)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        return Text("是", "yes") if value else Text("否", "no")

    def questions(self, d: Values) -> list[Question]:
        return [self.question(d, "check", value="1" if self.value(d) else "", required=False)]

    def answered(self, answers: Answers, before: Values) -> dict[str, Any]:
        return {self.name: bool(answers.get(self.name, ""))}


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of a few options, each with its label."""

    options: Mapping[str, Text]
    usual_code: ClassVar[str] = "no_such_option"

    @property
    def form(self) -> Text:
        options = [Text(f"{k}（{v.zh}）", f"{k} ({v.en})") for k, v in self.options.items()]
        return Text("以下之一：{all}", "one of {all}").format(all=listed(options))

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.options

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.options)}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if value is None:
            return NOT_SET
        return self.options.get(value) or Text(str(value), str(value))

    def questions(self, d: Values) -> list[Question]:
        return [self.question(d, "select", options=list(self.options.items()), required=False)]
