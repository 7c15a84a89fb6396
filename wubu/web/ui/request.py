"""The request as pages see it, and the one predicate for partial requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from wubu.kernel.types import Actor, Lang

if TYPE_CHECKING:
    from wubu.kernel.permissions.queries import Policy


class PageRequest(HttpRequest):
    """A request after the middleware: who acts, what they may, in which language."""

    actor: Actor
    policy: Policy
    lang: Lang
    nonce: str
    user: Any
    viewer: Any = None  # who really looks, while viewing as another person


def is_htmx(request: HttpRequest) -> bool:
    """Asked by htmx, whole page or part."""
    return request.headers.get("HX-Request") == "true"


def htmx_partial(request: HttpRequest) -> bool:
    """Only a part of the page is wanted: answer with the part, not the frame around it."""
    return is_htmx(request) and request.headers.get("HX-Request-Type") == "partial"


def htmx_target(request: HttpRequest) -> str:
    """The id of the element that will take the answer, or an empty string."""
    return request.headers.get("HX-Target", "").partition("#")[2]
