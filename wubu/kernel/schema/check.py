"""What stands in the way of a wanted catalog: bad names, links into nothing, values that would be
lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Count

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.schema.naming import key_problem
from wubu.kernel.types import Problem, Text


def problems(now: Snapshot, wanted: Mapping[str, ObjectSpec]) -> list[Problem]:
    """All of them at once; ``wanted`` is the whole catalog as it would be."""
    found: list[Problem] = []
    for spec in wanted.values():
        old = now.objects.get(spec.key)
        if old is None:
            found += filter(None, [key_problem(spec.key, object_key=spec.key)])
        found += _roles(spec)
        for field in spec.fields.values():
            before = old.fields.get(field.key) if old else None
            found += _field(wanted, spec, field, before)
            if before is not None and old is not None:
                found += _losses(now, old, before, field)
    return found


def _field(
    wanted: Mapping[str, ObjectSpec], spec: ObjectSpec, field: FieldSpec, before: FieldSpec | None
) -> Iterable[Problem]:
    if before is None:
        yield from filter(None, [key_problem(field.key, object_key=spec.key, field=field.key)])
    if field.type not in FIELD_TYPES:
        yield Problem(
            "no_such_type",
            Text("没有字段类型“{t}”。", "There is no field type “{t}”.").format(t=field.type),
            Text("可用的类型：{all}。", "The types are {all}.").format(
                all=", ".join(sorted(FIELD_TYPES))
            ),
            object=spec.key,
            field=field.key,
            value=field.type,
        )
    elif field.type in ("link", "links") and field.target not in wanted:
        yield Problem(
            "no_such_target",
            Text(
                "“{f}”要关联的对象“{t}”不存在。", "“{f}” links to “{t}”, which does not exist."
            ).format(f=field.label, t=field.target or "—"),
            Text("先创建该对象，或选择已有对象。", "Create that object first, or choose another."),
            object=spec.key,
            field=field.key,
            value=field.target,
        )
    keys = [c.key for c in field.choices]
    for double in sorted({k for k in keys if keys.count(k) > 1}):
        yield Problem(
            "double_choice",
            Text("选项“{c}”重复。", "The option “{c}” is there twice.").format(c=double),
            object=spec.key,
            field=field.key,
            value=double,
        )


def _roles(spec: ObjectSpec) -> Iterable[Problem]:
    wanted = {**spec.roles, **({"part_of": spec.part_of} if spec.part_of else {})}
    for role, key in wanted.items():
        if key not in spec.fields:
            yield Problem(
                "role_without_field",
                Text(
                    "“{o}”的角色“{r}”指向不存在的字段“{f}”。",
                    "The role “{r}” of “{o}” names the field “{f}”, which does not exist.",
                ).format(o=spec.label, r=role, f=key),
                object=spec.key,
                field=key,
            )


def _losses(
    now: Snapshot, spec: ObjectSpec, before: FieldSpec, after: FieldSpec
) -> Iterable[Problem]:
    """A change that the values already there would not survive, with how many they are."""
    moved = (before.type, before.target) != (after.type, after.target)
    rescaled = before.options.get("decimals", 0) != after.options.get("decimals", 0)
    if moved or rescaled:
        held = values_held(now, spec, before)
        if held:
            yield Problem(
                "would_lose_values",
                Text(
                    "“{o}.{f}”已有 {n} 条记录填了值，改成这种类型会丢失它们。",
                    "{n} records hold a value in “{o}.{f}”; this change of type would lose them.",
                ).format(o=spec.label, f=before.label, n=held),
                Text(
                    "新建一个字段，把值复制过去，再停用旧字段。",
                    "Add a new field, copy the values, then retire the old one.",
                ),
                object=spec.key,
                field=before.key,
                value=held,
            )
    gone = {c.key for c in before.choices} - {c.key for c in after.choices}
    if gone and before.type in ("choice", "stage") and before.type == after.type:
        yield from _choices_in_use(now, spec, before, gone)
    if after.unique and not before.unique and not moved:
        yield from _doubles(now, spec, before)


def values_held(now: Snapshot, spec: ObjectSpec, field: FieldSpec) -> int:
    """How many records, archived ones included, hold a value in the field."""
    if FIELD_TYPES[field.type].virtual:
        return 0
    rows = now.model(spec.key)._default_manager
    return rows.filter(**{f"{field.key}__isnull": False}).values("id").distinct().count()


def _choices_in_use(
    now: Snapshot, spec: ObjectSpec, field: FieldSpec, gone: set[str]
) -> Iterable[Problem]:
    rows = now.model(spec.key)._default_manager.filter(**{f"{field.key}__in": gone})
    for key, count in rows.values_list(field.key).annotate(Count("id")).order_by(field.key):
        choice = field.choice(key)
        yield Problem(
            "choice_in_use",
            Text(
                "选项“{c}”正被 {n} 条记录使用，不能删除。",
                "{n} records use the option “{c}”; it cannot be removed.",
            ).format(c=choice.label if choice else key, n=count),
            Text("停用该选项即可，旧记录保持不变。", "Retire it instead; old records keep it."),
            object=spec.key,
            field=field.key,
            value=key,
        )


def _doubles(now: Snapshot, spec: ObjectSpec, field: FieldSpec) -> Iterable[Problem]:
    rows = now.model(spec.key)._default_manager.filter(
        archived_at__isnull=True, **{f"{field.key}__isnull": False}
    )
    doubles = rows.values(field.key).annotate(n=Count("id")).filter(n__gt=1)
    count = doubles.count()
    if count:
        first = list(doubles.order_by("-n")[:3])
        yield Problem(
            "not_unique",
            Text(
                "“{f}”有 {n} 个值重复(例如 {e}),还不能设为唯一。",
                "{n} values of “{f}” are there more than once ({e}), so it cannot be unique yet.",
            ).format(f=field.label, n=count, e=", ".join(str(d[field.key]) for d in first)),
            Text("先合并或改正重复的记录。", "Merge or correct those records first."),
            object=spec.key,
            field=field.key,
            value=count,
        )
