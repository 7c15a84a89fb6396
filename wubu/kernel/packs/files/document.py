"""The workspace's configuration as a pack: what a company made of its objects, roles and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wubu.kernel.catalog.codec import field_to_json, object_to_json
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.computed import with_result
from wubu.kernel.packs.content.sections import sections
from wubu.kernel.packs.files.writing import tidy

WORKSPACE = "workspace"
LABEL = {"zh": "工作区配置", "en": "Workspace configuration"}
EMPTY: tuple[Any, ...] = ("", None, False, [], {}, ())


def document(based_on: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Everything that was configured, as a pack says it: defaults left out, always in one order.

    ``based_on`` names the packs whose upgrades this configuration follows.
    """
    catalog = snapshot()
    content: dict[str, Any] = {"pack": WORKSPACE, "version": 1, "label": LABEL}
    if based_on:
        content["based_on"] = dict(based_on)
    ordered = sorted(catalog.objects.values(), key=lambda o: (o.position, o.key))
    content["objects"] = {o.key: object_out(o, catalog.objects) for o in ordered}
    for section in sections():
        if section.export is not None:
            content[section.name] = {k: tidy(full(v)) for k, v in section.export().items()}
    return {k: v for k, v in content.items() if v}


def object_out(spec: ObjectSpec, catalog: Mapping[str, ObjectSpec]) -> dict[str, Any]:
    """One object as a pack writes it."""
    data = object_to_json(spec)
    options = dict(data.pop("options", {}))
    out = {
        **data,
        "position": spec.position,
        "retired": spec.retired,
        "fields": {f.key: field_out(f, catalog) for f in spec.fields.values()},
        "list": options.pop("list", []),
        "form": options.pop("form", []),
        "panels": options.pop("panels", []),
        "options": options,
    }
    if out["plural"] == out["label"]:
        del out["plural"]
    return dict(tidy(full(out)))


def field_out(field: FieldSpec, catalog: Mapping[str, ObjectSpec]) -> dict[str, Any]:
    """One field as a pack writes it; what a roll-up takes from its source is left out."""
    data = field_to_json(_without_result(field, catalog))
    if "choices" in data:
        data["choices"] = {
            c["key"]: {k: v for k, v in c.items() if k != "key"} for c in data["choices"]
        }
    if field.kind.numbered:
        data.pop("unique", None)
    kept = {"default": data["default"]} if "default" in data else {}
    return {**full(data | {"retired": field.retired}), **kept}


def _without_result(field: FieldSpec, catalog: Mapping[str, ObjectSpec]) -> FieldSpec:
    if not field.kind.aggregates:
        return field
    source = catalog.get(str(field.options.get("object")))
    summed = source.fields.get(str(field.options.get("field"))) if source else None
    taken = ("result", "decimals", "currency", "unit")
    short = replace(field, options={k: v for k, v in field.options.items() if k not in taken})
    return short if with_result(short, summed).options == field.options else field


def full(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty."""
    return {k: v for k, v in data.items() if not _is_empty(v)}


def _is_empty(value: Any) -> bool:
    return any(value is e or (type(value) is type(e) and value == e) for e in EMPTY) or (
        isinstance(value, Mapping) and set(value) == {"zh", "en"} and not any(value.values())
    )
