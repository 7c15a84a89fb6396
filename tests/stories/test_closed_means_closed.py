"""March is closed; in April teams move, rules and weights change, people leave.

What was closed stays to the last place and point; what is open follows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from tests.cast import Cast, acting
from tests.measure.books import assert_rebuilt_is_posted, change, make, rows
from wubu.improve.reviews import queries as reviews
from wubu.kernel import past
from wubu.kernel.calendar import actions as calendar
from wubu.kernel.calendar.types import DayNote, Period
from wubu.kernel.people import actions as people
from wubu.kernel.people import queries as directory
from wubu.kernel.types import SYSTEM, Refused, Text
from wubu.measure.figures.queries import dictionary, figures
from wubu.measure.ledger import queries as ledger
from wubu.measure.ledger.actions import close_month, reopen_month
from wubu.measure.ledger.checking import verify_closed
from wubu.measure.metrics.actions import define, revise
from wubu.measure.scorecards import queries as scorecards
from wubu.measure.scorecards.actions import set_weights
from wubu.measure.scorecards.types import WeightedLine
from wubu.measure.targets.actions import set_targets
from wubu.measure.targets.types import TargetDraft
from wubu.motivate.leaderboards import actions as board_rules
from wubu.motivate.leaderboards import queries as boards
from wubu.motivate.points import actions as point_rules
from wubu.motivate.points import queries as points

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH, APRIL = (Period.month(2026, m) for m in (1, 2, 3, 4))
LAST, FIRST = date(2026, 3, 31), date(2026, 4, 1)


@pytest.fixture
def april(cast: Cast) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 4, 10, 4, tzinfo=UTC)):
        yield


def sale(cast: Cast, owner: int, day: str, amount: int) -> int:
    name = f"客户 {random.random()}"
    return make(
        "contract",
        name="合同",
        customer=make("customer", name=name, owner=owner),
        signed_on=day,
        amount=str(amount),
        status="active",
        owner=owner,
    )


def by_team(period: Period) -> dict[str, int]:
    found = figures(SYSTEM, ["sales_signed"], period, "team")
    return {str(r.label): int(r.cells["sales_signed"].value or 0) // 100 for r in found.rows}


def ranked(period: Period, key: str = "team_sales_month") -> list[tuple[int | None, str, Any]]:
    return [(p.rank, p.name, p.value) for p in boards.leaderboard(SYSTEM, key, period).places]


def test_a_team_that_moves_takes_nothing_closed_along(cast: Cast, april: None) -> None:
    sale(cast, cast.zhang_wei.id, "2026-03-05", 100_000)
    sale(cast, cast.sun_yue.id, "2026-03-06", 30_000)
    before = by_team(MARCH)
    assert (before["华东一组"], before["华南组"], before["销售部"]) == (100_000, 30_000, 130_000)
    board = ranked(MARCH)
    assert board == [(1, "华东一组", 10_000_000), (2, "华南组", 3_000_000)]
    close_month(actor=SYSTEM, month=MARCH)

    people.update_team(actor=SYSTEM, team_id=cast.east.id, parent_id=cast.south.id, from_day=FIRST)
    sale(cast, cast.zhang_wei.id, "2026-04-01", 7_000)
    assert by_team(MARCH) == before
    assert ranked(MARCH) == board
    assert by_team(APRIL)["华南组"] == 7_000  # East is below South on this day
    both = by_team(Period.custom(MARCH.start, APRIL.end))
    assert (both["华东一组"], both["华南组"], both["销售部"]) == (107_000, 37_000, 137_000)
    shown = boards.leaderboard(SYSTEM, "team_sales_month", MARCH)
    assert shown.closed
    assert [p.name for p in boards.leaderboard(SYSTEM, "team_sales_month", APRIL).places] == [
        "华东一组"  # South is no leaf any more, and a whole is not ranked beside its part
    ]


@pytest.mark.parametrize(
    ("day", "south"),
    [(date(2026, 4, 5), 7_000), (date(2026, 4, 6), 7_000), (date(2026, 4, 7), 0)],
)
def test_the_day_of_a_move_counts_for_the_new_place(
    cast: Cast, april: None, day: date, south: int
) -> None:
    """A sale on 6 April; East goes below South the day before, on the day, the day after."""
    people.update_team(actor=SYSTEM, team_id=cast.east.id, parent_id=cast.south.id, from_day=day)
    sale(cast, cast.zhang_wei.id, "2026-04-06", 7_000)
    found = by_team(APRIL)
    assert (found["华南组"], found["销售部"], found["明华传感"]) == (south, 7_000, 7_000)


def test_every_dated_store_has_one_past(cast: Cast, april: None) -> None:
    """The last closed day is refused with the first open one as the remedy, which is taken."""
    close_month(actor=SYSTEM, month=MARCH)
    boss = acting(cast.wang_li)
    lines = [WeightedLine("sales_signed", 10_000, None)]
    count = {"kind": "sum", "object": "contract", "when": "signed_on", "value": "{amount} * 2",
             "credit": {"owner": "owner"}}  # fmt: skip
    define(actor=SYSTEM, key="twice", label=Text("两倍", "Twice"), definition=count, unit="money")
    points_rule = {"metric": "follow_ups", "per": 1, "points": 3}
    board = {"label": "新榜", "source": "metric", "of": "sales_signed", "by": "member",
             "period": "month", "audience": "everyone"}  # fmt: skip
    member, east, south = cast.zhang_wei.id, cast.east.id, cast.south.id
    stores = {
        "a rule": lambda day: point_rules.set_rule(
            "follow_up_points", points_rule, actor=boss, valid_from=day
        ),
        "a new rule": lambda day: board_rules.set_rule("fresh", board, actor=boss, valid_from=day),
        "weights": lambda day: set_weights(actor=boss, key="default", lines=lines, valid_from=day),
        "a metric": lambda day: revise(
            actor=boss, key="twice", definition={**count, "filter": "{amount} > 5"}, valid_from=day
        ),
        "a team of a member": lambda day: people.move_member(
            actor=boss, member_id=member, team_id=south, from_day=day
        ),
        "a team also worked in": lambda day: (
            people.join_team(
                actor=boss, member_id=member, team_id=south, from_day=date(2026, 5, 1)
            ),
            people.leave_team(actor=boss, member_id=member, team_id=south, from_day=day),
        ),
        "a manager": lambda day: (
            people.set_manager(
                actor=boss, member_id=member, manager_id=cast.li_qiang.id, from_day=date(2026, 5, 1)
            ),
            people.set_manager(
                actor=boss, member_id=member, manager_id=cast.zhao_min.id, from_day=day
            ),
        ),
        "the tree": lambda day: people.update_team(
            actor=boss, team_id=east, parent_id=cast.company.id, from_day=day
        ),
        "a target": lambda day: set_targets(
            actor=boss,
            drafts=[TargetDraft("sales_signed", APRIL, member, 100)],
            valid_from=day,
        ),
        "a working day": lambda day: calendar.declare_days(
            actor=boss, days=[DayNote(day, True, "加班")]
        ),
    }
    for name, change_from in stores.items():
        with pytest.raises(Refused) as refused:
            change_from(LAST)
        found = [p for p in refused.value.problems if p.code == "closed_past"]
        assert [p.suggestion for p in found] == ["2026-04-01"], name
        assert "2026-04-01" in found[0].hint.zh, name
        change_from(FIRST)


def test_points_and_scores_stay_though_rules_are_new(cast: Cast, april: None) -> None:
    customer = make("customer", name="客户", owner=cast.zhang_wei.id)
    for n in range(4):
        make(
            "follow_up",
            customer=customer,
            happened_at=f"2026-03-0{n + 1}T09:00:00+08:00",
            content="拜访了客户，谈了需求和下一步",
            owner=cast.zhang_wei.id,
            type="call",
        )
    before = points.points(SYSTEM, MARCH)
    scored = scorecards.score(SYSTEM, "default", MARCH).rows
    assert next(r.points for r in before.rows if r.name == "张伟") == 8
    close_month(actor=SYSTEM, month=MARCH)
    point_rules.set_rule(
        "follow_up_points",
        {"metric": "follow_ups", "per": 1, "points": 50},
        actor=SYSTEM,
        valid_from=FIRST,
    )
    people.deactivate(actor=SYSTEM, member_id=cast.zhang_wei.id)
    after = points.points(SYSTEM, MARCH)
    assert [(r.name, r.points) for r in after.rows] == [(r.name, r.points) for r in before.rows]
    assert [r.points for r in after.rules if r.key == "follow_up_points"] == [2]
    rest = scorecards.score(SYSTEM, "default", MARCH).rows
    assert [(r.member_id, r.score) for r in rest] == [(r.member_id, r.score) for r in scored]
    assert [r.name for r in points.points(acting(cast.zhou_tao), MARCH).rows] == ["周涛"]


def test_reopening_makes_it_live_and_closing_keeps_it_anew(cast: Cast, april: None) -> None:
    first = sale(cast, cast.zhang_wei.id, "2026-03-05", 100)
    close_month(actor=SYSTEM, month=MARCH)
    change("contract", first, amount="250")
    assert ranked(MARCH, "sales_month")[0] == (1, "张伟", 10_000)
    reopen_month(actor=SYSTEM, month=MARCH, reason="更正")
    assert ranked(MARCH, "sales_month")[0] == (1, "张伟", 25_000)
    close_month(actor=SYSTEM, month=MARCH)
    assert ranked(MARCH, "sales_month")[0] == (1, "张伟", 25_000)
    kept = rows(
        "SELECT replaced_at IS NULL, lines FROM wubu_leaderboards_kept "
        "WHERE key = 'sales_month' AND start = '2026-03-01' ORDER BY id"
    )
    assert [bool(row[0]) for row in kept] == [False, True]
    assert [("10000" in str(row[1]), "25000" in str(row[1])) for row in kept] == [
        (True, False),
        (False, True),
    ]


def test_months_that_close_together_are_all_kept(cast: Cast, april: None) -> None:
    sale(cast, cast.zhang_wei.id, "2026-01-05", 100)
    sale(cast, cast.sun_yue.id, "2026-02-05", 200)
    close_month(actor=SYSTEM, month=MARCH)
    people.deactivate(actor=SYSTEM, member_id=cast.liu_yang.id)
    for month in (JANUARY, FEBRUARY):
        assert boards.leaderboard(SYSTEM, "sales_month", month).closed
        assert "刘洋" in {name for _, name, _ in ranked(month, "sales_month")}
    (closing,) = ledger.closings()
    assert {str(r.month) for r in ledger.snapshot(closing.id) if r.value} >= {
        "2026-01-01", "2026-02-01",
    }  # fmt: skip


def test_nobody_shares_a_place_for_having_done_nothing(cast: Cast, april: None) -> None:
    sale(cast, cast.zhang_wei.id, "2026-04-02", 100)
    board = boards.leaderboard(SYSTEM, "sales_month", APRIL)
    ranks = {p.name: (p.rank, p.state) for p in board.places}
    assert ranks["张伟"] == (1, "ranked")
    assert {ranks[n] for n in ("刘洋", "孙悦", "周涛")} == {(None, "not_started")}


def test_a_whole_is_not_ranked_beside_its_part(cast: Cast, april: None) -> None:
    definition = {"label": "团队", "source": "metric", "of": "sales_signed", "by": "team",
                  "level": "chosen", "teams": [str(cast.sales.id), str(cast.east.id)],
                  "period": "month", "audience": "everyone"}  # fmt: skip
    with pytest.raises(Refused) as refused:
        board_rules.set_rule("mixed", definition, actor=SYSTEM)
    assert [p.code for p in refused.value.problems] == ["whole_and_part"]
    chosen = {**definition, "teams": [str(cast.south.id), str(cast.east.id)]}
    board_rules.set_rule("mixed", chosen, actor=SYSTEM)
    sale(cast, cast.zhang_wei.id, "2026-04-02", 100)
    assert ranked(APRIL, "mixed") == [(1, "华东一组", 10_000), (None, "华南组", 0)]


class World:
    """Random writes, moves, rules, closings and reopenings from January to July."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.rnd = cast, random.Random(seed)
        self.month = 1
        self.contracts: list[int] = []
        self.kept: dict[Period, Any] = {}

    def day(self) -> date:
        return date(2026, 1, 1) + timedelta(days=self.rnd.randrange(200))

    def allowed(self) -> date:
        return past.earliest(self.day())

    def sell(self) -> None:
        rep = self.rnd.choice(self.cast.reps)
        amount = self.rnd.randrange(1, 9_999)
        self.contracts.append(sale(self.cast, rep.id, self.day().isoformat(), amount))

    def correct(self) -> None:
        if self.contracts:
            amount = str(self.rnd.randrange(1, 9_999))
            change("contract", self.rnd.choice(self.contracts), amount=amount)

    def move_person(self) -> None:
        teams = [self.cast.east, self.cast.south, self.cast.sales]
        people.move_member(
            actor=SYSTEM,
            member_id=self.rnd.choice(self.cast.reps).id,
            team_id=self.rnd.choice(teams).id,
            from_day=self.allowed(),
        )

    def move_team(self) -> None:
        below = self.rnd.choice([self.cast.east, self.cast.south])
        above = [self.cast.sales, self.cast.company, self.cast.ops, self.cast.east, self.cast.south]
        try:
            people.update_team(
                actor=SYSTEM,
                team_id=below.id,
                parent_id=self.rnd.choice(above).id,
                from_day=self.allowed(),
            )
        except Refused as refused:
            if {p.code for p in refused.problems} != {"team_circle"}:
                raise

    def change_points(self) -> None:
        rule = {"metric": "sales_signed", "per": 100_000, "points": self.rnd.randrange(1, 9)}
        point_rules.set_rule("sales_points", rule, actor=SYSTEM, valid_from=self.allowed())

    def change_weights(self) -> None:
        share = self.rnd.randrange(1, 100) * 100
        lines = [WeightedLine("sales_signed", share, None)]
        lines.append(WeightedLine("new_customers", 10_000 - share, None))
        set_weights(actor=SYSTEM, key="default", lines=lines, valid_from=self.allowed())

    def close(self) -> None:
        if self.month < 7:
            period = Period.month(2026, self.month)
            close_month(actor=SYSTEM, month=period)
            self.kept[period] = self.said(period)
            self.month += 1

    def reopen(self) -> None:
        if self.month > 1:
            self.month -= 1
            period = Period.month(2026, self.month)
            reopen_month(actor=SYSTEM, month=period, reason="重算")
            del self.kept[period]

    def said(self, period: Period) -> Any:
        keys = ["sales_signed", "new_customers"]
        by = {
            how: sorted(
                (str(r.label), *(r.cells[k].value for k in keys))
                for r in figures(SYSTEM, keys, period, how).rows
                if any(r.cells[k].count for k in keys)
            )
            for how in ("member", "team", "company")
        }
        card = scorecards.score(SYSTEM, "default", period).rows
        return {
            **by,
            "scores": sorted((s.member_id, s.score) for s in card if s.score is not None),
            "points": sorted((r.name, r.points) for r in points.points(SYSTEM, period).rows),
            "ranks": [ranked(period, key) for key in ("sales_month", "team_sales_month")],
            "reviews": [
                (view.team_id, view.figures, view.teams, view.members)
                for r in reviews.reviews(SYSTEM, month=period.start)
                for view in [reviews.review(SYSTEM, r.id)]
            ],
        }  # fmt: skip


