"""Handing over all that somebody leaves behind, in the background, as one batch that can be undone.

Targets, figures and closed months stay: they are dated. Records change hands from now on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wubu.improve.actions import actions as improvement
from wubu.improve.handover import queries, responsibilities
from wubu.improve.handover.types import Plan
from wubu.kernel import hooks
from wubu.kernel.audit import actions as audit
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.jobs.types import JobView
from wubu.kernel.people import queries as people
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Draft
from wubu.kernel.types import Actor, Missing, Origin, Problem, Refused, Text
from wubu.kernel.workspace import unit_of_work

JOB = "improve.handover"
UNDO_JOB = "improve.handover.undo"
CHUNK = 500
Progress = Callable[[int, int], None]


def start(*, actor: Actor, plan: Plan) -> JobView:
    """Queue the handover; its batch number is in the job's ``kwargs``. Raises Refused."""
    hooks.require_setup(actor, "people")
    queries.check(actor, plan)
    name = people.person(plan.member_id).name
    batch = audit.open_batch(actor=actor, kind="handover", at=now(), note=name)
    return jobs.enqueue(JOB, {"plan": plan.as_json(), "batch": batch}, actor=actor)


def start_undo(*, actor: Actor, job: JobView) -> JobView:
    """Queue taking the handover of a job back. Raises Refused while it has not ended."""
    hooks.require_setup(actor, "people")
    if not job.finished:
        raise Refused(
            Problem(
                "still_running",
                Text("交接还在进行，请稍候再撤销。", "It is still under way; wait, then undo."),
            )
        )
    result = job.result or {}
    raw = {
        "batch": int(job.kwargs["batch"]),
        "handed": list(result.get("actions", [])),
        "member_id": int(job.kwargs["plan"]["member_id"]),
        "duties": dict(result.get("duties", {})),
    }
    return jobs.enqueue(UNDO_JOB, raw, actor=actor)


def run(*, actor: Actor, plan: Plan, batch: int, progress: Progress) -> dict[str, Any]:
    """Hand everything over, some hundred records at a time.

    What ran before is not done twice: it is no longer theirs.
    """
    with unit_of_work():
        queries.must_set_up(actor)
        work = [
            (spec.key, queries.values(spec, receiver), ids)
            for spec in queries.objects()
            for receiver, ids in queries.selected(actor, plan, spec).items()
        ]
    total, done, failed = sum(len(ids) for *_, ids in work), 0, 0
    problems: list[str] = []
    counts: dict[str, int] = {}
    progress(0, total)
    for object_key, values, ids in work:
        for at in range(0, len(ids), CHUNK):
            some = ids[at : at + CHUNK]
            with unit_of_work():
                handed, said = _hand(actor, object_key, values, some, batch)
            done += len(some)
            failed += len(some) - handed
            counts[object_key] = counts.get(object_key, 0) + handed
            problems += said[: 20 - len(problems)]
            progress(done, total)
    with unit_of_work():
        moved: list[int] = []
        if plan.actions_to:
            ids = queries.open_actions(actor, plan.member_id)
            moved = improvement.hand_over(actor=actor, ids=ids, to=plan.actions_to)
        posts, said = responsibilities.hand_over(actor, plan.member_id, plan.duties)
        problems += said
        failed += len(said)
        told = {k: len(v["what"]) for k, v in posts.items()}
        after = {"batch": batch, **counts, **told, "actions": len(moved)}
        hooks.record(actor, "member", plan.member_id, "handover", {}, after)
    return {
        "counts": counts,
        "failed": failed,
        "problems": problems,
        "actions": moved,
        "duties": posts,
    }


def _hand(
    actor: Actor, object_key: str, values: dict[str, Any], ids: list[int], batch: int
) -> tuple[int, list[str]]:
    """How many changed hands; a record that cannot stays, and says why."""
    left = list(ids)
    said: list[str] = []
    while left:
        saved = records.save_many(
            actor=actor,
            object_key=object_key,
            drafts=[Draft(dict(values), id=i) for i in left],
            origin=Origin(batch=batch),
        )
        if not saved.problems:
            return saved.updated, said
        label = snapshot().object(object_key).label
        said += [
            f"{label} #{left[p.row]}: {p.message}" for p in saved.problems if p.row is not None
        ]
        bad = {p.row for p in saved.problems}
        kept = [i for n, i in enumerate(left) if n not in bad]
        if len(kept) == len(left):
            raise Refused(*saved.problems)
        left = kept
    return 0, said


def undo(
    *,
    actor: Actor,
    batch: int,
    handed: list[int],
    member_id: int,
    moved: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Give everything back that nobody changed since; ``moved`` are the duties of the run."""
    hooks.require_setup(actor, "people")
    try:
        undone = records.undo_batch(actor=actor, batch=batch)
        put_back, kept = undone.put_back, len(undone.kept)
    except Missing:
        put_back, kept = 0, 0  # no record changed hands, only duties
    back = improvement.hand_over(actor=actor, ids=handed, to=member_id)
    posts = responsibilities.give_back(actor, member_id, moved or {})
    hooks.record(actor, "member", member_id, "handover_undone", {"batch": batch}, {})
    return {
        "put_back": put_back,
        "kept": kept,
        "actions": back,
        "duties": posts,
    }
