"""Somebody leaves, or changes post: all that is theirs goes to others, seen before it is done."""

from __future__ import annotations

import json
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.improve.handover import actions, queries, responsibilities
from wubu.improve.handover.jobs import plan_of
from wubu.improve.handover.types import Line, Plan
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs import queries as jobs
from wubu.kernel.jobs.types import JobView
from wubu.kernel.people import queries as people
from wubu.kernel.people.types import Person
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.ui import (
    Action,
    Column,
    Crumb,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    Table,
    redirect,
)
from wubu.web.ui.asking import whole

PEOPLE = Text("成员", "People")
HANDOVER = Text("工作交接", "Handover")
WHICH = {
    "": Text("不交接", "Do not hand over"),
    "open": Text("进行中的", "Open ones"),
    "all": Text("全部", "All"),
    "pool": Text("放回公海", "To the pool"),
}


def page(request: HttpRequest, member_id: int) -> HttpResponse:
    """What they own, and who takes it over: chosen, shown, then done."""
    page_request = cast(PageRequest, request)
    queries.must_set_up(page_request.actor)
    one = people.person(member_id)
    if request.method != "POST":
        return _ask(page_request, one, Plan(member_id, by=request.GET.get("by", "")))
    plan = _plan(page_request, member_id)
    try:
        found = queries.steps(page_request.actor, plan)
    except Refused as refused:
        if refused.status != 422:
            raise
        return _ask(page_request, one, plan, refused)
    if request.POST.get("step") != "go":
        return _show(page_request, one, plan, found)
    job = actions.start(actor=page_request.actor, plan=plan)
    return redirect(f"/setup/people/{member_id}/handover/{job.id}")


