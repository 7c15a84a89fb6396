"""What stands in the way of a wanted catalog.

Bad names, links into nothing, values that would be lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from django.db.models import Count

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.formula import queries as formula
from wubu.kernel.schema import uses
from wubu.kernel.schema.naming import key_problem, label_problems, object_label_problems
from wubu.kernel.schema.types import Conversion, Reading, Use
from wubu.kernel.types import Problem, Refused, Text

MOST_FIELDS = 1_000
MOST_CHOICES = 10_000
LISTED = 5
WOULD_LOSE = Text(
    "“{f}”的 {all} 个值中有 {n} 个无法转换。",
    "{n} of the {all} values of “{f}” cannot be carried over.",
)
CHOICE_IN_USE = Text(
    "“{f}”的 {all} 个值中有 {n} 个用到要删除的选项。",
    "{n} of the {all} values of “{f}” use the options that would go.",
)
ROLE_TYPES = {
    "owner": ("member",),
    "amount": ("money", "number", "rollup", "formula"),
    "when": ("date", "datetime", "formula", "rollup"),
    "stage": ("stage", "choice"),
    "customer": ("link",),
}


def problems(now: Snapshot, wanted: Mapping[str, ObjectSpec]) -> list[Problem]:
    """All of them at once; ``wanted`` is the whole catalog as it would be."""
    found: list[Problem] = []
    for spec in wanted.values():
        old = now.objects.get(spec.key)
        if old == spec:
            continue
        if old is None:
            found += filter(None, [key_problem(spec.key, object_key=spec.key)])
        found += _roles(spec)
        for field in spec.fields.values():
            before = old.fields.get(field.key) if old else None
            found += _field(wanted, spec, field, before)
            if before is not None and old is not None and before != field:
                found += doubles(now, old, before, field)
        found += label_problems(spec, old)
        found += object_label_problems(spec, old, wanted.values())
        if len(spec.fields) > MOST_FIELDS:
            found.append(
                Problem(
                    "too_many_fields",
                    Text("一个对象最多 {n} 个字段。", "An object has {n} fields at most.").format(
                        n=MOST_FIELDS
                    ),
                    Text("把一部分放到另一个关联的对象。", "Put some of them on a linked object."),
                    object=spec.key,
                )
            )
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
    elif field.kind.has_target and not field.target:
        yield Problem(
            "no_such_target",
            Text("请选择“{f}”关联到哪个对象。", "Choose the object that “{f}” links to.").format(
                f=field.label
            ),
            object=spec.key,
            field=field.key,
        )
    elif field.kind.has_target and field.target not in wanted:
        yield Problem(
            "no_such_target",
            Text(
                "“{f}”要关联的对象“{t}”不存在。", "“{f}” links to “{t}”, which does not exist."
            ).format(f=field.label, t=field.target),
            Text("先创建该对象，或选择已有对象。", "Create that object first, or choose another."),
            object=spec.key,
            field=field.key,
            value=field.target,
        )
    if before is not None and before.choices == field.choices:
        return
    keys = Counter(c.key for c in field.choices)
    if len(keys) > MOST_CHOICES:
        yield Problem(
            "too_many_choices",
            Text("选项最多 {n} 个。", "{n} options at most.").format(n=MOST_CHOICES),
            Text("更多的值请放进一个对象并关联它。", "Put more into an object and link to it."),
            object=spec.key,
            field=field.key,
            value=len(keys),
        )
    for double in sorted(k for k, n in keys.items() if n > 1):
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
        elif role in ROLE_TYPES and spec.fields[key].type not in ROLE_TYPES[role]:
            yield Problem(
                "role_of_other_type",
                Text(
                    "“{f}”的类型不能作为“{o}”的关键字段“{r}”。",
                    "A field of the type of “{f}” cannot be the {r} of “{o}”.",
                ).format(o=spec.label, r=role, f=spec.fields[key].label),
                Text("先为它另选一个字段。", "Choose another field for that first."),
                object=spec.key,
                field=key,
                value=role,
            )


def losses(conversions: Iterable[Conversion]) -> Iterator[Problem]:
    """Conversions that would lose values while nobody has said what is to become of them."""
    for c in conversions:
        if not c.lost or c.answer is not None:
            continue
        if c.before.type == c.after.type and FIELD_TYPES[c.before.type].has_choices:
            code, message = "choice_in_use", CHOICE_IN_USE
        else:
            code, message = "would_lose_values", WOULD_LOSE
        yield Problem(
            code,
            message.format(n=c.lost, all=c.held, f=c.before.label),
            Text(
                "先改正这些值，或选择留空（原值保留在停用的字段“{k}”中）。",
                "Correct them first, or choose to leave them empty; the old values "
                "stay in the disabled field “{k}”.",
            ).format(k=c.kept_as),
            object=c.object,
            field=c.after.key,
            value=c.lost,
        )


def breaking(now: Snapshot, planned: Snapshot) -> Iterator[Problem]:
    """What would be dead or wrong: uses of what is retired or gone, formulas nobody can read."""
    gone = _gone(now, planned)
    moved = {
        (o.key, f.key)
        for o in planned.objects.values()
        for f in o.fields.values()
        if o.key in now.objects and _other(now.objects[o.key].fields.get(f.key), f)
    }
    if not gone and not moved:
        return
    # A use that stays as it is shows in the catalog of now: what is gone nobody can read.
    remaining = [u for u in uses.everywhere(now) if not _differs(now, planned, u)]
    others = [u for u in uses.everywhere(planned) if _differs(now, planned, u)]
    for use in (*remaining, *others):
        hit = sorted(use.touches & gone) if use.breaks else []
        if hit:
            yield _in_use(now, use, hit[0])
        elif use.breaks and use.touches & moved:
            yield from _unread(now, planned, use)


def _differs(now: Snapshot, planned: Snapshot, use: Use) -> bool:
    """Whether the part of the catalog that says a use is another in the plan, or gone."""
    if use.owner is None:
        return False
    key, field_key = use.owner
    old, new = now.objects.get(key), planned.objects.get(key)
    if old is None or new is None or new.retired:
        return True
    if field_key:
        return old.fields.get(field_key) != new.fields.get(field_key)
    return (old.options, old.roles, old.part_of) != (new.options, new.roles, new.part_of)


def _gone(now: Snapshot, planned: Snapshot) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for spec in now.live:
        new = planned.objects.get(spec.key)
        if new is None or new.retired:
            found |= {(spec.key, ""), *((spec.key, k) for k in spec.fields)}
            continue
        for f in spec.live_fields:
            after = new.fields.get(f.key)
            if after is None or after.retired:
                found.add((spec.key, f.key))
    return found


def _other(before: FieldSpec | None, after: FieldSpec) -> bool:
    return before is not None and (
        (before.type, before.target) != (after.type, after.target)
        or {c.key for c in before.choices} - {c.key for c in after.choices} != set()
        or before.options.get("result") != after.options.get("result")
    )


def _in_use(now: Snapshot, use: Use, part: tuple[str, str]) -> Problem:
    spec = now.objects[part[0]]
    label = spec.fields[part[1]].label if part[1] else spec.label
    return Problem(
        "in_use",
        Text("“{f}”正被{k}“{u}”使用。", "“{f}” is used: {k} {u}.").format(
            f=label, k=use.kind, u=use.label
        ),
        Text(
            "请先修改或停用它，再停用“{f}”。", "Change or disable that first, then disable “{f}”."
        ).format(f=label),
        object=part[0],
        field=part[1] or None,
        value=use.url,
    )


def _unread(now: Snapshot, planned: Snapshot, use: Use) -> Iterator[Problem]:
    for reading in use.readings:
        if _reads(now, reading) and not _reads(planned, reading):
            yield Problem(
                "breaks_use",
                Text(
                    "{k}“{u}”里的“{t}”会因此失效。", "{k} {u} would no longer understand “{t}”."
                ).format(k=use.kind, u=use.label, t=reading.text),
                Text("请先修改它，再做这项变更。", "Change that first."),
                object=reading.object,
                value=use.url,
            )


def _reads(snapshot: Snapshot, reading: Reading) -> bool:
    try:
        formula.parse(
            reading.text, snapshot=snapshot, object_key=reading.object, expect=reading.expect
        )
    except Refused:
        return False
    return True


def doubles(
    now: Snapshot, spec: ObjectSpec, before: FieldSpec, after: FieldSpec
) -> Iterator[Problem]:
    """Values that stand in the way of a field becoming unique."""
    if not after.unique or before.unique or FIELD_TYPES[before.type].virtual:
        return
    if FIELD_TYPES[after.type].many or FIELD_TYPES[after.type].virtual:
        yield Problem(
            "cannot_be_unique",
            Text("这种类型的字段不能设为不可重复。", "A field of this type cannot be unique."),
            object=spec.key,
            field=before.key,
        )
        return
    rows = now.model(spec.key)._default_manager.filter(
        archived_at__isnull=True, **{f"{before.key}__isnull": False}
    )
    same = rows.values(before.key).annotate(n=Count("id")).filter(n__gt=1)
    count = same.count()
    if count:
        first = [d[before.key] for d in same.order_by("-n", before.key)[:LISTED]]
        said = FIELD_TYPES[before.type].shower(before)
        yield Problem(
            "not_unique",
            Text(
                "“{f}”有 {n} 个值重复（例如 {e}），还不能设为唯一。",
                "{n} values of “{f}” are there more than once ({e}), so it cannot be unique yet.",
            ).format(f=before.label, n=count, e=", ".join(said(v) for v in first)),
            Text("先合并或改正重复的记录。", "Merge or correct those records first."),
            object=spec.key,
            field=before.key,
            value=count,
        )


def values_held(now: Snapshot, spec: ObjectSpec, field: FieldSpec) -> int:
    """How many records, archived ones included, hold a value in the field."""
    if FIELD_TYPES[field.type].virtual:
        return 0
    rows = now.model(spec.key)._default_manager
    return rows.filter(**{f"{field.key}__isnull": False}).values("id").distinct().count()


def gaps(now: Snapshot, spec: ObjectSpec, before: FieldSpec, after: FieldSpec) -> int:
    """How many records have none of a field that is required from now on."""
    kind = FIELD_TYPES[after.type]
    if not after.required or before.required or kind.computed or before.type != after.type:
        return 0
    rows = now.model(spec.key)._default_manager.filter(archived_at__isnull=True)
    return rows.filter(**{f"{after.key}__isnull": True}).count()
