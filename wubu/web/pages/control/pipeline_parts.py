"""The pipeline, as the cockpit, Today and the funnel show it: its object and its open stages."""

from __future__ import annotations

from typing import Any

from wubu.control.boards import queries as boards
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.types import Forbidden, Missing, Text
from wubu.web.ui import Action, Chart, Empty, PageRequest


def pipeline(request: PageRequest) -> ObjectSpec | None:
    """The object whose stages are the pipeline: the first in sight that has amounts."""
    staged = [o for o in snapshot().live if o.role("stage") and request.policy.may("view", o.key)]
    return next((o for o in staged if o.role("amount")), staged[0] if staged else None)


def funnel_of(request: PageRequest, height: int = 240) -> Any:
    """The open stages as a funnel chart, or None where the reader sees no object with stages."""
    spec = pipeline(request)
    if spec is None:
        return None
    try:
        totals = boards.figures(request.actor, spec.key)
    except (Forbidden, Missing):
        return None
    stage = spec.role("stage")
    steps = [c for c in (stage.choices if stage else ()) if not c.outcome and not c.retired]
    if not any(totals.get(c.key) for c in steps):
        return Empty(
            Text("还没有进行中的商机", "Nothing is open"),
            small=True,
            actions=[Action(spec.label, f"/o/{spec.key}/new", icon="plus")],
        )
    data = [
        {
            "name": str(c.label),
            "value": totals[c.key].count if c.key in totals else 0,
            "url": f'/o/{spec.key}/?f={{{stage.key if stage else ""}}} = "{c.key}"',
        }
        for c in steps
    ]
    option = {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "funnel",
                "sort": "none",
                "left": 8,
                "right": 8,
                "top": 4,
                "bottom": 4,
                "gap": 3,
                "minSize": "28%",
                "label": {"position": "inside", "formatter": "{b}  {c}", "color": "#fff"},
                "data": data,
            }
        ],
    }
    words = ", ".join(f"{d['name']} {d['value']}" for d in data)
    return Chart(option, height=height, summary=words)
