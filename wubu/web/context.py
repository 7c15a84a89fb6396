"""What every template may use: the reader, the language, the theme, the navigation."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from wubu.kernel.types import language
from wubu.web import nav
from wubu.web.ui.request import PageRequest

THEMES = ("light", "dark", "auto")


def page(request: HttpRequest) -> dict[str, Any]:
    """The context processor. The navigation is made only where a template draws it."""
    page_request = cast(PageRequest, request)
    theme = request.COOKIES.get("wubu_theme", "auto")
    theme = theme if theme in THEMES else "auto"
    lang = language()
    known = getattr(page_request, "actor", None) is not None
    return {
        "lang": lang,
        "lang_tag": "zh-CN" if lang == "zh" else "en",
        "theme_choice": theme,
        "theme": "dark" if theme == "dark" else "light",
        "sidebar_narrow": request.COOKIES.get("wubu_side") == "narrow",
        "nonce": getattr(page_request, "nonce", ""),
        "member": page_request.user if known else None,
        "viewer": getattr(page_request, "viewer", None) if known else None,
        "nav": SimpleLazyObject(lambda: nav.build(page_request)) if known else None,
    }
