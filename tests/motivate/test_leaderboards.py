"""Leaderboards: who leads, who sees what."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.cast import Cast, acting
from wubu.kernel.calendar.types import Period
from wubu.kernel.records import actions as records
from wubu.kernel.types import SYSTEM, Missing, Refused
from wubu.motivate.leaderboards import actions, queries, rules

MARCH = Period.month(2026, 3)


def contract(cast: Cast, owner: int | None, amount: str, number: str) -> int:
    customer = records.create(
        actor=SYSTEM, object_key="customer", values={"name": f"客户{number}"}
    ).id
    values = {
        "number": number,
        "name": "采购",
        "customer": customer,
        "signed_on": "2026-03-10",
        "amount": amount,
        "status": "active",
        "owner": owner,
    }
    return records.create(actor=SYSTEM, object_key="contract", values=values).id


def march(cast: Cast) -> None:
    contract(cast, cast.zhang_wei.id, "30000", "H1")
    contract(cast, cast.liu_yang.id, "50000", "H2")
    contract(cast, cast.sun_yue.id, "50000", "H3")
    contract(cast, cast.zhang_wei.id, "1000.50", "H4")


def test_it_works(cast: Cast) -> None:
    march(cast)
    board = queries.leaderboard(acting(cast.wang_li), "sales_month", MARCH)
    top = [(p.rank, p.name, p.value) for p in board.places if p.value]
    assert sorted(top) == [(1, "刘洋", 5000000), (1, "孙悦", 5000000), (3, "张伟", 3100050)]


def test_the_figures_are_those_of_the_contracts(cast: Cast) -> None:
    march(cast)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT owner_id, SUM(amount) FROM o_contract WHERE signed_on >= '2026-03-01' "
            "AND signed_on < '2026-04-01' AND archived_at IS NULL GROUP BY owner_id"
        )
        by_hand = {row[0]: int(row[1]) for row in cursor.fetchall()}
    board = queries.leaderboard(acting(cast.wang_li), "sales_month", MARCH)
    assert {p.id: p.value for p in board.places if p.value} == by_hand


def test_who_sold_nothing_is_there_with_nought(cast: Cast) -> None:
    march(cast)
    board = queries.leaderboard(acting(cast.wang_li), "sales_month", MARCH)
    assert next(p.value for p in board.places if p.name == "周涛") == 0


def test_a_published_board_shows_everybody_but_opens_only_ones_own(cast: Cast) -> None:
    march(cast)
    board = queries.leaderboard(acting(cast.zhang_wei), "sales_month", MARCH)
    assert {p.name for p in board.places if p.value} == {"张伟", "刘洋", "孙悦"}
    assert {p.name for p in board.places if p.open} == {"张伟"}
    assert all(not p.working and p.target is None for p in board.places if not p.open)


def test_a_permitted_board_shows_only_who_may_be_seen(cast: Cast) -> None:
    march(cast)
    board = queries.leaderboard(acting(cast.li_qiang), "score_month", MARCH)
    assert {p.name for p in board.places} <= {"李强", "张伟", "刘洋"}


def test_teams_lead_with_all_of_theirs(cast: Cast) -> None:
    march(cast)
    board = queries.leaderboard(acting(cast.wang_li), "team_sales_month", MARCH)
    assert {p.name: p.value for p in board.places}["华东一组"] == 8100050


def test_an_unknown_board_is_missing(cast: Cast) -> None:
    with pytest.raises(Missing):
        queries.leaderboard(acting(cast.wang_li), "nothing")


def test_all_that_is_wrong_with_a_board_is_said_at_once(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        actions.set_rule("x", {"source": "luck", "by": "dog"}, actor=acting(cast.wang_li))
    fields = {p.field for p in refused.value.problems}
    assert {"source", "by", "label"} <= fields


def test_a_board_of_an_unknown_metric_is_refused(cast: Cast) -> None:
    definition = {
        "label": "榜",
        "source": "metric",
        "of": "luck",
        "by": "member",
        "period": "month",
        "audience": "everyone",
    }
    with pytest.raises(Refused) as refused:
        actions.set_rule("x", definition, actor=acting(cast.wang_li))
    assert refused.value.problems[0].field == "of"


def test_every_board_says_itself(cast: Cast) -> None:
    for rule in rules.current():
        said = rules.sentence(rule)
        assert said.zh != said.en
        assert str(rules.source_label(rule)) in said.zh


def test_a_permitted_board_of_teams_shows_no_part_of_a_team_as_its_whole(cast: Cast) -> None:
    march(cast)
    actions.set_rule(
        "teams",
        {
            "label": {"zh": "团队榜", "en": "Teams"},
            "source": "metric",
            "of": "sales_signed",
            "by": "team",
            "period": "month",
            "audience": "permitted",
        },
        actor=SYSTEM,
        valid_from=MARCH.start,
    )
    board = queries.leaderboard(acting(cast.zhang_wei), "teams", MARCH)
    assert board.places == ()
    board = queries.leaderboard(acting(cast.li_qiang), "teams", MARCH)
    assert [(p.name, p.value) for p in board.places] == [("华东一组", 8100050)]
