"""Pages and records whose statements are kept: never another reader's rows, never yesterday's."""

from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import customer, opportunity
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM, Actor, Missing, Refused
from wubu.kernel.workspace import unit_of_work

ASKED = Query(filter="{amount} > 0", sort=("-amount",), columns=("name", "amount"), limit=2)


def names(actor: Actor, query: Query = ASKED) -> list[str]:
    with unit_of_work():
        return [r.title for r in queries.page(actor, "opportunity", query).records]


@pytest.fixture
def deals(cast: Cast) -> dict[str, int]:
    of = customer(owner=cast.zhang_wei.id)
    owners = (cast.zhang_wei, cast.zhang_wei, cast.liu_yang, cast.zhou_tao)
    return {
        name: opportunity(of, name, owner=owner.id, amount=str(1000 + n)).id
        for n, (name, owner) in enumerate(zip("甲乙丙丁", owners, strict=True))
    }


def test_it_works(cast: Cast, deals: dict[str, int]) -> None:
    """Two with the same role, asked in turns: each sees only what is theirs."""
    mine, theirs = acting(cast.zhang_wei), acting(cast.liu_yang)
    for _ in range(2):
        assert names(mine) == ["乙", "甲"]
        assert names(theirs) == ["丙"]
        assert names(SYSTEM) == ["丁", "丙"]
    with unit_of_work():
        assert policy(mine).known is policy(theirs).known
        assert queries.get(mine, "opportunity", deals["甲"]).title == "甲"
    with unit_of_work(), pytest.raises(Missing):
        queries.get(theirs, "opportunity", deals["甲"])


def test_the_bin_and_the_list_are_told_apart(cast: Cast, deals: dict[str, int]) -> None:
    actor = acting(cast.zhang_wei)
    assert names(actor) == ["乙", "甲"]
    with unit_of_work():
        actions.archive(actor=SYSTEM, object_key="opportunity", ids=[deals["乙"]])
    assert names(actor) == ["甲"]
    with unit_of_work():
        page = queries.page(SYSTEM, "opportunity", ASKED, archived=True)
        assert [r.title for r in page.records] == ["乙"]


def test_rights_taken_away_count_at_once(cast: Cast, deals: dict[str, int]) -> None:
    actor = acting(cast.zhang_wei)
    assert names(actor) == ["乙", "甲"]
    with unit_of_work():
        everything = {"object": "*", "actions": ["view"], "rows": "own"}
        define_role(
            actor=SYSTEM,
            key="sales_rep",
            definition={
                "label": "销售",
                "grants": [everything],
                "fields": {"opportunity": {"amount": "hidden"}},
            },
        )
    with unit_of_work(), pytest.raises(Refused):
        queries.page(actor, "opportunity", ASKED)
    with unit_of_work():
        (first, _) = queries.page(actor, "opportunity", Query(limit=2)).records
        assert "amount" not in first.values
        assert "amount" not in queries.get(actor, "opportunity", deals["甲"]).values
