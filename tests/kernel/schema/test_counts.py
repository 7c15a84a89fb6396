"""How many records there are of each object, as their reader may see them."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast, acting
from tests.kernel.records.world import customer, opportunity, sql
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import actions
from wubu.kernel.schema import queries
from wubu.kernel.types import SYSTEM


def test_it_works(unit: None, cast: Cast) -> None:
    mine, his = customer("甲", owner=cast.zhang_wei.id), customer("乙", owner=cast.sun_yue.id)
    opportunity(mine, "一", owner=cast.zhang_wei.id)
    actions.archive(actor=SYSTEM, object_key="customer", ids=[his.id])
    customer("丙", owner=cast.sun_yue.id)
    found = queries.counts(SYSTEM)
    for key in ("customer", "opportunity", "contract"):
        rows = sql(f"SELECT COUNT(*) FROM o_{key} WHERE archived_at IS NULL")
        assert found[key] == rows[0][0]
    assert set(found) == {o.key for o in snapshot()}
    assert queries.counts(acting(cast.zhang_wei))["customer"] == 1


def test_one_statement_counts_them_all(
    unit: None, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    actor = acting(cast.zhang_wei)
    queries.counts(actor)
    with django_assert_max_num_queries(1):
        queries.counts(actor)
