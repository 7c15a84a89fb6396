"""The designer: a manager who knows a spreadsheet shapes objects, and breaks nothing."""

from __future__ import annotations

import html
from typing import Any

import pytest

from tests.cast import Cast, build_cast
from tests.web.conftest import HTMX, Browse
from wubu.kernel.catalog.queries import revisions, snapshot
from wubu.kernel.permissions import queries as permissions
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries
from wubu.kernel.schema import actions as schema
from wubu.kernel.schema import computed
from wubu.kernel.types import SYSTEM, Text
from wubu.kernel.workspace import unit_of_work
from wubu.web.pages.setup import object_questions

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "/setup/objects/customer"
PAGES = (
    "",
    "/new",
    "/paste",
    "/history",
    "/customer",
    "/customer?tab=rules",
    "/customer?tab=options",
    "/customer/fields/new",
    "/customer/fields/grade",
    "/customer/fields/name",
    "/quote_line",
)


@pytest.fixture
def people() -> Cast:
    with unit_of_work():
        return build_cast()


@pytest.fixture
def boss(browse: Browse, people: Cast) -> Any:
    return browse(people.wang_li)


def page(response: Any) -> str:
    return html.unescape(response.content.decode())


def hidden(response: Any, name: str) -> str:
    words = response.content.decode()
    start = words.index(f'name="{name}" value="') + len(f'name="{name}" value="')
    return words[start : words.index('"', start)]


def through(client: Any, url: str, sent: dict[str, Any]) -> Any:
    """Send a form, look at the plan, apply it."""
    shown = client.post(url, sent)
    assert shown.status_code == 200, page(shown)
    assert "将要进行的变更" in page(shown)
    done = client.post(url, {**sent, "token": hidden(shown, "token")})
    assert done.status_code == 303, page(done)
    return done


def test_it_works(boss: Any) -> None:
    for path in PAGES:
        assert boss.get(f"/setup/objects{path}").status_code == 200, path


def test_only_who_may(browse: Browse, people: Cast) -> None:
    client = browse(people.zhang_wei)
    for path in PAGES:
        assert client.get(f"/setup/objects{path}").status_code == 403, path
    for path in ("/reorder", "/customer/reorder", "/customer/fields/preview"):
        assert client.post(f"/setup/objects{path}").status_code == 403, path


def test_a_new_object_with_its_first_choice_field(boss: Any) -> None:
    done = through(boss, "/setup/objects/new", {"zh": "设备", "en": "", "group": "collect"})
    assert done["Location"] == "/setup/objects/she_bei"
    sent = {
        "zh": "状态",
        "type": "choice",
        "choice_key": ["", ""],
        "choice_zh": ["在用", "停用"],
        "choice_en": ["In use", ""],
        "choice_color": ["green", "gray"],
        "choice_paste": "维修\n报废",
        "default": "在用",
        "required": "1",
    }
    through(boss, "/setup/objects/she_bei/fields/new", sent)
    with unit_of_work():
        f = snapshot().object("she_bei").fields["zhuang_tai"]
        assert [c.label.zh for c in f.choices] == ["在用", "停用", "维修", "报废"]
        assert (f.choices[0].color, f.choices[0].label.en) == ("green", "In use")
        assert (f.required, f.default) == (True, f.choices[0].key)
    assert boss.get("/o/she_bei/new").status_code == 200


def test_what_was_typed_comes_back(boss: Any) -> None:
    sent = {"zh": "手机号码二", "type": "text", "key": "name", "help_zh": "含区号"}
    refused = boss.post(f"{BASE}/fields/new", sent)
    assert refused.status_code == 422
    assert 'value="手机号码二"' in page(refused)
    assert 'value="含区号"' in page(refused)
    assert "name_2" in page(refused)
    shown = boss.post(f"{BASE}/fields/new", {**sent, "key": ""})
    back = boss.post(f"{BASE}/fields/new", {**sent, "key": "", "back": "1"})
    assert shown.status_code == back.status_code == 200
    assert 'value="手机号码二"' in page(back)


