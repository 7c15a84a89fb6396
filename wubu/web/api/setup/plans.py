"""Plans and history of the catalog as the API answers them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from wubu.kernel.catalog.types import Revision
from wubu.kernel.schema.types import Conversion, Plan, Use
from wubu.web.api.errors import error_of


class StepOut(BaseModel):
    kind: str
    object: str
    field: str | None
    description: str
    rows: int
    risk: str | None


class UseOut(BaseModel):
    kind: str
    label: str
    url: str
    breaks: bool
    note: str | None


class LossOut(BaseModel):
    record: str
    title: str
    value: str
    reason: str
    closest: str


class GoingOut(BaseModel):
    """An option that goes; ``into`` is the one that its records get, "" for none."""

    option: str
    label: str
    count: int
    settled: bool
    into: str


class ConversionOut(BaseModel):
    object: str
    field: str
    held: int
    lost: int
    kept_as: str
    going: list[GoingOut]
    losses: list[LossOut]


class PlanOut(BaseModel):
    token: str
    steps: list[StepOut]
    problems: list[dict[str, Any]]
    uses: list[UseOut]
    conversions: list[ConversionOut]


class RevisionOut(BaseModel):
    id: str
    at: str
    actor: str | None
    steps: list[str]
    objects: list[str]
    undoes: str | None
    undone_by: str | None


def use_out(use: Use) -> dict[str, Any]:
    said = {"kind": str(use.kind), "label": str(use.label)}
    return {
        **said,
        "url": use.url,
        "breaks": use.breaks,
        "note": str(use.note) if use.note else None,
    }


def _conversion(c: Conversion) -> dict[str, Any]:
    return {
        "object": c.object,
        "field": c.after.key,
        "held": c.held,
        "lost": c.lost,
        "kept_as": c.kept_as,
        "going": [
            {
                "option": g.choice.key,
                "label": str(g.choice.label),
                "count": g.count,
                "settled": g.settled,
                "into": g.into.key if g.into else "",
            }
            for g in c.going
        ],
        "losses": [
            {
                "record": str(x.record_id),
                "title": x.title,
                "value": x.value,
                "reason": str(x.reason),
                "closest": x.closest,
            }
            for x in c.losses
        ],
    }


def revision_out(r: Revision, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "id": str(r.id),
        "at": r.at.isoformat(),
        "actor": None if r.actor_id is None else names.get(r.actor_id),
        "steps": [str(s) for s in r.steps],
        "objects": sorted(r.objects),
        "undoes": None if r.undoes is None else str(r.undoes),
        "undone_by": None if r.undone_by is None else str(r.undone_by),
    }


EMPTY: dict[str, Any] = {"steps": [], "problems": [], "uses": [], "conversions": []}


def plan_out(plan: Plan) -> dict[str, Any]:
    return {
        "token": plan.token,
        "steps": [
            {
                "kind": s.kind,
                "object": s.object,
                "field": s.field,
                "description": str(s.description),
                "rows": s.rows,
                "risk": str(s.risk) if s.risk else None,
            }
            for s in plan.steps
        ],
        "problems": [error_of(p) for p in plan.problems],
        "uses": [use_out(u) for u in plan.uses],
        "conversions": [_conversion(c) for c in plan.conversions],
    }
