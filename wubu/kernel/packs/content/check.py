"""Whether a pack makes sense: its shape, then what its parts say of each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.packs.content.schema import FieldDef, ObjectDef, PackDef
from wubu.kernel.packs.content.shape import choose, path_words, read_shape
from wubu.kernel.packs.content.source import Place, Source
from wubu.kernel.schema.computed import AGGREGATES
from wubu.kernel.types import Problem, Refused, Text

SYSTEM_COLUMNS = frozenset({"created_at", "created_by", "updated_at", "updated_by"})
ROLE_TYPES: Mapping[str, frozenset[str]] = {
    "title": frozenset({"text", "serial", "longtext"}),
    "owner": frozenset({"member"}),
    "when": frozenset({"date", "datetime"}),
    "amount": frozenset({"money", "number", "rollup", "formula"}),
    "stage": frozenset({"stage", "choice"}),
    "customer": frozenset({"link"}),
    "phone": frozenset({"phone"}),
    "email": frozenset({"email"}),
    "serial": frozenset({"serial", "text"}),
    "member": frozenset({"member"}),
    "share": frozenset({"percent"}),
}


def check(source: Source) -> PackDef:
    """The pack as typed. Raises Refused with every problem, each with its file and line."""
    pack, shape, aside = read_shape(source)
    wrong = {str(place[-1]) for place in aside if place}
    found = [p for key in pack.objects for p in _object(source, pack, key)]
    found += _roles(source, pack)
    # What names something that was put aside is told already.
    problems = [*shape, *(p for p in found if str(p.value) not in wrong or not shape)]
    if problems:
        raise Refused(*problems)
    return pack


def _unknown(
    source: Source, path: Place, kind: Text, word: str, among: Iterable[str], **more: Any
) -> Problem:
    return source.problem(
        path,
        "pack_reference",
        Text("{p}：没有{k}“{w}”。", "{p}: there is no {k} “{w}”.").format(
            p=path_words(path), k=kind, w=word
        ),
        choose(word, among),
        value=word,
        **more,
    )


FIELD, OBJECT = Text("字段", "field"), Text("对象", "object")


def _object(source: Source, pack: PackDef, key: str) -> Iterable[Problem]:
    spec = pack.objects[key]
    at: Place = ("objects", key)
    known = {*spec.fields, *SYSTEM_COLUMNS}
    for name, field in spec.fields.items():
        yield from _field(source, pack, key, name, field)
    for role, name in spec.roles.items():
        if name not in spec.fields:
            yield _unknown(source, (*at, "roles", role), FIELD, name, known, object=key)
        elif role in ROLE_TYPES and _of_other_type(spec.fields[name].type, role):
            yield source.problem(
                (*at, "roles", role),
                "pack_role",
                Text(
                    "字段“{f}”的类型是 {t}，不能担任“{r}”。",
                    "The field “{f}” is of type {t} and cannot have the role “{r}”.",
                ).format(f=name, t=spec.fields[name].type, r=role),
                object=key,
                field=name,
            )
    if spec.part_of and spec.part_of not in spec.fields:
        yield _unknown(source, (*at, "part_of"), FIELD, spec.part_of, spec.fields, object=key)
    for number, name in enumerate(spec.columns):
        if name not in known:
            yield _unknown(source, (*at, "list", number), FIELD, name, known, object=key)
    for number, section in enumerate(spec.form):
        for place, name in enumerate(section.fields):
            if name not in spec.fields:
                path = (*at, "form", number, "fields", place)
                yield _unknown(source, path, FIELD, name, spec.fields, object=key)
    yield from _panels(source, pack, key, spec)
    yield from _options(source, key, spec)


def _of_other_type(kind: str, role: str) -> bool:
    return kind in FIELD_TYPES and kind not in ROLE_TYPES[role]


def _options(source: Source, key: str, spec: ObjectDef) -> Iterable[Problem]:
    """The options that name fields: the board's card and the dates of stages."""
    at: Place = ("objects", key, "options")
    for number, name in enumerate(spec.options.get("card") or ()):
        if name not in spec.fields:
            yield _unknown(source, (*at, "card", number), FIELD, name, spec.fields, object=key)
    stage = spec.fields.get(spec.roles.get("stage", ""))
    for choice, name in (spec.options.get("stage_dates") or {}).items():
        path: Place = (*at, "stage_dates", choice)
        if stage is None or choice not in stage.choices:
            known = stage.choices if stage else ()
            yield _unknown(source, path, Text("阶段", "stage"), choice, known, object=key)
        if name not in spec.fields or not spec.fields[name].kind.dated:
            dates = [n for n, f in spec.fields.items() if f.kind.dated]
            yield _unknown(source, path, Text("日期字段", "date field"), name, dates, object=key)