def _plan(request: PageRequest, member_id: int) -> Plan:
    """The plan as the form says it, or as the confirmed page sends it back."""
    post = request.POST
    if post.get("plan"):
        try:
            kept = plan_of(json.loads(post["plan"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(
                Problem("bad_plan", Text("交接方案无效，请重新选择。", "Choose again."))
            ) from error
        return Plan(**{**kept.as_json(), "member_id": member_id})
    default = whole(post, "to")
    keys = [spec.key for spec in queries.objects()]
    to = {k: whole(post, f"to:{k}") or default for k in keys}
    groups = {
        name.removeprefix("group:"): whole(post, name) for name in post if name.startswith("group:")
    }
    return Plan(
        member_id=member_id,
        which={k: w for k in keys if (w := post.get(f"which:{k}", "")) in ("open", "all", "pool")},
        to={k: v for k, v in to.items() if v},
        by=post.get("by", ""),
        groups={k: v for k, v in groups.items() if v},
        actions_to=(whole(post, "to:_actions") or default) if post.get("which:_actions") else None,
        duties={
            k: taker
            for k in responsibilities.LABELS
            if post.get(f"which:{k}") and (taker := whole(post, f"to:{k}") or default)
        },
    )


def _page(one: Person, body: list[Any], subtitle: Any = "") -> Page:
    return Page(
        Text("{n} 的工作交接", "Handover of {n}").format(n=one.name),
        body,
        crumbs=[Crumb(PEOPLE, "/setup/people"), Crumb(one.name, f"/setup/people/{one.id}")],
        subtitle=subtitle,
    )


def _ask(
    request: PageRequest, one: Person, plan: Plan, refused: Refused | None = None
) -> HttpResponse:
    actor = request.actor
    chosen = request.method == "POST"
    lines = [
        {
            "line": line,
            "which": plan.which.get(line.object_key, "") if chosen else line.suggested,
            "choices": _choices(line),
            "to": plan.to.get(line.object_key),
        }
        for line in queries.lines(actor, one.id)
    ]
    todo = queries.open_actions(actor, one.id)
    called = responsibilities.names(actor, one.id)
    context = {
        "one": one,
        "lines": lines,
        "todo": len(todo),
        "duties": [
            {
                "line": line,
                "names": called.get(line.object_key, ""),
                "on": not chosen or line.object_key in plan.duties,
                "to": plan.duties.get(line.object_key),
            }
            for line in responsibilities.lines(actor, one.id)
        ],
        "groupings": queries.groupings(actor),
        "by": plan.by,
        "groups": [
            {"group": g, "to": plan.groups.get(g.value)}
            for g in queries.groups(actor, one.id, plan.by)
        ],
        "members": [m for m in people.members() if m.id != one.id],
    }
    body = [
        *([Problems(refused.problems)] if refused else []),
        Raw("parts/setup/handover.html", **context),
    ]
    words = Text(
        "记录换负责人；目标、已关账的业绩和历史不变。",
        "Records change hands; targets, closed figures and history stay.",
    )
    return _page(one, body, words).response(request, 422 if refused else 200)


def _choices(line: Line) -> list[tuple[str, Text]]:
    """What can become of the records of one object."""
    spec = snapshot().object(line.object_key)
    left_out = {"open"} if line.open is None else set()
    if queries.pool_of(spec) is None:
        left_out.add("pool")
    return [(k, w) for k, w in WHICH.items() if k not in left_out]


def _show(request: PageRequest, one: Person, plan: Plan, found: Any) -> HttpResponse:
    table = Table(
        [
            Column(Text("内容", "What"), lambda s: s.label),
            Column(Text("交给", "To"), lambda s: s.receiver, "member"),
            Column(Text("数量", "Number"), lambda s: s.count, "number"),
        ],
        found,
    )
    total = sum(step.count for step in found)
    context = {"one": one, "plan": json.dumps(plan.as_json()), "total": total}
    body = [
        Panel(Text("将要交接", "What will change hands"), table),
        Raw("parts/setup/handover_go.html", **context),
    ]
    words = Text("共 {n} 项，尚未执行", "{n} in all; nothing is done yet").format(n=total)
    return _page(one, body, words).response(request)


def running(request: HttpRequest, member_id: int, job_id: int) -> HttpResponse:
    """How far it is, and what came of it."""
    page_request = cast(PageRequest, request)
    queries.must_set_up(page_request.actor)
    job = _job(member_id, job_id)
    one = people.person(member_id)
    body = [
        Panel(
            actions_label(job),
            Raw("parts/setup/handover_run.html", **_to_view(job, member_id)),
            key="run",
        )
    ]
    return _page(one, body).response(page_request)


def progress(request: HttpRequest, member_id: int, job_id: int) -> HttpResponse:
    """Only the progress, for the page that waits."""
    page_request = cast(PageRequest, request)
    queries.must_set_up(page_request.actor)
    return render(
        request, "parts/setup/handover_run.html", _to_view(_job(member_id, job_id), member_id)
    )


def actions_label(job: JobView) -> Text:
    return jobs.label(job.name)


def _job(member_id: int, job_id: int) -> JobView:
    job = jobs.get(job_id)
    whose = job.kwargs.get("plan", job.kwargs).get("member_id")
    if job.name not in (actions.JOB, actions.UNDO_JOB) or whose != member_id:
        raise Refused(Problem("no_such_job", Text("没有这次交接。", "There is no such handover.")))
    return job


def _to_view(job: JobView, member_id: int) -> dict[str, Any]:
    result = job.result or {}
    objects = snapshot().objects
    counts = [
        (objects[k].plural if k in objects else k, n) for k, n in result.get("counts", {}).items()
    ]
    if job.name == actions.JOB:
        counts += [
            (responsibilities.LABELS[k], len(v["what"]))
            for k, v in result.get("duties", {}).items()
        ]
    return {
        "job": job,
        "percent": round((job.share or 0) * 100),
        "base": f"/setup/people/{member_id}/handover/{job.id}",
        "counts": counts,
        "failed": result.get("failed", 0),
        "problems": result.get("problems", []),
        "actions": len(result.get("actions", [])),
        "undo": job.name == actions.UNDO_JOB,
        "put_back": result.get("put_back", 0),
        "kept": result.get("kept", 0),
        "posts": result.get("duties", 0) if job.name == actions.UNDO_JOB else 0,
    }


@require_POST
def undo(request: HttpRequest, member_id: int, job_id: int) -> HttpResponse:
    """Take the whole handover back."""
    page_request = cast(PageRequest, request)
    job = _job(member_id, job_id)
    made = actions.start_undo(actor=page_request.actor, job=job)
    return redirect(f"/setup/people/{member_id}/handover/{made.id}")


def action(member_id: int) -> Action:
    """The way here, for the member's page."""
    return Action(HANDOVER, f"/setup/people/{member_id}/handover", icon="arrows-exchange")


urlpatterns = [
    path("setup/people/<int:member_id>/handover", page),
    path("setup/people/<int:member_id>/handover/<int:job_id>", running),
    path("setup/people/<int:member_id>/handover/<int:job_id>/progress", progress),
    path("setup/people/<int:member_id>/handover/<int:job_id>/undo", undo),
]
