"""Posted = rebuilt, whatever happens to the records, with months closing and opening in between."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.cast import Cast
from tests.measure.books import assert_rebuilt_is_posted, change, make, rows
from wubu.kernel import past
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import actions as people
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as seen
from wubu.kernel.types import SYSTEM
from wubu.measure.ledger import actions as ledger

pytestmark = pytest.mark.django_db
START = date(2026, 1, 1)


class World:
    """A small company to which random things happen."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast = cast
        self.rnd = random.Random(seed)
        self.month = 1
        self.closed: list[int] = []
        self.gone: list[tuple[str, int]] = []
        make("customer", name="客户零")
        self.contract()

    def day(self) -> str:
        return str(START + timedelta(days=self.rnd.randrange(31 * self.month)))

    def owner(self) -> int | None:
        return self.rnd.choice([None, *(p.id for p in self.cast.reps)])

    def money(self) -> str:
        return f"{self.rnd.randrange(-2000, 100_000) / 100:.2f}"

    def some(self, object_key: str) -> int | None:
        known = list(seen.visible(SYSTEM, object_key).order_by("pk").values_list("pk", flat=True))
        return self.rnd.choice(known) if known else None

    def customer(self) -> None:
        make("customer", name=f"客户 {self.rnd.random()}", owner=self.owner())

    def contract(self) -> None:
        make(
            "contract",
            name="合同",
            customer=self.some("customer"),
            signed_on=self.rnd.choice([None, self.day()]),
            amount=self.money().lstrip("-"),
            status=self.rnd.choice(["draft", "active", "closed"]),
            owner=self.owner(),
        )

    def payment(self) -> None:
        if contract := self.some("contract"):
            make(
                "payment",
                contract=contract,
                paid_on=self.day(),
                amount=self.money(),
                owner=self.owner(),
            )

    def split(self) -> None:
        if contract := self.some("contract"):
            first = self.rnd.randrange(1, 10000)
            shares = self.rnd.choice([[], [10000], [first, 10000 - first]])
            drafts = [
                {"member": self.rnd.choice(self.cast.reps).id, "share": f"{share / 100}%"}
                for share in shares
            ]
            records.update(
                actor=SYSTEM,
                object_key="contract",
                id=contract,
                values={},
                children={"contract_split": drafts},
            )

    def edit_contract(self) -> None:
        if contract := self.some("contract"):
            values: dict[str, Any] = {
                "signed_on": self.day(),
                "amount": self.money().lstrip("-"),
                "owner": self.owner(),
                "status": self.rnd.choice(["active", "void", "closed"]),
                "customer": self.some("customer"),
            }
            name = self.rnd.choice(sorted(values))
            change("contract", contract, **{name: values[name]})

    def edit_payment(self) -> None:
        if payment := self.some("payment"):
            change("payment", payment, paid_on=self.day(), amount=self.money())

    def deal(self) -> None:
        make(
            "opportunity",
            name="商机",
            customer=self.some("customer"),
            stage="prospecting",
            opened_on=self.day(),
            amount=self.money().lstrip("-"),
            owner=self.owner(),
        )

    def move_deal(self) -> None:
        if deal := self.some("opportunity"):
            stage = self.rnd.choice(
                ["prospecting", "engaging", "proposal", "negotiation", "won", "lost"]
            )
            more = {"loss_reason": "price"} if stage == "lost" else {}
            change("opportunity", deal, stage=stage, **more)

    def redate_deal(self) -> None:
        if deal := self.some("opportunity"):
            change("opportunity", deal, opened_on=self.day(), owner=self.owner())

    def archive(self) -> None:
        key = self.rnd.choice(["contract", "payment", "opportunity"])
        if one := self.some(key):
            records.archive(actor=SYSTEM, object_key=key, ids=[one])
            self.gone.append((key, one))

    def restore(self) -> None:
        if self.gone:
            key, one = self.gone.pop()
            records.restore(actor=SYSTEM, object_key=key, ids=[one])

    def move_person(self) -> None:
        people.move_member(
            actor=SYSTEM,
            member_id=self.rnd.choice(self.cast.reps).id,
            team_id=self.rnd.choice([self.cast.east.id, self.cast.south.id]),
            from_day=past.earliest(date.fromisoformat(self.day())),
        )

    def close(self) -> None:
        if self.month < 7:
            ledger.close_month(actor=SYSTEM, month=Period.month(2026, self.month))
            self.closed.append(self.month)
            self.month += 1

    def reopen(self) -> None:
        if self.closed:
            month = self.closed.pop()
            ledger.reopen_month(actor=SYSTEM, month=Period.month(2026, month), reason="查错")
            self.month = month

    def steps(self) -> list[Callable[[], None]]:
        usual = [
            self.customer, self.contract, self.payment, self.split, self.split,
            self.edit_contract, self.edit_payment, self.deal, self.move_deal, self.redate_deal,
            self.archive, self.restore,
        ]  # fmt: skip
        return usual * 4 + [self.move_person, self.move_person, self.close, self.close, self.reopen]


@pytest.mark.parametrize("seed", range(int(os.environ.get("SEEDS", 6))))
def test_posted_is_rebuilt(cast: Cast, seed: int) -> None:
    with time_machine.travel(datetime(2026, 7, 15, 4, tzinfo=UTC)):
        world = World(cast, seed)
        for _ in range(70):
            world.rnd.choice(world.steps())()
        assert rows("SELECT COUNT(*) FROM wubu_ledger_entry")[0][0] > 10
        assert_rebuilt_is_posted()


def test_a_closed_month_is_never_rewritten(cast: Cast) -> None:
    with time_machine.travel(datetime(2026, 7, 15, 4, tzinfo=UTC)):
        world = World(cast, 99)
        for _ in range(40):
            world.rnd.choice(world.steps()[:48])()
        ledger.close_month(actor=SYSTEM, month=Period.month(2026, 1))
        world.month = 3
        closed = january()
        for _ in range(60):
            world.rnd.choice(world.steps()[:50])()
        assert january() == closed
        assert_rebuilt_is_posted()
        assert january() == closed


def january() -> list[tuple[Any, ...]]:
    where = "day >= '2026-01-01' AND day < '2026-02-01'"
    return rows(f"SELECT * FROM wubu_ledger_entry WHERE {where} ORDER BY id") + rows(
        f"SELECT metric_id, day, member_id, team_id, value, count FROM wubu_ledger_day "
        f"WHERE {where} AND count <> 0 ORDER BY metric_id, day, member_id, team_id"
    )


def test_a_late_entry_of_nothing_is_no_correction(cast: Cast) -> None:
    with time_machine.travel(datetime(2026, 7, 15, 4, tzinfo=UTC)):
        world = World(cast, 1)
        ledger.close_month(actor=SYSTEM, month=Period.month(2026, 1))
        contract = make(
            "contract",
            name="合同",
            customer=world.some("customer"),
            signed_on="2026-01-05",
            amount="10",
            status="active",
        )
        make("payment", contract=contract, paid_on="2026-01-05", amount="10")  # 0 days
        assert_rebuilt_is_posted()
