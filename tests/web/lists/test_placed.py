"""Records on days, as bars and cards, by place."""

from __future__ import annotations

from tests.cast import Cast
from tests.web.conftest import HTMX, Browse
from tests.web.deals import PLACED, Make, deal, text
from wubu.kernel.records import queries
from wubu.kernel.types import SYSTEM


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
