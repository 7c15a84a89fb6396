"""The handover in the background, with progress; stopping leaves whole portions handed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.improve.handover import actions
from wubu.improve.handover.types import Plan
from wubu.kernel.jobs.actions import job
from wubu.kernel.jobs.types import Run
from wubu.kernel.types import Text


def plan_of(raw: Mapping[str, Any]) -> Plan:
    """The plan that was kept as JSON."""
    return Plan(
        member_id=int(raw["member_id"]),
        which=dict(raw["which"]),
        to={k: int(v) for k, v in raw["to"].items()},
        by=str(raw["by"]),
        groups={k: int(v) for k, v in raw["groups"].items()},
        actions_to=raw["actions_to"],
        duties={k: int(v) for k, v in raw.get("duties", {}).items()},
    )


@job(actions.JOB, label=Text("交接", "Handover"), own_units=True)
def hand_over(run: Run, plan: dict[str, Any], batch: int) -> dict[str, Any]:
    """Hand over all that a plan says."""
    return actions.run(
        actor=run.actor,
        plan=plan_of(plan),
        batch=batch,
        progress=lambda done, total: run.progress(done, total),
    )


@job(actions.UNDO_JOB, label=Text("撤销交接", "Undo a handover"))
def undo(
    run: Run,
    batch: int,
    handed: list[int],
    member_id: int,
    duties: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Take a handover back; ``handed`` are the improvement actions that went with it."""
    return actions.undo(
        actor=run.actor, batch=batch, handed=handed, member_id=member_id, moved=duties or {}
    )
