"""Merging: pick the other one, choose field by field, take it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

Make = Callable[..., Record]


@pytest.fixture
def twins(make: Make, cast: Cast) -> tuple[Record, Record]:
    one = make("customer", name="明远精工", industry="machinery", owner=cast.zhang_wei.id)
    other = make("customer", name="明远精工有限公司", region="east", owner=cast.zhang_wei.id)
    make("contact", name="李经理", customer=other.id, owner=cast.zhang_wei.id)
    return one, other


def test_it_works(browse: Browse, cast: Cast, twins: tuple[Record, Record]) -> None:
    one, other = twins
    client = browse(cast.wang_li)
    base = f"/o/customer/{one.id}"
    assert f"{base}/merge" in client.get(base).content.decode()
    assert 'role="combobox"' in client.get(f"{base}/merge").content.decode()
    shown = client.get(f"{base}/merge?with=id:{other.id}").content.decode()
    assert "明远精工有限公司" in shown
    done = client.post(f"{base}/merge", {"with": other.id, "keep": one.id, "value:name": other.id})
    assert done.status_code == 303
    kept = queries.get(SYSTEM, "customer", one.id)
    assert kept.values["name"] == "明远精工有限公司"
    assert kept.values["region"] == "east"  # the gap was filled
    assert queries.get(SYSTEM, "customer", other.id).archived_at is not None
    contact = queries.visible(SYSTEM, "contact").get()
    assert contact.customer_id == one.id


def test_it_can_be_undone(browse: Browse, cast: Cast, twins: tuple[Record, Record]) -> None:
    one, other = twins
    client = browse(cast.wang_li)
    client.post(f"/o/customer/{one.id}/merge", {"with": other.id, "keep": other.id})
    batch = queries.history(SYSTEM, "customer", one.id)[0].batch_id
    client.post(f"/o/customer/{other.id}/undo?batch={batch}")
    assert queries.get(SYSTEM, "customer", one.id).archived_at is None
    assert queries.get(SYSTEM, "customer", other.id).values.get("industry") is None


def test_exactly_two_from_the_list(
    browse: Browse, cast: Cast, twins: tuple[Record, Record]
) -> None:
    one, other = twins
    client = browse(cast.wang_li)
    went = client.post("/o/customer/bulk", {"do": "merge", "id": [one.id, other.id]})
    assert went["Location"] == f"/o/customer/{one.id}/merge?with={other.id}"
    assert (
        "merge" not in client.post("/o/customer/bulk", {"do": "merge", "id": [one.id]})["Location"]
    )


def test_nonsense_and_no_right_are_refused(
    browse: Browse, cast: Cast, twins: tuple[Record, Record]
) -> None:
    one, _ = twins
    url = f"/o/customer/{one.id}/merge"
    boss = browse(cast.wang_li)
    for other in (str(one.id), "99999999", "明远", "-1", "9" * 30):
        assert boss.get(f"{url}?with={other}").status_code == 422
    assert browse(cast.zhang_wei).get(url).status_code == 403  # a rep may not delete customers
