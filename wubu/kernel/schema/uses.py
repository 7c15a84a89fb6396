"""Who reads which field: what a change of the catalog touches besides the records.

Upper rooms register what they keep; a lower room never asks them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formula
from wubu.kernel.formula.typed import deep
from wubu.kernel.permissions import queries as permissions
from wubu.kernel.schema.types import Reading, Use
from wubu.kernel.types import Refused, Text
from wubu.kernel.workspace import remember

Touches = frozenset[tuple[str, str]]
Finder = Callable[[Snapshot], Iterable[Use]]
_finders: list[Finder] = []

BOOL = ValueType("bool")
FORMULA = Text("公式", "Formula")
ROLLUP = Text("汇总", "Roll-up")
RULE = Text("校验规则", "Rule")
LINK = Text("关联字段", "Link")
LOOKUP = Text("引用", "Look-up")
PLAYS = Text("对象的关键字段", "Key field of the object")
SHOWN = Text("列表、表单与详情页", "List, form and record page")
ROLE = Text("角色权限", "Role")
SHOWN_IN = ("list", "form", "panels", "board", "card")


def register(finder: Finder) -> Finder:
    """``finder(snapshot)`` gives every use that a room knows; called in ``AppConfig.ready()``."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


def everywhere(snapshot: Snapshot) -> tuple[Use, ...]:
    """Every use of anything, once per unit of work for the catalog as it is."""
    if not snapshot.token:
        return _all(snapshot)
    return remember(("schema-uses", snapshot.token), lambda: _all(snapshot))


def of(snapshot: Snapshot, object_key: str, field_key: str | None = None) -> tuple[Use, ...]:
    """What uses a field, or an object or any of its fields."""
    return tuple(
        u
        for u in everywhere(snapshot)
        if any(o == object_key and (field_key is None or f == field_key) for o, f in u.touches)
        and not (field_key is None and u.owner is not None and u.owner[0] == object_key)
    )


# For finders


def read(snapshot: Snapshot, reading: Reading) -> Touches:
    """The fields that a formula names, those on the way across links included."""
    if not reading.text or reading.object not in snapshot.objects:
        return frozenset()
    try:
        found = formula.parse(
            reading.text, snapshot=snapshot, object_key=reading.object, expect=reading.expect
        )
    except Refused:
        return frozenset()
    return frozenset(t for path in found.written for t in along(snapshot, reading.object, path))


def reading(snapshot: Snapshot, fields: Touches) -> Touches:
    """The fields, and all that are reckoned or looked up from them."""
    found, more = fields, fields
    own = [u for u in everywhere(snapshot) if u.owner and u.owner[1]] if fields else []
    while more:
        more = frozenset(u.owner for u in own if u.owner and u.touches & more) - found
        found |= more
    return found


def options(snapshot: Snapshot, reading: Reading) -> Iterator[tuple[str, str]]:
    """The options that a formula names: (object.field, key)."""
    if not reading.text or reading.object not in snapshot.objects:
        return
    try:
        found = formula.parse(
            reading.text, snapshot=snapshot, object_key=reading.object, expect=reading.expect
        )
    except Refused:
        return
    for node in deep(found.node):
        if node.op == "lit" and node.type.chosen and node.data:
            for key in node.data if isinstance(node.data, tuple) else (node.data,):
                yield node.type.target, str(key)


def along(snapshot: Snapshot, object_key: str, path: Iterable[str]) -> Touches:
    """The fields on a path of keys that begins at an object."""
    found: set[tuple[str, str]] = set()
    here = object_key
    for key in path:
        spec = snapshot.objects.get(here)
        f = spec.fields.get(key) if spec else None
        if f is None:
            break
        found.add((here, key))
        here = f.target
    return frozenset(found)


# What the kernel itself knows


def _all(snapshot: Snapshot) -> tuple[Use, ...]:
    found: list[Use] = []
    for spec in snapshot.live:
        found += _object(snapshot, spec)
        for f in spec.live_fields:
            found += _field(snapshot, spec, f)
    found += _roles(snapshot)
    for finder in tuple(_finders):
        found += finder(snapshot)
    return tuple(found)


