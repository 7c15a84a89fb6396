"""Fields that hold a formula or a condition in the one language."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.definitions.base import NOT_SET, Field, Names, Question, Values
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formula
from wubu.kernel.formula.types import Formula
from wubu.kernel.schema.types import Reading
from wubu.kernel.types import Problem, Refused, Text

PARAM = re.compile(r"\[(\w+)\]")
LONGEST = 4_000
WRONG_KIND = Text("公式的结果类型不对。", "The formula gives another kind of value.")


def filled(text: str, params: Mapping[str, int]) -> str:
    """A formula with the numbers of its parameters: ``[days]`` → 30."""

    def number(match: re.Match[str]) -> str:
        return str(params[match[1]]) if match[1] in params else match[0]

    return PARAM.sub(number, text)


@dataclass(frozen=True, kw_only=True)
class FormulaField(Field):
    """A formula about the records of the object that ``object_from`` names.

    ``kinds`` are the kinds of value that it may give, the first one is what the editor expects;
    bool makes it a condition. ``params_from`` names the field whose numbers stand in brackets.
    """

    object_from: str = "object"
    kinds: tuple[str, ...] = ("bool",)
    params_from: str = ""
    unfit: Text = WRONG_KIND
    unfit_code: str = "wrong_kind"

    @property
    def form(self) -> Text:
        if self.kinds == ("bool",):
            return Text("条件（公式语言）", "a condition in the one language")
        return Text("公式（公式语言）", "a formula in the one language")

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and len(value) <= LONGEST

    def wrong(self, value: Any, d: Values) -> Iterator[Problem]:
        if d.get(self.object_from) not in snapshot().objects:  # told of the object
            return
        try:
            found = self.parsed_in(value, d)
        except Refused as refused:
            yield from (replace(p, field=self.name) for p in refused.problems)
            return
        if self.kinds and found.type.kind not in self.kinds:
            yield Problem(self.unfit_code, self.unfit, field=self.name, value=value)

    def parsed_in(self, text: str, d: Values, catalog: Snapshot | None = None) -> Formula:
        """The formula, its parameters filled in. Raises Refused."""
        params = d.get(self.params_from) if self.params_from else None
        params = params if isinstance(params, Mapping) else {}
        expect = ValueType("bool") if self.kinds == ("bool",) else None
        return formula.parse(
            filled(text, params),
            snapshot=catalog or snapshot(),
            object_key=str(d.get(self.object_from)),
            expect=expect,
        )

    def readings(self, value: Any, d: Values) -> Iterator[Reading]:
        params = d.get(self.params_from) if self.params_from else None
        text = filled(value, params if isinstance(params, Mapping) else {})
        expect = ValueType("bool") if self.kinds == ("bool",) else None
        yield Reading(str(d.get(self.object_from)), text, expect)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": LONGEST}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if value in (None, ""):
            return NOT_SET
        with contextlib.suppress(Refused):  # of a field that is not there yet
            if d.get(self.object_from) in snapshot().objects:
                parsed = self.parsed_in(value, d)
                return Text(parsed.sentence("zh"), parsed.sentence("en"))
        return Text(str(value), str(value))

    def questions(self, d: Values) -> list[Question]:
        held = d.get(self.params_from) if self.params_from else None
        names = "、".join(f"[{k}]" for k in held) if isinstance(held, Mapping) else ""
        said = self.help
        if names:
            more = Text("{h}；{n} 代表上面的数。", "{h}; {n} stands for the number above.")
            said = more.format(h=said, n=names)
        expect = self.kinds[0] if self.kinds else ""
        about: dict[str, Any] = {"object": str(d.get(self.object_from) or "")}
        return [
            self.question(
                d, "formula", help=said, expect=expect, object_from=self.object_from, **about
            )
        ]

    def canonical(self, value: Any, d: Values, catalog: Snapshot) -> Any:
        """The formula as it is stored, whatever was typed for it.

        Itself where it has parameters or cannot be read.
        """
        if isinstance(value, str) and d.get(self.object_from) in catalog.objects:
            with contextlib.suppress(Refused):
                parsed = formula.parse(value, snapshot=catalog, object_key=str(d[self.object_from]))
                return parsed.canonical()
        return value
