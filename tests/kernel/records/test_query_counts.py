"""One record costs few queries; a thousand cost as few.

The subscribers of upper rooms are not counted here.
"""

from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import customer, opportunity
from tests.support.query_counts import assert_cost
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, events, queries
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens."""
    for name in ("_inside", "_rollups", "_after_commit"):
        monkeypatch.setattr(events, name, [])


def test_counts(cast: Cast) -> None:
    me = acting(cast.zhang_wei)
    of = customer(actor=me)
    opportunity(of, "热身", actor=me)  # the catalog and the search numbers are known
    policy(me)
    given = {"name": "项目", "customer": of.id, "amount": "10", "owner": cast.zhang_wei.id}
    with assert_cost("records.create opportunity"):
        made = actions.create(actor=me, object_key="opportunity", values=given)
    with assert_cost("records.update opportunity amount"):
        actions.update(actor=me, object_key="opportunity", id=made.id, values={"amount": 7})
    with assert_cost("records.update opportunity stage"):
        actions.update(actor=me, object_key="opportunity", id=made.id, values={"stage": "won"})
    with assert_cost("records.create follow_up"):
        values = {"opportunity": made.id, "type": "call", "content": "谈"}
        actions.create(actor=me, object_key="follow_up", values=values)
    with assert_cost("records.get opportunity"):
        queries.get(me, "opportunity", made.id)
    with assert_cost("records.page opportunity"):
        queries.page(me, "opportunity", Query(sort=("-amount",)))
    with assert_cost("records.find"):
        queries.find(me, "项目")
    with assert_cost("records.archive opportunity"):
        actions.archive(actor=SYSTEM, object_key="opportunity", ids=[made.id])


@pytest.mark.parametrize("rows", [10, 500])
def test_a_batch_costs_the_same_however_many(cast: Cast, rows: int) -> None:
    customer("甲")
    customer("乙")
    opportunity(customer("丙"), "热身")
    drafts = [
        Draft({"code": f"D{n}", "name": f"n{n}", "customer": "甲乙"[n % 2], "owner": "张伟"})
        for n in range(rows)
    ]
    with assert_cost("records.save_many opportunity"):
        saved = actions.save_many(
            actor=SYSTEM, object_key="opportunity", drafts=drafts, match_on=("code",)
        )
    assert (saved.created, saved.problems) == (rows, ())
    with assert_cost("records.save_many opportunity, unchanged"):
        actions.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts, match_on=("code",))
