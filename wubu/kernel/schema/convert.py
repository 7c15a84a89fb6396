"""Values of a field in another type: which can be carried over, which cannot, and doing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from django.db import connection
from django.db.models import Q

from wubu.kernel import bulk
from wubu.kernel.catalog.render import APP
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.permissions.types import Policy
from wubu.kernel.schema.rereading import (
    Lost,
    chunks,
    counts,
    held,
    holds_words,
    is_link,
    key_of,
    named,
    names,
    reader,
    room,
)
from wubu.kernel.schema.types import INTO, Accept, Answer, Conversion, Going, Loss
from wubu.kernel.types import Text

LISTED = 100  # losses that a plan tells one by one


def moves(before: FieldSpec, after: FieldSpec) -> bool:
    """Whether values must be read anew.

    The type, the target, the scale, the room or the options are others.
    """
    if (before.type, before.target) != (after.type, after.target):
        return True
    kind = FIELD_TYPES[before.type]
    if kind.virtual or kind.computed:
        return False
    if kind.numeric:
        return kind.type_of(before).scale != kind.type_of(after).scale
    if holds_words(before):
        return room(after) < room(before)
    if kind.has_choices:
        return bool({c.key for c in before.choices} - {c.key for c in after.choices})
    return False


def preview(
    now: Snapshot,
    spec: ObjectSpec,
    before: FieldSpec,
    after: FieldSpec,
    *,
    accept: Accept,
    rights: Policy | None = None,
) -> Conversion | None:
    """What a change of a field would do to its values; None where it does nothing to any.

    With ``rights`` the losses tell of records and values only what the reader may see.
    """
    made = Conversion(spec.key, before, after, 0, 0)
    made = replace(made, answer=cast(Answer | None, accept.get(made.key)))
    if FIELD_TYPES[before.type].virtual:
        return made if before.type != after.type else None
    same = before.type == after.type and before.target == after.target
    number, values = counts(now, spec, before)
    if same and FIELD_TYPES[before.type].has_choices:
        going = _going(made, number, values, accept)
        if not going:
            return None  # nobody has what is taken away
        into = {g.choice.key: g.into.key if g.into else "" for g in going if g.settled}
        made = replace(made, going=going, into=into)
    read = reader(now, before, after, made.into)
    lost: dict[Any, Lost] = {}
    for some in chunks(values.items()):
        lost.update({k: r for k, r in read(dict(some)).items() if isinstance(r, Lost)})
    if same and not lost and not made.into and not before.kind.numeric:
        return None  # the column may change where it is
    in_all = sum(number.values())
    return replace(
        made,
        held=in_all,
        lost=sum(number[v] for v in lost),
        losses=_losses(now, spec, before, after, lost, rights),
        kept_as=copy_key(spec, before) if in_all else "",
        can_be_close=any(r.closest is not None for r in lost.values()),
    )


def _going(
    made: Conversion, number: Mapping[Any, int], values: Mapping[Any, Any], accept: Accept
) -> tuple[Going, ...]:
    """The options in use that go, in their order, with what was said of each."""
    rest = {c.key: c for c in made.after.choices}
    by_label = {word: c for c in made.after.choices for word in (c.label.zh, c.label.en)}
    held_by: Counter[str] = Counter()
    for key, value in values.items():
        for part in value if isinstance(value, tuple) else (value,):
            held_by[part] += number[key]
    found = []
    for choice in made.before.choices:
        if choice.key in rest or not held_by[choice.key]:
            continue
        said = accept.get(f"{made.key}:{choice.key}", "")
        wanted = said.removeprefix(INTO).strip() if said.startswith(INTO) else ""
        to = rest.get(wanted) or by_label.get(wanted)
        settled = to is not None or said == "empty"
        found.append(Going(choice, held_by[choice.key], to, settled))
    return tuple(found)


def answers(key: str, move: Mapping[str, Any]) -> Accept:
    """What had been said of a field's values, from the log, as ``preview`` takes it."""
    found = {key: str(move["answer"])} if move.get("answer") else {}
    into: Mapping[str, str] = move.get("into") or {}
    return found | {f"{key}:{k}": f"{INTO}{v}" if v else "empty" for k, v in into.items()}


def copy_key(spec: ObjectSpec, f: FieldSpec) -> str:
    """A free key for the field in which old values are put aside."""
    stem = f.key[:33]
    number = 1
    while True:
        key = f"{stem}_was" if number == 1 else f"{stem}_was{number}"
        if key not in spec.fields:
            return key
        number += 1