def test_a_type_change_lists_what_it_would_lose_and_takes_an_answer(boss: Any) -> None:
    with unit_of_work():
        for n in range(3):
            records.create(actor=SYSTEM, object_key="customer", values={"name": f"客户{n}"})
        through_field(boss, {"zh": "人数", "type": "text", "key": "heads"})
    with unit_of_work():
        for n, size in enumerate(("120", "300", "很多人")):
            row = list(queries.visible(SYSTEM, "customer").order_by("id"))[n]
            records.update(actor=SYSTEM, object_key="customer", id=row.id, values={"heads": size})
    sent = {"zh": "人数", "type": "number"}
    url = f"{BASE}/fields/heads"
    shown = boss.post(url, sent)
    assert shown.status_code == 200
    assert "“人数”的 3 个值中有 1 个无法转换" in page(shown)
    assert "客户2" in page(shown)
    assert "很多人" in page(shown)
    through(boss, url, {**sent, "accept:customer.heads": "empty"})
    with unit_of_work():
        assert snapshot().object("customer").fields["heads"].type == "number"
    undo = f"/setup/objects/history/{revisions(limit=1)[0].id}/undo"
    assert "将要进行的变更" in page(boss.get(undo))
    assert boss.post(undo).status_code == 303
    with unit_of_work():
        assert snapshot().object("customer").fields["heads"].type == "text"
    assert boss.post(undo).status_code == 422


def through_field(client: Any, sent: dict[str, Any]) -> None:
    through(client, f"{BASE}/fields/new", sent)


def test_retiring_what_is_used_says_where(boss: Any) -> None:
    refused = boss.post(f"{BASE}/fields/name", {"do": "retire"})
    assert refused.status_code == 422
    assert "使用" in page(refused)
    refused = boss.post("/setup/objects/product", {"do": "retire", "tab": "options"})
    assert refused.status_code == 422


def test_the_plan_shows_what_it_touches(boss: Any) -> None:
    shown = boss.post("/setup/objects/contract/fields/amount", {"zh": "签约金额", "type": "money"})
    assert "用到它的地方" in page(shown)
    assert "/metrics/" in page(shown)


def test_renaming_and_order_happen_at_once_with_an_undo(boss: Any) -> None:
    done = boss.post(BASE, {"do": "relabel", "field": "grade", "zh": "级别", "en": "Level"})
    assert done.status_code == 303
    assert "undo" in done.cookies["wubu_flash"].value
    with unit_of_work():
        keys = list(snapshot().object("customer").fields)
        assert snapshot().object("customer").fields["grade"].label.zh == "级别"
    assert boss.post(f"{BASE}/reorder", {"order": ",".join(reversed(keys))}).status_code == 204
    with unit_of_work():
        assert list(snapshot().object("customer").fields) == list(reversed(keys))
    order = "control:customer,collect:product"
    assert boss.post("/setup/objects/reorder", {"order": order}).status_code == 204
    with unit_of_work():
        assert snapshot().object("customer").group == "control"


def test_a_rule_between_fields(boss: Any) -> None:
    sent = {
        "do": "rule",
        "tab": "rules",
        "must": "{amount} > 0",
        "message_zh": "金额必须大于 0",
        "fields": ["amount"],
    }
    through(boss, "/setup/objects/contract", sent)
    assert "金额必须大于 0" in page(boss.get("/setup/objects/contract?tab=rules"))
    wrong = boss.post("/setup/objects/contract", {**sent, "must": "{amonut} > 0"})
    assert wrong.status_code == 422
    assert "{amonut} > 0" in page(wrong)
    rule = next(iter(snapshot().object("contract").options["checks"]))["key"]
    through(boss, "/setup/objects/contract", {"do": "drop_rule", "rule": rule, "tab": "rules"})


