"""The log of changes under its seals: is it as it was written? The first place where it is not."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.audit import sealing
from wubu.kernel.audit.verifying import parse_seal
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.jobs import queries as running
from wubu.kernel.jobs.types import JobView
from wubu.kernel.records import queries as records
from wubu.kernel.records.jobs import VERIFY
from wubu.kernel.records.lifecycle.retention import AREA
from wubu.kernel.types import Refused, Text
from wubu.web.entries import Entry
from wubu.web.ui import Ask, Form, Grid, Page, PageRequest, Panel, Problems, Raw, redirect

TITLE = Text("修改日志", "Log of changes")
FLAWS = {
    "edited": Text("这条修改的内容被改过。", "This change was altered after it was sealed."),
    "deleted": Text("这条修改被删掉了。", "This change was deleted."),
    "inserted": Text("这条修改是事后插入的。", "This change was put in afterwards."),
    "block": Text("封印本身被改过。", "The seal itself was altered."),
    "chain": Text(
        "封印的链条断了：有一块被删掉、插入或重做。",
        "The chain of seals is broken: one was removed, added or made anew.",
    ),
    "seal": Text(
        "日志与外部保存的封印不一致：从那以后有人重写过日志。",
        "The log does not lead to the seal kept outside: it was written anew since.",
    ),
}
LABELS = {"seal": Text("外部保存的封印", "A seal kept outside")}


def page(request: HttpRequest) -> HttpResponse:
    """The newest seal, and checking them all."""
    return _page(cast(PageRequest, request))


def _page(page_request: PageRequest, refused: Refused | None = None) -> HttpResponse:
    page_request.policy.require_setup(AREA)
    form = Form(
        "/setup/log/verify",
        [
            Ask(
                "seal",
                LABELS["seal"],
                placeholder="12:3f9a…",
                help=Text(
                    "可不填。填上以前抄下的封印，连整本重写也查得出来。",
                    "Optional. With a seal noted earlier, even a rewritten log is detected.",
                ),
            )
        ],
        submit=Text("核对日志", "Verify the log"),
    )
    if refused is not None:
        form.answered(page_request.POST, refused)
    body: list[Any] = [
        Grid(
            [
                (7, [_checked(page_request), Panel(Text("再核对一次", "Verify"), form)]),
                (5, [_latest(), _how()]),
            ]
        )
    ]
    if refused is not None:
        body.insert(0, Problems(refused.problems, labels=LABELS))
    made = Page(
        TITLE,
        body,
        step="setup",
        subtitle=Text(
            "只能追加，每隔几分钟封印一次；谁改动过，一查便知",
            "Append-only and sealed every few minutes; any alteration is detected",
        ),
    )
    return made.response(page_request, 422 if refused else 200)


def _checked(request: PageRequest) -> Panel:
    """How the last verification went, or how far the present one is."""
    job = running.latest(VERIFY)
    context: dict[str, Any] = {"job": job, "result": None}
    if job is not None and job.state == "done":
        context["result"] = job.result
        context["wrong"] = _wrong(request, job)
    return Panel(
        Text("核对结果", "Verification"),
        Raw("parts/setup/verified.html", **context),
        key="verified",
    )


def _wrong(request: PageRequest, job: JobView) -> dict[str, Any] | None:
    found = job.result.get("tampering")
    if not found:
        return None
    key, id_ = found["object_key"], found["record_id"]
    spec = snapshot().objects.get(key)
    titles = records.titles(request.actor, key, [id_]) if spec is not None and id_ else {}
    return {
        **found,
        "words": FLAWS.get(found["flaw"], ""),
        "spec": spec,
        "title": titles.get(id_, ""),
    }


def _latest() -> Panel:
    seal = sealing.latest()
    return Panel(
        Text("最新封印", "The newest seal"),
        Raw("parts/setup/seal.html", seal=seal, late=_late(seal)),
        key="seal",
    )


def _late(seal: Any) -> bool:
    """Nothing was sealed for an hour though there is something to seal: no worker runs."""
    return seal is not None and (now() - seal.sealed_at).total_seconds() > 3600


def _how() -> Panel:
    return Panel(Text("怎么做到的", "How it works"), Raw("parts/setup/seal_how.html"))


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Start checking in the background."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup(AREA)
    seal = request.POST.get("seal", "").strip()[:200]
    if seal:
        try:
            parse_seal(seal)
        except Refused as refused:
            return _page(page_request, refused)
    jobs.enqueue(VERIFY, {"seal": seal} if seal else {}, actor=page_request.actor)
    return redirect("/setup/log", Text("已开始核对", "Verification has begun"))


def seal(request: HttpRequest) -> HttpResponse:
    """The newest seal as a text file, to be kept elsewhere."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup(AREA)
    found = sealing.latest()
    text = f"{found}\n{found.sealed_at.isoformat()}\n" if found else ""
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    name = f"wubu-seal-{found.number if found else 0}.txt"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def may(rights: Any) -> bool:
    return bool(rights.may_setup(AREA))


NAV = (Entry("setup", TITLE, "/setup/log", "lock-check", may, position=82),)
urlpatterns = [
    path("setup/log", page),
    path("setup/log/verify", verify),
    path("setup/log/seal", seal),
]
