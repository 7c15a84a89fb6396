"""A page: title, actions and components; whole or only the part that htmx asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

from wubu.kernel.types import Text
from wubu.web.ui.components import Action, Grid, Panel, Stack, Words
from wubu.web.ui.request import htmx_partial, htmx_target


@dataclass
class Crumb:
    """A step of the way to here."""

    label: Words
    url: str = ""


@dataclass
class Tab:
    """A sister page."""

    label: Words
    url: str
    active: bool = False


@dataclass
class Page:
    """What a page holds. ``step`` lights the navigation.

    ``aside`` stands right of the actions (a period picker).
    """

    title: Words
    body: Sequence[Any] = ()
    step: str = ""
    subtitle: Any = ""
    actions: Sequence[Action] = ()
    crumbs: Sequence[Crumb] = ()
    tabs: Sequence[Tab] = ()
    aside: Any = None
    template: str = "ui/page.html"
    context: dict[str, Any] = field(default_factory=dict)

    def response(self, request: HttpRequest, status: int = 200) -> HttpResponse:
        """The whole page, or the one panel that an htmx request targets."""
        if htmx_partial(request):
            wanted = htmx_target(request).removeprefix("p-")
            for panel in panels(self.body):
                if panel.key and panel.key == wanted:
                    context = {"component": panel, "page": self}
                    words = render_to_string("ui/part.html", context, request)
                    return HttpResponse(words, status=status)
        words = render_to_string(self.template, {"page": self, **self.context}, request)
        return HttpResponse(words, status=status)


def panels(parts: Any) -> Iterator[Panel]:
    """Every panel in a body, however deep it is laid out."""
    for part in parts if isinstance(parts, list | tuple) else [parts]:
        match part:
            case Panel():
                yield part
            case Grid():
                yield from panels([inside for _, inside in part.cells])
            case Stack():
                yield from panels(list(part.items))
            case list() | tuple():
                yield from panels(part)


def redirect(url: str, message: Words | None = None, *, undo: str = "") -> HttpResponse:
    """See other, with a word about what happened."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    if message is not None:
        flash(response, message, undo=undo)
    return response


def flash(
    response: HttpResponse, message: Words, *, tone: str = "", undo: str = ""
) -> HttpResponse:
    """Say something on the next page; ``undo`` is posted to when the reader takes it back."""
    # No slash may stay: it would put the whole cookie into quotes that the page does not expect.
    value = quote(json.dumps({"message": str(message), "tone": tone, "undo": undo}), safe="")
    response.set_cookie("wubu_flash", value, max_age=60, samesite="Lax")
    return response


def toast(
    response: HttpResponse, message: Words, *, tone: str = "", undo: str = ""
) -> HttpResponse:
    """Say something after an htmx request."""
    detail = {"message": str(message), "tone": tone, "undo": undo}
    response["HX-Trigger"] = json.dumps({"toast": detail})
    return response


def saved(response: HttpResponse, draft: str) -> HttpResponse:
    """The draft of this name on the reader's device has become a record: it may go."""
    response.set_cookie("wubu_saved", quote(draft), max_age=60, samesite="Lax")
    return response


UNTITLED = Text("未命名", "Untitled")
