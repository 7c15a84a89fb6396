"""What surrounds every request."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from tests.cast import Cast
from tests.web.conftest import HTMX, Browse
from wubu.kernel.people.actions import update_member
from wubu.kernel.types import SYSTEM, language


def test_it_works(browse: Browse, cast: Cast) -> None:
    response = browse(cast.zhang_wei).get("/")
    assert response.status_code == 200
    assert response.wsgi_request.actor.member_id == cast.zhang_wei.id
    assert "张伟" in response.content.decode()


@pytest.mark.django_db
def test_strangers_go_to_the_login_page_and_back() -> None:
    response = Client().get("/o/customer/?f={grade}%3D%22A%22")
    assert response.status_code == 302
    assert response["Location"].startswith("/login?next=%2Fo%2Fcustomer%2F%3Ff%3D")


@pytest.mark.django_db
def test_a_stranger_by_htmx_is_redirected_whole_page_with_the_page_to_come_back_to() -> None:
    here = "http://testserver/o/lead/new?customer=3"
    response = Client().get("/pick/customer?q=x", headers={**HTMX, "HX-Current-URL": here})
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/login?next=%2Fo%2Flead%2Fnew%3Fcustomer%3D3"


@pytest.mark.django_db
def test_an_expired_login_while_saving_comes_back_to_the_form() -> None:
    referer = {"Referer": "http://testserver/o/lead/new"}
    response = Client().post("/o/lead/new", {"name": "x"}, headers=referer)
    assert response["Location"] == "/login?next=%2Fo%2Flead%2Fnew"


def test_the_members_language_is_spoken_and_forgotten_afterwards(
    browse: Browse, cast: Cast
) -> None:
    client = browse(cast.zhang_wei)
    assert 'lang="zh-CN"' in client.get("/").content.decode()
    update_member(actor=SYSTEM, member_id=cast.zhang_wei.id, language="en")
    said = client.get("/").content.decode()
    assert 'lang="en"' in said
    assert "Skip to content" in said
    assert language() == "zh"


def test_the_language_button_switches_for_the_member(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    response = client.post("/language", {"language": "en", "next": "/o/customer/"})
    assert response["Location"] == "/o/customer/"
    assert "Customers" in client.get("/o/customer/").content.decode()


def test_no_open_redirect(browse: Browse, cast: Cast) -> None:
    response = browse(cast.zhang_wei).post("/language", {"next": "https://evil.example/"})
    assert response["Location"] == "/"


def test_pages_carry_a_strict_policy(browse: Browse, cast: Cast) -> None:
    policy = browse(cast.zhang_wei).get("/")["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in policy
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


def test_refusals_are_pages_with_a_remedy(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    missing = client.get("/o/customer/999999")
    assert missing.status_code == 404
    assert "没有这条客户记录" in missing.content.decode()
    forbidden = client.get("/setup/roles")
    assert forbidden.status_code == 403
    assert "您无权更改此设置" in forbidden.content.decode()
    assert client.get("/nowhere/at/all").status_code == 404


def test_refusals_by_htmx_are_told_without_touching_the_page(browse: Browse, cast: Cast) -> None:
    response = browse(cast.zhang_wei).get("/o/customer/999999", headers=HTMX)
    assert response.status_code == 404
    assert response["HX-Reswap"] == "none"
    assert '"tone": "bad"' in response["HX-Trigger"]
    assert response["HX-Trigger"].isascii()


def test_a_failure_says_so_in_both_languages_and_asks_the_database_nothing(
    browse: Browse, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browse(cast.zhang_wei)
    client.raise_request_exception = False
    monkeypatch.setattr("wubu.web.pages.shell.today._greeting", lambda name: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "程序出错了" in response.content.decode()
    client.cookies["wubu_lang"] = "en"
    update_member(actor=SYSTEM, member_id=cast.zhang_wei.id, language="en")
    assert "Something went wrong" in client.get("/").content.decode()
    assert connection.is_usable()
