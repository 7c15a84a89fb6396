"""Signing in and out."""

from __future__ import annotations

from django.test import Client

from tests.cast import PASSWORD, Cast
from tests.web.conftest import Browse


def test_it_works(cast: Cast) -> None:
    client = Client()
    assert "登录" in client.get("/login").content.decode()
    response = client.post("/login", {"login": "zhang_wei", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert client.get("/").status_code == 200


def test_it_returns_to_where_one_was_going(cast: Cast) -> None:
    sent = {"login": "zhang_wei", "password": PASSWORD, "next": "/o/customer/?q=a"}
    assert Client().post("/login", sent)["Location"] == "/o/customer/?q=a"
    away = {**sent, "next": "//evil.example"}
    assert Client().post("/login", away)["Location"] == "/"


def test_a_wrong_password_is_told_and_the_name_stays(cast: Cast) -> None:
    response = Client().post("/login", {"login": "zhang_wei", "password": "wrong"})
    assert response.status_code == 422
    said = response.content.decode()
    assert "登录名或密码不正确" in said
    assert 'value="zhang_wei"' in said


def test_the_login_page_speaks_english_to_english_browsers(cast: Cast) -> None:
    response = Client().get("/login", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert "Every figure can be traced" in response.content.decode()


def test_signing_out(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    client.post("/logout")
    assert client.get("/")["Location"] == "/login"


def test_without_the_forms_token_nothing_is_done(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login", {"login": "zhang_wei", "password": PASSWORD})
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()


def test_the_app_can_be_installed_and_asked_how_it_is(cast: Cast) -> None:
    assert Client().get("/manifest.webmanifest").json()["start_url"] == "/"
    assert Client().get("/healthz").content == b"ok"