def _field(snapshot: Snapshot, spec: ObjectSpec, f: FieldSpec) -> Iterator[Use]:
    label = Text("“{o}”的“{f}”", "“{f}” of “{o}”").format(o=spec.label, f=f.label)
    url = f"/setup/objects/{spec.key}/fields/{f.key}"
    own = (spec.key, f.key)
    options = f.options

    def use(kind: Text, touches: Iterable[tuple[str, str]], *readings: Reading) -> Use:
        seen = frozenset(touches) | {t for r in readings for t in read(snapshot, r)}
        return Use(kind, label, url, seen, owner=own, readings=readings)

    if f.target:
        yield use(LINK, [(f.target, "")])
    if f.kind.calculated:
        yield use(FORMULA, [], Reading(spec.key, str(options.get("formula", ""))))
    if f.kind.aggregates:
        source = str(options.get("object", ""))
        parts = [(source, ""), (source, str(options.get("via", "")))]
        if options.get("field"):
            parts.append((source, str(options["field"])))
        where = Reading(source, str(options.get("filter") or ""), BOOL)
        yield use(ROLLUP, parts, *([where] if where.text else []))
    if options.get("required_when"):
        yield use(RULE, [], Reading(spec.key, str(options["required_when"]), BOOL))
    if options.get("depends_on"):
        yield use(RULE, [(spec.key, str(options["depends_on"]))])
    if options.get("via") and not f.kind.aggregates:
        via = str(options["via"])
        yield use(LOOKUP, along(snapshot, spec.key, [via, str(options.get("field", ""))]))
    for ours, theirs in (options.get("same") or {}).items():
        yield use(RULE, [(spec.key, ours), (f.target, theirs)])


def _object(snapshot: Snapshot, spec: ObjectSpec) -> Iterator[Use]:
    url = f"/setup/objects/{spec.key}"
    own = (spec.key, "")
    for role, key in spec.roles.items():
        breaks = role in ("title", "stage")
        yield Use(PLAYS, spec.label, url, frozenset({(spec.key, key)}), breaks, own)
    if spec.part_of and spec.part_of in spec.fields:
        target = spec.fields[spec.part_of].target
        touches = frozenset({(spec.key, spec.part_of), (target, "")})
        yield Use(LINK, spec.label, url, touches, owner=own)
    for check in spec.options.get("checks", ()):
        texts = [str(check.get(k) or "") for k in ("when", "must")]
        readings = tuple(Reading(spec.key, t, BOOL) for t in texts if t)
        seen = {t for r in readings for t in read(snapshot, r)}
        seen |= {(spec.key, str(k)) for k in check.get("fields", ())}
        label = Text.of(check.get("message") or str(check.get("key", "")))
        yield Use(RULE, label, f"{url}?tab=rules", frozenset(seen), owner=own, readings=readings)
    shown = frozenset((spec.key, k) for k in _shown(spec.options) if k in spec.fields)
    if shown:
        yield Use(SHOWN, spec.label, f"/o/{spec.key}/", shown, breaks=False, owner=own)


def _shown(options: Mapping[str, Any]) -> Iterator[str]:
    """Every word in the parts of the options that say what pages show."""
    for name in SHOWN_IN:
        yield from _words(options.get(name))


def _words(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for inside in part.values():
            yield from _words(inside)
    elif isinstance(part, list | tuple):
        for inside in part:
            yield from _words(inside)


def _roles(snapshot: Snapshot) -> Iterator[Use]:
    for role in permissions.roles():
        url = f"/setup/roles/{role.key}"
        plain = {(g.object_key, "") for g in role.grants if g.object_key in snapshot.objects}
        plain |= {
            (f.object_key, f.field_key) for f in role.fields if f.object_key in snapshot.objects
        }
        if plain:
            yield Use(ROLE, role.label, url, frozenset(plain), breaks=False)
        conditions = {(g.object_key, g.condition) for g in role.grants if g.condition}
        readings = tuple(Reading(o, c, BOOL) for o, c in sorted(conditions))
        seen = frozenset(t for r in readings for t in read(snapshot, r))
        if seen:
            yield Use(ROLE, role.label, url, seen, readings=readings)
