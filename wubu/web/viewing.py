"""Viewing as another person: kept in the session, asked anew at each request, read only."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from wubu.kernel.permissions import viewing
from wubu.kernel.types import Actor, Refused, must_write
from wubu.web.ui.request import PageRequest

KEY = "view_as"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
END = "/view-as/end"
ALLOWED = (END, "/logout")


def apply(request: PageRequest) -> None:
    """Let the request be that of the person who is looked at, while that is still allowed.

    ``request.viewer`` is then the member who really looks.
    """
    wanted = request.session.get(KEY)
    if wanted is None:
        return
    viewer = request.user
    try:
        viewing.must_be_able(Actor(viewer.pk), int(wanted))
    except Refused:
        del request.session[KEY]
        return
    request.viewer = viewer
    request.user = get_user_model().objects.get(pk=wanted)


def refuse_writes(request: PageRequest, actor: Actor) -> None:
    """Raises Forbidden for whatever might change something."""
    if request.method not in SAFE and request.path not in ALLOWED:
        must_write(actor)
