"""The recycle bin: who put what there, and what leaves it for good."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.cast import Cast, acting
from tests.kernel.records.world import contract, customer, new, opportunity, sql
from wubu.collect.conversations import actions as conversations
from wubu.collect.conversations.models import Comment
from wubu.kernel.audit import sealing, verifying
from wubu.kernel.audit.models import Change
from wubu.kernel.records import actions, queries
from wubu.kernel.records.history import stories
from wubu.kernel.records.lifecycle import retention
from wubu.kernel.records.models import File
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused

START = datetime(2026, 3, 1, 2, tzinfo=UTC)


def at(days: float) -> Callable[..., Any]:
    return time_machine.travel(START + timedelta(days=days), tick=False)


def test_it_works(cast: Cast) -> None:
    wang = acting(cast.wang_li)
    record = customer(owner=cast.zhang_wei.id)
    actions.archive(actor=wang, object_key="customer", ids=[record.id])
    (binned,), cursor = stories.binned(wang, "customer")
    assert cursor is None
    assert (binned.record.title, binned.by) == (record.title, "王立")
    assert binned.goes_at is not None
    done = actions.purge(actor=wang, object_key="customer", ids=[record.id])
    assert (done.deleted, done.kept) == (1, {})
    assert sql("SELECT count(*) FROM o_customer WHERE id = %s", record.id) == [(0,)]
    with pytest.raises(Missing):
        queries.get(SYSTEM, "customer", record.id)
    last = Change.objects.filter(object_key="customer", record_id=record.id).order_by("-id")[0]
    assert (last.action, last.actor_id) == ("purge", cast.wang_li.id)


def test_the_log_stays_whole(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    actions.archive(actor=SYSTEM, object_key="customer", ids=[record.id])
    newest = Change.objects.order_by("-id").values_list("id", flat=True)[0]
    sealing.seal(newest)
    actions.purge(actor=SYSTEM, object_key="customer", ids=[record.id])
    assert verifying.verify().good
    assert Change.objects.filter(object_key="customer", record_id=record.id).count() == 3


def test_what_is_pointed_at_is_kept_and_named(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    deal = opportunity(record, owner=cast.zhang_wei.id)
    other = customer("另一家", owner=cast.zhang_wei.id)
    actions.archive(actor=SYSTEM, object_key="customer", ids=[record.id, other.id])
    done = actions.purge(actor=SYSTEM, object_key="customer", ids=[record.id, other.id])
    assert done.deleted == 1
    assert done.kept == {record.id: {"opportunity": 1}}
    assert queries.get(SYSTEM, "opportunity", deal.id).values["customer"] == record.id
    assert queries.get(SYSTEM, "customer", record.id).archived_at is not None


def test_parts_files_and_words_go_along(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    of = customer(owner=cast.zhang_wei.id)
    kept = actions.store_file(
        actor=SYSTEM, name="a.txt", content=io.BytesIO(b"abc"), content_type="text/plain"
    )
    note = new(
        "follow_up",
        customer=of.id,
        type="call",
        content="x",
        owner=cast.zhang_wei.id,
        files=[f"id:{kept.id}"],
    )
    product = new("product", name="传感器", price="100")
    line = {"product": product.id, "quantity": "2", "price": "100"}
    quote = actions.create(
        actor=SYSTEM,
        object_key="quote",
        values={"customer": of.id, "owner": cast.zhang_wei.id},
        children={"quote_line": [line, line]},
    )
    conversations.comment(
        actor=acting(cast.zhang_wei), object_key="quote", id=quote.id, text="看看"
    )
    assert File.objects.filter(record_id=note.id).exists()
    for key, record in (("follow_up", note), ("quote", quote)):
        actions.archive(actor=SYSTEM, object_key=key, ids=[record.id])
        assert actions.purge(actor=SYSTEM, object_key=key, ids=[record.id]).deleted == 1
    assert sql("SELECT count(*) FROM o_quote_line WHERE quote_id = %s", quote.id) == [(0,)]
    assert not File.objects.exists()
    assert not Comment.objects.exists()


def test_records_of_one_object_that_point_at_another(cast: Cast) -> None:
    one = customer("一", owner=cast.zhang_wei.id)
    two = customer("二", owner=cast.zhang_wei.id, parent=one.id)
    actions.archive(actor=SYSTEM, object_key="customer", ids=[one.id, two.id])
    done = actions.purge(actor=SYSTEM, object_key="customer", ids=[one.id])
    assert done.kept == {one.id: {"customer": 1}}
    done = actions.purge(actor=SYSTEM, object_key="customer", ids=[one.id, two.id])
    assert done.deleted == 2


def test_live_records_are_never_purged(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    assert actions.purge(actor=SYSTEM, object_key="customer", ids=[record.id]).deleted == 0
    assert queries.get(SYSTEM, "customer", record.id)


def test_only_who_may(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    actions.archive(actor=SYSTEM, object_key="customer", ids=[record.id])
    for person in (cast.zhang_wei, cast.chen_jing):
        with pytest.raises(Forbidden):
            actions.purge(actor=acting(person), object_key="customer", ids=[record.id])
        with pytest.raises(Forbidden):
            retention.keep(actor=acting(person), bin_days=1)


def test_by_itself_after_the_days_that_the_company_says(cast: Cast) -> None:
    with at(0):
        of = customer(owner=cast.zhang_wei.id)
        deal = contract(of, owner=cast.zhang_wei.id)
        kept = customer("还用", owner=cast.zhang_wei.id)
        opportunity(kept, owner=cast.zhang_wei.id)
    with at(1):
        retention.keep(actor=SYSTEM, bin_days="30")
        actions.archive(actor=SYSTEM, object_key="contract", ids=[deal.id])
        actions.archive(actor=SYSTEM, object_key="customer", ids=[of.id, kept.id])
    with at(30.5):
        assert actions.purge_overdue(actor=SYSTEM) == 0
    with at(31.5):
        assert actions.purge_overdue(actor=SYSTEM) == 2
        assert actions.purge_overdue(actor=SYSTEM) == 0
    assert queries.get(SYSTEM, "customer", kept.id)
    with at(40):
        retention.keep(actor=SYSTEM, bin_days="0")
    with at(4_000):
        assert actions.purge_overdue(actor=SYSTEM) == 0


@pytest.mark.parametrize("days", ["-1", "x", "1.5", "40000", "９"])
def test_odd_days(cast: Cast, days: str) -> None:
    with pytest.raises(Refused) as refused:
        retention.keep(actor=acting(cast.wang_li), bin_days=days, access_days=days)
    assert [p.field for p in refused.value.problems] == ["bin_days", "access_days"]
    assert retention.retention().bin_days == 90
