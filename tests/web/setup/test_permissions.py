"""Pages about permission: sharing, who can see, viewing as another, handing over, roles."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.improve.handover import actions as handover
from wubu.kernel.jobs.queries import waiting
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import queries as rights
from wubu.kernel.permissions import sharing
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import forget


@pytest.fixture
def customer(cast: Cast) -> Record:
    values = {"name": "沃尔沃", "owner": cast.zhang_wei.id, "pool": False, "phone": "13812341234"}
    return actions.create(actor=SYSTEM, object_key="customer", values=values)


def test_it_works(browse: Browse, cast: Cast, customer: Record) -> None:
    client = browse(cast.wang_li)
    base = f"/o/customer/{customer.id}"
    for address in (f"{base}/share", f"{base}/access", f"{base}/access?field=phone", "/shared"):
        assert client.get(address).status_code == 200, address


def test_share_and_take_back(browse: Browse, cast: Cast, customer: Record) -> None:
    client, base = browse(cast.wang_li), f"/o/customer/{customer.id}"
    wrong = client.post(f"{base}/share", {"with": "", "level": "view", "until": "2020-01-01"})
    assert wrong.status_code == 422
    assert "截止日期已过" in wrong.content.decode()
    sent = {"with": f"m:{cast.sun_yue.id}", "level": "view", "until": "", "note": "请看"}
    assert client.post(f"{base}/share", sent).status_code == 303
    forget()
    hers = browse(cast.sun_yue)
    assert hers.get(base).status_code == 200
    assert "沃尔沃" in hers.get("/shared").content.decode()
    told = hers.get("/notices").content.decode()
    assert "共享给您" in told
    assert f"{base}#p-timeline" in told
    assert f"{base}/edit" not in hers.get(base).content.decode()  # to be looked at only
    made = sharing.shares_of("customer", customer.id)[0]
    assert client.post(f"/shared/{made.id}/end", {"next": base}).status_code == 303
    forget()
    assert hers.get(base).status_code == 404
    assert browse(cast.zhou_tao).get(f"{base}/share").status_code == 404


def test_who_can_see_says_why(browse: Browse, cast: Cast, customer: Record) -> None:
    page = browse(cast.wang_li).get(f"/o/customer/{customer.id}/access?field=phone")
    said = page.content.decode()
    assert "本人负责的客户" in said
    assert "系统所有者" in said
    assert browse(cast.li_qiang).get(f"/o/customer/{customer.id}/access").status_code == 403


def test_view_as_another(browse: Browse, cast: Cast, customer: Record) -> None:
    client = browse(cast.wang_li)
    other = {"name": "沃尔玛", "owner": cast.sun_yue.id, "pool": False}
    theirs = actions.create(actor=SYSTEM, object_key="customer", values=other)
    assert client.post(f"/view-as/{cast.zhang_wei.id}").status_code == 303
    home = client.get("/").content.decode()
    assert "您正以 张伟 的身份查看" in home
    assert client.get(f"/o/customer/{customer.id}").status_code == 200
    assert client.get(f"/o/customer/{theirs.id}").status_code == 404
    assert client.get("/setup/roles").status_code == 403
    for address, sent in (
        (f"/o/customer/{customer.id}/edit", {"name": "x"}),
        ("/o/customer/new", {"name": "x"}),
        (f"/view-as/{cast.sun_yue.id}", {}),
        ("/language", {"language": "en"}),
    ):
        assert client.post(address, sent).status_code == 403, address
    api = client.patch(
        f"/api/v1/records/customer/{customer.id}",
        json.dumps({"values": {"name": "x"}}),
        content_type="application/json",
    )
    assert api.status_code == 403
    assert client.get(f"/api/v1/records/customer/{theirs.id}").status_code == 404
    assert queries.get(SYSTEM, "customer", customer.id).title == "沃尔沃"
    assert client.post("/view-as/end").status_code == 303
    assert client.get(f"/o/customer/{theirs.id}").status_code == 200
    assert "身份查看（只读）" not in client.get("/").content.decode()


def test_view_as_is_for_who_may(browse: Browse, cast: Cast) -> None:
    assert browse(cast.zhang_wei).post(f"/view-as/{cast.sun_yue.id}").status_code == 403
    assert browse(cast.zheng_kai).post(f"/view-as/{cast.wang_li.id}").status_code == 403


def test_it_ends_when_the_right_ends(browse: Browse, cast: Cast) -> None:
    helper = {"label": "助手", "grants": [], "setup": ["view_as"]}
    define_role(actor=SYSTEM, key="helper", definition=helper)
    from_role = [*rights.roles_of([cast.zhou_tao.id])[cast.zhou_tao.id], "helper"]
    rights_of(cast, from_role)
    client = browse(cast.zhou_tao)
    assert client.post(f"/view-as/{cast.sun_yue.id}").status_code == 303
    assert "孙悦" in client.get("/").content.decode()
    rights_of(cast, ["sales_rep"])
    assert "身份查看（只读）" not in client.get("/").content.decode()


def rights_of(cast: Cast, roles: list[str]) -> None:
    set_roles(actor=SYSTEM, member_id=cast.zhou_tao.id, roles=roles)
    forget()


def test_handing_over(browse: Browse, cast: Cast, customer: Record) -> None:
    client = browse(cast.wang_li)
    base = f"/setup/people/{cast.zhang_wei.id}/handover"
    assert "客户" in client.get(base).content.decode()
    assert client.get(f"{base}?by=grade").status_code == 200
    nobody = client.post(base, {"which:customer": "all"})
    assert nobody.status_code == 422
    shown = client.post(base, {"which:customer": "all", "to": cast.liu_yang.id})
    assert shown.status_code == 200
    assert "刘洋" in shown.content.decode()
    assert queries.get(SYSTEM, "customer", customer.id).values["owner"] == cast.zhang_wei.id
    plan = shown.context["plan"]
    begun = client.post(base, {"plan": plan, "step": "go"})
    assert begun.status_code == 303
    job = waiting([handover.JOB])[0]
    assert client.get(begun["Location"]).status_code == 200
    assert client.get(f"{begun['Location']}/progress").status_code == 200
    assert job.kwargs["plan"]["to"]["customer"] == cast.liu_yang.id
    assert client.post(base, {"plan": "{", "step": "go"}).status_code == 422
    assert browse(cast.li_qiang).get(base).status_code == 403


def post_as_shown(client: Client, key: str, **more: object) -> dict[str, object]:
    """What the page would send when nothing is touched."""
    page = client.get(f"/setup/roles/{key}")
    definition = page.context["definition"]
    sent: dict[str, object] = {
        "zh": definition["label"]["zh"],
        "en": definition["label"]["en"],
        "setup": definition["setup"],
        "performance": definition["performance"],
    }
    for row in page.context["rows"]:
        sent |= {f"{row['key']}:{action}": scope for action, _, scope in row["cells"]}
        for line in row["conditions"]:
            number = line["number"]
            sent[f"c:{number}:object"] = line["object"]
            sent[f"c:{number}:text"] = line["ask"].value
            sent[f"c:{number}:actions"] = [a for a, _, on in line["cells"] if on]
    return sent | more


@pytest.mark.parametrize("key", ["sales_rep", "sales_manager", "finance", "boss", "sales_ops"])
def test_saving_a_role_unchanged_changes_nothing(browse: Browse, cast: Cast, key: str) -> None:
    client = browse(cast.wang_li)
    before = rights.role(key)
    assert client.post(f"/setup/roles/{key}", post_as_shown(client, key)).status_code == 303
    forget()
    after = rights.role(key)
    grants = lambda r: {(g.object_key, g.action, g.scope, g.condition) for g in r.grants}  # noqa: E731
    assert grants(after) == grants(before)
    assert rights.definition(key)["fields"] == rights.definition(key)["fields"]


def test_several_scopes_masks_and_undo(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    sent = post_as_shown(
        client,
        "finance",
        **{
            "customer:print": "",
            "c:n1:object": "customer",
            "c:n1:text": '{industry} = "food"',
            "c:n1:actions": ["view", "edit"],
            "field:customer:phone": "masked",
        },
    )
    assert client.post("/setup/roles/finance", sent).status_code == 303
    forget()
    made = rights.definition("finance")
    grants = {(g["object"], g["rows"]): g for g in made["grants"]}
    assert grants["customer", "condition"]["actions"] == ["view", "edit"]
    assert grants["customer", "all"]["without"] == ["print"]
    assert made["fields"]["customer"]["phone"] == "masked"
    assert client.post("/setup/roles/finance/undo").status_code == 303
    forget()
    assert rights.definition("finance")["fields"]["customer"]["phone"] == "hidden"


def test_a_wrong_condition_keeps_what_was_typed(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    more = {"c:n1:object": "customer", "c:n1:text": "{没有} = 1", "c:n1:actions": ["view"]}
    page = client.post("/setup/roles/finance", post_as_shown(client, "finance", **more))
    assert page.status_code == 422
    assert "{没有} = 1" in page.content.decode()


def test_copy_compare_try_assign(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    sent = {"zh": "实习", "en": "", "key": "intern", "like": "sales_rep"}
    assert client.post("/setup/roles", sent).status_code == 303
    assert client.post("/setup/roles", sent).status_code == 422
    forget()
    alike = client.get("/setup/roles/compare?one=intern&other=sales_rep").content.decode()
    assert "两个角色完全相同" in alike
    differ = client.get("/setup/roles/compare?one=intern&other=finance")
    assert "隐藏" in differ.content.decode()
    tried = client.get(f"/setup/roles/intern/try?member={cast.zhang_wei.id}")
    assert tried.status_code == 200
    assert client.get("/setup/roles/intern/fields/customer").status_code == 200
    assert client.get("/setup/roles/intern/condition?object=customer&n=1").status_code == 200
    give = {"role": ["intern"], "team": [cast.south.id], "member": [cast.wu_xia.id], "do": "give"}
    assert client.post("/setup/roles/assign", give).status_code == 303
    forget()
    holders = rights.holders("intern")
    south = people.members_of([cast.south.id])
    assert holders == south | {cast.wu_xia.id}
    client.post("/setup/roles/assign", {**give, "do": "take"})
    forget()
    assert rights.holders("intern") == frozenset()


@pytest.mark.parametrize("key", ["compare", "assign"])
def test_a_role_is_not_called_as_a_page(browse: Browse, cast: Cast, key: str) -> None:
    client = browse(cast.wang_li)
    refused = client.post("/setup/roles", {"zh": "比较", "key": key})
    assert refused.status_code == 422
    assert "保留名" in refused.content.decode()
    made = client.post("/setup/roles", {"zh": key, "key": ""})
    assert made["Location"] == f"/setup/roles/{key}_2"


def test_the_last_owner_stays(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    one = people.person(cast.wang_li.id)
    sent = {"name": one.name, "login": one.login, "language": "zh"}
    assert client.post(f"/setup/people/{one.id}/details", sent).status_code == 422
    forget()
    assert people.person(one.id).is_owner


def test_masked_on_every_page(browse: Browse, cast: Cast, customer: Record) -> None:
    rep = rights.definition("sales_rep")
    rep["fields"]["customer"]["phone"] = "masked"
    define_role(actor=SYSTEM, key="sales_rep", definition=rep)
    forget()
    client = browse(cast.zhang_wei)
    for address in (
        f"/o/customer/{customer.id}",
        "/o/customer/?columns=name,phone",
        f"/api/v1/records/customer/{customer.id}",
        f"/o/customer/{customer.id}/edit",
    ):
        said = client.get(address).content.decode()
        assert "13812341234" not in said, address
        assert "138 1234 1234" not in said, address
        assert "138****1234" in said, address


def test_what_was_typed_about_a_person_comes_back_with_the_reason(
    browse: Browse, cast: Cast
) -> None:
    boss = browse(cast.wang_li)
    base = f"/setup/people/{cast.wang_li.id}"
    sent = {"name": "王 立新", "login": cast.wang_li.login, "language": "zh"}
    answer = boss.post(f"{base}/details", sent)  # the box of owners is not ticked
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "至少要保留一位所有者" in shown
    assert "先在另一位成员的页面" in shown
    assert "王 立新" in shown


def test_a_form_that_is_not_ones_own_to_fill_in_tells_nothing(browse: Browse, cast: Cast) -> None:
    """Like the API: neither what it computes nor what its links could point at."""
    finance, rep = browse(cast.wu_xia), browse(cast.zhang_wei)
    for end, more in (("compute", {}), ("pick", {"pick:field": "customer", "pick:words": "x"})):
        assert rep.post(f"/o/visit/{end}", more).status_code == 200
        assert finance.post(f"/o/visit/{end}", more).status_code == 403


def test_only_what_one_may_share_offers_it(browse: Browse, cast: Cast) -> None:
    """A rep: the own customer, not one of the pool; a manager: what the team has."""
    made = {
        name: actions.create(actor=SYSTEM, object_key="customer", values={"name": name, **values})
        for name, values in {
            "自有": {"owner": cast.zhang_wei.id, "pool": False},
            "公海": {"owner": None, "pool": True},
        }.items()
    }
    for person, offered in ((cast.zhang_wei, {"自有"}), (cast.li_qiang, {"自有"})):
        client = browse(person)
        found = {
            name
            for name, record in made.items()
            if f"/o/customer/{record.id}/share"
            in client.get(f"/o/customer/{record.id}").content.decode()
        }
        assert found == offered
