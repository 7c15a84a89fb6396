"""The plus menu of one's own, by the API."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Caller, problem
from tests.cast import Cast
from wubu.kernel.permissions.actions import set_roles
from wubu.kernel.types import SYSTEM


def keys(answer: Any, part: str = "objects") -> list[str]:
    assert answer.status_code == 200, answer.content
    return [o["key"] for o in answer.json()[part]]


def test_it_works(boss: Caller, rep: Caller) -> None:
    usual = rep.get("/me/plus")
    assert not usual.json()["own"]
    assert set(keys(usual)) < set(keys(usual, "offered"))
    chosen = rep("PUT", "/me/plus", {"objects": ["opportunity", "customer", "opportunity"]})
    assert keys(chosen) == ["opportunity", "customer"]
    assert rep.get("/me/plus").json() == chosen.json()
    assert chosen.json()["own"]
    assert chosen.json()["objects"][1] == {"key": "customer", "label": "Customer"}
    assert not boss.get("/me/plus").json()["own"]
    assert rep("DELETE", "/me/plus").json() == usual.json()


def test_every_bad_key_is_named(rep: Caller) -> None:
    body = problem(rep("PUT", "/me/plus", {"objects": ["nothing", "customer", "product"]}), 422)
    assert [(e["code"], e["value"]) for e in body["errors"]] == [
        ("not_creatable", "nothing"),
        ("not_creatable", "product"),
    ]
    problem(rep("PUT", "/me/plus", {"objects": "customer"}), 422)
    problem(rep("PUT", "/me/plus", {}), 422)
    assert not rep.get("/me/plus").json()["own"]


def test_a_lost_right(rep: Caller, people: Cast) -> None:
    rep("PUT", "/me/plus", {"objects": ["follow_up", "customer"]})
    set_roles(actor=SYSTEM, member_id=people.zhang_wei.id, roles=["finance"])
    now = rep.get("/me/plus")
    assert keys(now) == []
    assert not {"follow_up", "customer"} & set(keys(now, "offered"))
