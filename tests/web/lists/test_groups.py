"""Lists in groups with their sums."""

from __future__ import annotations

import json

from django.test import Client

from tests.cast import Cast, acting
from tests.collect.views.making import blind
from tests.web.conftest import Browse
from tests.web.deals import Make, deal, text
from wubu.collect.views import queries as views


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
        ("2026年12月", 3, "2026-12-01"),
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
    from wubu.web.pages.lists.listing_parts import summed

    class Asked:
        policy = __import__("wubu.kernel.permissions.queries", fromlist=["policy"]).policy(
            acting(cast.wang_li)
        )

    spec = page.context["spec"]
    keys = [f.key for f in summed(Asked, spec, spec.live_fields)]  # type: ignore[arg-type]
    assert keys == ["quantity", "price", "amount"]


def test_groups_stand_in_ones_own_order_and_that_is_taken_back(
    browse: Browse, cast: Cast, make: Make
) -> None:
    for stage in ("prospecting", "proposal", "won"):
        deal(make, cast.zhang_wei, stage, stage=stage)
    client = browse(cast.zhang_wei)

    def order(who: Client = client, query: str = "group=stage") -> list[str]:
        found = who.get(f"/o/opportunity/?f=&{query}").context["groups"].groups
        return [g.value for g in found]

    natural = ["prospecting", "proposal", "won"]
    assert order() == natural
    kept = client.post("/o/opportunity/group-order", {"by": "stage", "in": ["won", "proposal"]})
    assert kept.status_code == 204
    assert order() == ["won", "proposal", "prospecting"]
    assert order(query="group=owner") == [str(cast.zhang_wei.id)], "of another field: as it was"
    assert order(browse(cast.wang_li))[0] == "prospecting", "for nobody else"

    shown = {"name": "成果在前", "query": "f=&group=stage", "kind": "list"}
    slug = client.post("/o/opportunity/views", shown)["Location"].split("view=")[1]
    view = views.view(acting(cast.zhang_wei), slug)
    assert view.look.groups == ("won", "proposal")
    undo = json.loads(kept["HX-Trigger"])["toast"]["undo"]
    client.post(undo)
    assert order() == natural
    assert order(query=f"view={slug}&group=stage")[0] == "won", "the view keeps its order"
