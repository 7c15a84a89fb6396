"""The pipeline as a board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.cast import Cast
from tests.web.conftest import HTMX, Browse
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft, Record
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM

Make = Callable[..., Record]


def test_it_works(browse: Browse, cast: Cast, make: Make) -> None:
    make("opportunity", name="甲", stage="proposal", amount="30000", owner=cast.zhang_wei.id)
    make("opportunity", name="乙", stage="proposal", amount="20000", owner=cast.zhang_wei.id)
    response = browse(cast.zhang_wei).get("/o/opportunity/board")
    column = next(c for c in response.context["columns"] if c["choice"].key == "proposal")
    assert (column["count"], column["amount"]) == (2, "¥5万")
    assert [c["title"] for c in column["cards"]] == ["乙", "甲"]


def test_only_ones_own_rows_are_counted(browse: Browse, cast: Cast, make: Make) -> None:
    make("opportunity", name="别人的", stage="proposal", amount="1", owner=cast.sun_yue.id)
    response = browse(cast.zhang_wei).get("/o/opportunity/board")
    assert response.context["count"] == 0


def test_moving_a_card_is_an_ordinary_change(browse: Browse, cast: Cast, make: Make) -> None:
    deal = make("opportunity", name="甲", stage="proposal", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    moved = client.post(f"/o/opportunity/{deal.id}/stage", {"stage": "negotiation"}, headers=HTMX)
    assert moved.status_code == 204
    assert queries.get(SYSTEM, "opportunity", deal.id).values["stage"] == "negotiation"
    assert "undo-stage" in moved["HX-Trigger"]
    client.post(f"/o/opportunity/{deal.id}/undo-stage?to=proposal")
    assert queries.get(SYSTEM, "opportunity", deal.id).values["stage"] == "proposal"


def test_a_lost_card_keeps_its_reason(browse: Browse, cast: Cast, make: Make) -> None:
    deal = make("opportunity", name="甲", stage="proposal", owner=cast.zhang_wei.id)
    sent = {"stage": "lost", "reason": "price"}
    browse(cast.zhang_wei).post(f"/o/opportunity/{deal.id}/stage", sent, headers=HTMX)
    kept = queries.get(SYSTEM, "opportunity", deal.id)
    assert (kept.values["stage"], kept.values["loss_reason"]) == ("lost", "price")


def test_a_refused_move_is_told_and_nothing_moved(browse: Browse, cast: Cast, make: Make) -> None:
    deal = make("opportunity", name="甲", stage="proposal", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    refused = client.post(f"/o/opportunity/{deal.id}/stage", {"stage": "nowhere"}, headers=HTMX)
    assert refused.status_code == 422
    assert "bad" in refused["HX-Trigger"]
    other = browse(cast.sun_yue)
    hidden = other.post(f"/o/opportunity/{deal.id}/stage", {"stage": "won"}, headers=HTMX)
    assert hidden.status_code == 404
    assert queries.get(SYSTEM, "opportunity", deal.id).values["stage"] == "proposal"


def test_more_cards_come_by_cursor_and_the_part_alone_refreshes(browse: Browse, cast: Cast) -> None:
    drafts = [
        Draft({"name": f"商机 {n:02}", "stage": "proposal", "owner": cast.zhang_wei.id})
        for n in range(25)
    ]
    actions.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts)
    client = browse(cast.zhang_wei)
    part = client.get("/o/opportunity/board", headers={**HTMX, "HX-Target": "div#board"})
    assert "<html" not in part.content.decode()
    assert part.content.decode().count('class="w-card"') == 20
    column = next(c for c in part.context["columns"] if c["choice"].key == "proposal")
    more = client.get("/o/opportunity/board/proposal", {"cursor": column["next"]}, headers=HTMX)
    assert more.content.decode().count('class="w-card"') == 5


def test_the_cost_does_not_grow_with_the_cards(
    browse: Browse, cast: Cast, django_assert_max_num_queries: Callable[..., object]
) -> None:
    drafts = [
        Draft(
            {
                "name": f"{n}",
                "stage": ("proposal", "won", "lost")[n % 3],
                "owner": cast.zhang_wei.id,
            }
        )
        for n in range(90)
    ]
    actions.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts)
    client = browse(cast.zhang_wei)
    client.get("/o/opportunity/board")
    with django_assert_max_num_queries(36):
        client.get("/o/opportunity/board")


def test_an_object_without_stages_has_no_board(browse: Browse, cast: Cast) -> None:
    assert browse(cast.wang_li).get("/o/customer/board").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_has_no_stage_has_a_column_of_its_own(browse: Browse, cast: Cast, make: Make) -> None:
    make("opportunity", name="甲", stage="proposal", amount="30000", owner=cast.zhang_wei.id)
    loose = make("opportunity", name="乙", amount="20000", owner=cast.zhang_wei.id)
    make("opportunity", name="丙", amount="10000", owner=cast.sun_yue.id)
    client = browse(cast.zhang_wei)
    assert client.get("/o/opportunity/board").context["spare"] is None, "the stage is required"
    stage = snapshot().object("opportunity").field("stage")
    schema.change_field(replace(stage, required=False), actor=SYSTEM)
    full = client.get("/o/opportunity/board")
    assert "_none" not in [c["choice"].key for c in full.context["columns"]]
    assert full.context["spare"].key == "_none", "somewhere to drop a card on"

    gone = client.post(f"/o/opportunity/{loose.id}/stage", {"stage": "_none"}, headers=HTMX)
    assert gone.status_code == 204
    assert queries.get(SYSTEM, "opportunity", loose.id).values["stage"] is None
    page = client.get("/o/opportunity/board")
    first = page.context["columns"][0]
    assert (first["choice"].key, first["count"], first["amount"]) == ("_none", 1, "¥2万")
    assert [c["title"] for c in first["cards"]] == ["乙"]
    assert page.context["count"] == client.get("/o/opportunity/?f=").context["count"].number == 2

    back = client.post(f"/o/opportunity/{loose.id}/stage", {"stage": "proposal"}, headers=HTMX)
    assert "undo-stage?to=" in back["HX-Trigger"]
    client.post(f"/o/opportunity/{loose.id}/undo-stage?to=")
    assert queries.get(SYSTEM, "opportunity", loose.id).values["stage"] is None
    more = client.get("/o/opportunity/board/_none", headers=HTMX)
    assert "乙" in more.content.decode()
