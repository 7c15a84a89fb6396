"""My settings."""

from __future__ import annotations

from django.test import Client

from tests.cast import PASSWORD, Cast
from tests.web.conftest import Browse
from wubu.kernel.people import queries


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
