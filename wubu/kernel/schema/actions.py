"""Plan → show → apply: the only way in which the company's objects change shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now as clock
from wubu.kernel.catalog import actions as catalog
from wubu.kernel.catalog import codec
from wubu.kernel.catalog.queries import revisions_since, snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Revision, Snapshot
from wubu.kernel.permissions.queries import policy
from wubu.kernel.schema import convert, events, history, operations, planning, uses
from wubu.kernel.schema.indexes import with_index, without_index
from wubu.kernel.schema.types import Accept, Plan
from wubu.kernel.types import SYSTEM, Actor, Forbidden, Problem, Refused, Text
from wubu.kernel.workspace import forget


def plan(
    wanted: Iterable[ObjectSpec], *, accept: Accept | None = None, actor: Actor | None = None
) -> Plan:
    """What it takes to make the given objects so; objects that are not named stay as they are.

    Fields that the catalog has and ``wanted`` leaves out stay too: leaving out is not retiring.
    ``accept`` says, by ``object.field``, what is to become of values that a change does not carry
    over. With ``actor`` the plan tells of records and values only what they may see.
    """
    return planning.plan(wanted, accept=accept, rights=policy(actor) if actor else None)


def apply(made: Plan, *, actor: Actor, then: Callable[[], None] | None = None) -> Snapshot:
    """Carry the plan out in one transaction: tables, catalog rows and the log, or nothing.

    ``then`` runs in the same transaction, with the new catalog: what it refuses undoes everything.

    Raises Forbidden, Refused with the plan's problems, or Refused ``catalog_moved`` when someone
    else was first, with who did what.
    """
    require(actor)
    if made.problems:
        raise Refused(*made.problems)
    if made.is_empty:
        if then:
            with transaction.atomic():
                then()
        return snapshot()
    before = snapshot()
    whole = planning.whole(before, made)
    try:
        with operations.editing() as editor:
            if catalog.lock_version() != made.token:
                raise Refused(*history.moved(made.revision))
            way = operations.legs(before, whole, made.conversions, made.restorations)
            operations.run(editor, way, lambda state: _fill(before, made, state))
            token = catalog.store(made.wanted, known=before.objects, dropped=made.dropped)
            _note(before, made, whole, actor, token)
            moved = uses.reading(snapshot(), _moved(made))
            events.emit(events.SchemaChange(before, snapshot(), actor, moved))
            if then:
                then()
    finally:
        forget()  # whatever was rendered inside must not outlive a roll-back
    return snapshot()


def require(actor: Actor) -> None:
    """Raises Forbidden unless the actor may change objects and fields."""
    if not policy(actor).may_setup("objects"):
        raise Forbidden(
            Problem(
                "no_setup",
                Text("您没有修改对象和字段的权限。", "You may not change objects and fields."),
                Text("请联系管理员。", "Ask the owner of the workspace."),
            )
        )


def undo(revision_id: int, *, actor: Actor) -> Snapshot:
    """Take an applied change back, while nothing newer depends on it.

    Raises Missing, Forbidden, or Refused with everything that stands in the way.
    """
    require(actor)
    return apply(history.undoing(revision_id), actor=actor)


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


def change_field(field: FieldSpec, *, actor: Actor, accept: Accept | None = None) -> Snapshot:
    """Replace a field by another version of itself: label, type, help, options, choices …"""
    spec = snapshot().object(field.object)
    spec.field(field.key)
    wanted = replace(spec, fields={**spec.fields, field.key: field})
    return apply(plan([wanted], accept=accept), actor=actor)


def change(spec: ObjectSpec, *, actor: Actor) -> Snapshot:
    return apply(plan([spec]), actor=actor)


def relabel(object_key: str, field_key: str | None, label: Text, *, actor: Actor) -> Snapshot:
    """Rename an object or a field. No table is touched."""
    spec = snapshot().object(object_key)
    if field_key is None:
        return change(replace(spec, label=label, plural=label), actor=actor)
    return change_field(replace(spec.field(field_key), label=label), actor=actor)


def reorder_fields(object_key: str, keys: Sequence[str], *, actor: Actor) -> Snapshot:
    """Put fields in this order; those that are not named follow as they were."""
    spec = snapshot().object(object_key)
    named = [k for k in dict.fromkeys(keys) if spec.field(k)]
    order = [*named, *(k for k in spec.fields if k not in set(named))]
    fields = {k: replace(spec.fields[k], position=n) for n, k in enumerate(order, 1)}
    return change(replace(spec, fields=fields), actor=actor)


def reorder_objects(places: Sequence[tuple[str, str]], *, actor: Actor) -> Snapshot:
    """Put objects (key, step of the navigation) in this order; the others follow as they were."""
    now = snapshot()
    groups = {key: group for key, group in places if now.object(key)}
    order = [*groups, *(k for k in now.objects if k not in groups)]
    wanted = [
        replace(now.object(k), position=n, group=groups.get(k, now.object(k).group))
        for n, k in enumerate(order, 1)
    ]
    return apply(plan(wanted), actor=actor)


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


def ensure_index(object_key: str, keys: str | Sequence[str], *, actor: Actor = SYSTEM) -> bool:
    """Make a list sorted by these columns quick; True if there was no such index yet.

    One or several fields or base columns, in the order of the sort. What cannot be indexed
    (formulas, links to many) raises Refused, and so do too many indexes on one object. Whoever may
    save a view may have it, so nobody needs the right to change objects. On SQLite not inside a
    transaction.
    """
    wanted = with_index(snapshot().object(object_key), _listed(keys))
    if wanted is None:
        return False
    change(wanted, actor=actor)
    return True


def drop_index(object_key: str, keys: str | Sequence[str], *, actor: Actor = SYSTEM) -> bool:
    """Let such an index go, when no saved view sorts so any more; True if it was there."""
    wanted = without_index(snapshot().object(object_key), _listed(keys))
    if wanted is None:
        return False
    change(wanted, actor=actor)
    return True


def _listed(keys: str | Sequence[str]) -> Sequence[str]:
    return [keys] if isinstance(keys, str) else keys


def three_way(
    mine: ObjectSpec, revision_id: int, *, fields: Iterable[str] = ()
) -> tuple[ObjectSpec, tuple[Revision, ...]]:
    """What somebody wants who began at an older revision, on top of what others did since.

    Of the object and the ``fields`` that were edited, what was not touched keeps the others' newer
    state. Answers the object to plan, and the revisions since.
    """
    now = snapshot().object(mine.key)
    since = revisions_since(revision_id)
    if not since:
        return mine, ()
    others = tuple(r for r in since if mine.key in r.objects)
    base = history.rolled_back(now, others)
    if base is None or not others:
        return mine, since
    return history.merged(base, mine, now, tuple(fields)), since


# Within the transaction


def _fill(before: Snapshot, made: Plan, state: Any) -> None:
    for conversion in made.conversions:
        model = convert.state_model(state, conversion.object)
        convert.fill(before, model, conversion)


def _moved(made: Plan) -> frozenset[tuple[str, str]]:
    """The fields whose values the plan wrote anew."""
    # Where nothing was put aside nothing was held.
    return frozenset(
        [
            *((c.object, c.after.key) for c in made.conversions if c.kept_as),
            *((r.object, r.field) for r in made.restorations if r.kept_as),
        ]
    )


def _note(
    before: Snapshot, made: Plan, whole: Mapping[str, ObjectSpec], actor: Actor, token: str
) -> None:
    """The revision, and one line of the log for each object that the plan touches.

    Record 0 stands for the object itself.
    """
    at = clock()
    pairs = {
        key: codec.parts(before.objects.get(key), whole.get(key))
        for key in dict.fromkeys((*before.objects, *whole))
        if before.objects.get(key) != whole.get(key)
    }
    catalog.note(
        actor=actor,
        at=at,
        token=token,
        steps=[s.description for s in made.steps],
        before={k: b for k, (b, _) in pairs.items()},
        after={k: a for k, (_, a) in pairs.items()},
        moved=[
            {
                "object": c.object,
                "field": c.after.key,
                "kept_as": c.kept_as,
                "answer": c.answer,
                **({"into": dict(c.into)} if c.into else {}),
            }
            for c in made.conversions
        ],
        undoes=made.undoes,
    )
    for key in dict.fromkeys(step.object for step in made.steps):
        said = [s.description.as_dict() for s in made.steps if s.object == key]
        rows = [(0, None, {"steps": said}, None)]
        append(actor=actor, at=at, object_key=key, action="schema", rows=rows)
