"""Is this a view? Every problem at once; formulas are kept with keys, so that renaming is free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wubu.collect.views.definition import VIEW
from wubu.collect.views.types import Color, Look
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
NARROWEST, WIDEST = 60, 900  # pixels of a column


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
        misfits = VIEW.misfits(said)
        self.problems += [replace(p, object=self.spec.key) for p in misfits]
        wrong = {p.field for p in misfits}
        d = {k: v for k, v in said.items() if k not in wrong and v is not None}
        lists = {n: _once(d.get(n, ())) for n in ("sort", "columns", "card")}
        made = Look(
            filter=self.condition(d.get("filter", "").strip(), "filter"),
            sort=self.sort(lists["sort"]),
            search=d.get("search", "").strip(),
            group=self.grouping(d.get("group", "")),
            groups=tuple(dict.fromkeys(d.get("groups", ()))) if d.get("group") else (),
            columns=self.fields(lists["columns"], "columns"),
            widths=self.widths(d.get("widths", {})),
            frozen=d.get("frozen", 0),
            height=d.get("height", ""),
            colors=self.colors(d.get("colors", ())),
            card=self.fields(lists["card"], "card"),
            start=self.moment(d.get("start", ""), "start"),
            end=self.moment(d.get("end", ""), "end"),
            image=self.single(d.get("image", ""), "image"),
            location=self.single(d.get("location", ""), "location"),
            scale=d.get("scale", ""),
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

    def sort(self, names: tuple[str, ...]) -> tuple[str, ...]:
        try:
            query.compile(
                Query(sort=names),
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

    def widths(self, said: Mapping[str, int]) -> dict[str, int]:
        for key in said:
            self.single(key, "widths")
        return {key: min(max(value, NARROWEST), WIDEST) for key, value in said.items()}

    def colors(self, said: Iterable[Mapping[str, str]]) -> tuple[Color, ...]:
        return tuple(
            Color(
                self.condition(rule["when"].strip(), "colors"),
                rule["color"],
                self.single(rule.get("field") or "", "colors"),
            )
            for rule in said
        )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
