"""Stored values of one field as another field would hold them, if it can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.people import queries as people
from wubu.kernel.types import Text

CHUNK = 2_000
Values_ = Mapping[Any, Any]  # by key, see ``key_of``
NOT_NUMERIC = Text("“{v}”与原值不相等。", "“{v}” is not the same value.")
GONE = Text("选项“{v}”已删除。", "The option “{v}” is no longer there.")
NOT_FOUND = Text("没有名为“{v}”的记录。", "There is no record named “{v}”.")
AMBIGUOUS = Text("有多条记录都叫“{v}”。", "Several are called “{v}”.")
SEVERAL = Text("有多个值，这里只能放一个。", "There are several values, and only one fits.")

FILES = Text("文件不能变成别的内容。", "Files cannot be converted to another type.")


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that cannot be carried over: why, and the nearest one, if there is any."""

    reason: Text
    closest: Any = None


def reader(
    now: Snapshot, before: FieldSpec, after: FieldSpec, into: Mapping[str, str] | None = None
) -> Any:
    """A function of stored values that gives for each the new stored value, or ``Lost``.

    ``into`` says which option takes the place of one that goes; "" for none.
    """
    if before.type == after.type and FIELD_TYPES[before.type].has_choices:
        put = into or {}
        return lambda values: {k: _remaining(before, after, v, put) for k, v in values.items()}
    said = FIELD_TYPES[before.type].shower(before, "zh")
    to_json = FIELD_TYPES[before.type].to_json
    parse = FIELD_TYPES[after.type].parser(after)
    computed = FIELD_TYPES[after.type].computed
    linked = is_link(before)

    one_sided = FIELD_TYPES[before.type].files != FIELD_TYPES[after.type].files

    def read(values: Values_) -> dict[Any, Any]:
        if computed:
            return dict.fromkeys(values)  # nothing is typed there any more
        if one_sided:
            return dict.fromkeys(values, Lost(FILES))
        called = names(now, before, values.values()) if linked else {}
        words: dict[Any, tuple[Any, ...]] = {}
        for k, v in values.items():
            if linked:
                words[k] = (named(v, called),)
            elif not holds_words(after):
                words[k] = (to_json(before, v), said(v))
            elif before.kind.said_as_text or before.kind.has_choices:
                words[k] = (said(v),)
            else:
                words[k] = (str(to_json(before, v)),)
        if is_link(after):
            return _linked(now, before, after, words, values)
        return {k: _tried(before, after, v, words[k], parse) for k, v in values.items()}

    return read


def holds_words(f: FieldSpec) -> bool:
    """A bare text, short or long: whatever can be put in words can become it."""
    return f.kind.one_line or f.kind.multiline


def _is_name(f: FieldSpec) -> bool:
    return f.kind.one_line or f.kind.numbered


def is_link(f: FieldSpec) -> bool:
    """Whether its values are ids."""
    return bool(FIELD_TYPES[f.type].refers_to(f))


def key_of(value: Any) -> Any:
    """A value as the key of a dict: addresses and places are dicts themselves."""
    return repr(value) if isinstance(value, dict | list) else value


def _remaining(before: FieldSpec, after: FieldSpec, value: Any, into: Mapping[str, str]) -> Any:
    keys = {c.key for c in after.choices}
    parts = value if isinstance(value, tuple) else (value,)
    if into:
        parts = tuple(dict.fromkeys(p for k in parts if (p := into.get(k, k))))
    gone = [k for k in parts if k not in keys]
    if not gone:
        return (parts or None) if isinstance(value, tuple) else next(iter(parts), None)
    choice = before.choice(gone[0])
    rest = tuple(k for k in parts if k in keys) or None
    reason = GONE.format(v=choice.label if choice else gone[0])
    return Lost(reason, rest if isinstance(value, tuple) else None)


def _tried(
    before: FieldSpec, after: FieldSpec, value: Any, words: tuple[Any, ...], parse: Any
) -> Any:
    first: FieldError | None = None
    for raw in words:
        if isinstance(raw, list) and not _takes_many(after):
            if len(raw) > 1:
                first = first or FieldError("several", SEVERAL)
                continue
            raw = raw[0]
        try:
            found = parse(raw)
        except FieldError as error:
            first = first or error
            continue
        if found is None:
            continue
        if before.kind.numeric and after.kind.numeric and not _equal(before, after, value, found):
            shown = FIELD_TYPES[after.type].show(after, found, "zh")
            return Lost(NOT_NUMERIC.format(v=shown), found)
        return found
    if first is None:
        return None
    closest = None
    if first.code == "too_long":
        closest = _shortened(str(words[0]), after, parse)
    return Lost(first.message, closest)


def _takes_many(f: FieldSpec) -> bool:
    return f.kind.chooses_many or FIELD_TYPES[f.type].many or FIELD_TYPES[f.type].files


def _shortened(words: str, after: FieldSpec, parse: Any) -> Any:
    try:
        return parse(words.strip()[: room(after)])
    except FieldError:
        return None


def _equal(before: FieldSpec, after: FieldSpec, value: Any, found: Any) -> bool:
    sides = (FIELD_TYPES[f.type].to_json(f, v) for f, v in ((before, value), (after, found)))
    try:
        one, other = (Decimal(str(s)) for s in sides)
    except InvalidOperation:
        return False
    return one == other


def named(value: Any, called: Mapping[int, str]) -> str:
    """The names of one linked record or of several."""
    ids = value if isinstance(value, tuple) else (value,)
    return "、".join(called.get(i, f"#{i}") for i in ids)