def test_the_second_keeps_what_was_typed_and_is_told(boss: Any, people: Cast) -> None:
    sheet = boss.get(f"{BASE}/fields/grade")
    base = hidden(sheet, "base")
    with unit_of_work():
        schema.relabel("customer", "phone", Text("总机", "Switchboard"), actor=SYSTEM)
        grade = snapshot().object("customer").fields["grade"]
    sent = {"zh": "评级", "en": "Rating", "type": grade.type, "base": base}
    sent |= {
        "choice_key": [c.key for c in grade.choices],
        "choice_zh": [c.label.zh for c in grade.choices],
        "choice_en": [c.label.en for c in grade.choices],
        "choice_color": [c.color for c in grade.choices],
    }
    shown = boss.post(f"{BASE}/fields/grade", sent)
    assert "别人改过对象设置" in page(shown)
    assert "总机" in page(shown)
    through(boss, f"{BASE}/fields/grade", sent)
    with unit_of_work():
        fields = snapshot().object("customer").fields
        assert (fields["grade"].label.zh, fields["phone"].label.zh) == ("评级", "总机")


def test_a_table_is_pasted_looked_at_and_becomes_an_object(boss: Any) -> None:
    rows = [
        f"传感器{n}\t{n}00.50\t2026-03-0{n}\t{'在用' if n % 2 else '停用'}" for n in range(1, 9)
    ]
    sheet = "设备名称\t单价\t启用日期\t状态\n" + "\n".join(rows)
    shown = boss.post("/setup/objects/paste", {"sheet": sheet})
    assert shown.status_code == 200
    assert '<option value="money" selected>' in page(shown)
    made = boss.post(
        "/setup/objects/paste", {"sheet": sheet, "do": "make", "zh": "设备", "title": "0"}
    )
    assert made.status_code == 303, page(made)
    assert made["Location"] == "/o/she_bei/"
    with unit_of_work():
        spec = snapshot().object("she_bei")
        types = [f.type for f in spec.fields.values()]
        assert types == ["text", "money", "date", "choice", "member"]
        assert queries.visible(SYSTEM, "she_bei").count() == 8
    wrong = {"sheet": sheet, "do": "make", "zh": "设备二", "type:0": "date"}
    refused = boss.post("/setup/objects/paste", wrong)
    assert refused.status_code == 422
    assert 'value="设备二"' in page(refused)
    with unit_of_work():
        assert "she_bei_er" not in snapshot().objects
    assert boss.post("/setup/objects/paste", {"sheet": "  "}).status_code == 422


def test_the_preview_and_the_sheet_come_alone(boss: Any) -> None:
    sent = {"zh": "级别", "type": "choice", "choice_paste": "甲\n乙"}
    shown = boss.post(f"{BASE}/fields/preview", sent)
    assert "<select" in page(shown)
    assert "甲" in page(shown)
    for kind in ("text", "number", "date", "link", "member", "formula", "address", "rating"):
        sent = {"zh": "值", "type": kind, "target": "product", "formula": "1"}
        assert boss.post(f"{BASE}/fields/preview", sent).status_code == 200, kind
    alone = boss.get(f"{BASE}/fields/grade", headers={**HTMX, "HX-Target": "div#p-sheet"})
    assert "<html" not in page(alone)
    assert 'name="choice_zh"' in page(alone)


@pytest.mark.parametrize("label", ["🚀 发射", "العميل", "<script>x</script>"])
def test_odd_labels_stay_what_they_are(boss: Any, label: str) -> None:
    through_field(boss, {"zh": label, "type": "text", "key": "odd"})
    assert label in page(boss.get(BASE))
    assert "<script>x" not in boss.get(BASE).content.decode()


