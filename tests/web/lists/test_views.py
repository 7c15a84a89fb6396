"""Ways of looking kept under a name, shared, laid out by each as they like."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import unquote

import time_machine
from django.test import Client

from tests.cast import Cast, acting
from tests.collect.views.making import blind
from tests.web.conftest import Browse
from tests.web.deals import Make, deal, text
from wubu.collect.views import actions as views
from wubu.collect.views import queries as found_views
from wubu.kernel.calendar.queries import today
from wubu.kernel.people.actions import prefer
from wubu.kernel.permissions import sharing
from wubu.kernel.workspace import forget
from wubu.web.ui import show


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


def test_tabs_stand_in_ones_own_order(browse: Browse, cast: Cast) -> None:
    made = [
        views.create(
            actor=acting(cast.wang_li), object_key="customer", name=name, audience="shared"
        )
        for name in ("一", "二", "三")
    ]

    def tabs(who: Client) -> list[str]:
        shown = who.get("/o/customer/?f=").context["views"]["tabs"]
        return [str(t.label) for t in shown if str(t.label) in "一二三"]

    mine, other = browse(cast.zhang_wei), browse(cast.sun_yue)
    ids = [made[2].id, made[0].id, made[1].id, 999_999]
    kept = mine.post("/o/customer/views/order", {"id": ids})
    assert (tabs(mine), tabs(other)) == (["三", "一", "二"], ["一", "二", "三"])
    mine.post(json.loads(kept["HX-Trigger"])["toast"]["undo"])
    assert tabs(mine) == ["一", "二", "三"]


def test_a_view_gets_its_place_for_everybody(browse: Browse, cast: Cast) -> None:
    made = [
        views.create(
            actor=acting(cast.wang_li), object_key="customer", name=name, audience="shared"
        )
        for name in ("一", "二", "三")
    ]

    def shown() -> list[str]:
        found = found_views.views(acting(cast.sun_yue), "customer")
        return [v.name.zh for v in found if v.name.zh in "一二三"]

    boss = browse(cast.wang_li)
    page = f"/o/customer/views/{made[2].id}/settings"
    asks = {a.name: a for a in boss.get(page).context["page"].body[0].body.asks}
    assert asks["after"].value == str(made[1].id)
    sent = {"name": "三", "audience": "shared", "version": "1", "after": ""}
    went = boss.post(page, sent)
    assert went.status_code == 303, went.content.decode()
    assert shown() == ["三", "一", "二"]
    undo = f"/o/customer/views/{made[2].id}/place?after={made[1].id}"
    assert undo in unquote(went.cookies["wubu_flash"].value)
    boss.post(undo)
    assert shown() == ["一", "二", "三"]
    assert browse(cast.zhang_wei).post(undo).status_code == 403


def test_a_view_is_shared_and_taken_back(browse: Browse, cast: Cast) -> None:
    made = views.create(
        actor=acting(cast.zhang_wei),
        object_key="opportunity",
        name="大单",
        definition={"filter": "{amount} > 98765", "sort": ["-amount"]},
    )
    his, hers = browse(cast.zhang_wei), browse(cast.sun_yue)
    here = f"/o/opportunity/?view={made.slug}"
    base = f"/o/opportunity/views/{made.id}"
    assert f"{base}/share" in text(his, here)
    assert "还没有共享给别人" in text(his, f"{base}/share")
    wrong = his.post(f"{base}/share", {"with": "", "until": "2020-01-01", "note": "请看"})
    assert wrong.status_code == 422
    said = wrong.content.decode()
    assert "截止日期已过" in said
    assert "请看" in said  # nothing typed is lost
    last = today() + timedelta(days=3)
    sent = {"with": f"m:{cast.sun_yue.id}", "until": last.isoformat(), "note": "请看"}
    assert his.post(f"{base}/share", sent).status_code == 303
    for address in (f"{base}/share", f"{base}/settings"):
        assert "孙悦" in text(his, address)
    assert "大单" in text(his, "/shared")

    blind(cast, cast.sun_yue)
    assert "把视图共享给您" in text(hers, "/notices")
    assert "大单" in text(hers, "/shared")
    assert hers.get(f"/o/opportunity/?view={made.id}").status_code == 200  # as the notice leads
    said = text(hers, here)
    tabs = said.split('aria-label="视图"')[1].split("</nav>")[0]
    assert "张伟" in tabs
    assert show.day(last) in tabs
    assert "存为我的视图" in tabs
    assert f"{base}/share" not in tabs
    assert f"{base}/settings" not in tabs
    for secret in ("98,765", "98765", "商机金额", "{amount}"):
        assert secret not in said.split("<main")[-1]
    for address in (f"{base}/share", f"{base}/settings"):
        assert hers.get(address).status_code == 404
    assert hers.post(f"{base}/share", sent).status_code == 404
    kept = hers.post(base, {"do": "copy", "query": f"view={made.slug}"})
    assert kept.status_code == 303

    (share,) = sharing.shares_of("opportunity", made.id, "view")
    assert hers.post(f"/shared/{share.id}/end").status_code == 404
    assert his.post(f"/shared/{share.id}/end", {"next": f"{base}/share"}).status_code == 303
    tab = f'data-tab="{made.id}"'
    assert tab not in text(hers, "/o/opportunity/?f=")
    assert hers.post(f"/shared/{share.id}/resume").status_code == 404
    back = his.post(f"/shared/{share.id}/resume?next=//elsewhere")
    assert back["Location"] == "/shared"
    assert tab in text(hers, "/o/opportunity/?f=")
    with time_machine.travel(last + timedelta(days=2)):
        forget()
        later = browse(cast.sun_yue)
        assert tab not in text(later, "/o/opportunity/?f=")
        assert "大单" not in text(later, "/notices")
