"""From a checked pack to the specs that the catalog stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wubu.kernel.catalog.codec import field_from_json
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.computed import with_result
from wubu.kernel.packs.content.schema import FieldDef, ObjectDef, PackDef, Words
from wubu.kernel.types import Text


def objects(pack: PackDef) -> tuple[ObjectSpec, ...]:
    """Every object of the pack, in order, with the results of roll-ups filled in."""
    specs = {
        key: _object(key, spec, number) for number, (key, spec) in enumerate(pack.objects.items())
    }
    return tuple(sorted((_rolled(s, specs) for s in specs.values()), key=lambda s: s.position))


def _text(words: Words | None) -> Text | None:
    return Text(words.zh, words.en) if words else None


def _object(key: str, spec: ObjectDef, number: int) -> ObjectSpec:
    options: dict[str, Any] = dict(spec.options)
    if spec.columns:
        options["list"] = list(spec.columns)
    if spec.form:
        options["form"] = [s.model_dump() for s in spec.form]
    if spec.panels:
        options["panels"] = [p.model_dump(exclude_defaults=True) for p in spec.panels]
    return ObjectSpec(
        key=key,
        label=Text(spec.label.zh, spec.label.en),
        plural=_text(spec.plural) or Text(spec.label.zh, spec.label.en),
        icon=spec.icon,
        group=spec.group,
        fields={
            name: _field(key, name, field, place)
            for place, (name, field) in enumerate(spec.fields.items(), 1)
        },
        roles=dict(spec.roles),
        part_of=spec.part_of,
        options=options,
        position=number + 1 if spec.position is None else spec.position,
        retired=spec.retired,
    )


def _field(object_key: str, key: str, field: FieldDef, place: int) -> FieldSpec:
    data = field.model_dump(exclude_defaults=True)
    data["choices"] = [{"key": name, **choice} for name, choice in data.get("choices", {}).items()]
    data["unique"] = field.unique or field.kind.numbered
    return field_from_json(object_key, key, data, place, field.retired)


def _rolled(spec: ObjectSpec, specs: Mapping[str, ObjectSpec]) -> ObjectSpec:
    fields = {}
    for key, field in spec.fields.items():
        source = specs.get(str(field.options.get("object", "")))
        summed = source.fields.get(str(field.options.get("field", ""))) if source else None
        fields[key] = with_result(field, summed)
    return replace(spec, fields=fields)
