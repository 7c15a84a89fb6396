"""Fields that follow another field: look-ups through a link, choices narrowed by a choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.lookup import path_of
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.types import Problem, Text

MOST_LEVELS = 10


def problems(wanted: Mapping[str, ObjectSpec], spec: ObjectSpec) -> Iterable[Problem]:
    """What is wrong with the look-ups and the cascades of an object."""
    for f in spec.fields.values():
        if f.kind.looks_up and not f.retired:
            yield from _lookup(wanted, spec, f)
        if f.options.get("depends_on") and not f.retired:
            yield from _cascade(spec, f)


def _lookup(wanted: Mapping[str, ObjectSpec], spec: ObjectSpec, f: FieldSpec) -> Iterable[Problem]:
    via, key = path_of(f)
    link = spec.fields.get(via)
    there = wanted.get(link.target) if link is not None and link.kind.links_one else None
    if link is None or there is None:
        yield _problem(
            f,
            "no_such_link",
            Text(
                "引用“{f}”需要本对象的一个关联字段。",
                "The look-up “{f}” needs a link of this object.",
            ),
            Text("先添加关联字段，再引用其中的字段。", "Add the link first, then look through it."),
            via,
        )
        return
    found = there.fields.get(key)
    if found is None or found.retired:
        yield _problem(
            f,
            "no_such_field",
            Text(
                "“{f}”要引用的字段在对方对象中不存在。",
                "What “{f}” looks up is no field of the object that the link points at.",
            ),
            Text("从对方对象的字段中选择。", "Choose one of its fields."),
            key,
        )
        return
    if found.kind.looks_up and _circle(wanted, f):
        yield _problem(
            f,
            "circle",
            Text("“{f}”绕一圈引用了自己。", "“{f}” refers to itself in a circle."),
            Text("请引用一个真正的字段。", "Look up a field that holds a value."),
            key,
        )
    elif found.kind.looks_up and _several(wanted, found):
        yield _problem(
            f,
            "not_looked_up",
            Text(
                "“{f}”不能引用对方引用来的多项关联或多名成员。",
                "“{f}” cannot look up links to many that are looked up there themselves.",
            ),
            Text("请经过直接的关联来引用。", "Look them up through a link of their own record."),
            key,
        )


def _several(wanted: Mapping[str, ObjectSpec], f: FieldSpec) -> bool:
    """Whether a look-up shows links to many, which stand in a table between two."""
    here: FieldSpec | None = f
    for _ in range(MOST_LEVELS):
        if here is None or not here.kind.looks_up:
            break
        via, key = path_of(here)
        link = wanted[here.object].fields.get(via)
        there = wanted.get(link.target) if link is not None else None
        here = there.fields.get(key) if there is not None else None
    return here is not None and here.type in FIELD_TYPES and FIELD_TYPES[here.type].many


def _circle(wanted: Mapping[str, ObjectSpec], f: FieldSpec) -> bool:
    here: FieldSpec | None = f
    for _ in range(MOST_LEVELS):
        if here is None or not here.kind.looks_up:
            return False
        via, key = path_of(here)
        link = wanted[here.object].fields.get(via)
        there = wanted.get(link.target) if link is not None else None
        here = there.fields.get(key) if there is not None else None
    return True


def _cascade(spec: ObjectSpec, f: FieldSpec) -> Iterable[Problem]:
    above = spec.fields.get(str(f.options["depends_on"]))
    kinds = FIELD_TYPES
    choosing = above is not None and above.type in kinds and kinds[above.type].has_choices
    seen, here = {f.key}, above
    while here is not None and here.key not in seen:
        seen.add(here.key)
        here = spec.fields.get(str(here.options.get("depends_on") or ""))
    if above is None or not choosing or here is not None or not kinds[f.type].has_choices:
        yield _problem(
            f,
            "no_such_upper",
            Text(
                "“{f}”只能随本对象的另一个选项字段变化，且不能绕圈。",
                "“{f}” can only be narrowed by another choice of this object, and not in a circle.",
            ),
            Text("请改选上级字段。", "Choose another field above it."),
            f.options["depends_on"],
        )
        return
    known = {c.key for c in above.choices}
    lost = [c for c in f.choices if c.parent and c.parent not in known]
    if lost:
        yield _problem(
            f,
            "no_such_parent",
            Text(
                "“{f}”有 {n} 个选项的上级不存在，例如“{o}”。",
                "{n} options of “{f}” stand under one that does not exist, such as “{o}”.",
            ).format(n=len(lost), o=lost[0].label, f=f.label),
            Text("上级应是“{a}”的选项。", "It must be an option of “{a}”.").format(a=above.label),
            lost[0].parent,
        )


def _problem(f: FieldSpec, code: str, message: Text, hint: Text, value: object) -> Problem:
    return Problem(code, message.format(f=f.label), hint, object=f.object, field=f.key, value=value)
