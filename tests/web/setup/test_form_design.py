"""The form designer: drawn, checked, previewed as a role, saved, two at once, brought back."""

from __future__ import annotations

import json
from typing import Any

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.collect.forms import queries

BASE = "/setup/objects/opportunity/forms"


def sent(*items: dict[str, Any], version: int | str = "", **more: Any) -> dict[str, Any]:
    section = {"label": {"zh": "一", "en": "One"}, "items": list(items)}
    definition = {"label": {"zh": "我的布局", "en": "Mine"}, "sections": [section], **more}
    return {"definition": json.dumps(definition), "version": str(version)}


def test_it_works(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    assert "还没有人设计过" in client.get(BASE).content.decode()
    page = client.post(f"{BASE}/new", {"zh": "销售录入", "use": "form"})
    assert page.status_code == 200
    data = page.context["data"]
    assert data["is_new"]
    assert data["definition"]["label"] == {"zh": "销售录入", "en": "销售录入"}
    assert queries.layouts("opportunity") == ()  # nothing holds until it is saved
    made = client.post(data["url"], sent({"field": "name"}, version=0))
    assert made.json() == {"version": 1, "url": data["url"]}
    said = client.get(BASE).content.decode()
    assert "我的布局" in said
    assert "王立" in said
    assert client.get(data["url"]).context["data"]["version"] == 1
    form = client.get("/o/opportunity/new")
    assert [i.name for s in form.context["sections"] for i in s.inputs] == ["name"]


def test_mistakes_are_told_beside_the_condition(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    wrong = sent({"field": "name", "show_when": "{没有} = 1"})
    told = client.post(f"{BASE}/check", wrong).json()["problems"]
    assert [p["place"] for p in told] == ["s0.0.show_when"]
    assert "没有" in told[0]["message"]
    assert told[0]["start"] == 0
    answer = client.post(f"{BASE}/mine", wrong)
    assert answer.status_code == 422
    assert answer.json()["problems"] == told
    assert client.post(f"{BASE}/check", {"definition": "{"}).json()["problems"]
    assert client.post(f"{BASE}/mine", {"definition": "{"}).status_code == 422


def test_two_designers_at_once(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    client.post(f"{BASE}/mine", sent({"field": "name"}, version=0))
    client.post(f"{BASE}/mine", sent({"field": "amount"}, version=1))
    answer = client.post(f"{BASE}/mine", sent({"field": "stage"}, version=1))
    assert answer.status_code == 409
    assert answer.json()["theirs"]["who"] == "王立"
    assert answer.json()["theirs"]["version"] == 2
    assert client.post(f"{BASE}/mine", sent({"field": "stage"})).json()["version"] == 3


def test_preview_as_a_role_and_in_a_stage(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    one = sent({"field": "name"}, {"field": "loss_reason", "show_when": '{stage} = "lost"'})
    said = client.post(f"{BASE}/preview", {**one, "stage": "lost"}).content.decode()
    assert 'data-item="s0.1"' in said
    assert 'data-item="s0.1" hidden' not in said
    said = client.post(f"{BASE}/preview", {**one, "stage": "proposal"}).content.decode()
    assert 'data-item="s0.1" hidden' in said
    assert client.post(f"{BASE}/preview", {**one, "role": "sales_rep"}).status_code == 200
    # Whoever may not write a field does not fill it in.
    said = client.post(f"{BASE}/preview", {**one, "role": "finance"}).content.decode()
    assert 'name="name"' not in said


def test_versions_order_and_rest(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    client.post(f"{BASE}/one", sent({"field": "name"}, version=0))
    client.post(f"{BASE}/one", sent({"field": "amount"}, version=1))
    client.post(f"{BASE}/two", sent({"field": "stage"}, version=0))
    client.post(BASE, {"layout": "two", "do": "up"})
    assert [i.key for i in queries.layouts("opportunity")] == ["two", "one"]
    client.post(f"{BASE}/two/restore", {"do": "disable"})
    assert [i.active for i in queries.layouts("opportunity")] == [False, True]
    assert client.post(f"{BASE}/one/restore", {"version": "1"}).status_code == 303
    info = queries.layout("opportunity", "one")
    assert info.version == 3
    assert info.definition["sections"][0]["items"] == [{"field": "name"}]


def test_who_may_not_design(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    for url in (BASE, f"{BASE}/mine"):
        assert client.get(url).status_code == 403
    for url in (f"{BASE}/new", f"{BASE}/check", f"{BASE}/preview", f"{BASE}/mine"):
        assert client.post(url, sent({"field": "name"})).status_code == 403
