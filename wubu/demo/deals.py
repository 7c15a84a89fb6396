"""From an opportunity to the money: stages, quotes, contracts, instalments, payments, invoices."""

from __future__ import annotations

import bisect
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Any

from wubu.collect.practice.seasons import Days
from wubu.demo import words
from wubu.demo.market import Customer, pick
from wubu.demo.staff import Rep, Staff

OPPORTUNITIES = 4_000
STAGES = ("prospecting", "engaging", "proposal", "negotiation")
DATES = dict(zip(STAGES, ("opened_on", "engaged_on", "proposed_on", "negotiated_on"), strict=True))
# How many days a deal usually stays in a stage.
STAY = {"prospecting": (4, 26), "engaging": (8, 40), "proposal": (6, 36), "negotiation": (5, 32)}
REPEAT = (("existing", 40),)
SOURCES = (
    ("website", 12),
    ("exhibition", 12),
    ("referral", 12),
    ("cold_call", 8),
    ("partner", 8),
    ("tender", 8),
)
LOSSES = (
    ("price", 30),
    ("competitor", 18),
    ("no_decision", 14),
    ("budget", 12),
    ("cancelled", 10),
    ("function", 6),
    ("delivery", 5),
    ("relationship", 5),
)
# How contracts are paid: share of the amount and days after signing.
TERMS: tuple[tuple[str, tuple[tuple[str, int, int], ...], int], ...] = (
    (
        "预付 30%，发货前付 60%，质保 10%",
        (("预付款", 30, 7), ("发货款", 60, 45), ("质保金", 10, 365)),
        42,
    ),
    ("预付 30%，货到 30 天付 70%", (("预付款", 30, 7), ("尾款", 70, 60)), 26),
    ("款到发货", (("全款", 100, 10),), 20),
    ("月结 60 天", (("全款", 100, 75),), 12),
)


@dataclass
class Line:
    code: str
    quantity: int
    price: Decimal
    discount: int  # percent

    @property
    def amount(self) -> Decimal:
        raw = self.quantity * self.price * (100 - self.discount) / 100
        return raw.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Deal:
    """An opportunity with everything that came of it."""

    customer: Customer
    rep: Rep
    name: str
    code: str
    lines: list[Line]
    amount: Decimal
    dates: dict[str, date]  # stage → first day in it, only stages that were reached
    stage: str
    expected: date
    values: dict[str, Any]
    closed: date | None = None
    id: int = 0
    contract: Contract | None = None


@dataclass
class Contract:
    """What was signed, how it is shared, when it is due and when it was paid."""

    deal: Deal
    number: str
    signed: date
    amount: Decimal
    status: str
    terms: str
    splits: list[tuple[Rep, int]] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    id: int = 0


@dataclass
class Plan:
    """One instalment and what came in for it."""

    name: str
    due: date
    amount: Decimal
    payments: list[tuple[date, Decimal]] = field(default_factory=list)
    id: int = 0


