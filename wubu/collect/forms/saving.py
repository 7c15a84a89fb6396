"""Saving what was entered through a form: its layout's own rules first, then the door's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wubu.collect.forms.entering import Entry
from wubu.collect.forms.types import Item, Layout
from wubu.kernel.fields.registry import to_json
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as asked
from wubu.kernel.records.types import Draft, Record
from wubu.kernel.types import Actor, Problem, Refused, Text

Children = Mapping[str, Sequence[Mapping[str, Any]]]


def enter(
    *,
    actor: Actor,
    layout: Layout,
    values: Mapping[str, Any],
    children: Children | None = None,
    record: Record | None = None,
    version: int | None = None,
) -> Record:
    """Create a record, or change ``record``, as somebody fills in this form.

    What does not show is not saved and stays as it was. What the form needs and is empty is told
    together with everything that the door finds. Read-only fields that a linkage fills in take
    its value. Raises Refused, Conflict, Forbidden, Missing.
    """
    lines = {k: [(str(n), dict(r)) for n, r in enumerate(v)] for k, v in (children or {}).items()}
    entry = Entry(actor, layout, values, lines, record)
    kept = _kept(entry, values)
    hidden = entry.hidden()
    off = {i.key for i in layout.items if i.kind == "lines" and i.id in hidden}
    parts = {k: v for k, v in (children or {}).items() if k not in off} or None
    problems = [*_needed(entry), *_strict(entry, kept)]
    if problems:
        raise Refused(*_all(entry, kept, parts, version, problems))
    if record is None:
        return records.create(
            actor=actor, object_key=layout.object_key, values=kept, children=parts
        )
    return records.update(
        actor=actor,
        object_key=layout.object_key,
        id=record.id,
        values=kept,
        version=version,
        children=parts,
    )


def _kept(entry: Entry, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be saved of what was sent."""
    hidden = entry.hidden()
    items = {i.key: i for i in entry.layout.items if i.kind == "field"}
    kept = {k: v for k, v in values.items() if k not in items or items[k].id not in hidden}
    for f, linkage in entry.top.fills:
        item = items.get(f.key)
        if item is None or not (item.read_only or item.concealed) or item.id in hidden:
            continue
        value = entry.linker.fill(linkage, f, entry.top.get)
        if value is not None:
            kept[f.key] = to_json(f, value)
            entry.top.own[f.key] = value
    return kept


def strangers(layout: Layout, values: Mapping[str, Any]) -> list[Problem]:
    """Fields that were sent and that this form does not have; a default layout has every one."""
    known = {i.key for i in layout.items}
    if layout.fallback:
        return []
    words = Text("这个表单没有字段“{f}”。", "This form has no field “{f}”.")
    return [
        Problem("not_in_form", words.format(f=key), object=layout.object_key, field=key)
        for key in values
        if key not in known
    ]


def _needed(entry: Entry) -> list[Problem]:
    needed = entry.needed()
    return [
        Problem(
            "required",
            Text("请填写“{f}”。", "“{f}” is required.").format(f=_label(entry, item)),
            object=entry.spec.key,
            field=item.key,
        )
        for item in entry.layout.items
        if item.id in needed and not _filled(entry, item)
    ]


def _filled(entry: Entry, item: Item) -> bool:
    if item.kind == "lines":
        return bool(entry.rows.get(item.key))
    if entry.rights.level(entry.spec.key, item.key) != "write":
        return True  # who may not write it cannot be asked for it
    raw = entry.top.given.get(item.key)
    if item.key in entry.top.given and raw not in (None, "", [], ()):
        return True  # whether it can be read is for the door to say
    return item.key not in entry.top.given and entry.top.own.get(item.key) not in (None, "", ())


def _strict(entry: Entry, kept: Mapping[str, Any]) -> list[Problem]:
    """Strict candidates of the layout; those of a field itself are for the door."""
    found = []
    for item in entry.layout.items:
        rule = item.candidates
        if rule is None or not rule.strict or item.key not in kept:
            continue
        f = entry.spec.fields[item.key]
        value = entry.top.own.get(item.key)
        if value in (None, ()):
            continue
        if f.type in ("link", "links"):
            ids = value if isinstance(value, tuple) else (value,)
            fits = all(entry.linker.allows(rule, entry.top.get, i) for i in ids)
        else:
            keys = value if isinstance(value, tuple) else (value,)
            fits = set(keys) <= set(entry.linker.options(rule, f, entry.top.get))
        if not fits:
            words = Text(
                "“{f}”不在当前可选的范围内。",
                "“{f}” is not among those that may be chosen here.",
            )
            hint = Text("请从列表中重新选择。", "Choose from the list again.")
            found.append(
                Problem(
                    "not_a_candidate",
                    words.format(f=f.label),
                    hint,
                    object=entry.spec.key,
                    field=f.key,
                )
            )
    return found


def _label(entry: Entry, item: Item) -> Text:
    if item.kind == "lines":
        return entry.snapshot.object(item.key).plural
    return entry.spec.fields[item.key].label


def _all(
    entry: Entry,
    kept: Mapping[str, Any],
    parts: Children | None,
    version: int | None,
    problems: list[Problem],
) -> list[Problem]:
    """The form's problems with the door's, each thing once."""
    record = entry.record
    draft = Draft(kept, id=record.id if record else None, version=version, children=parts)
    checked = asked.check(actor=entry.actor, object_key=entry.spec.key, drafts=[draft])
    said = {(p.code, p.field) for p in problems}
    more = [
        p
        for p in checked.problems
        if p.code != "stale" and not (p.object == entry.spec.key and (p.code, p.field) in said)
    ]
    return [*problems, *more]
