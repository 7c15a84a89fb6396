"""Signing in and out, the language of the device, and what a browser needs to install the app."""

from __future__ import annotations

from typing import cast

from django.contrib.auth import get_user_model, login, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from wubu.kernel.people import actions as people
from wubu.kernel.people import queries
from wubu.kernel.types import LANGS, Problem, Text
from wubu.web.ui import PageRequest, redirect

YEAR = 365 * 24 * 3600


def sign_in(request: HttpRequest) -> HttpResponse:
    """The first page anybody sees; afterwards back to where they were going."""
    onward = _onward(request)
    if request.user.is_authenticated and request.method == "GET":
        return redirect(onward)
    name, problem = "", None
    if request.method == "POST":
        name = request.POST.get("login", "").strip()
        problem = _try(request, name, request.POST.get("password", ""))
        if problem is None:
            return redirect(onward)
    context = {
        "problem": problem,
        "login": name,
        "next": onward if onward != "/" else "",
        "nobody": not queries.are_any(),
    }
    return render(request, "pages/shell/login.html", context, status=422 if problem else 200)


def _try(request: HttpRequest, name: str, password: str) -> Problem | None:
    found = people.sign_in(name, password)
    if found.person is None:
        return found.problem
    login(request, get_user_model().objects.get(pk=found.person.id))
    return None


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if safe else "/"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("/login", Text("已退出登录", "Signed out"))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language: the member's wherever they sign in; before that, this device's."""
    chosen = request.POST.get("language", "")
    response = redirect(_onward(request))
    if chosen in LANGS:
        actor = getattr(cast(PageRequest, request), "actor", None)
        if actor is not None:
            people.update_member(actor=actor, member_id=actor.member_id, language=chosen)
        response.set_cookie("wubu_lang", chosen, max_age=YEAR, samesite="Lax")
    return response


def manifest(request: HttpRequest) -> JsonResponse:
    """Installs Wubu on a phone's home screen."""
    icon = {"src": "/static/img/mark.svg", "sizes": "any", "type": "image/svg+xml"}
    return JsonResponse(
        {
            "name": "Wubu 五步",
            "short_name": "Wubu",
            "start_url": "/",
            "display": "standalone",
            "background_color": "#f6f6f3",
            "theme_color": "#0a6e5c",
            "icons": [icon, {**icon, "purpose": "maskable"}],
        },
        content_type="application/manifest+json",
    )


def health(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("login", sign_in, name="login"),
    path("logout", sign_out, name="logout"),
    path("language", language, name="language"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("healthz", health, name="health"),
]
