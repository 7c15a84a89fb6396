"""What editors ask about a formula: its words, what is wrong with it, what it says and gives.

Pages and the API answer with the same. Whoever may set something up may name every field; others
only what they may read. A value is shown only of fields that the asker may read, on a record that
they may see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice, ObjectSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as language
from wubu.kernel.formula.types import Formula
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.types import Policy
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries as records
from wubu.kernel.records.indexing.tokens import read_aloud
from wubu.kernel.types import Missing, Problem, Refused, Text
from wubu.web.ui import show

# kind: what the formula editor asks for; the language's own kinds
EXPECT: dict[str, ValueType | None] = {
    "": None,
    "bool": ValueType("bool"),
    "number": ValueType("number", 6),
    "text": ValueType("text"),
    "date": ValueType("date"),
    "datetime": ValueType("datetime"),
}
# kind: names of the formula language's own kinds
KINDS = {
    "number": Text("数字", "number"),
    "text": Text("文本", "text"),
    "bool": Text("是/否", "yes or no"),
    "date": Text("日期", "date"),
    "datetime": Text("日期时间", "date and time"),
    "choice": Text("选项", "option"),
    "choices": Text("多选", "options"),
    "link": Text("关联", "link"),
    "links": Text("多条关联", "links"),
    "member": Text("成员", "member"),
    "team": Text("团队", "team"),
    "files": Text("附件", "files"),
}
AREAS = ("objects", "metrics", "alerts", "roles", "incentives", "scorecards")
PARAM = re.compile(r"\[([a-z][a-z0-9_]{0,62})\]")  # [days] in a rule stands for a whole number
DASH = "–"


@dataclass(frozen=True, slots=True)
class Word:
    """What may be written between curly brackets. ``written`` is its text, ``path`` its keys."""

    written: str
    path: str
    label: Text
    kind: str
    initials: str
    links_to: str = ""
    options: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """What a formula comes to. ``value`` is shown for the record ``record_id``, if there is one."""

    problems: tuple[Problem, ...]
    kind: str = ""
    scale: int = 0
    canonical: str = ""
    labelled: str = ""
    sentence: str = ""
    value: str | None = None
    record_id: int | None = None
    record_title: str = ""
    why_no_value: Text | None = None


def readable(
    policy: Policy, object_key: str, *, own: bool = False
) -> Callable[[tuple[str, ...]], bool] | None:
    """What may be named; None for everything, which is for those who set something up.

    ``own``: for the reader's own use, such as the filter of a list; then only what they may read.
    """
    if not own and any(policy.may_setup(area) for area in AREAS):
        return None
    policy.require("view", object_key)
    return lambda path: policy.readable(object_key, path)


def words(
    policy: Policy, object_key: str, path: str = "", *, own: bool = False
) -> tuple[Word, ...]:
    """The fields of an object, or of what a path of links from it leads to. Raises Refused."""
    seen = readable(policy, _object(object_key).key, own=own)
    steps = tuple(s for s in path.split(".") if s)
    here = language.target(snapshot(), object_key, steps)
    if here is None or (steps and seen is not None and not seen((*steps, "id"))):
        raise Missing(
            Problem(
                "no_such_link",
                Text("“{p}”不是关联字段。", "“{p}” is not a link.").format(p=path),
                object=object_key,
                value=path,
            )
        )
    names = language.names(snapshot(), here, seen, steps)
    if here in snapshot().objects:
        names += language.many(snapshot(), here, seen, steps)
    return tuple(
        Word(
            written=name.label.say(),
            path=name.path,
            label=name.label,
            kind=name.type.kind,
            initials=initials(name.label.zh),
            links_to=name.links_to or (name.type.target if name.type.links_many else ""),
            options=tuple(c for c in name.choices if not c.retired),
        )
        for name in names
    )


@lru_cache(maxsize=4096)
def initials(label: str) -> str:
    """The first letters of a Chinese label as it is read aloud: 金额 is je."""
    return "".join(syllable[0] for syllable in read_aloud(label))


def look(
    policy: Policy,
    object_key: str,
    text: str,
    *,
    expect: str = "",
    record_id: int | None = None,
    sample: bool = True,
    params: Mapping[str, str] | None = None,
    own: bool = False,
) -> Looked:
    """Everything an editor shows below a formula. What is wrong with it is told, not raised.

    ``params`` are the numbers that ``[names]`` in a rule stand for.
    """
    known = params or {}

    def number(found: re.Match[str]) -> str:
        raw = known.get(found[1], "")
        fits = raw.isascii() and raw.isdigit() and len(raw) <= len(found[0])
        return (raw if fits else "1").ljust(len(found[0]))  # places stay as written

    spec = _object(object_key)
    seen = readable(policy, spec.key, own=own)
    plain = PARAM.sub(number, text)
    try:
        formula = language.parse(
            plain,
            snapshot=snapshot(),
            object_key=spec.key,
            expect=EXPECT.get(expect),
            readable=seen,
        )
    except Refused as refused:
        return Looked(refused.problems)
    as_written = formula if plain == text else None
    looked: dict[str, Any] = {
        "problems": (),
        "kind": formula.type.kind,
        "scale": formula.type.scale,
        "canonical": as_written.canonical() if as_written else text,
        "labelled": as_written.labelled() if as_written else text,
        "sentence": formula.sentence(),
    }
    if not sample:
        return Looked(**looked)
    return Looked(**looked, **_valued(policy, spec, formula, record_id))


def _valued(
    policy: Policy, spec: ObjectSpec, formula: Formula, record_id: int | None
) -> Mapping[str, Any]:
    """The value on one record, as far as the asker may know it."""
    if not policy.may("view", spec.key):
        return {"why_no_value": _unseen(spec)}
    if any(not policy.readable(spec.key, path) for path in formula.written):
        return {
            "why_no_value": Text(
                "公式用到您无权查看的字段，不显示结果。",
                "It uses a field that you may not see; no result is shown.",
            )
        }
    if record_id is None:
        page = records.page(policy.actor, spec.key, Query(limit=1))
        record_id = page.records[0].id if page.records else None
    if record_id is None:
        return {"why_no_value": Text("还没有可试算的记录。", "There is no record to try it on.")}
    rows = records.visible(policy.actor, spec.key, archived=None).filter(id=record_id)
    for path in formula.written:
        rows = rows.filter(policy.across(spec.key, path))
    value = formula.expression(context=policy.context)
    found = list(rows.annotate(formula_value=value).values_list("formula_value", flat=True))
    if not found:
        return {"why_no_value": _unseen(spec)}
    here = records.visible(policy.actor, spec.key, archived=None).filter(id=record_id)
    (record,) = records.present(policy.actor, spec.key, here, ())
    return {
        "value": shown(policy, formula, found[0]),
        "record_id": record_id,
        "record_title": record.title,
    }


def _unseen(spec: ObjectSpec) -> Text:
    return Text("没有您可以查看的“{o}”。", "There is no “{o}” that you may see.").format(
        o=spec.label
    )


def shown(policy: Policy, formula: Formula, value: Any) -> str:
    """A value in words, for a reader."""
    type_ = formula.type
    if value is None or value == ():
        return DASH
    if type_.numeric:
        exact = Decimal(value).scaleb(-type_.scale)
        written = f"{exact:f}".partition(".")[2].rstrip("0")
        return show.number(exact, len(written))
    if isinstance(value, bool):
        return str(Text("是", "yes") if value else Text("否", "no"))
    if isinstance(value, datetime):
        return show.moment(value)
    if isinstance(value, date):
        return show.date(value)
    if type_.chosen:
        labels = {c.key: str(c.label) for c in formula.options.get(type_.target, ())}
        keys: Iterable[str] = value if isinstance(value, tuple) else (value,)
        return "、".join(labels.get(k, k) for k in keys)
    if type_.names_member:
        return people.names([value]).get(value, f"#{value}")
    if type_.refers_to_one:
        return f"#{value}"
    return str(value)


def _object(object_key: str) -> ObjectSpec:
    """The object. Raises Missing."""
    spec = snapshot().objects.get(object_key)
    if spec is None or spec.retired:
        raise Missing(
            Problem(
                "no_such_object",
                Text("没有对象“{k}”。", "There is no object “{k}”.").format(k=object_key),
                object=object_key,
            )
        )
    return spec
