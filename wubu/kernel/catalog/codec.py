"""Object and field specs to plain JSON and back: the form in which they are stored and shipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.types import Text


def choice_to_json(choice: Choice) -> dict[str, Any]:
    data: dict[str, Any] = {"key": choice.key, "label": choice.label.as_dict()}
    for name in ("color", "retired", "probability", "outcome", "parent"):
        if getattr(choice, name) not in ("", False, None):
            data[name] = getattr(choice, name)
    return data


def choice_from_json(data: Mapping[str, Any]) -> Choice:
    return Choice(
        key=data["key"],
        label=Text.of(data.get("label") or data["key"]),
        color=data.get("color", ""),
        retired=data.get("retired", False),
        probability=data.get("probability"),
        outcome=data.get("outcome", ""),
        parent=data.get("parent", ""),
    )


def field_to_json(spec: FieldSpec) -> dict[str, Any]:
    data: dict[str, Any] = {"type": spec.type, "label": spec.label.as_dict()}
    for name in ("required", "unique", "target"):
        if getattr(spec, name):
            data[name] = getattr(spec, name)
    if spec.default is not None:
        data["default"] = spec.default
    if spec.help:
        data["help"] = spec.help.as_dict()
    if spec.choices:
        data["choices"] = [choice_to_json(c) for c in spec.choices]
    if spec.options:
        data["options"] = dict(spec.options)
    return data


def field_from_json(
    object_key: str, key: str, data: Mapping[str, Any], position: int, retired: bool = False
) -> FieldSpec:
    return FieldSpec(
        object=object_key,
        key=key,
        type=data["type"],
        label=Text.of(data.get("label") or key),
        required=data.get("required", False),
        unique=data.get("unique", False),
        position=position,
        help=Text.of(data["help"]) if data.get("help") else None,
        default=data.get("default"),
        choices=tuple(choice_from_json(c) for c in data.get("choices", ())),
        target=data.get("target", ""),
        options=data.get("options", {}),
        retired=retired,
    )


def object_to_json(spec: ObjectSpec) -> dict[str, Any]:
    """Everything but the fields, which have rows of their own."""
    return {
        "label": spec.label.as_dict(),
        "plural": spec.plural.as_dict(),
        "icon": spec.icon,
        "group": spec.group,
        "roles": dict(spec.roles),
        "part_of": spec.part_of,
        "options": dict(spec.options),
    }


def object_from_json(
    key: str,
    data: Mapping[str, Any],
    fields: Mapping[str, FieldSpec],
    position: int,
    retired: bool = False,
) -> ObjectSpec:
    return ObjectSpec(
        key=key,
        label=Text.of(data["label"]),
        plural=Text.of(data.get("plural") or data["label"]),
        icon=data.get("icon", ""),
        group=data.get("group", ""),
        fields=fields,
        roles=data.get("roles", {}),
        part_of=data.get("part_of", ""),
        options=data.get("options", {}),
        position=position,
        retired=retired,
    )


def field_parts(spec: FieldSpec) -> dict[str, Any]:
    """Everything that the catalog says of a field, as JSON."""
    return {**field_to_json(spec), "position": spec.position, "retired": spec.retired}


def field_of_parts(object_key: str, key: str, data: Mapping[str, Any]) -> FieldSpec:
    """The field of what ``field_parts`` gave."""
    return field_from_json(object_key, key, data, data["position"], data["retired"])


def object_parts(spec: ObjectSpec) -> dict[str, Any]:
    """Everything that the catalog says of an object besides its fields, as JSON."""
    return {**object_to_json(spec), "position": spec.position, "retired": spec.retired}


def object_of_parts(
    key: str, data: Mapping[str, Any], fields: Mapping[str, FieldSpec]
) -> ObjectSpec:
    """The object of what ``object_parts`` gave."""
    return object_from_json(key, data, fields, data["position"], data["retired"])


def parts(
    before: ObjectSpec | None, after: ObjectSpec | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What differs between two versions of an object, on either side."""
    if before is None or after is None:
        return _whole(before), _whole(after)
    was, now = object_parts(before), object_parts(after)
    names = [k for k in now if was.get(k) != now[k]]
    keys = [k for k in {**before.fields, **after.fields} if _differ(k, before, after)]
    return (
        {"object": {k: was.get(k) for k in names}, "fields": {k: _part(before, k) for k in keys}},
        {"object": {k: now[k] for k in names}, "fields": {k: _part(after, k) for k in keys}},
    )


def _differ(key: str, before: ObjectSpec, after: ObjectSpec) -> bool:
    return before.fields.get(key) != after.fields.get(key)


def _part(spec: ObjectSpec, key: str) -> dict[str, Any] | None:
    return field_parts(spec.fields[key]) if key in spec.fields else None


def _whole(spec: ObjectSpec | None) -> dict[str, Any] | None:
    if spec is None:
        return None
    return {"object": object_parts(spec), "fields": {k: _part(spec, k) for k in spec.fields}}