def copy_of(f: FieldSpec, key: str) -> FieldSpec:
    """The retired field that keeps the old values."""
    options = {k: v for k, v in f.options.items() if k not in ("index", "required_when")}
    # What numbers, moves or adds up by itself is put aside as what it holds.
    kind = f.kind.put_aside_as or f.kind.result(f).key
    if f.kind.numbered:
        options = {}
    label = Text(f"{f.label.zh}（原值）", f"{f.label.en} (before)")
    return replace(
        f,
        key=key,
        type=kind,
        label=label,
        required=False,
        unique=False,
        default=None,
        options={**options, "copy_of": f.key},
        retired=True,
    )


def _losses(
    now: Snapshot,
    spec: ObjectSpec,
    before: FieldSpec,
    after: FieldSpec,
    lost: Mapping[Any, Lost],
    rights: Policy | None,
) -> tuple[Loss, ...]:
    if not lost or (
        rights is not None and rights.level(spec.key, before.key) in ("hidden", "masked")
    ):
        return ()
    model: Any = now.model(spec.key)
    first: list[tuple[int, Any]] = []
    for id_, value in held(model, before):
        if key_of(value) in lost:
            first.append((id_, value))
            if len(first) == LISTED:
                break
    ids = [id_ for id_, _ in first]
    rows = model.objects.filter(id__in=ids)
    if rights is not None:
        rows = rows.filter(rights.scope("view", spec.key) or Q())
    title = spec.role("title")
    column = title.key if title is not None and not FIELD_TYPES[title.type].virtual else "id"
    titles = dict(rows.values_list("id", column))
    called = names(now, before, [v for _, v in first]) if is_link(before) else {}
    said = FIELD_TYPES[before.type].shower(before)
    close = None if is_link(after) else FIELD_TYPES[after.type].shower(after)
    made = []
    for id_, value in first:
        if id_ not in titles:
            continue
        one = lost[key_of(value)]
        made.append(
            Loss(
                record_id=id_,
                title=str(titles[id_] or f"#{id_}"),
                value=named(value, called) if called else said(value),
                reason=one.reason,
                closest=close(one.closest) if close and one.closest is not None else "",
            )
        )
    return tuple(made)


# Writing


def fill(now: Snapshot, model: Any, made: Conversion) -> int:
    """Write the values that can be carried over into the new column; how many."""
    after = made.after
    if FIELD_TYPES[after.type].computed or not made.kept_as:
        return 0
    read = reader(now, made.before, after, made.into)
    done = 0
    for pairs in _converted(read, model, made):
        given = [(id_, new) for id_, new in pairs if new is not None]
        _write(model, after, given)
        done += len(given)
    return done


def _converted(read: Any, model: Any, made: Conversion) -> Iterator[list[tuple[int, Any]]]:
    for rows in chunks(held(model, made.before, made.kept_as)):
        found = read({key_of(v): v for _, v in rows})
        pairs = []
        for id_, value in rows:
            new = found[key_of(value)]
            if isinstance(new, Lost):
                new = new.closest if made.answer == "closest" else None
            pairs.append((id_, new))
        yield pairs


def differing(now: Snapshot, model: Any, made: Conversion) -> int:
    """How many records hold another value by now than the conversion gave them."""
    read = reader(now, made.before, made.after, made.into)
    if FIELD_TYPES[made.after.type].computed:
        return 0
    current = dict(held(model, made.after))
    for pairs in _converted(read, model, made):
        for id_, new in pairs:
            if new is not None and current.get(id_) == new:
                del current[id_]
            elif new is not None:
                current.setdefault(id_, None)
    return len(current)


def _write(model: Any, f: FieldSpec, pairs: Sequence[tuple[int, Any]]) -> None:
    field = model._meta.get_field(f.key)
    if FIELD_TYPES[f.type].many:
        names = [field.m2m_column_name(), field.m2m_reverse_name()]
        rows = [(id_, target) for id_, ids in pairs for target in ids]
        bulk.insert(field.m2m_db_table(), names, rows)
        return
    kind = field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
    bulk.update(
        model._meta.db_table,
        (field.column,),
        (str(kind),),
        [id_ for id_, _ in pairs],
        [(field.get_db_prep_save(v, connection),) for _, v in pairs],
    )


def state_model(state: Any, object_key: str) -> Any:
    """The model of an object in a state of the tables."""
    return state.apps.get_model(APP, object_key)