class Dealer:
    """Plays the deals; what happens after ``days.end`` is not known yet and is left out."""

    def __init__(self, rnd: random.Random, staff: Staff, days: Days) -> None:
        self.rnd, self.staff, self.days = rnd, staff, days
        self.today = days.end
        self.numbers: dict[int, int] = {}
        self.codes = [c for c in words.PRODUCTS if c not in words.RETIRED_PRODUCTS]

    def play(self, customers: list[Customer]) -> list[Deal]:
        """``OPPORTUNITIES`` deals in order of opening; those of converted leads begin with them."""
        rnd, days = self.rnd, self.days
        openings: list[tuple[date, Customer]] = [
            (days.after(c.since, rnd.randrange(0, 8)), c)
            for c in customers
            if c.since >= days.start and rnd.random() < 0.9
        ]
        openings = [(day, c) for day, c in openings if day <= self.today]
        known = sorted(customers, key=lambda c: c.since)
        since = [c.since for c in known]
        weights = list(accumulate(c.potential for c in known))
        length = (days.end - days.start).days
        while len(openings) < OPPORTUNITIES:
            day = days.draw(rnd)
            # Business grows by about a quarter a year.
            if rnd.random() > 0.65 + 0.35 * (day - days.start).days / length:
                continue
            among = bisect.bisect_right(since, day - timedelta(days=20))
            (customer,) = rnd.choices(known[:among], cum_weights=weights[:among])
            openings.append((day, customer))
        openings.sort(key=lambda pair: (pair[0], pair[1].name))
        return [self.deal(n, day, c) for n, (day, c) in enumerate(openings, 1)]

    def rep_for(self, customer: Customer, day: date) -> Rep:
        """The customer's owner where they worked that day, else someone of the region."""
        owner = customer.owner
        if owner and owner.works_on(day) and self.rnd.random() < 0.93:
            return owner
        team = self.staff.in_team(customer.region, day)
        return self.rnd.choices(team, [r.load for r in team])[0]

    def deal(self, number: int, opened: date, customer: Customer) -> Deal:
        rnd, days = self.rnd, self.days
        rep = self.rep_for(customer, opened)
        lines = self.lines(customer)
        amount = sum((line.amount for line in lines), Decimal(0))
        suspect = rep.suspicious_from is not None and opened >= rep.suspicious_from
        if suspect:
            # Round amounts, hardly a loss, closed within days: what an auditor looks at twice.
            amount = Decimal(rnd.choice((30_000, 50_000, 60_000, 80_000, 100_000)))
            lines = [Line("MX-300", 1, amount, 0)]
        odds = {"a": 0.5, "b": 0.45, "c": 0.4, "d": 0.3}[customer.grade] * rep.skill
        wins = rnd.random() < (0.93 if suspect else min(0.85, odds))
        pace = 0.25 if suspect else rnd.lognormvariate(0, 0.35)
        reached = len(STAGES) if wins else pick(rnd, ((1, 18), (2, 32), (3, 28), (4, 22)))
        day, dates = opened, {}
        for stage in STAGES[:reached]:
            if day > self.today:
                break
            dates[stage] = day
            day = days.soon(rnd, day, pace * rnd.uniform(*STAY[stage]))
        closed = day if len(dates) == reached and day <= self.today else None
        stage = ("won" if wins else "lost") if closed else list(dates)[-1]
        expected = closed or max(
            self.today + timedelta(days=rnd.randrange(-25, 75)), opened + timedelta(days=14)
        )
        head = max(lines, key=lambda line: line.amount)
        project = rnd.choice(words.PROJECTS)
        series = words.PRODUCTS[head.code][1]
        known = opened > customer.since + timedelta(days=60)
        values: dict[str, Any] = {"source": pick(rnd, (REPEAT if known else ()) + SOURCES)}
        if stage == "lost":
            values["loss_reason"] = pick(rnd, LOSSES)
        if rnd.random() < 0.4 or values.get("loss_reason") == "competitor":
            values["competitor"] = rnd.choice(words.COMPETITORS)
        return Deal(
            customer, rep, f"{short(customer.name)}{project}（{series}）", f"SJ{number:06d}",
            lines, amount, dates, stage, expected, values, closed,
        )  # fmt: skip

    def lines(self, customer: Customer) -> list[Line]:
        rnd = self.rnd
        scale = {"a": 1.5, "b": 1.0, "c": 0.65, "d": 0.4}[customer.grade]
        lines = []
        for code in rnd.sample(self.codes, k=pick(rnd, ((1, 52), (2, 30), (3, 13), (4, 5)))):
            _, _, price, _, usual = words.PRODUCTS[code]
            quantity = max(1, round(usual * scale * rnd.lognormvariate(0, 0.4)))
            discount = pick(rnd, ((0, 40), (3, 12), (5, 24), (8, 10), (10, 10), (15, 4)))
            lines.append(Line(code, quantity, Decimal(price), discount))
        return lines

    # After the hand-shake

    def sign(self, deals: list[Deal]) -> list[Contract]:
        """The contracts of the deals that were won, numbered by year of signing."""
        made = []
        for deal in sorted(
            (d for d in deals if d.stage == "won"), key=lambda d: (d.closed, d.code)
        ):
            contract = deal.contract = self.contract(deal)
            made.append(contract)
        return made

    def contract(self, deal: Deal) -> Contract:
        rnd = self.rnd
        assert deal.closed is not None  # noqa: S101
        signed = min(self.days.after(deal.closed, rnd.choice((0, 0, 0, 1, 2, 5))), self.today)
        serial = self.numbers[signed.year] = self.numbers.get(signed.year, 0) + 1
        terms, parts, _ = rnd.choices(TERMS, [t[2] for t in TERMS])[0]
        status = "void" if rnd.random() < 0.012 else "active"
        if (self.today - signed).days < 3 and rnd.random() < 0.3:
            status = "draft"
        made = Contract(deal, f"HT-{signed.year}-{serial:05d}", signed, deal.amount, status, terms)
        if rnd.random() < 0.12:
            others = [r for r in self.staff.reps if r.works_on(signed) and r is not deal.rep]
            share = rnd.choice((30, 40, 50, 20))
            made.splits = [(deal.rep, 100 - share), (rnd.choice(others), share)]
        if status == "active":
            self.pay(made, parts)
        return made

    def pay(self, contract: Contract, parts: tuple[tuple[str, int, int], ...]) -> None:
        rnd = self.rnd
        rest = contract.amount
        # One customer in twelve is a bad payer; whole instalments stay open.
        bad = rnd.random() < 0.08
        for number, (name, share, after) in enumerate(parts, 1):
            last = number == len(parts)
            amount = rest if last else (contract.amount * share / 100).quantize(Decimal("0.01"))
            rest -= amount
            due = contract.signed + timedelta(days=after)
            plan = Plan(name, due, amount)
            contract.plans.append(plan)
            late = (
                rnd.randrange(20, 160)
                if bad
                else pick(rnd, ((-4, 20), (0, 30), (4, 25), (15, 17), (35, 8)))
            )
            paid_on = self.days.after(due, 0) + timedelta(days=late)
            if bad and rnd.random() < 0.4:
                continue
            paid_on = max(contract.signed, paid_on)
            if rnd.random() < 0.1 and amount > 20_000:
                half = (amount / 2).quantize(Decimal("0.01"))
                plan.payments = [(paid_on, half), (paid_on + timedelta(days=21), amount - half)]
            else:
                plan.payments = [(paid_on, amount)]
            plan.payments = [(d, a) for d, a in plan.payments if d <= self.today]
        if sum(a for p in contract.plans for _, a in p.payments) == contract.amount:
            contract.status = "closed"


def short(company: str) -> str:
    """The company's name as people say it."""
    for form in ("集团有限公司", "股份有限公司", "有限公司"):
        company = company.removesuffix(form)
    return company
