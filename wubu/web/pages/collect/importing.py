"""Importing spreadsheets.

Drop files, see where they go, settle what is wrong, bring them in, undo.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.imports import actions, queries
from wubu.collect.imports.views import ImportView
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.types import Actor, Forbidden, Problem, Refused, Text
from wubu.web.entries import Entry
from wubu.web.pages.collect import importing_parts as parts
from wubu.web.sheets import xlsx
from wubu.web.ui import Page, PageRequest, Panel, Problems, Raw, redirect
from wubu.web.ui.asking import whole, whole_of

TITLE = Text("导入", "Import")


def may_import(policy: Policy) -> bool:
    """Whether the navigation shows the page at all."""
    return policy.may_setup("people") or any(policy.may("import", o.key) for o in snapshot().live)


def _require(request: PageRequest) -> Actor:
    if not may_import(request.policy):
        raise Forbidden(
            Problem(
                "forbidden",
                Text("您没有导入的权限。", "You may not import."),
                Text("请联系管理员。", "Ask an administrator."),
            )
        )
    return request.actor


def index(request: HttpRequest) -> HttpResponse:
    return _index(cast(PageRequest, request))


def _index(request: PageRequest, refused: Refused | None = None) -> HttpResponse:
    actor = _require(request)
    body: list[object] = [Problems(refused.problems, parts.NOT_READ)] if refused else []
    body.append(Panel("", Raw("parts/collect/import_drop.html"), key="drop"))
    body.append(parts.history(queries.recent(actor)))
    return Page(
        TITLE,
        body,
        step="collect",
        subtitle=Text(
            "CSV、Excel、ODS 都可以，一次放几个互相关联的文件也行",
            "CSV, Excel or ODS, and several files that belong together at once",
        ),
        template="pages/collect/importing.html",
    ).response(request, 422 if refused else 200)


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take the files in, and check them at once where that is quick."""
    page_request = cast(PageRequest, request)
    actor = _require(page_request)
    try:
        files = [(f.name or "file", f.chunks()) for f in request.FILES.getlist("files")]
        view = actions.stage(actor=actor, files=files)
    except Refused as refused:
        if refused.status != 422:
            raise
        return _index(page_request, refused)
    _check_if_quick(actor, view)
    return redirect(f"/import/{view.id}")


def _check_if_quick(actor: Actor, view: ImportView) -> None:
    if any(b.object for b in view.batches) and view.rows <= actions.CHECKED_AT_ONCE:
        actions.check(actor=actor, import_id=view.id)


def one(request: HttpRequest, import_id: int) -> HttpResponse:
    page_request = cast(PageRequest, request)
    view = queries.get(_require(page_request), import_id)
    return _one(page_request, view)


def _one(request: PageRequest, view: ImportView, refused: Refused | None = None) -> HttpResponse:
    body: list[object] = [Raw("parts/collect/import_steps.html", at=parts.step_of(view))]
    if refused:
        body.append(Problems(refused.problems))
    body += parts.body(request, view)
    return Page(
        parts.title_of(view),
        body,
        step="collect",
        crumbs=[parts.BACK],
        actions=parts.page_actions(view),
        template="pages/collect/importing.html",
    ).response(request, 422 if refused else 200)


Act = Callable[[Actor], object]


def _doing(
    request: HttpRequest, import_id: int, act: Act, words: Text | None = None
) -> HttpResponse:
    """Do something to an import and show it again; a refusal is shown with it."""
    page_request = cast(PageRequest, request)
    actor = _require(page_request)
    try:
        act(actor)
    except Refused as refused:
        if refused.status != 422:
            raise
        return _one(page_request, queries.get(actor, import_id), refused)
    return redirect(f"/import/{import_id}{_anchor(request)}", words)


def _anchor(request: HttpRequest) -> str:
    batch = whole(request.POST, "batch")
    return f"#p-batch-{batch}" if batch is not None else ""


def _batch(request: HttpRequest, view: ImportView) -> int:
    """The batch a form speaks of, if it is one of this import. Raises Missing otherwise."""
    raw = request.POST.get("batch", "")
    found = next((b.id for b in view.batches if str(b.id) == raw), None)
    if found is None:
        raise Refused(Problem("no_such_batch", Text("没有这个表格。", "There is no such table.")))
    return found


@require_POST
def target(request: HttpRequest, import_id: int) -> HttpResponse:
    def act(actor: Actor) -> None:
        batch = _batch(request, queries.get(actor, import_id))
        chosen = request.POST.get("object", "")
        view = actions.set_target(actor=actor, batch_id=batch, object_key=chosen)
        _check_if_quick(actor, view)

    return _doing(request, import_id, act)


@require_POST
def mapping(request: HttpRequest, import_id: int) -> HttpResponse:
    """Where the columns go, by which fields rows are matched; checked again at once."""

    def act(actor: Actor) -> None:
        batch = _batch(request, queries.get(actor, import_id))
        columns = {
            place: str(value)
            for name, value in request.POST.items()
            if name.startswith("c-") and (place := whole_of(name[2:])) is not None
        }
        view = actions.set_mapping(
            actor=actor,
            batch_id=batch,
            columns=columns,
            match_on=request.POST.getlist("match_on"),
        )
        _check_if_quick(actor, view)

    return _doing(request, import_id, act)


