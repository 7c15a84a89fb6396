"""My settings."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from django.test import Client

from tests.cast import PASSWORD, Cast
from tests.web.conftest import Browse
from wubu.kernel.people import queries
from wubu.kernel.permissions.actions import set_roles
from wubu.kernel.types import SYSTEM


def test_it_works(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    sent = {"language": "en", "email": "zw@example.com", "phone": ""}
    assert client.post("/me/profile", sent).status_code == 303
    assert queries.person(cast.zhang_wei.id).email == "zw@example.com"
    assert "My settings" in client.get("/me").content.decode()


def test_a_key_is_shown_once_and_revoked(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    shown = client.post("/me/tokens", {"name": "报表"}).content.decode()
    assert "wubu_" in shown
    assert "wubu_" not in client.get("/me").content.decode()
    token = queries.tokens(cast.zhang_wei.id)[0]
    client.post(f"/me/tokens/{token.id}/revoke")
    assert queries.tokens(cast.zhang_wei.id)[0].revoked_at is not None


def test_a_new_password(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    wrong = client.post("/me/password", {"old": "x", "new": "another-good-one"})
    assert wrong.status_code == 422
    assert "原密码不正确" in wrong.content.decode()
    client.post("/me/password", {"old": PASSWORD, "new": "another-good-one"})
    sent = {"login": "zhang_wei", "password": "another-good-one"}
    assert Client().post("/login", sent).status_code == 303


def offered(page: str) -> list[str]:
    """The objects in the plus menu of a page, in order."""
    menu = page.split('class="dropdown w-quick"', 1)[1].split('href="/me#p-plus"', 1)[0]
    return re.findall(r'href="/o/(\w+)/new"', menu)


def test_ones_own_plus_menu(browse: Browse, cast: Cast) -> None:
    rep, other = browse(cast.zhang_wei), browse(cast.liu_yang)
    usual = offered(rep.get("/").content.decode())
    assert usual[:2] == ["lead", "customer"]
    rep.post("/me/plus", {"object": ["follow_up", "opportunity", "customer"]})
    assert offered(rep.get("/").content.decode()) == ["follow_up", "opportunity", "customer"]
    assert offered(other.get("/").content.decode()) == usual
    kept = rep.post("/me/plus", {"object": ["customer"]})
    assert kept.status_code == 303
    undo = json.loads(unquote(kept.cookies["wubu_flash"].value))["undo"]
    rep.post(undo)
    assert offered(rep.get("/").content.decode()) == ["follow_up", "opportunity", "customer"]
    rep.post("/me/plus", {"object": ["customer"], "reset": "1"})
    assert offered(rep.get("/").content.decode()) == usual
    assert queries.plus(cast.zhang_wei.id) is None


def test_an_emptied_plus_menu_can_still_be_filled(browse: Browse, cast: Cast) -> None:
    rep = browse(cast.zhang_wei)
    rep.post("/me/plus", {})
    page = rep.get("/me").content.decode()
    assert offered(page) == []
    assert page.count('href="/me#p-plus"') == 2  # of the top bar and of the phone
    assert 'name="object" value="customer">' in page


def test_a_plus_menu_refuses_what_one_may_not_create(browse: Browse, cast: Cast) -> None:
    rep = browse(cast.zhang_wei)
    sent = {"object": ["visit", "nothing", "product", "customer"]}
    refused = rep.post("/me/plus", sent)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "“nothing”" in page
    assert "“product”" in page
    assert "“visit”" not in page
    ticked = re.findall(r'name="object" value="(\w+)" checked', page)
    assert ticked == ["visit", "customer"]  # what was chosen is not lost
    assert queries.plus(cast.zhang_wei.id) is None


def test_a_lost_right_takes_an_object_out_of_the_plus_menu(browse: Browse, cast: Cast) -> None:
    rep = browse(cast.zhang_wei)
    rep.post("/me/plus", {"object": ["follow_up", "customer"]})
    set_roles(actor=SYSTEM, member_id=cast.zhang_wei.id, roles=["finance"])
    page = rep.get("/").content.decode()
    assert offered(page) == []
    set_roles(actor=SYSTEM, member_id=cast.zhang_wei.id, roles=["sales_rep"])
    assert offered(rep.get("/").content.decode()) == ["follow_up", "customer"]
