"""Attached files: sent up, opened, looked at in place. What others sent never runs here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import StoredFile
from wubu.kernel.types import Problem, Refused, Text
from wubu.web import previews
from wubu.web.ui import PageRequest, show

PDF = "application/pdf"
TEXTS = ("text/", "application/json")
SHOWN_TEXT = 200_000  # bytes of a text that are shown in place
MOST_OFFICE = 20_000_000  # bytes of a document that is read to be shown
ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")


def open_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """An attached file as a download.

    With ``?view`` pictures and PDF in place, with ``?small`` a picture made small.
    """
    page_request = cast(PageRequest, request)
    if "small" in request.GET and (small := queries.small_picture(page_request.actor, file_id)):
        answer = FileResponse(small.open("rb"), content_type="image/webp")
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        answer["Cache-Control"] = "private, max-age=3600"
        return answer
    kept, where = queries.open_file(page_request.actor, file_id)
    kind = how(kept, where) if "view" in request.GET else ""
    shown = kind in ("picture", "pdf")
    answer = FileResponse(where.open("rb"), as_attachment=not shown, filename=kept.name)
    if shown:
        answer["Content-Type"] = kept.content_type
        answer["Cache-Control"] = "private, max-age=3600"
        if kind == "picture":
            answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        else:
            # A sandbox would keep the browser's own reader out, which runs nothing of ours.
            answer["Content-Security-Policy"] = (
                "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
                "frame-ancestors 'self'"
            )
            answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def how(kept: StoredFile, where: Path) -> str:
    """How a file is looked at in place: picture, pdf, words, text, or not at all."""
    if kept.content_type in show.PICTURES:
        return "picture"
    if kept.content_type == PDF and _begin(where, 5) == b"%PDF-":
        return "pdf"
    if kept.content_type.startswith(TEXTS) or kept.name.lower().endswith((".md", ".csv", ".log")):
        return "text"
    if _begin(where, 2) == b"PK" and where.stat().st_size <= MOST_OFFICE:
        return "words" if kept.name.lower().endswith(".docx") else ""
    return ""


def _begin(where: Path, count: int) -> bytes:
    with where.open("rb") as content:
        return content.read(count)


def preview(request: HttpRequest, file_id: int) -> HttpResponse:
    """What stands in the window over the page."""
    page_request = cast(PageRequest, request)
    kept, where = queries.open_file(page_request.actor, file_id)
    kind = how(kept, where)
    context: dict[str, Any] = {"file": kept, "kind": kind}
    # kind: of a preview, not of a field
    if kind == "text":
        raw = _begin(where, SHOWN_TEXT + 1)
        context["text"] = _read(raw[:SHOWN_TEXT])
        context["cut"] = len(raw) > SHOWN_TEXT
    if kind == "words":
        try:
            context["blocks"], context["cut"] = previews.document(where)
        except previews.Unreadable:
            context["kind"] = ""
    return render(request, "parts/records/preview.html", context)


def _read(raw: bytes) -> str:
    """Text in whatever way it was written; a cut may fall into the middle of a character."""
    for encoding in ENCODINGS:
        for end in range(4):
            try:
                return raw[: len(raw) - end].decode(encoding)
            except UnicodeDecodeError:
                continue
    return raw.decode("utf-8", "replace")


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """A file for an attachment field; the record that is saved with its id keeps it."""
    page_request = cast(PageRequest, request)
    submitted = request.FILES.get("file")
    if submitted is None:
        raise Refused(Problem("no_file", Text("没有收到文件。", "No file arrived.")))
    kept = actions.store_file(
        actor=page_request.actor,
        name=submitted.name or "file",
        content=cast(Any, submitted),
        content_type=submitted.content_type or "",
    )
    return JsonResponse({"id": str(kept.id), "name": kept.name, "size": show.size(kept.size)})


urlpatterns = [
    path("files", upload, name="upload"),
    path("files/<int:file_id>", open_file, name="file"),
    path("files/<int:file_id>/preview", preview),
]
