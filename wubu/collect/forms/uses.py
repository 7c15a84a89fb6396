"""Which fields the layouts of forms show and ask about."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.collect.forms import queries
from wubu.collect.forms.layouts import reading
from wubu.collect.forms.types import Item, Layout
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.query.linked import FORM
from wubu.kernel.schema import uses
from wubu.kernel.schema.types import Use
from wubu.kernel.types import Text

KIND = Text("表单布局", "Form layout")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """Every layout in use. A field that goes is passed over by its form, so nothing breaks."""
    for object_key, raw in queries.export().items():
        spec = snapshot.objects.get(object_key)
        if spec is None or spec.retired:
            continue
        for key, definition in raw.items():
            layout = reading.usable(snapshot, spec, key, definition)
            url = f"/setup/objects/{object_key}/forms/{key}"
            yield Use(KIND, layout.label, url, _touches(snapshot, layout), breaks=False)


def _touches(snapshot: Snapshot, layout: Layout) -> frozenset[tuple[str, str]]:
    here = layout.object_key
    found = {(here, "")}
    conditions = [layout.when, *(p.shown_when for p in layout.parts)]
    for item in layout.items:
        if item.kind == "field":
            found.add((here, item.key))
        elif item.kind == "lines":
            found |= {(item.key, ""), *((item.key, column) for column in item.columns)}
            for cell in item.cells:
                found.add((item.key, cell.key))
                found |= _of_rules(snapshot, item.key, cell, here)
                conditions.append(cell.shown_when)
                for path in cell.needed_when.written if cell.needed_when else ():
                    found |= uses.along(snapshot, item.key, path)
        conditions += [item.shown_when, item.needed_when]
        found |= _of_rules(snapshot, here, item)
    for condition in conditions:
        for path in condition.written if condition is not None else ():
            found |= uses.along(snapshot, here, path)
    return frozenset(found)


def _of_rules(snapshot: Snapshot, here: str, item: Item, above: str = "") -> set[tuple[str, str]]:
    """What the linkages of a field speak of: the source, the form, for lines the record too."""
    found: set[tuple[str, str]] = set()
    for rule in (item.fills, item.candidates):
        if rule is None:
            continue
        found.add((rule.source, ""))
        for path in rule.reads:
            found |= uses.along(snapshot, rule.source, path)
        for path in rule.needs:
            owner = here if path[0] == FORM else above
            found |= uses.along(snapshot, owner, path[1:]) if owner else set()
    return found
