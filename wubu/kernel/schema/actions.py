"""Plan → show → apply: the only way in which the company's objects change shape."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.questioner import MigrationQuestioner

from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now as clock
from wubu.kernel.catalog import actions as catalog
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.render import APP, project_state
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.permissions.queries import policy
from wubu.kernel.schema import computed, events
from wubu.kernel.schema.check import problems
from wubu.kernel.schema.describe import steps
from wubu.kernel.schema.types import Plan
from wubu.kernel.types import Actor, Forbidden, Problem, Refused, Text
from wubu.kernel.workspace import choose_schema, forget


def plan(wanted: Iterable[ObjectSpec]) -> Plan:
    """What it takes to make the given objects so; objects that are not named stay as they are.

    Fields that the catalog has and ``wanted`` leaves out stay too: leaving out is not retiring.
    """
    now = snapshot()
    specs = tuple(_keeping(now.objects.get(s.key), s) for s in wanted)
    whole = {**now.objects, **{s.key: s for s in specs}}
    specs = tuple(computed.with_results(whole, s) for s in specs)
    whole |= {s.key: s for s in specs}
    found = [*problems(now, whole)]
    if not found:
        found += computed.problems(now, whole)
    return Plan(
        token=now.token,
        wanted=tuple(replace(s, model=None) for s in specs),
        steps=tuple(steps(now, specs)),
        problems=tuple(found),
        operations=() if found else tuple(_operations(now, whole.values())),
    )


def apply(made: Plan, *, actor: Actor, then: Callable[[], None] | None = None) -> Snapshot:
    """Carry the plan out in one transaction: tables, catalog rows and the log, or nothing.

    ``then`` runs in the same transaction, with the new catalog: what it refuses undoes everything.

    Raises Forbidden, Refused with the plan's problems, or Refused ``catalog_moved`` when someone
    else was first.
    """
    if not policy(actor).may_setup("objects"):
        raise Forbidden(
            Problem(
                "no_setup",
                Text("您没有修改对象和字段的权限。", "You may not change objects and fields."),
                Text("请联系管理员。", "Ask the owner of the workspace."),
            )
        )
    if made.problems:
        raise Refused(*made.problems)
    if made.is_empty:
        if then:
            with transaction.atomic():
                then()
        return snapshot()
    before = snapshot()
    try:
        with _editor() as editor:
            if catalog.lock_version() != made.token:
                raise Refused(
                    Problem(
                        "catalog_moved",
                        Text(
                            "刚刚有人修改了对象设置。",
                            "Someone else has just changed the objects.",
                        ),
                        Text("请重新查看变更后再应用。", "Look at the plan again, then apply it."),
                    )
                )
            _run(editor, made)
            catalog.store(made.wanted)
            _log(made, actor)
            events.tell(events.SchemaChange(before, snapshot(), actor))
            if then:
                then()
    finally:
        forget()  # whatever was rendered inside must not outlive a roll-back
    return snapshot()


def add_object(spec: ObjectSpec, *, actor: Actor) -> Snapshot:
    return apply(plan([spec]), actor=actor)


def add_field(field: FieldSpec, *, actor: Actor) -> Snapshot:
    """Put a new field at the end of its object."""
    spec = snapshot().object(field.object)
    if field.key in spec.fields:
        raise Refused(
            Problem(
                "key_taken",
                Text("标识“{k}”已被使用。", "The key “{k}” is taken.").format(k=field.key),
                Text("换一个标识。", "Choose another key."),
                object=spec.key,
                field=field.key,
            )
        )
    last = max((f.position for f in spec.fields.values()), default=0)
    placed = replace(field, position=field.position or last + 1)
    return change(replace(spec, fields={**spec.fields, field.key: placed}), actor=actor)


def change_field(field: FieldSpec, *, actor: Actor) -> Snapshot:
    """Replace a field by another version of itself: label, help, options, choices …"""
    spec = snapshot().object(field.object)
    spec.field(field.key)
    return change(replace(spec, fields={**spec.fields, field.key: field}), actor=actor)


def change(spec: ObjectSpec, *, actor: Actor) -> Snapshot:
    return apply(plan([spec]), actor=actor)


def relabel(object_key: str, field_key: str | None, label: Text, *, actor: Actor) -> Snapshot:
    """Rename an object or a field. No table is touched."""
    spec = snapshot().object(object_key)
    if field_key is None:
        return change(replace(spec, label=label, plural=label), actor=actor)
    return change_field(replace(spec.field(field_key), label=label), actor=actor)


def retire(
    object_key: str, field_key: str | None = None, *, actor: Actor, back: bool = False
) -> Snapshot:
    """Hide an object or a field; its values stay. ``back=True`` brings it back."""
    spec = snapshot().object(object_key)
    if field_key is None:
        return change(replace(spec, retired=not back), actor=actor)
    return change_field(replace(spec.field(field_key), retired=not back), actor=actor)


def restore(object_key: str, field_key: str | None = None, *, actor: Actor) -> Snapshot:
    return retire(object_key, field_key, actor=actor, back=True)


def _keeping(old: ObjectSpec | None, new: ObjectSpec) -> ObjectSpec:
    if old is None:
        return new
    left_out = {k: f for k, f in old.fields.items() if k not in new.fields}
    return replace(new, fields={**new.fields, **left_out})


def _operations(now: Snapshot, whole: Iterable[ObjectSpec]) -> list[Any]:
    before, after = project_state(now), project_state(whole)
    detector = MigrationAutodetector(before, after, MigrationQuestioner(specified_apps={APP}))
    changes = detector.changes(MigrationGraph())
    return [op for migration in changes.get(APP, []) for op in migration.operations]


@contextlib.contextmanager
def _editor() -> Iterator[BaseDatabaseSchemaEditor]:
    """On SQLite the editor opens before the transaction and is the transaction; on PostgreSQL it
    works inside one.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic():
            choose_schema()
            with connection.schema_editor() as editor:
                yield editor
    else:
        with connection.schema_editor() as editor:
            yield editor


def _log(made: Plan, actor: Actor) -> None:
    """One line of the log for each object that the plan touches; record 0 stands for the object
    itself.
    """
    at = clock()
    for key in dict.fromkeys(step.object for step in made.steps):
        said = [s.description.as_dict() for s in made.steps if s.object == key]
        rows = [(0, None, {"steps": said}, None)]
        append(actor=actor, at=at, object_key=key, action="schema", rows=rows)


def _run(editor: BaseDatabaseSchemaEditor, made: Plan) -> None:
    state = project_state(snapshot())
    for operation in made.operations:
        after = state.clone()
        operation.state_forwards(APP, after)
        operation.database_forwards(APP, editor, state, after)
        state = after
