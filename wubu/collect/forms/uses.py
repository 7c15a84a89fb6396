"""Which fields the layouts of forms show and ask about."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.collect.forms import queries, reading
from wubu.collect.forms.types import Layout
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.query.linked import FORM
from wubu.kernel.schema import uses
from wubu.kernel.schema.types import Use
from wubu.kernel.types import Text

KIND = Text("表单布局", "Form layout")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """Every layout in use. A field that goes is passed over by its form, so nothing breaks."""
    for object_key, given in queries.export().items():
        spec = snapshot.objects.get(object_key)
        if spec is None or spec.retired:
            continue
        for key, definition in given.items():
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
        conditions += [item.shown_when, item.needed_when]
        for rule in (item.fills, item.candidates):
            if rule is None:
                continue
            found.add((rule.source, ""))
            for path in rule.reads:
                found |= uses.along(snapshot, rule.source, path)
            for path in rule.needs:
                found |= uses.along(snapshot, here, path[1:]) if path[0] == FORM else set()
    for condition in conditions:
        for path in condition.written if condition is not None else ():
            found |= uses.along(snapshot, here, path)
    return frozenset(found)