def names(now: Snapshot, f: FieldSpec, values: Iterable[Any]) -> dict[int, str]:
    """How the records, members or teams of link values are called."""
    ids = {i for v in values for i in (v if isinstance(v, tuple) else (v,))}
    target = FIELD_TYPES[f.type].refers_to(f)
    if target == "member":
        return people.names(ids)
    if target == "team":
        return {t.id: t.name for t in people.tree(active=None)}
    title = now.object(target).role("title")
    if title is None or FIELD_TYPES[title.type].virtual:
        return {}
    model: Any = now.model(target)
    found: dict[int, str] = {}
    for some in chunks(sorted(ids)):
        rows = model.objects.filter(id__among=Values(some))
        found.update(rows.values_list("id", title.key))
    return {i: str(name) for i, name in found.items() if name is not None}


def _linked(
    now: Snapshot,
    before: FieldSpec,
    after: FieldSpec,
    words: Mapping[Any, tuple[Any, ...]],
    values: Values_,
) -> dict[Any, Any]:
    """Names become ids; ids stay where they mean the same things."""
    targets = {FIELD_TYPES[f.type].refers_to(f) for f in (before, after)}
    if len(targets) == 1:
        return {k: _as_many(after, v if isinstance(v, tuple) else (v,)) for k, v in values.items()}
    parts = {v: _parts(after, str(words[v][-1])) for v in values}
    known = _ids(now, after, {p for some in parts.values() for p in some})
    found: dict[Any, Any] = {}
    for v in values:
        ids = [known.get(p, []) for p in parts[v]]
        wrong = next((n for n, i in enumerate(ids) if len(i) != 1), None)
        if wrong is not None:
            words_ = NOT_FOUND if not ids[wrong] else AMBIGUOUS
            found[v] = Lost(words_.format(v=parts[v][wrong]))
        else:
            found[v] = _as_many(after, tuple(i[0] for i in ids))
    return found


def _as_many(after: FieldSpec, ids: tuple[int, ...]) -> Any:
    if FIELD_TYPES[after.type].many:
        return tuple(dict.fromkeys(ids))
    return ids[0] if len(ids) == 1 else Lost(SEVERAL, ids[0])


def _parts(after: FieldSpec, words: str) -> list[str]:
    if not FIELD_TYPES[after.type].many:
        return [words.strip()]
    parsed = FIELD_TYPES["links"].parser(after)(words) or ()
    return [str(p) for p in parsed]


def _ids(now: Snapshot, f: FieldSpec, names: set[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    target = FIELD_TYPES[f.type].refers_to(f)
    if target == "member":
        rows: Iterable[tuple[int, str]] = ((p.id, p.name) for p in people.members(active=None))
    elif target == "team":
        rows = ((t.id, t.name) for t in people.tree(active=None))
    else:
        rows = _titled(now, target, names)
    for id_, name in rows:
        if name in names:
            found.setdefault(name, []).append(id_)
    return found


def _titled(now: Snapshot, target: str, names: set[str]) -> Iterator[tuple[int, str]]:
    spec, model = now.object(target), now.model(target)
    title = spec.role("title")
    keys = {title.key} if title is not None and _is_name(title) else set()
    keys |= {f.key for f in spec.live_fields if f.unique and _is_name(f)}
    seen: set[tuple[int, str]] = set()
    for some in chunks(sorted(names)):
        for key in sorted(keys):
            rows = model._default_manager.filter(
                archived_at__isnull=True, **{f"{key}__among": Values(some)}
            )
            for pair in rows.values_list("id", key):
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def room(f: FieldSpec) -> int:
    """How many characters a text field takes."""
    return int(f.options.get("max", 200 if f.kind.one_line else 20_000))


def counts(now: Snapshot, spec: ObjectSpec, f: FieldSpec) -> tuple[dict[Any, int], dict[Any, Any]]:
    """How many records hold each value, archived ones too, and the values by key."""
    numbers: dict[Any, int] = {}
    values: dict[Any, Any] = {}
    for _, value in held(now.model(spec.key), f):
        key = key_of(value)
        numbers[key] = numbers.get(key, 0) + 1
        values.setdefault(key, value)
    return numbers, values


def held(model: Any, f: FieldSpec, key: str = "") -> Iterator[tuple[int, Any]]:
    """Every record that holds a value in the field, with it, by id."""
    column = key or f.key
    if FIELD_TYPES[f.type].many:
        yield from _many(model, column)
        return
    rows = model._default_manager.filter(**{f"{column}__isnull": False}).order_by("id")
    yield from rows.values_list("id", column).iterator(chunk_size=CHUNK)


def _many(model: Any, key: str) -> Iterator[tuple[int, tuple[int, ...]]]:
    field = model._meta.get_field(key)
    through = field.remote_field.through
    own, other = (
        through._meta.get_field(n).attname
        for n in (field.m2m_field_name(), field.m2m_reverse_field_name())
    )
    at, ids = None, []
    for id_, target in through._default_manager.order_by(own, "id").values_list(own, other):
        if id_ != at and at is not None:
            yield at, tuple(ids)
            ids = []
        at = id_
        ids.append(target)
    if at is not None:
        yield at, tuple(ids)


def chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """At most ``CHUNK`` at a time."""
    some: list[Any] = []
    for row in rows:
        some.append(row)
        if len(some) == CHUNK:
            yield some
            some = []
    if some:
        yield some
