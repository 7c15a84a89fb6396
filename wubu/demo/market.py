"""Whom 明华传感 sells to: leads as they come in, customers, and the people there."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from stdnum.cn import uscc

from wubu.collect.practice import names
from wubu.collect.practice.names import mobile, person_name
from wubu.collect.practice.seasons import Days
from wubu.demo import words
from wubu.demo.staff import Rep, Staff

EXISTING, LEADS, CONVERTED = 560, 3_000, 680
GRADES = (("a", 8), ("b", 24), ("c", 48), ("d", 20))
SIZES = {"a": (1_200, 9_000), "b": (300, 2_500), "c": (60, 800), "d": (15, 200)}
SOURCES = (
    ("website", 22),
    ("exhibition", 18),
    ("referral", 16),
    ("cold_call", 16),
    ("search", 12),
    ("social", 8),
    ("partner", 6),
    ("other", 2),
)


@dataclass
class Customer:
    """A customer as the story tells it; ``owner`` is None in the pool."""

    name: str
    region: str
    city: str
    values: dict[str, Any]
    since: date
    grade: str
    owner: Rep | None
    potential: float  # how many deals it is good for, relative
    contacts: list[dict[str, Any]] = field(default_factory=list)
    contact_ids: list[int] = field(default_factory=list)
    id: int = 0


@dataclass
class Market:
    """Everybody out there, in order of time."""

    customers: list[Customer]
    leads: list[tuple[dict[str, Any], Customer | None]]


def pick(rnd: random.Random, weighted: tuple[tuple[Any, float], ...]) -> Any:
    return rnd.choices([k for k, _ in weighted], [w for _, w in weighted])[0]


class Makers:
    """Draws companies and people; every company name and credit code only once."""

    def __init__(self, rnd: random.Random) -> None:
        self.rnd = rnd
        self.names: set[str] = set()
        self.codes: set[str] = set()
        self.trades = [(k, w) for k, (_, w) in words.TRADES.items()]

    def company(self, region: str) -> tuple[str, str, str, str]:
        """Name, industry, province and city."""
        rnd = self.rnd
        while True:
            province = rnd.choice(list(names.REGIONS[region]))
            city = rnd.choice(names.REGIONS[region][province])
            industry = rnd.choices([k for k, _ in self.trades], [w for _, w in self.trades])[0]
            trade = rnd.choice(words.TRADES[industry][0])
            brand = rnd.choice(names.BRAND_FIRST) + rnd.choice(names.BRAND_LAST)
            name = f"{city}{brand}{trade}{rnd.choice(words.FORMS)}"
            if name not in self.names:
                self.names.add(name)
                return name, industry, province, city

    def credit_code(self) -> str:
        while True:
            area = self.rnd.choice(("320500", "330100", "440300", "110100", "370200", "510100"))
            body = f"91{area}MA{self.rnd.randrange(10**7):07d}"
            code = body + uscc.calc_check_digit(body)
            if code not in self.codes:
                self.codes.add(code)
                return code

    def contact(self) -> dict[str, Any]:
        rnd = self.rnd
        title = rnd.choice(words.JOB_TITLES)
        number = mobile(rnd)
        values: dict[str, Any] = {"name": person_name(rnd), "title": title, "phone": number}
        if title in words.DECISIONS:
            values["decision"] = words.DECISIONS[title]
        if rnd.random() < 0.6:
            values["email"] = f"m{number[-6:]}@{rnd.choice(('corp', 'mail', 'tech'))}.example"
        if rnd.random() < 0.5:
            values["wechat"] = f"wx_{number[-7:]}"
        return values


def imagine(rnd: random.Random, staff: Staff, days: Days) -> Market:
    """Customers that were there before and those that leads became, and every lead."""
    makers = Makers(rnd)
    regions = [*names.REGIONS]
    customers = []
    for _ in range(EXISTING):
        region = rnd.choice(regions)
        since = days.start - timedelta(days=rnd.randrange(30, 1_500))
        customers.append(_customer(makers, staff, days, region, since, None))
    leads: list[tuple[dict[str, Any], Customer | None]] = []
    for number in range(LEADS):
        region = rnd.choices(regions, (34, 26, 22, 18))[0]
        received = days.draw(rnd)
        wins = number < CONVERTED and received < days.end - timedelta(days=20)
        lead, customer = _lead(makers, staff, days, region, received, wins)
        if customer:
            customers.append(customer)
        leads.append((lead, customer))
    leads.sort(key=lambda pair: pair[0]["received_on"])
    _parents(rnd, customers)
    return Market(customers, leads)


def _rep(rnd: random.Random, staff: Staff, region: str, day: date) -> Rep:
    team = staff.in_team(region, day)
    return rnd.choices(team, [r.load for r in team])[0]


def _customer(
    makers: Makers, staff: Staff, days: Days, region: str, since: date, rep: Rep | None
) -> Customer:
    rnd = makers.rnd
    name, industry, province, city = makers.company(region)
    grade = pick(rnd, GRADES)
    # Of the old customers, some were handed to whoever joined later.
    known_since = days.end if rnd.random() < 0.5 else max(since, days.start)
    rep = rep or _rep(rnd, staff, region, known_since)
    if not rep.works_on(days.end):
        rep = _rep(rnd, staff, region, days.end)
    in_pool = rnd.random() < {"c": 0.12, "d": 0.35}.get(grade, 0)
    owner: Rep | None = None if in_pool else rep
    people = round(rnd.uniform(*SIZES[grade]))
    contacts = [makers.contact() for _ in range(pick(rnd, ((1, 30), (2, 40), (3, 22), (4, 8))))]
    values: dict[str, Any] = {
        "name": name,
        "grade": grade,
        "industry": industry,
        "region": region,
        "address": f"{province.removesuffix('市') if province[:2] == city else province}{city}市"
        f"{rnd.choice(words.DISTRICTS)}{rnd.choice(words.STREETS)}{rnd.randrange(1, 400)}号",
        "phone": f"0{rnd.choice(('512', '571', '755', '532', '28'))}-{rnd.randrange(60_000_000, 89_000_000)}",  # noqa: E501
        "source": pick(rnd, SOURCES),
        "employees": people,
        "founded": rnd.randrange(1985, days.start.year - 1),
        "revenue": people * rnd.randrange(400_000, 1_600_000, 50_000),
        "pool": owner is None,
    }
    if rnd.random() < 0.8:
        values["credit_code"] = makers.credit_code()
    potential = {"a": 3.2, "b": 1.7, "c": 0.8, "d": 0.35}[grade] * rnd.uniform(0.5, 1.5)
    return Customer(name, region, city, values, since, grade, owner, potential, contacts)


def _lead(
    makers: Makers, staff: Staff, days: Days, region: str, received: date, wins: bool
) -> tuple[dict[str, Any], Customer | None]:
    rnd = makers.rnd
    rep = _rep(rnd, staff, region, received)
    values: dict[str, Any] = {
        "name": person_name(rnd),
        "phone": mobile(rnd),
        "title": rnd.choice(words.JOB_TITLES),
        "source": pick(rnd, SOURCES),
        "interest": rnd.choice(list(words.PRODUCTS.values()))[0],
        "received_on": received,
        "note": rnd.choice(words.LEAD_NOTES),
    }
    contacted = days.after(received, rnd.choice((0, 0, 1, 1, 2, 4)))
    qualified = days.after(contacted, rnd.randrange(2, 12))
    converted = days.after(qualified, rnd.randrange(1, 20))
    customer = None
    if wins and converted <= days.end:
        customer = _customer(makers, staff, days, region, converted, rep)
        customer.values["source"] = values["source"]
        first = customer.contacts[0]
        first |= {"name": values["name"], "phone": values["phone"], "title": values["title"]}
        values |= {
            "status": "converted",
            "company": customer.name,
            "contacted_on": contacted,
            "qualified_on": qualified,
            "converted_on": converted,
        }
    else:
        name, _, _, _ = makers.company(region)
        values["company"] = name
        age = (days.end - received).days
        if contacted > days.end or rnd.random() < (0.5 if age < 4 else 0.02):
            values["status"] = "new"
        elif age < 45 and rnd.random() < 0.55:
            values |= {"status": "contacted", "contacted_on": contacted}
            if qualified <= days.end and rnd.random() < 0.45:
                values |= {"status": "qualified", "qualified_on": qualified}
        else:
            reasons = (
                "wrong_number",
                "no_need",
                "no_budget",
                "duplicate",
                "competitor",
                "unreachable",
            )
            values |= {
                "status": "invalid",
                "contacted_on": contacted,
                "invalid_on": min(days.after(contacted, rnd.randrange(1, 30)), days.end),
                "invalid_reason": rnd.choices(reasons, (12, 34, 20, 8, 6, 20))[0],
            }
    values["_rep"] = rep
    return values, customer


def _parents(rnd: random.Random, customers: list[Customer]) -> None:
    """Some belong to a group."""
    groups = [c for c in customers if c.name.endswith("集团有限公司") and c.grade in "ab"]
    for customer in customers:
        if groups and customer.grade in "cd" and rnd.random() < 0.03:
            customer.values["_parent"] = rnd.choice(groups)
