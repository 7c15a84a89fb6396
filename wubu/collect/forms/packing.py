"""Form layouts as packs carry them: by object, then by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wubu.collect.forms import actions, queries
from wubu.collect.forms.layouts import reading
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.types import Actor, Refused

export = queries.export
install = actions.install


def apply(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
    """Let layouts be as a newer pack has them. Raises Refused, Forbidden."""
    for object_key, raw in definitions.items():
        for key, definition in raw.items():
            actions.save_layout(actor=actor, object_key=object_key, key=key, definition=definition)
        there = queries.export().get(object_key, {})
        for key in there.keys() - raw.keys():
            actions.set_disabled(actor=actor, object_key=object_key, key=key)


def normal(
    definitions: Mapping[str, Mapping[str, Any]], catalog: Snapshot
) -> dict[str, dict[str, Any]]:
    """A pack's layouts as ``export`` would write them."""
    return {
        object_key: {key: _stored(catalog, object_key, key, d) for key, d in raw.items()}
        for object_key, raw in definitions.items()
    }


def _stored(catalog: Snapshot, object_key: str, key: str, definition: Any) -> Any:
    spec = catalog.objects.get(object_key)
    if spec is None:
        return definition
    try:
        return reading.read(catalog, spec, key, definition)[1]
    except Refused:
        return definition  # told when it is installed


def retire(keys: Sequence[str], *, actor: Actor) -> None:
    """Let all layouts of objects rest: their forms look as by default."""
    for object_key in keys:
        for key in queries.export().get(object_key, {}):
            actions.set_disabled(actor=actor, object_key=object_key, key=key)
