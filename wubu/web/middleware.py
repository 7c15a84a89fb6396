"""What surrounds every request.

One unit of work, a known actor, the reader's language, a strict CSP.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from wubu.kernel.audit import access
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import LANGS, Actor, Forbidden, Lang, Refused, speaking
from wubu.kernel.workspace import unit_of_work
from wubu.web import problems, viewing
from wubu.web.database_errors import problem_of
from wubu.web.ui.request import PageRequest, is_htmx

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# These answer for themselves who may come in.
OPEN_PATHS = ("/login", "/language", "/static/", "/api/", "/manifest.webmanifest", "/healthz")


class UnitOfWorkMiddleware:
    """One request, one unit of work. A request that failed leaves nothing behind on PostgreSQL.

    A streaming response is read after the unit has ended: it opens its own for each thing it asks.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        inside = connection.in_atomic_block  # of somebody else's transaction, as in tests
        with unit_of_work():
            response = self.get_response(request)
            # Set only now: the page that tells of the failure still had to read.
            failed = getattr(request, "failed", False)
            if failed and connection.in_atomic_block and not inside:
                transaction.set_rollback(True)
            elif not failed:
                access.log_sensitive_reads(kind="view", place=request.path)
            return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        request.failed = True  # type: ignore[attr-defined]


class ActorMiddleware:
    """Sets ``request.actor``, ``request.policy`` and the language.

    Sends strangers to the login page.

    Refusals that reach here become a page, or a partial for htmx, with place, reason and remedy.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        page = cast(PageRequest, request)
        member = page.user if page.user.is_authenticated else None
        page.viewer = None
        if member is not None:
            viewing.apply(page)
        page.lang = _language(request, member)
        page.nonce = secrets.token_urlsafe(16)
        with speaking(page.lang):
            if member is not None:
                viewer_id = None if page.viewer is None else member.pk
                page.actor = Actor(page.user.pk, "page", page.lang, viewer_id)
                page.policy = policy(page.actor)
                try:
                    viewing.refuse_writes(page, page.actor)
                except Forbidden as refused:
                    return problems.response(page, refused)
            elif not request.path.startswith(OPEN_PATHS):
                return _to_login(request)
            response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Security-Policy", _csp(page.nonce))
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        request.failed = True  # type: ignore[attr-defined]
        if isinstance(exception, Refused):
            return problems.response(cast(PageRequest, request), exception)
        told = problem_of(exception)
        if told is not None:
            return problems.mishap(cast(PageRequest, request), *told)
        return None


def _language(request: HttpRequest, member: AbstractBaseUser | None) -> Lang:
    """The member's own choice; before login the last choice on this device, then the browser's."""
    chosen = getattr(member, "language", None) or request.COOKIES.get("wubu_lang")
    if chosen in LANGS:
        return cast(Lang, chosen)
    accepted = request.headers.get("Accept-Language", "zh").lower()
    return "en" if accepted.startswith("en") else "zh"


def _to_login(request: HttpRequest) -> HttpResponse:
    """To the login page and back again; what was typed waits as a draft on the device."""
    if is_htmx(request):
        parts = urlsplit(request.headers.get("HX-Current-URL", "/"))
        response = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        response["HX-Redirect"] = _login_url(f"{parts.path}?{parts.query}".rstrip("?"))
        return response
    if request.method != "GET":
        referer = urlsplit(request.headers.get("Referer", "/"))
        return HttpResponseRedirect(_login_url(f"{referer.path}?{referer.query}".rstrip("?")))
    return HttpResponseRedirect(_login_url(request.get_full_path()))


def _login_url(back_to: str) -> str:
    query = {} if back_to in {"", "/"} else {"next": back_to}
    return settings.LOGIN_URL + (f"?{urlencode(query)}" if query else "")


def _csp(nonce: str) -> str:
    return (
        "default-src 'self'; "
        f"script-src 'self' 'nonce-{nonce}'; "
        "style-src 'self' 'unsafe-inline'; "  # charts and Alpine set inline styles
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