def test_sensitive_fields_and_stages_to_be_approved(boss: Any) -> None:
    through(boss, "/setup/objects/new", {"zh": "借用", "en": "Loan", "group": "collect"})
    sent = {
        "zh": "进度",
        "type": "stage",
        "choice_key": ["", ""],
        "choice_zh": ["申请", "借出"],
        "choice_approve": ["", "1"],
        "sensitive": "1",
    }
    through(boss, "/setup/objects/loan/fields/new", sent)
    with unit_of_work():
        spec = snapshot().object("loan")
        f = spec.fields["jin_du"]
        asked, lent = (c.key for c in f.choices)
        assert (f.options["approve"], f.options["sensitive"]) == ([lent], True)
        # The first stage makes the board, and new records begin with it.
        assert (spec.roles["stage"], f.default) == ("jin_du", asked)
    assert boss.get("/o/loan/board").status_code == 200
    sheet = page(boss.get("/setup/objects/loan/fields/jin_du"))
    assert 'name="sensitive" value="1" checked' in sheet
    assert sheet.count('<option value="1" selected>需审批权限') == 1
    less = {**sent, "choice_key": [asked, lent], "choice_approve": ["", ""], "sensitive": ""}
    through(boss, "/setup/objects/loan/fields/jin_du", less)
    with unit_of_work():
        options = snapshot().object("loan").fields["jin_du"].options
    assert not {"approve", "sensitive"} & options.keys()


def test_who_may_what_is_said_beside_the_fields(boss: Any) -> None:
    shown = page(boss.get("/setup/objects/customer?tab=access"))
    assert "/setup/roles/sales_rep?add=customer" in shown
    assert "/setup/objects/customer/forms" in shown


def test_every_way_of_rolling_up_is_offered_and_no_other() -> None:
    assert [key for key, _ in object_questions.AGGREGATES] == list(computed.AGGREGATES)


def test_an_option_is_merged_into_another_and_comes_back(boss: Any) -> None:
    url = f"{BASE}/fields/size"
    rows = {"choice_key": ["a", "b"], "choice_zh": ["甲", "乙"], "choice_en": ["A", "B"]}
    through_field(boss, {"zh": "规模", "type": "choice", "key": "size", **rows})
    with unit_of_work():
        values = {"name": "客户", "size": "a"}
        one = records.create(actor=SYSTEM, object_key="customer", values=values)
    sent = {"zh": "规模", "type": "choice", "choice_key": "b", "choice_zh": "乙", "choice_en": "B"}
    shown = page(boss.post(url, sent))
    assert "“规模”有选项要删除" in shown
    assert 'name="accept:customer.size:a"' in shown
    assert 'value="into:b"' in shown
    through(boss, url, {**sent, "accept:customer.size:a": "into:b"})
    with unit_of_work():
        assert queries.get(SYSTEM, "customer", one.id).values["size"] == "b"
    assert boss.post(f"/setup/objects/history/{revisions(limit=1)[0].id}/undo").status_code == 303
    with unit_of_work():
        assert queries.get(SYSTEM, "customer", one.id).values["size"] == "a"


def test_a_new_object_says_who_does_not_see_it_and_all_roles_are_set_at_once(boss: Any) -> None:
    sent = {"zh": "工具", "en": "Tool", "group": "collect", "icon": "box"}
    through(boss, "/setup/objects/new", sent)
    assert "还看不到它的角色" in page(boss.get("/setup/objects/tool"))
    url = "/setup/objects/tool/access"
    assert "经理看团队" in page(boss.get("/setup/objects/tool?tab=access"))
    done = boss.post(url, {"preset": "like", "like": "customer"})
    assert done.status_code == 303
    assert "还看不到它的角色" not in page(boss.get("/setup/objects/tool"))
    shown = page(boss.get("/setup/objects/tool?tab=access"))
    assert "收回专门授予的权限" in shown
    roles = ".".join(r.key for r in permissions.roles())
    assert boss.post(f"{url}/undo?roles={roles}").status_code == 303
    assert "还看不到它的角色" in page(boss.get("/setup/objects/tool"))
    assert boss.post(url, {"preset": "every"}).status_code == 422


def test_only_who_sets_up_roles_grants_an_object(browse: Browse, people: Cast) -> None:
    other = browse(people.zhang_wei)
    assert other.post("/setup/objects/customer/access", {"preset": "open"}).status_code == 403
    assert other.post("/setup/objects/customer/access/undo?roles=sales_rep").status_code == 403
