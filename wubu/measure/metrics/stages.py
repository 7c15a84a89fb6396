"""Metrics that a pack declares once for every stage of an object.

Reached, and how many went on from the stage before.

``each_stage: {object: opportunity}`` repeats a definition for all stages but lost ones, with
``<stage>`` and ``<before>`` replaced by keys, in labels and texts by the stages' names. ``from: 2``
leaves the first stage out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.kernel.catalog.types import Choice, Snapshot
from wubu.kernel.types import Lang


def expand(
    definitions: Mapping[str, Mapping[str, Any]], catalog: Snapshot
) -> dict[str, Mapping[str, Any]]:
    """The definitions with each-stage ones written out, in order."""
    found: dict[str, Mapping[str, Any]] = {}
    for key, raw in definitions.items():
        each = raw.get("each_stage")
        if not each:
            found[key] = raw
            continue
        spec = catalog.objects.get(each["object"])
        stage = spec.role("stage") if spec else None
        passed = [c for c in stage.choices if c.outcome != "lost"] if stage else []
        for n, choice in enumerate(passed):
            if n + 1 < each.get("from", 1):
                continue
            before = passed[n - 1] if n else choice
            rest = {k: v for k, v in raw.items() if k != "each_stage"}
            filled = _filled(rest, choice, before, None)
            found[f"{key}_{choice.key}"] = {**filled, "position": raw.get("position", 0) + n}
    return found


def _filled(value: Any, stage: Choice, before: Choice, lang: Lang | None) -> Any:
    if isinstance(value, Mapping):
        return {
            k: _filled(v, stage, before, k if k in ("zh", "en") else lang) for k, v in value.items()
        }
    if not isinstance(value, str):
        return value
    here, last = (
        (stage.label.say(lang), before.label.say(lang)) if lang else (stage.key, before.key)
    )
    return value.replace("<stage>", here).replace("<before>", last)
