"""Who may come in, and what happens to calls that make no sense."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from tests.api.conftest import Caller, problem
from tests.cast import PASSWORD
from wubu.kernel.calendar.queries import now
from wubu.kernel.people import access
from wubu.kernel.people import actions as people_actions
from wubu.kernel.types import SYSTEM


def test_it_works(boss, people):
    me = boss.get("/me").json()
    assert (me["id"], me["name"], me["is_owner"]) == (str(people.wang_li.id), "王立", True)


@pytest.mark.parametrize("key", ["", "nonsense", "wubu_" + "x" * 40])
def test_unknown_keys(db, key):
    response = Caller(key).get("/me")
    problem(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_no_key_at_all(db):
    problem(Client().get("/api/v1/me"), 401)


def test_expired_and_revoked_keys(people):
    member = people.zhang_wei.id
    soon = now() + timedelta(hours=1)
    _, expiring = access.create_token(actor=SYSTEM, name="a", member_id=member, expires_at=soon)
    assert Caller(expiring).get("/me").status_code == 200
    with time_machine.travel(soon + timedelta(seconds=1)):
        problem(Caller(expiring).get("/me"), 401)
    info, key = access.create_token(actor=SYSTEM, name="new", member_id=member)
    assert Caller(key).get("/me").status_code == 200
    access.revoke_token(actor=SYSTEM, token_id=info.id)
    problem(Caller(key).get("/me"), 401)


def test_the_key_of_somebody_who_left(people):
    _, key = access.create_token(actor=SYSTEM, name="k", member_id=people.sun_yue.id)
    people_actions.deactivate(actor=SYSTEM, member_id=people.sun_yue.id)
    problem(Caller(key).get("/me"), 401)


def test_a_session_needs_the_csrf_token_to_write(people):
    client = Client(enforce_csrf_checks=True)
    client.post("/login", {"login": "wang_li", "password": PASSWORD})
    client.cookies.clear()
    assert client.get("/api/v1/me").status_code == 401
    client = Client(enforce_csrf_checks=True)
    client.force_login(people_member(people.wang_li.id))
    assert client.get("/api/v1/me").json()["name"] == "王立"
    body = json.dumps({"values": {"name": "甲"}})
    path = "/api/v1/records/customer"
    problem(client.post(path, body, content_type="application/json"), 403)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(
        path, body, content_type="application/json", headers={"X-CSRFToken": "a" * 32}
    )
    assert answer.status_code == 201, answer.content


def people_member(id_):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(pk=id_)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "",
        "[]",
        "null",
        '"text"',
        '{"values": NaN}',
        '{"values": [1]}',
        "\xff\xfe",
        '{"values":{"name":',
    ],
)
def test_bad_json(boss, body):
    response = boss("POST", "/records/customer", body.encode("latin-1"))
    assert response.status_code in {400, 422}, response.content
    problem(response, response.status_code)


def test_deep_json_is_no_way_to_crash(boss):
    body = b'{"values":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    response = boss("POST", "/records/customer", body)
    assert response.status_code in {400, 422}


def test_too_much_content(boss, monkeypatch):
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 1000)
    response = boss("POST", "/records/customer", {"values": {"name": "x" * 5000}})
    problem(response, 413)


def test_unknown_addresses_and_methods(boss):
    problem(boss.get("/nix"), 404)
    problem(boss.get("/records/nix"), 404)
    response = boss("PUT", "/me")
    problem(response, 405)


def test_a_failure_tells_a_number_and_nothing_else(boss, monkeypatch):
    from wubu.web.api.shell import me

    def broken(member_id):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(me, "me_json", broken)
    body = problem(boss.get("/me"), 500)
    assert "secret" not in json.dumps(body)
    assert body["errors"][0]["value"]


def test_the_document_names_everything_and_hides_what_is_hidden(boss, people):
    from tests.api.conftest import caller_for

    def document(caller):
        client = Client(headers={"Authorization": f"Bearer {caller.key}"})
        return client.get("/api/openapi.json").json()

    whole = document(boss)
    assert whole["openapi"].startswith("3.1")
    assert "/api/v1/records/customer/{id}" in whole["paths"]
    assert "phone" in whole["components"]["schemas"]["CustomerInput"]["properties"]
    finance = document(caller_for(people.wu_xia))
    assert "phone" not in finance["components"]["schemas"]["CustomerInput"]["properties"]
    assert not any("/records/lead" in p for p in finance["paths"])
    assert Client().get("/api/openapi.json").status_code == 401


def test_the_reader_of_the_document_calls_nobody_else(people):
    client = Client()
    assert client.get("/api/docs").status_code == 302
    client.force_login(people_member(people.wang_li.id))
    page = client.get("/api/docs").content.decode()
    assert "swagger-ui-bundle.js" in page
    assert "http://" not in page
    assert "https://" not in page
    script = client.get("/static/ninja/swagger-ui-bundle.js")
    assert script.status_code == 200
    script.close()
