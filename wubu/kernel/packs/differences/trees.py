"""Configurations in the form in which they are compared: nested mappings, by key."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from wubu.kernel.catalog.types import ObjectSpec, Snapshot
from wubu.kernel.formula.queries import parse
from wubu.kernel.packs.content.build import objects
from wubu.kernel.packs.content.compare import in_order
from wubu.kernel.packs.content.schema import PackDef
from wubu.kernel.packs.content.sections import Definitions, Section, sections
from wubu.kernel.packs.files.document import full, object_out
from wubu.kernel.types import Refused

DATED = ("from", "earlier")
FORMULAS = ("filter", "since", "value")
Tree = dict[str, Any]


def of_pack(pack: PackDef, content: Mapping[str, Any], catalog: Snapshot) -> Tree:
    """A pack's content as a tree."""
    specs = {s.key: s for s in objects(pack)}
    wanted = planned(catalog, specs.values())
    tree: Tree = {"objects": {k: object_out(s, specs) for k, s in specs.items()}}
    for section in sections():
        if section.export is not None:
            tree[section.name] = _plain(section, content.get(section.name) or {}, wanted)
    return tree


def of_workspace(catalog: Snapshot) -> Tree:
    """What the company has as a tree."""
    specs = catalog.objects
    tree: Tree = {"objects": {k: object_out(s, specs) for k, s in specs.items()}}
    for section in sections():
        if section.export is not None:
            tree[section.name] = _plain(section, section.export(), catalog)
    return tree


def planned(catalog: Snapshot, specs: Iterable[ObjectSpec]) -> Snapshot:
    """The catalog as it would be with these objects; it has no models."""
    return Snapshot("", {**catalog.objects, **{s.key: s for s in specs}})


def specs_of(tree: Tree, old: Tree, now: Tree, catalog: Snapshot) -> list[ObjectSpec]:
    """The objects of a tree as they are to stand; what is not in the tree any more is retired."""
    pack = PackDef.model_validate(
        {"pack": "x", "version": 1, "label": {"zh": "x", "en": "x"}, "objects": tree["objects"]}
    )
    made = []
    for spec in objects(pack):
        own = catalog.objects.get(spec.key)
        if own is None:
            made.append(spec)
            continue
        order = in_order(
            _names(old, spec.key), _names(now, spec.key), [f.key for f in own.live_fields]
        )
        made.append(_over(own, spec, order, old, now))
    made += [
        replace(own, retired=True, model=None)
        for key, own in catalog.objects.items()
        if key not in tree["objects"] and not own.retired
    ]
    return made


def _names(tree: Tree, key: str) -> list[str]:
    return _live(tree.get("objects", {}).get(key, {}).get("fields", {}))


def _choices(tree: Tree, key: str, field: str) -> list[str]:
    fields = tree.get("objects", {}).get(key, {}).get("fields", {})
    return _live(fields.get(field, {}).get("choices", {}))


def _live(some: Mapping[str, Any]) -> list[str]:
    return [key for key, value in some.items() if not value.get("retired")]


def _over(own: ObjectSpec, new: ObjectSpec, places: list[str], old: Tree, now: Tree) -> ObjectSpec:
    fields = dict(own.fields)
    last = max((f.position for f in own.fields.values()), default=0) + 1
    for key, field in new.fields.items():
        mine = own.fields.get(key)
        position = mine.position if mine else last
        choices = field.choices
        if mine:
            kept = {c.key: c for c in choices}
            live = [c.key for c in mine.choices if not c.retired]
            order = in_order(_choices(old, new.key, key), _choices(now, new.key, key), live)
            left = tuple(replace(c, retired=True) for c in mine.choices if c.key not in kept)
            first = [k for k in order if k in kept]
            rest = [k for k in kept if k not in set(first)]
            choices = (*(kept[k] for k in first), *(kept[k] for k in rest), *left)
            if {c.key for c in choices} == {c.key for c in mine.choices} and order == live:
                by_key = {c.key: c for c in choices}
                choices = tuple(by_key[c.key] for c in mine.choices)
        fields[key] = replace(field, position=position, choices=choices)
    for key, mine in own.fields.items():
        if key not in new.fields and not mine.retired:
            fields[key] = replace(mine, retired=True)
    if [k for k in places if k in fields] != [f.key for f in own.live_fields]:
        for place, key in enumerate([k for k in places if k in fields], 1):
            fields[key] = replace(fields[key], position=place)
    return replace(new, fields=fields, position=new.position or own.position)


def _canonical(definition: Tree, catalog: Snapshot) -> Tree:
    """With formulas as they are stored, whatever was typed for them."""
    object_key = definition.get("object")
    for name in FORMULAS:
        text = definition.get(name)
        if isinstance(text, str) and object_key in catalog.objects:
            with contextlib.suppress(Refused):  # with a parameter, or told when it is installed
                parsed = parse(text, snapshot=catalog, object_key=str(object_key))
                definition[name] = parsed.canonical()
    return definition


def _plain(section: Section, definitions: Definitions, catalog: Snapshot) -> dict[str, Any]:
    declared = section.definition

    def plain(raw: Mapping[str, Any]) -> Tree:
        bare = {k: v for k, v in raw.items() if k not in DATED}
        if declared is None:
            return _canonical(full(bare), catalog)
        return declared.canonical(full(declared.current(bare)), catalog)

    return {k: plain(d) for k, d in section.normal(definitions, catalog).items()}
