"""Looking at an object in many ways: views, cells in place, groups, days, bars, cards, places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from tests.cast import Cast, acting
from tests.collect.test_views import blind
from tests.web.conftest import HTMX, Browse
from wubu.collect.views import actions as views
from wubu.kernel.audit import queries as log
from wubu.kernel.people.actions import prefer
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

Make = Callable[..., Record]
PLACED = {**HTMX, "HX-Target": "div#placed"}


def deal(make: Make, owner: Any, name: str, **values: Any) -> Record:
    given = {"name": name, "owner": owner.id, "stage": "prospecting", **values}
    return make("opportunity", **given)


def text(client: Client, url: str, **data: Any) -> str:
    return client.get(url, data or None).content.decode()


def test_it_works(browse: Browse, cast: Cast, make: Make) -> None:
    deal(make, cast.zhang_wei, "大单", amount=900)
    deal(make, cast.zhang_wei, "小单", amount=1)
    client = browse(cast.zhang_wei)
    shown = {"name": "重点", "query": "f={商机金额} > 500&sort=-amount&cursor=x", "kind": "list"}
    went = client.post("/o/opportunity/views", shown)
    assert went.status_code == 303
    assert "cursor" not in went["Location"]
    said = text(client, went["Location"])
    assert "大单" in said
    assert "小单" not in said
    assert "重点" in said
    assert "重点" not in text(browse(cast.wang_li), "/o/opportunity/?f=")


def test_a_view_shared_by_a_director_opened_by_a_rep(
    browse: Browse, cast: Cast, make: Make
) -> None:
    deal(make, cast.zhang_wei, "我的小单", amount=1)
    deal(make, cast.sun_yue, "孙悦的大单", amount=98765)
    made = views.create(
        actor=acting(cast.wang_li),
        object_key="opportunity",
        name="大客户",
        definition={
            "filter": "{amount} > 98000",
            "sort": ["-amount"],
            "columns": ["name", "amount"],
            "colors": [{"when": "{amount} > 98000", "color": "red"}],
        },
    )
    blind(cast, cast.zhang_wei)
    client = browse(cast.zhang_wei)
    for address in (
        f"/o/opportunity/?view={made.slug}",
        f"/o/opportunity/sums?view={made.slug}",
        f"/o/opportunity/?view={made.slug}&group=stage",
        f"/o/opportunity/board?view={made.slug}",
        f"/o/opportunity/calendar?view={made.slug}",
    ):
        said = client.get(address, follow=True).content.decode()
        for secret in ("98,765", "98765", "98000", "孙悦", "商机金额", "{amount}"):
            assert secret not in said.split("<main")[-1], (address, secret)
    said = text(client, f"/o/opportunity/?view={made.slug}")
    assert "我的小单" in said  # the condition is not applied
    assert "没有应用" in said  # and that is told
    assert client.get(f"/o/opportunity/?view={made.slug}&format=csv").status_code == 403
    assert client.get(f"/o/opportunity/?view={made.id}").status_code == 404
    assert client.get("/o/opportunity/?view=vnothing").status_code == 404
    assert client.get(f"/o/customer/?view={made.slug}").status_code in (403, 404)


def test_settings_of_a_view(browse: Browse, cast: Cast) -> None:
    made = views.create(
        actor=acting(cast.wang_li), object_key="opportunity", name="旧名", audience="shared"
    )
    address = f"/o/opportunity/views/{made.id}/settings"
    client = browse(cast.wang_li)
    assert client.get(address).status_code == 200
    form = {
        "version": made.version,
        "name": "新名",
        "audience": "shared",
        "filter": "{商机金额} > 10",
        "sort0": "-amount",
        "group": "stage",
        "frozen": "2",
        "height": "tall",
        "color0_when": "{商机金额} > 100",
        "color0_color": "red",
    }
    bad = client.post(address, {**form, "filter": "{没有} = 1", "color0_color": ""})
    assert bad.status_code == 422
    assert "没有} = 1" in bad.content.decode()  # nothing typed is lost
    assert client.post(address, form).status_code == 303
    said = text(client, f"/o/opportunity/?view={made.slug}")
    assert "新名" in said
    assert client.post(address, form).status_code == 409  # by the old version
    assert browse(cast.zhang_wei).get(address).status_code == 404
    for kind in ("calendar", "timeline", "gallery", "board"):
        other = views.create(
            actor=acting(cast.wang_li), object_key="opportunity", name=kind, kind=kind
        )
        address = f"/o/opportunity/views/{other.id}/settings"
        assert client.get(address).status_code == 200
        assert client.post(address, {"name": kind, "card_here": "1"}).status_code == 303
        assert client.get(f"/o/opportunity/{kind}?view={other.slug}").status_code == 200
        to = client.get(f"/o/opportunity/?view={other.slug}")
        assert to["Location"].startswith(f"/o/opportunity/{kind}?view=")


def test_saving_copying_preferring_removing(browse: Browse, cast: Cast, make: Make) -> None:
    made = views.create(actor=acting(cast.wang_li), object_key="customer", name="共享的")
    other = browse(cast.li_qiang)
    query = f"view={made.slug}&sort=name"
    copied = other.post(f"/o/customer/views/{made.id}", {"do": "copy", "query": query})
    assert "共享的（副本）" in text(other, copied["Location"])
    assert other.post(
        f"/o/customer/views/{made.id}", {"do": "remove", "query": query}
    ).status_code in (
        403,
        404,
    )
    client = browse(cast.wang_li)
    client.post(f"/o/customer/views/{made.id}", {"do": "save", "query": query})
    found = views.queries.view(acting(cast.wang_li), made.slug)
    assert found.look.sort == ("name",)
    client.post(f"/o/customer/views/{made.id}", {"do": "default"})
    assert client.get("/o/customer/")["Location"].endswith(made.slug)
    client.post(f"/o/customer/views/{made.id}", {"do": "no_default"})
    gone = client.post(f"/o/customer/views/{made.id}", {"do": "remove"})
    assert f"views/{made.id}/restore" in unquote(gone.cookies["wubu_flash"].value)
    assert client.get(f"/o/customer/?view={made.slug}").status_code == 404
    client.post(f"/o/customer/views/{made.id}/restore")
    assert client.get(f"/o/customer/?view={made.slug}").status_code == 200


def test_own_layout_over_a_view_changes_nobody_elses(browse: Browse, cast: Cast) -> None:
    made = views.create(
        actor=acting(cast.wang_li), object_key="customer", name="大家的", audience="shared"
    )
    rep = browse(cast.zhang_wei)
    rep.post(
        "/o/customer/columns",
        {
            "view": made.slug,
            "column": ["grade", "name", "ghost"],
            "width": ["grade:200", "name:9", "ghost:5", "x"],
            "frozen": "1",
            "height": "tall",
            "quiet": "1",
        },
    )
    mine = rep.get(f"/o/customer/?view={made.slug}").context["headings"]
    assert [(h.field.key, h.width, h.frozen) for h in mine] == [
        ("grade", 200, True),
        ("name", 60, False),
    ]
    other = browse(cast.wang_li).get(f"/o/customer/?view={made.slug}").context["headings"]
    assert other[0].field.key == "name"
    rep.post("/o/customer/columns", {"view": made.slug, "reset": "1"})
    again = rep.get(f"/o/customer/?view={made.slug}").context["headings"]
    assert again[0].field.key == "name"


# Cells


def test_a_cell_is_changed_in_place_and_taken_back(browse: Browse, cast: Cast, make: Make) -> None:
    one = deal(make, cast.zhang_wei, "单", amount=5)
    client = browse(cast.zhang_wei)
    address = f"/o/opportunity/{one.id}/cell/amount"
    said = text(client, address)
    assert f'name="version" value="{one.version}"' in said
    assert 'value="5.00"' in said or 'value="5"' in said
    done = client.post(address, {"amount": "12,000", "version": one.version}, headers=HTMX)
    assert done.status_code == 200
    assert "¥12,000.00" in done.content.decode()
    undo = done["HX-Trigger"].split("undo-edit")[1].split('"')[0]
    client.post(f"/o/opportunity/undo-edit{undo}")
    assert queries.get(SYSTEM, "opportunity", one.id).values["amount"] == 500


def test_what_is_wrong_stands_beside_the_cell(browse: Browse, cast: Cast, make: Make) -> None:
    one = deal(make, cast.zhang_wei, "单")
    client = browse(cast.zhang_wei)
    address = f"/o/opportunity/{one.id}/cell/amount"
    bad = client.post(address, {"amount": "很多", "version": one.version}, headers=HTMX)
    assert bad.status_code == 422
    assert "很多" in bad.content.decode()
    assert "w-wrong" in bad.content.decode()
    actions.update(actor=SYSTEM, object_key="opportunity", id=one.id, values={"amount": 7})
    late = client.post(address, {"amount": "8", "version": one.version}, headers=HTMX)
    assert late.status_code == 409
    assert "¥7.00" in late.content.decode()
    assert queries.get(SYSTEM, "opportunity", one.id).values["amount"] == 700
    for key, status in (("last_follow_up", 403), ("nothing", 422)):
        assert client.get(f"/o/opportunity/{one.id}/cell/{key}").status_code == status
    other = deal(make, cast.sun_yue, "别人的")
    assert client.get(f"/o/opportunity/{other.id}/cell/amount").status_code == 404


def test_a_block_is_shown_then_pasted(browse: Browse, cast: Cast, make: Make) -> None:
    one, two = deal(make, cast.zhang_wei, "一"), deal(make, cast.zhang_wei, "二")
    client = browse(cast.zhang_wei)
    block = {
        "row": [f"{one.id}:{one.version}", f"{two.id}:{two.version}"],
        "column": ["amount", "source"],
        "text": "10\t官网\n20\t展会",
    }
    seen = client.post("/o/opportunity/paste", block, headers=HTMX).content.decode()
    assert "¥10.00" in seen
    assert queries.get(SYSTEM, "opportunity", one.id).values["amount"] is None
    done = client.post("/o/opportunity/paste", {**block, "go": "1"}, headers=HTMX)
    assert done.status_code == 204
    assert queries.get(SYSTEM, "opportunity", two.id).values["source"] == "exhibition"
    wrong = client.post(
        "/o/opportunity/paste", {**block, "text": "x\t不存在", "go": "1"}, headers=HTMX
    )
    assert wrong.status_code in (409, 422)
    bad = client.post("/o/opportunity/paste", {**block, "text": "x\t不存在"}, headers=HTMX)
    assert "这样粘贴会有问题" in bad.content.decode()
    hidden = {**block, "column": ["last_follow_up"]}
    assert client.post("/o/opportunity/paste", hidden, headers=HTMX).status_code == 403


def test_one_value_for_the_ticked(browse: Browse, cast: Cast, make: Make) -> None:
    ids = [deal(make, cast.zhang_wei, f"单{n}").id for n in range(3)]
    client = browse(cast.li_qiang)
    first = client.post("/o/opportunity/edit-many", {"id": ids})
    assert "选中的 3 条记录" in first.content.decode()
    chosen = client.post("/o/opportunity/edit-many", {"id": ids, "field": "source"})
    assert 'name="source"' in chosen.content.decode()
    done = client.post(
        "/o/opportunity/edit-many", {"id": ids, "field": "source", "source": "website", "do": "1"}
    )
    assert done.status_code == 303
    assert "undo-edit" in done.cookies["wubu_flash"].value
    assert queries.get(SYSTEM, "opportunity", ids[2]).values["source"] == "website"
    bad = client.post(
        "/o/opportunity/edit-many", {"id": ids, "field": "amount", "amount": "?", "do": "1"}
    )
    assert bad.status_code == 422
    emptied = {"id": ids, "field": "name", "name": "", "do": "1"}
    assert client.post("/o/opportunity/edit-many", emptied).status_code == 422
    assert browse(cast.wu_xia).post("/o/opportunity/edit-many", {"id": ids}).status_code == 403


def test_all_that_match_go_to_the_background(browse: Browse, cast: Cast, make: Make) -> None:
    for n in range(3):
        deal(make, cast.zhang_wei, f"单{n}", amount=n)
    client = browse(cast.li_qiang)
    where = "/o/opportunity/edit-many?f={amount} > 0"
    said = client.post(where, {"found": "1"}).content.decode()
    assert "符合条件的全部 2 条记录" in said
    went = client.post(where, {"found": "1", "field": "source", "source": "website", "do": "1"})
    assert went.status_code == 303
    page = client.get(went["Location"])
    assert page.status_code == 200
    assert browse(cast.zhang_wei).get(went["Location"]).status_code == 404  # another's job


# Groups and sums


def test_groups_have_counts_and_sums_within_sight(browse: Browse, cast: Cast, make: Make) -> None:
    for n in range(3):
        deal(make, cast.zhang_wei, f"单{n}", amount=100, expected_close="2026-12-03")
    deal(make, cast.zhang_wei, "赢", amount=50, stage="won")
    deal(make, cast.sun_yue, "别人的", amount=7777)
    client = browse(cast.zhang_wei)
    page = client.get("/o/opportunity/?f=&group=stage")
    groups = page.context["groups"].groups
    assert [(str(g.label), g.count, g.sums["amount"]) for g in groups] == [
        ("初步接洽", 3, "¥300.00"),
        ("赢单", 1, "¥50.00"),
    ]
    inside = text(client, "/o/opportunity/group?f=&group=stage&in=won")
    assert "赢" in inside
    assert "单0" not in inside
    months = client.get("/o/opportunity/?f=&group=expected_close").context["groups"].groups
    assert [(str(g.label), g.count, g.value) for g in months] == [
        ("2026 年 12 月", 3, "2026-12-01"),
        ("（未填）", 1, ""),
    ]
    assert "单1" in text(client, "/o/opportunity/group?f=&group=expected_close&in=2026-12-01")
    assert "赢" in text(client, "/o/opportunity/group?f=&group=expected_close&in=")
    owners = client.get("/o/opportunity/?f=&group=owner").context["groups"].groups
    assert [(g.label, g.count) for g in owners] == [("张伟", 4)]
    sums = text(client, "/o/opportunity/sums?f=")
    assert "¥350.00" in sums
    assert "7,777" not in sums
    assert client.get("/o/opportunity/group?f=&group=note&in=x").status_code == 404
    for key in ("note", "amount", "nothing", "last_follow_up"):
        assert client.get(f"/o/opportunity/?f=&group={key}").status_code == 200
    blind(cast, cast.zhang_wei)
    assert client.get("/o/opportunity/group?f=&group=amount&in=1").status_code == 404


def test_ratios_have_no_sum(browse: Browse, cast: Cast, make: Make) -> None:
    page = browse(cast.wang_li).get("/o/quote_line/?f=&columns=quantity,price,discount,amount")
    assert page.status_code == 200
    from wubu.web.pages.listing_parts import summed

    class Asked:
        policy = __import__("wubu.kernel.permissions.queries", fromlist=["policy"]).policy(
            acting(cast.wang_li)
        )

    spec = page.context["spec"]
    keys = [f.key for f in summed(Asked, spec, spec.live_fields)]  # type: ignore[arg-type]
    assert keys == ["quantity", "price", "amount"]


# Time and space


def test_the_calendar_and_moving_on_it(browse: Browse, cast: Cast, make: Make) -> None:
    one = deal(make, cast.zhang_wei, "定了的", expected_close="2026-12-03")
    for n in range(6):
        deal(make, cast.zhang_wei, f"满{n}", expected_close="2026-12-10")
    deal(make, cast.zhang_wei, "没定的")
    deal(make, cast.sun_yue, "别人的", expected_close="2026-12-03")
    client = browse(cast.zhang_wei)
    said = text(client, "/o/opportunity/calendar?date=expected_close&on=2026-12-15")
    assert "定了的" in said
    assert "没定的" in said
    assert "还有 2 条" in said
    assert "别人的" not in said
    for span in ("week", "day"):
        part = client.get(
            f"/o/opportunity/calendar?date=expected_close&on=2026-12-03&span={span}",
            headers=PLACED,
        )
        assert "定了的" in part.content.decode()
        assert "<html" not in part.content.decode()
    moved = client.post(
        f"/o/opportunity/{one.id}/when",
        {"start_field": "expected_close", "start": "2026-12-04", "version": one.version},
        headers=HTMX,
    )
    assert moved.status_code == 204
    assert str(queries.get(SYSTEM, "opportunity", one.id).values["expected_close"]) == "2026-12-04"
    for bad in (
        {"start_field": "name", "start": "2026-12-04"},
        {"start_field": "expected_close", "start": "x"},
        {},
    ):
        assert client.post(f"/o/opportunity/{one.id}/when", bad, headers=HTMX).status_code == 422
    assert client.get("/o/opportunity/calendar?on=nonsense&span=year&date=x").status_code == 200
    assert client.get("/o/opportunity/calendar?f={x").status_code == 422


def test_the_timeline(browse: Browse, cast: Cast, make: Make) -> None:
    deal(make, cast.zhang_wei, "长", opened_on="2026-12-01", expected_close="2027-01-10")
    client = browse(cast.zhang_wei)
    for scale in ("day", "week", "month", "nonsense"):
        dates = "date=opened_on&until=expected_close&on=2026-12-10"
        page = client.get(f"/o/opportunity/timeline?{dates}&span={scale}")
        assert "长" in page.content.decode()
        assert page.context["rows"][0]["lane"]  # by owner
    none = client.get("/o/opportunity/timeline?date=opened_on&on=2020-01-01")
    assert "这段时间里没有" in none.content.decode()


def test_cards_and_places(browse: Browse, cast: Cast, make: Make) -> None:
    make("customer", name="上海客户", region="上海", owner=cast.zhang_wei.id)
    make("customer", name="北京客户", region="北京", owner=cast.zhang_wei.id)
    make("customer", name="别人的客户", region="南京", owner=cast.sun_yue.id)
    client = browse(cast.zhang_wei)
    said = text(client, "/o/customer/gallery")
    assert "上海客户" in said
    assert "别人的" not in said
    places = client.get("/o/customer/locations?place=region&in=上海")
    assert [(g["label"], g["count"]) for g in places.context["groups"]] == [
        ("上海", 1),
        ("北京", 1),
    ]
    assert "上海客户" in places.content.decode()
    assert "北京客户" not in places.content.decode()
    assert client.get("/o/opportunity/locations").status_code == 404


# The filter's two sides


@pytest.mark.parametrize(
    "condition",
    [
        '{阶段} = "赢单"',
        '({阶段} = "赢单" OR {商机金额} > 10万) AND NOT ISBLANK({负责人})',
        "{负责人} = ME()",
        "{负责人} IN MYTEAM()",
        "{预计成交日期} BETWEEN ADDDAYS(TODAY(), -6) AND TODAY()",
        'CONTAINS({商机名称}, "a")',
        "LEN({商机名称}) + 1 > 3",
    ],
)
def test_text_to_tree_and_back(browse: Browse, cast: Cast, condition: str) -> None:
    client = browse(cast.zhang_wei)
    first = client.post("/o/opportunity/filter", {"text": condition}).json()
    tree = __import__("json").dumps(first["tree"])
    second = client.post("/o/opportunity/filter", {"tree": tree}).json()
    assert second["tree"] == first["tree"]
    assert second["text"]
    assert second["sentence"] == first["sentence"]


def test_a_bad_condition_says_where(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    bad = client.post("/o/opportunity/filter", {"text": "{没有这个} = 1"})
    assert bad.status_code == 422
    assert bad.json()["problems"][0]["start"] == 0
    for tree in ("[", '{"op":"rm -rf"}', "[" * 2000, '{"field":"}{"}'):
        assert client.post("/o/opportunity/filter", {"tree": tree}).status_code == 422
    blind(cast, cast.liu_yang)
    hidden = browse(cast.liu_yang).post("/o/opportunity/filter", {"text": "{商机金额} = 1"})
    absent = browse(cast.liu_yang).post("/o/opportunity/filter", {"text": "{没有金额} = 1"})
    assert hidden.status_code == absent.status_code == 422
    assert hidden.json()["problems"][0]["message"] == absent.json()["problems"][0][
        "message"
    ].replace("没有金额", "商机金额")


def test_relative_days_are_offered(browse: Browse, cast: Cast) -> None:
    said = text(browse(cast.zhang_wei), "/o/opportunity/?f=")
    assert "在最近 7 天" in said or "\\u5728\\u6700\\u8fd1 7 \\u5929" in said


def test_views_kept_in_preferences_move_along(cast: Cast) -> None:
    from importlib import import_module

    from django.apps import apps
    from django.db import connection

    prefer(
        actor=acting(cast.zhang_wei),
        key="list:customer",
        views=[
            {"name": "重点", "query": 'f={region} = "上海"&sort=-created_at&columns=name,grade'}
        ],
        f="x",
    )
    move = import_module("wubu.collect.views.migrations.0002_from_preferences").move
    move(apps, connection.schema_editor())
    from wubu.collect.views.queries import views as found
    from wubu.kernel.people.queries import preference

    (made,) = (v for v in found(acting(cast.zhang_wei), "customer") if v.audience == "personal")
    assert made.name.zh == "重点"
    assert made.look.filter == '{region} = "上海"'
    assert made.look.sort == ("-created_at",)
    assert made.look.columns == ("name", "grade")
    assert preference(cast.zhang_wei.id, "list:customer") == {"f": "x"}


def test_an_edit_in_the_list_is_in_the_log(browse: Browse, cast: Cast, make: Make) -> None:
    one = deal(make, cast.zhang_wei, "单")
    client = browse(cast.zhang_wei)
    client.post(f"/o/opportunity/{one.id}/cell/amount", {"amount": "3"}, headers=HTMX)
    (row, *_) = log.changes(object_key="opportunity", record_ids=[one.id])
    assert row.entrance == "page"
    assert row.after == {"amount": "3.00"} or "amount" in (row.after or {})
    assert row.batch_id