@require_POST
def resolve(request: HttpRequest, import_id: int) -> HttpResponse:
    def act(actor: Actor) -> None:
        actions.resolve(
            actor=actor,
            batch_id=_batch(request, queries.get(actor, import_id)),
            field=request.POST.get("field", ""),
            value=request.POST.get("value", ""),
            remedy=request.POST.get("remedy", ""),
            use=request.POST.get("use") or None,
        )

    return _doing(request, import_id, act)


@require_POST
def accept(request: HttpRequest, import_id: int) -> HttpResponse:
    return _doing(
        request,
        import_id,
        lambda actor: actions.accept_all(actor=actor, import_id=import_id),
        Text("已接受全部建议", "Every suggestion is accepted"),
    )


@require_POST
def options(request: HttpRequest, import_id: int) -> HttpResponse:
    """Move all dates so that the last month of the data is the current one, or put them back."""

    def act(actor: Actor) -> None:
        if request.POST.get("dates") == "now":
            actions.move_to_now(actor=actor, import_id=import_id)
        else:
            actions.set_options(actor=actor, import_id=import_id, offset_days=0)
        _check_if_quick(actor, queries.get(actor, import_id))

    return _doing(request, import_id, act)


@require_POST
def check(request: HttpRequest, import_id: int) -> HttpResponse:
    def act(actor: Actor) -> None:
        view = queries.get(actor, import_id)
        if view.rows <= actions.CHECKED_AT_ONCE:
            actions.check(actor=actor, import_id=import_id)
        else:
            actions.start(actor=actor, import_id=import_id, check_only=True)

    return _doing(request, import_id, act)


@require_POST
def start(request: HttpRequest, import_id: int) -> HttpResponse:
    """Bring the rows in, in the background; ``only_valid`` was chosen with its own button."""

    def act(actor: Actor) -> None:
        view = queries.get(actor, import_id)
        if view.state in actions.OPEN:
            only_valid = request.POST.get("only_valid") == "1"
            actions.set_options(actor=actor, import_id=import_id, only_valid=only_valid)
        actions.start(actor=actor, import_id=import_id)

    return _doing(request, import_id, act)


@require_POST
def cancel(request: HttpRequest, import_id: int) -> HttpResponse:
    return _doing(
        request, import_id, lambda actor: actions.cancel(actor=actor, import_id=import_id)
    )


@require_POST
def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    return _doing(
        request,
        import_id,
        lambda actor: actions.undo(actor=actor, import_id=import_id),
        Text("已撤销这次导入", "The import is undone"),
    )


@require_POST
def remove(request: HttpRequest, import_id: int) -> HttpResponse:
    page_request = cast(PageRequest, request)
    actions.remove(actor=_require(page_request), import_id=import_id)
    return redirect("/import", Text("已删除", "Removed"))


def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """Asked for every second while it runs."""
    page_request = cast(PageRequest, request)
    view = queries.get(_require(page_request), import_id)
    if not parts.is_busy(view):
        response = HttpResponse()
        response["HX-Redirect"] = f"/import/{import_id}"
        return response
    return render(request, "parts/collect/import_progress.html", parts.progress_context(view))


def problem_rows(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rows that have problems, as they arrived.

    With line and reason, to correct and import again.
    """
    actor = _require(cast(PageRequest, request))
    header, rows = queries.bad_rows(actor, batch_id)
    heads = [str(Text("行号", "Line")), str(Text("原因", "Reason")), *header]
    lines = [[r.line, "；".join(map(str, r.reasons)), *r.cells] for r in rows]
    response = HttpResponse(xlsx(heads, lines), content_type=XLSX)
    name = quote(f"{Text('问题行', 'problem rows')}.xlsx")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def source_line(request: HttpRequest, batch_id: int, line: int) -> HttpResponse:
    """Where a value came from: the line of the file, as it arrived."""
    page_request = cast(PageRequest, request)
    record = request.GET.get("record", "")
    record_id = int(record) if record.isascii() and record.isdigit() else None
    found = queries.line(page_request.actor, batch_id, line, record_id)
    title = Text("第 {n} 行", "Line {n}").format(n=line)
    body = [Panel(title, Raw("parts/collect/import_line.html", found=found), key="line")]
    crumbs = [parts.BACK]
    return Page(found.file if found else title, body, step="collect", crumbs=crumbs).response(
        request
    )


NAV = (Entry("collect", TITLE, "/import", "file-import", may=may_import, position=90),)
urlpatterns = [
    path("import", index, name="import"),
    path("import/upload", upload),
    path("import/<int:import_id>", one),
    path("import/<int:import_id>/target", target),
    path("import/<int:import_id>/mapping", mapping),
    path("import/<int:import_id>/resolve", resolve),
    path("import/<int:import_id>/accept", accept),
    path("import/<int:import_id>/options", options),
    path("import/<int:import_id>/check", check),
    path("import/<int:import_id>/start", start),
    path("import/<int:import_id>/cancel", cancel),
    path("import/<int:import_id>/undo", undo),
    path("import/<int:import_id>/remove", remove),
    path("import/<int:import_id>/progress", progress),
    path("import/problems/<int:batch_id>.xlsx", problem_rows),
    path("import/line/<int:batch_id>/<int:line>", source_line),
]
