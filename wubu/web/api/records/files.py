"""Attached files: stored first, then named in an attachment field of a record."""

from typing import Annotated, BinaryIO, cast

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import File, Path, Router
from ninja.files import UploadedFile

from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import StoredFile
from wubu.web.api.answers import responses, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.wire import model

Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]


def router() -> Router:
    made = Router(tags=["附件 Files"])

    @made.post("/files", response=responses(model(StoredFile), 201), operation_id="store_file")
    def store(request: HttpRequest, file: File[UploadedFile]) -> HttpResponse:
        stored = actions.store_file(
            actor=actor_of(request),
            name=file.name or "file",
            content=cast(BinaryIO, file.file),
            content_type=file.content_type or "",
        )
        return send_of(stored, 201)

    @made.get(
        "/files/{id}",
        response=responses(None),
        operation_id="open_file",
        summary="The content, for whoever may see a record that holds it",
        openapi_extra={
            "responses": {
                200: {
                    "description": "the content as it was uploaded",
                    "content": {"application/octet-stream": {"schema": {"format": "binary"}}},
                }
            }
        },
    )
    def content(request: HttpRequest, id: Id) -> HttpResponseBase:
        stored, path = queries.open_file(actor_of(request), int(id))
        # Always a download: nothing that somebody uploaded runs in the pages of another.
        response = FileResponse(path.open("rb"), as_attachment=True, filename=stored.name)
        response["Content-Type"] = "application/octet-stream"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return made
