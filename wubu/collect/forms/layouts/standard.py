"""The layouts that every object has without anybody designing them."""

from __future__ import annotations

from typing import Any

from wubu.collect.forms.types import DEFAULT, Item, Layout, Part
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.types import Text


def default(snapshot: Snapshot, spec: ObjectSpec) -> Layout:
    """The layout of an object for which nobody designed one: as its pack or its fields say."""
    declared = spec.options.get("form") or [
        {"label": {"zh": "基本信息", "en": "Basics"}, "fields": [f.key for f in spec.live_fields]}
    ]
    placed: set[str] = set()
    parts: list[Part] = []
    for number, raw in enumerate(declared):
        keys = [k for k in raw["fields"] if k in spec.fields and k not in placed]
        placed.update(keys)
        items = tuple(
            Item(f"s{number}.{n}", "field", key, _span(spec.fields[key]))
            for n, key in enumerate(keys)
            if not spec.fields[key].retired
        )
        parts.append(Part(f"s{number}", Text.of(raw["label"]), 2, items))
    for child in snapshot.children(spec.key):
        number = len(parts)
        item = Item(f"s{number}.0", "lines", child.key, 2)
        parts.append(Part(f"s{number}", child.plural, 2, (item,)))
    label = Text("默认布局", "Default layout")
    return Layout(spec.key, DEFAULT, label, "form", tuple(parts), fallback=True)


def _span(f: FieldSpec) -> int:
    return 2 if f.kind.wide else 1


def quick(spec: ObjectSpec) -> Layout:
    """The few fields of the quick-create dialog: what must be filled in, and what names it."""
    roles = [spec.roles.get(r, "") for r in ("title", "customer", "phone", "amount")]
    keys = [k for k in roles if k]
    keys += [f.key for f in spec.live_fields if f.required and f.default is None]
    fields = [
        spec.fields[k]
        for k in dict.fromkeys(keys)
        if k in spec.fields
        and not spec.fields[k].retired
        and not FIELD_TYPES[spec.fields[k].type].computed
        and not (spec.fields[k].kind.numbered or spec.fields[k].kind.staged)
    ]
    items = tuple(Item(f"s0.{n}", "field", f.key) for n, f in enumerate(fields))
    label = Text("快速新建", "Quick create")
    part = Part("s0", Text("", ""), 1, items)
    return Layout(spec.key, DEFAULT, label, "quick", (part,), fallback=True)


def as_definition(layout: Layout) -> dict[str, Any]:
    """A layout that nobody designed yet, written as a definition to begin with."""
    return {
        "label": layout.label.as_dict(),
        "use": layout.use,
        "sections": [
            {
                "label": part.label.as_dict(),
                "columns": part.columns,
                "items": [
                    {("field" if i.kind == "field" else "lines"): i.key}
                    | ({"span": i.span} if i.span > 1 and i.kind == "field" else {})
                    for i in part.items
                ],
            }
            for part in layout.parts
        ],
    }