def _panels(source: Source, pack: PackDef, key: str, spec: ObjectDef) -> Iterable[Problem]:
    for number, panel in enumerate(spec.panels):
        path: Place = ("objects", key, "panels", number)
        other = pack.objects.get(panel.object)
        if other is None:
            yield _unknown(source, (*path, "object"), OBJECT, panel.object, pack.objects)
            continue
        via = other.fields.get(panel.via)
        if via is None or via.target != key:
            links = [n for n, f in other.fields.items() if f.target == key]
            yield _unknown(source, (*path, "via"), FIELD, f"{panel.object}.{panel.via}", links)
        for place, name in enumerate(panel.columns):
            if name not in other.fields and name not in SYSTEM_COLUMNS:
                yield _unknown(source, (*path, "columns", place), FIELD, name, other.fields)


def _field(
    source: Source, pack: PackDef, key: str, name: str, field: FieldDef
) -> Iterable[Problem]:
    at: Place = ("objects", key, "fields", name)
    kind = FIELD_TYPES.get(field.type)
    if kind is None:
        what = Text("字段类型", "field type")
        yield _unknown(source, (*at, "type"), what, field.type, FIELD_TYPES, object=key)
        return
    if kind.has_choices and not field.choices:
        yield source.problem(
            at,
            "pack_choices",
            Text("字段“{f}”没有选项。", "The field “{f}” has no choices.").format(f=name),
        )
    if kind.has_target and field.target not in pack.objects:
        yield _unknown(source, (*at, "target"), OBJECT, field.target, pack.objects, object=key)
    if field.default is not None and kind.has_choices and field.default not in field.choices:
        what = Text("选项", "choice")
        yield _unknown(source, (*at, "default"), what, str(field.default), field.choices)
    if field.kind.aggregates:
        yield from _rollup(source, pack, key, at, field)
    if field.kind.calculated and not field.options.get("formula"):
        yield source.problem(
            at,
            "pack_formula",
            Text("公式字段“{f}”没有公式。", "The formula field “{f}” has no formula.").format(
                f=name
            ),
        )


def _rollup(
    source: Source, pack: PackDef, key: str, at: Place, field: FieldDef
) -> Iterable[Problem]:
    at = (*at, "options")
    other = pack.objects.get(str(field.options.get("object", "")))
    if other is None:
        word = str(field.options.get("object", ""))
        yield _unknown(source, (*at, "object"), OBJECT, word, pack.objects, object=key)
        return
    via = other.fields.get(str(field.options.get("via", "")))
    if via is None or via.target != key:
        links = [n for n, f in other.fields.items() if f.target == key]
        yield _unknown(source, (*at, "via"), FIELD, str(field.options.get("via", "")), links)
    agg = field.options.get("agg")
    if agg not in AGGREGATES:
        what = Text("汇总方式", "way to roll up")
        yield _unknown(source, (*at, "agg"), what, str(agg), AGGREGATES)
    if agg != "count" and field.options.get("field") not in other.fields:
        word = str(field.options.get("field", ""))
        yield _unknown(source, (*at, "field"), FIELD, word, other.fields, object=key)


def _roles(source: Source, pack: PackDef) -> Iterable[Problem]:
    for key, role in pack.roles.items():
        for number, grant in enumerate(role.grants):
            path: Place = ("roles", key, "grants", number)
            if grant.object != "*" and grant.object not in pack.objects:
                yield _unknown(source, (*path, "object"), OBJECT, grant.object, pack.objects)
            if (grant.rows == "condition") != bool(grant.condition):
                yield source.problem(
                    path,
                    "pack_condition",
                    Text(
                        "“rows: condition”与“condition”要一起写。",
                        "“rows: condition” and “condition” belong together.",
                    ),
                )
        for object_key, levels in role.fields.items():
            at: Place = ("roles", key, "fields", object_key)
            spec = pack.objects.get(object_key)
            if spec is None:
                yield _unknown(source, at, OBJECT, object_key, pack.objects)
                continue
            for name in levels:
                if name not in spec.fields:
                    yield _unknown(source, (*at, name), FIELD, name, spec.fields)
