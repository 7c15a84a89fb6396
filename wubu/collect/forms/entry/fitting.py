"""Which layout fits what stands in a form now: it changes with the stage that is chosen there."""

from __future__ import annotations

from typing import Any

from wubu.collect.forms import queries
from wubu.collect.forms.entry.scope import FieldAccess, PermittedLinks, Raw
from wubu.collect.forms.types import Layout, Use
from wubu.kernel.formula.typed import Path
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor


def fitting(
    actor: Actor, object_key: str, raw: Raw, record: Record | None = None, use: Use = "form"
) -> Layout:
    """The layout for what was typed (``raw``, raw), over what the record holds.

    A new record of which no stage was chosen yet is in the first one.
    """
    layouts = queries.layouts_of(actor, object_key, use)
    if not any(one.stages or one.when for one in layouts):
        return layouts[0] if layouts else queries.layout_for(actor, object_key, use=use)
    field_access = FieldAccess(actor)
    spec = field_access.snapshot.object(object_key)
    own = field_access.own(spec, raw, {} if record is None else record.values)
    stage = spec.role("stage")
    if record is None and stage is not None and own.get(stage.key) is None:
        own[stage.key] = next((c.key for c in stage.choices if not c.retired), None)
    wanted = {p for one in layouts if one.when for p in one.when.paths}
    beside = PermittedLinks(field_access, spec, own, wanted)

    def get(path: Path) -> Any:
        # The stage decides for everybody, also for those who may not read it.
        if record is not None and stage is not None and path == (stage.key,):
            return own.get(stage.key, record.values.get(stage.key))
        return beside.get(path)

    return queries.layout_for(actor, object_key, use=use, get=get)


def may_change(actor: Actor, object_key: str, use: Use = "form") -> bool:
    """Whether what is typed into the form may bring another layout."""
    return any(one.stages or one.when for one in queries.layouts_of(actor, object_key, use))
