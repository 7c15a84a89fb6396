"""Setup: people, teams, roles, objects and fields."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import queries as rights
from wubu.kernel.workspace import forget

PAGES = ("people", "people/new", "teams", "roles", "roles/sales_rep", "objects", "objects/customer")


def test_it_works(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    for page in (*PAGES, f"people/{cast.zhang_wei.id}", f"teams/{cast.east.id}", "objects/new"):
        assert client.get(f"/setup/{page}").status_code == 200, page


def test_only_who_may(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    for page in PAGES:
        assert client.get(f"/setup/{page}").status_code == 403, page
    assert "/setup/people" not in client.get("/").content.decode()


def test_a_new_member_with_team_and_role(browse: Browse, cast: Cast) -> None:
    sent = {
        "name": "何小雨",
        "login": "he_xiaoyu",
        "password": "a-good-password",
        "team": cast.east.id,
        "joined_on": "2026-03-02",
        "roles": ["sales_rep"],
        "language": "zh",
    }
    response = browse(cast.wang_li).post("/setup/people/new", sent)
    assert response.status_code == 303
    made = people.named("何小雨")[0]
    assert people.team_on([made.id], dt.date(2026, 3, 2)) == {made.id: cast.east.id}
    assert rights.roles_of([made.id]) == {made.id: ("sales_rep",)}


def test_a_member_that_cannot_be_keeps_what_was_typed(browse: Browse, cast: Cast) -> None:
    sent = {"name": "何小雨", "login": "zhang_wei", "password": "123", "roles": ["finance"]}
    response = browse(cast.wang_li).post("/setup/people/new", sent)
    assert response.status_code == 422
    said = response.content.decode()
    assert 'value="何小雨"' in said
    assert 'value="finance" checked' in said
    assert not people.named("何小雨")


def test_moving_reporting_resetting_leaving(browse: Browse, cast: Cast) -> None:
    client, one = browse(cast.wang_li), cast.zhang_wei
    base = f"/setup/people/{one.id}"
    client.post(f"{base}/team", {"team": cast.south.id, "from_day": "2026-05-01"})
    forget()
    assert people.team_on([one.id], dt.date(2026, 4, 30)) == {one.id: cast.east.id}
    assert people.team_on([one.id], dt.date(2026, 5, 1)) == {one.id: cast.south.id}
    client.post(f"{base}/manager", {"manager": cast.li_qiang.id, "from_day": "2026-01-01"})
    assert people.manager_on([one.id], dt.date(2026, 2, 1)) == {one.id: cast.li_qiang.id}
    bad = client.post(f"{base}/password", {"password": "1"})
    assert bad.status_code == 422
    client.post(f"{base}/roles", {"roles": ["finance"]})
    assert rights.roles_of([one.id]) == {one.id: ("finance",)}
    client.post(f"{base}/deactivate", {"left_on": "2026-06-30"})
    assert not people.person(one.id).is_active
    client.post(f"{base}/reactivate")
    assert people.person(one.id).is_active


def test_teams_are_made_renamed_and_never_below_themselves(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    client.post("/setup/teams", {"name": "华北组", "parent": cast.sales.id, "leader": ""})
    forget()
    made = next(t for t in people.tree() if t.name == "华北组")
    assert made.parent_id == cast.sales.id
    sent = {"name": "销售中心", "parent": made.id, "leader": "", "is_active": "1"}
    circle = client.post(f"/setup/teams/{cast.sales.id}", sent)
    assert circle.status_code == 422
    assert "上级不能是本团队" in circle.content.decode()


def test_the_matrix_of_a_role(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    client.post("/setup/roles", {"zh": "实习", "en": "Intern", "key": "intern"})
    sent = {
        "zh": "实习生",
        "customer:view": "team",
        "customer:create": "own",
        "c:1:object": "lead",
        "c:1:text": '{status} = "new"',
        "c:1:actions": ["view"],
        "field:customer:phone": "hidden",
        "setup": ["alerts"],
        "performance": "own",
    }
    assert client.post("/setup/roles/intern", sent).status_code == 303
    forget()
    made = rights.definition("intern")
    assert made["label"]["zh"] == "实习生"
    granted = {(g["object"], g["rows"], tuple(g["actions"])) for g in made["grants"]}
    assert ("customer", "team", ("view",)) in granted
    assert made["fields"] == {"customer": {"phone": "hidden"}}
    assert made["setup"] == ["alerts"]
    assert client.post("/setup/roles/intern/delete").status_code == 303


@pytest.mark.django_db(transaction=True)
def test_a_field_is_planned_shown_and_only_then_applied(browse: Browse) -> None:
    from tests.cast import build_cast
    from wubu.kernel.workspace import unit_of_work

    with unit_of_work():
        cast = build_cast()
    client = browse(cast.wang_li)
    sent = {"zh": "微信号", "en": "WeChat", "key": "wechat", "type": "text"}
    adding = "/setup/objects/customer/fields/new"
    shown = client.post(adding, sent)
    assert shown.status_code == 200, shown.context["page"].body[0].problems
    assert "将要进行的变更" in shown.content.decode()
    with unit_of_work():
        token = snapshot().token
        assert "wechat" not in snapshot().object("customer").fields
    assert client.post(adding, {**sent, "token": token}).status_code == 303
    with unit_of_work():
        assert snapshot().object("customer").fields["wechat"].label.en == "WeChat"
    assert "微信号" in client.get("/o/customer/new").content.decode()
    refused = client.post(adding, sent)
    assert refused.status_code == 422
    assert "已被使用" in refused.content.decode()