def adds_up(period: Period) -> None:
    """Σ members = Σ teams = company, by hand from the entries and the tree of each day."""
    metric = dictionary().metrics["sales_signed"].id
    entries = rows(
        "SELECT CAST(day AS varchar), team_id, value FROM wubu_ledger_entry WHERE metric_id = %s "
        f"AND day >= '{period.start}' AND day < '{period.end}'",
        metric,
    )
    expected: dict[int, int] = {}
    for day, team, value in entries:
        for above in directory.ancestors(team, date.fromisoformat(day)):
            expected[above] = expected.get(above, 0) + value
    found = figures(SYSTEM, ["sales_signed"], period, "team")
    shown = {int(r.key): r.cells["sales_signed"].value or 0 for r in found.rows}  # type: ignore[arg-type]
    assert {k: v for k, v in shown.items() if v and k} == {k: v for k, v in expected.items() if v}
    whole = sum(value for _, _, value in entries)
    assert (found.total.cells["sales_signed"].value or 0) == whole
    members = figures(SYSTEM, ["sales_signed"], period, "member")
    assert sum(r.cells["sales_signed"].value or 0 for r in members.rows) == whole


@pytest.mark.parametrize("seed", range(4))
def test_no_closed_figure_ever_changes(cast: Cast, seed: int) -> None:
    with time_machine.travel(datetime(2026, 7, 20, 4, tzinfo=UTC)):
        world = World(cast, seed)
        steps = [world.sell] * 5 + [world.correct] * 3 + [world.move_person, world.move_team] * 2
        steps += [world.change_points, world.change_weights, world.close, world.close, world.reopen]
        for _ in range(45):
            world.rnd.choice(steps)()
            for period, said in world.kept.items():
                assert world.said(period) == said, period.key
        assert verify_closed() == ()
        adds_up(Period.year(2026))
        adds_up(Period.custom(date(2026, 2, 10), date(2026, 6, 20)))
        assert_rebuilt_is_posted()


def test_what_is_verified_can_fail(cast: Cast, april: None) -> None:
    sale(cast, cast.zhang_wei.id, "2026-03-05", 100)
    close_month(actor=SYSTEM, month=MARCH)
    assert verify_closed() == ()
    rows_of = dictionary().metrics["sales_signed"].id
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE wubu_ledger_month SET value = value + 1 "
            "WHERE metric_id = %s AND month = '2026-03-01'",
            [rows_of],
        )
    (wrong,) = verify_closed()
    assert (wrong.metric_id, wrong.kept, wrong.now) == (rows_of, 10_000, 10_001)
    assert Decimal(wrong.now - wrong.kept) == 1
