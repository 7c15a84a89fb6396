"""Is this a view? Every problem at once; formulas are kept with keys, so that renaming is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wubu.collect.views.types import COLORS, HEIGHTS, SCALES, Color, Look
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import parse
from wubu.kernel.formula.types import Formula
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.query import queries as query
from wubu.kernel.query.types import Query
from wubu.kernel.types import Problem, Refused, Text

BOOL = ValueType("bool")
LISTS = ("sort", "columns", "card")
WORDS = ("filter", "search", "group", "height", "start", "end", "image", "location", "scale")
KNOWN = frozenset({*LISTS, *WORDS, "groups", "widths", "frozen", "colors"})
MOST_GROUPS = 200  # of which the order is kept
MOST_COLORS, MOST_COLUMNS, MOST_FROZEN, MOST_SORTS = 8, 100, 5, 5
NARROWEST, WIDEST = 60, 900  # pixels of a column
LONGEST = 4_000  # characters of a condition


def is_moment(f: FieldSpec) -> bool:
    """Whether a calendar can place a record by this field."""
    return f.kind.type_of(f).dated


def may_group(f: FieldSpec) -> bool:
    """Whether records can be put together by this field: one short value each."""
    return f.kind.may_group(f)


@dataclass
class Checker:
    """Reads one definition for one person."""

    spec: ObjectSpec
    rights: Policy
    problems: list[Problem] = field(default_factory=list)

    def look(self, said: Mapping[str, Any], kind: str) -> Look:
        """The definition as a Look; raises Refused with everything that is wrong with it."""
        for name in said.keys() - KNOWN:
            self.refuse(
                "unknown", name, Text("视图没有“{n}”这一项。", "A view has no “{n}”."), n=name
            )
        words = {n: self.word(said, n) for n in WORDS}
        lists = {n: self.list(said, n) for n in LISTS}
        made = Look(
            filter=self.condition(words["filter"], "filter"),
            sort=self.sort(lists["sort"]),
            search=words["search"][:200],
            group=self.grouping(words["group"]),
            groups=self.groups(said.get("groups", ()), words["group"]),
            columns=self.fields(lists["columns"], "columns"),
            widths=self.widths(said.get("widths", {})),
            frozen=self.number(said.get("frozen", 0), "frozen", MOST_FROZEN),
            height=self.one_of(words["height"], "height", HEIGHTS),
            colors=self.colors(said.get("colors", [])),
            card=self.fields(lists["card"], "card"),
            start=self.moment(words["start"], "start"),
            end=self.moment(words["end"], "end"),
            image=self.single(words["image"], "image"),
            location=self.single(words["location"], "location"),
            scale=self.one_of(words["scale"], "scale", SCALES),
        )
        if kind in ("calendar", "timeline") and not made.start and not self.dated():
            self.refuse(
                "required",
                "start",
                Text("请选择日期字段。", "Choose a date field."),
            )
        if kind == "board" and self.spec.role("stage") is None:
            self.refuse("no_stages", "kind", Text("此对象没有阶段。", "This object has no stages."))
        if self.problems:
            raise Refused(*self.problems)
        return made

    def refuse(self, code: str, where: str, message: Text, **values: object) -> None:
        self.problems.append(
            Problem(code, message.format(**values), object=self.spec.key, field=where)
        )

    def word(self, said: Mapping[str, Any], name: str) -> str:
        value = said.get(name, "")
        if isinstance(value, str) and len(value) <= LONGEST:
            return value.strip()
        self.refuse("not_text", name, Text("这里应是一段文字。", "A text is expected here."))
        return ""

    def list(self, said: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = said.get(name, ())
        if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
            return tuple(dict.fromkeys(v.strip() for v in value if v.strip()))[:MOST_COLUMNS]
        self.refuse("not_a_list", name, Text("这里应是一列字段。", "A list of fields is expected."))
        return ()

    def number(self, value: Any, name: str, most: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        said = Text("请填 0 到 {n} 的整数。", "Give a whole number from 0 to {n}.")
        self.refuse("out_of_range", name, said, n=most)
        return 0

    def one_of(self, value: str, name: str, known: Mapping[str, Text]) -> str:
        if value and value not in known:
            listed = ", ".join(k for k in known if k)
            said = Text("只能是 {n}。", "It can only be one of {n}.")
            self.refuse("not_an_option", name, said, n=listed)
            return ""
        return value

    def readable(self, key: str) -> FieldSpec | None:
        """The field, unless it is not there or may not be read: the two look alike."""
        found = self.spec.fields.get(key)
        if found is None or found.retired or not self.rights.readable(self.spec.key, (key,)):
            return None
        return found

    def shown(self, key: str) -> FieldSpec | None:
        """The field, if it is shown to the reader at all, be it masked."""
        found = self.spec.fields.get(key)
        if found is None or found.retired or self.rights.level(self.spec.key, key) == "hidden":
            return None
        return found

    def fields(self, keys: tuple[str, ...], name: str) -> tuple[str, ...]:
        for key in keys:
            if self.shown(key) is None:
                self.no_field(key, name)
        return keys

    def single(self, key: str, name: str) -> str:
        if key and self.shown(key) is None:
            self.no_field(key, name)
        return key

    def no_field(self, key: str, name: str) -> None:
        said = Text("“{o}”没有字段“{f}”。", "“{o}” has no field “{f}”.")
        self.refuse("no_such_field", name, said, o=self.spec.label, f=key)

    def moment(self, key: str, name: str) -> str:
        found = self.readable(key) if key else None
        if key and found is None:
            self.no_field(key, name)
        elif found is not None and not is_moment(found):
            said = Text("“{f}”不是日期。", "“{f}” is not a date.")
            self.refuse("not_a_date", name, said, f=found.label)
        return key

    def dated(self) -> bool:
        return any(is_moment(f) for f in self.spec.live_fields if self.readable(f.key))

    def grouping(self, key: str) -> str:
        found = self.readable(key) if key else None
        if key and found is None:
            self.no_field(key, "group")
        elif found is not None and not may_group(found):
            said = Text("不能按“{f}”分组。", "“{f}” cannot be grouped by.")
            self.refuse("not_groupable", "group", said, f=found.label)
        return key

    def groups(self, said: Any, group: str) -> tuple[str, ...]:
        """The values that come first; without a group there is nothing to order."""
        if not isinstance(said, list | tuple) or not all(isinstance(v, str) for v in said):
            self.refuse(
                "not_a_list",
                "groups",
                Text("这里应是一列分组的值。", "A list of the groups' values is expected."),
            )
            return ()
        return tuple(dict.fromkeys(v[:200] for v in said))[:MOST_GROUPS] if group else ()

    def sort(self, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(names) > MOST_SORTS:
            self.refuse(
                "too_many",
                "sort",
                Text("最多按 {n} 个字段排序。", "At most {n} fields can be sorted by."),
                n=MOST_SORTS,
            )
        try:
            query.compile(
                Query(sort=names[:MOST_SORTS]),
                snapshot=snapshot(),
                object_key=self.spec.key,
                readable=self.path,
            )
        except Refused as refused:
            self.problems += refused.problems
        return names

    def path(self, path: tuple[str, ...]) -> bool:
        return self.rights.readable(self.spec.key, path)

    def condition(self, text: str, name: str) -> str:
        """The condition with keys in place of labels."""
        if not text:
            return ""
        try:
            return self.formula(text).canonical()
        except Refused as refused:
            self.problems += [
                Problem(
                    p.code,
                    p.message,
                    p.hint,
                    object=self.spec.key,
                    field=name,
                    start=p.start,
                    end=p.end,
                    value=p.value,
                    suggestion=p.suggestion,
                )
                for p in refused.problems
            ]
            return text

    def formula(self, text: str) -> Formula:
        return parse(
            text,
            snapshot=snapshot(),
            object_key=self.spec.key,
            expect=BOOL,
            readable=self.path,
        )

    def widths(self, said: Any) -> dict[str, int]:
        if not isinstance(said, Mapping):
            self.refuse("not_widths", "widths", Text("列宽应按字段给出。", "Give widths by field."))
            return {}
        found: dict[str, int] = {}
        for key, value in list(said.items())[:MOST_COLUMNS]:
            if self.shown(str(key)) is None:
                self.no_field(str(key), "widths")
            elif not isinstance(value, int) or isinstance(value, bool):
                self.refuse("not_a_number", "widths", Text("列宽应是整数。", "A width is whole."))
            else:
                found[str(key)] = min(max(value, NARROWEST), WIDEST)
        return found

    def colors(self, said: Any) -> tuple[Color, ...]:
        whole = isinstance(said, list | tuple) and len(said) <= MOST_COLORS
        if not whole or not all(isinstance(c, Mapping) for c in said):
            self.refuse(
                "not_colors",
                "colors",
                Text("颜色规则最多 {n} 条。", "There can be {n} colour rules at most."),
                n=MOST_COLORS,
            )
            return ()
        found = []
        for rule in said:
            when = self.condition(self.word(rule, "when"), "colors")
            color = self.one_of(self.word(rule, "color"), "colors", COLORS)
            of = self.single(self.word(rule, "field"), "colors")
            if when and color:
                found.append(Color(when, color, of))
            else:
                said_ = Text("颜色规则需要条件和颜色。", "A colour needs a condition and a colour.")
                self.refuse("required", "colors", said_)
        return tuple(found)
