"""What all small stories share: who sells, to whom, and how deals go from stage to stage."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from wubu.collect.practice import names as words
from wubu.collect.practice.names import mobile, person_name
from wubu.collect.practice.seasons import Days, moment
from wubu.kernel.types import Text

Values = dict[str, Any]
# Saves records of an object and answers with their ids, in order.
Save = Callable[[str, Text, Sequence[Values]], list[int]]


@dataclass
class Seller:
    """``skill`` scales the odds of winning, ``diligence`` how much is done and written down."""

    id: int
    skill: float = 1.0
    diligence: float = 1.0


@dataclass
class Client:
    """A customer, with the ids of those one talks to."""

    id: int
    name: str
    seller: Seller
    since: date
    contacts: list[int] = field(default_factory=list)
    more: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A stage: the field of its day, usual days in it, the odds to get further."""

    stage: str
    day: str
    days: int
    odds: float


@dataclass
class Walk:
    """How far a deal got: its stage, the days on the way, and the day on which it ended."""

    stage: str
    days: Values
    closed: date | None
    won: bool = False


Deals = dict[int, list[tuple[int, date]]]  # of each client: their ids and the days they opened
Won = list[tuple[Client, int, Values]]


class Story:
    """Draws from one seed; ``scale`` makes it smaller or larger."""

    def __init__(
        self, seed: int, days: Days, sellers: Sequence[Seller], save: Save, scale: float = 1.0
    ) -> None:
        self.rnd = random.Random(seed)  # noqa: S311 (a story, not a secret)
        self.days, self.sellers, self.save, self.scale = days, list(sellers), save, scale
        self.today = days.end
        self.names: set[str] = set()
        self.cities = [
            (province, city)
            for provinces in words.REGIONS.values()
            for province, cities in provinces.items()
            for city in cities
        ]

    def many(self, count: float) -> int:
        return max(1, round(count * self.scale))

    def seller(self) -> Seller:
        return self.rnd.choices(self.sellers, [s.skill for s in self.sellers])[0]

    def pick(self, weighted: Mapping[Any, float]) -> Any:
        return self.rnd.choices(list(weighted), list(weighted.values()))[0]

    def person(self) -> str:
        return person_name(self.rnd)

    def phone(self) -> str:
        return mobile(self.rnd)

    def once(self, make: Callable[[], str]) -> str:
        """A name that nobody has yet."""
        while (name := make()) in self.names:
            pass
        self.names.add(name)
        return name

    def brand(self) -> str:
        return self.rnd.choice(words.BRAND_FIRST) + self.rnd.choice(words.BRAND_LAST)

    def money(self, low: float, high: float, step: int = 1000) -> int:
        """Yuan, round as people round; small amounts are likelier than large ones."""
        drawn = float(low * (high / low) ** self.rnd.random())
        return max(step, round(drawn / step) * step)

    def back(self, most: int, least: int = 0) -> date:
        """A working day at most so many days ago."""
        first = self.today - timedelta(days=most)
        return self.days.draw(self.rnd, first, self.today - timedelta(days=least))

    def at(self, day: date) -> datetime:
        return moment(day, self.rnd)

    def meet(self, clients: Sequence[Client], titles: Sequence[str]) -> None:
        """One or two people at each customer."""
        people: list[Values] = [
            {
                "name": self.person(),
                "customer": client.id,
                "title": title,
                "phone": self.phone(),
                "owner": client.seller.id,
            }
            for client in clients
            for title in self.rnd.sample(titles, self.rnd.randrange(1, 3))
        ]
        by_id = {c.id: c for c in clients}
        ids = self.save("contact", Text("联系人", "Contacts"), people)
        for id_, one in zip(ids, people, strict=True):
            by_id[one["customer"]].contacts.append(id_)

    def walk(self, opened: date, steps: Sequence[Step], skill: float, end: str) -> Walk:
        """A deal through its stages until it is won, lost, or today comes.

        ``end`` is the field of the day on which it ended.
        """
        day, found = opened, Values()
        for place, step in enumerate(steps):
            found[step.day] = day
            stayed = max(1, self.rnd.gauss(step.days, step.days / 2))
            later = self.days.after(day, stayed)
            if later > self.today:
                return Walk(step.stage, found, None)
            if self.rnd.random() > min(0.97, step.odds * skill):
                return Walk("lost", {**found, end: later}, later)
            day = later
            if place == len(steps) - 1:
                return Walk("won", {**found, end: day}, day, True)
        raise AssertionError("a deal has at least one stage")

    def deals(
        self, drafts: Sequence[Values], of: Sequence[tuple[Client, date]]
    ) -> tuple[Deals, Won]:
        """Deals saved: by client, and those that were won. ``of`` says whose, and since when."""
        deals: Deals = {}
        won: Won = []
        ids = self.save("opportunity", Text("商机", "Deals"), drafts)
        for id_, (client, opened), values in zip(ids, of, drafts, strict=True):
            deals.setdefault(client.id, []).append((id_, opened))
            if values["stage"] == "won":
                won.append((client, id_, values))
        return deals, won

    def talk(
        self,
        clients: Sequence[Client],
        phrases: Sequence[str],
        per_month: float,
        deals: Mapping[int, list[tuple[int, date]]],
    ) -> None:
        """Follow-ups of every seller over the whole time, with the next steps they agreed on."""
        rnd, drafts = self.rnd, list[Values]()
        months = max(1.0, (self.today - self.days.start).days / 30)
        for seller in self.sellers:
            mine = [c for c in clients if c.seller is seller]
            if not mine:
                continue
            for _ in range(self.many(per_month * months * seller.diligence)):
                client = rnd.choice(mine)
                day = self.days.draw(rnd, client.since, self.today)
                values: Values = {
                    "customer": client.id,
                    "type": self.pick({"call": 4, "wechat": 3, "visit": 2, "meeting": 1}),
                    "content": rnd.choice(phrases),
                    "result": self.pick(
                        {"progress": 5, "waiting": 3, "no_change": 2, "setback": 1}
                    ),
                    "happened_at": self.at(day),
                    "owner": seller.id,
                }
                if client.contacts and rnd.random() < 0.6:
                    values["contact"] = rnd.choice(client.contacts)
                open_then = [d for d, since in deals.get(client.id, []) if since <= day]
                if open_then and rnd.random() < 0.6:
                    values["opportunity"] = rnd.choice(open_then)
                if (self.today - day).days < 12 and rnd.random() < 0.5:
                    later = self.days.after(day, rnd.randrange(2, 12))
                    values |= {"next_step": "确认下一步安排", "next_at": self.at(later)}
                drafts.append(values)
        drafts.sort(key=lambda v: v["happened_at"])
        self.save("follow_up", Text("跟进记录", "Follow-ups"), drafts)

    def plan(self, clients: Sequence[Client], subjects: Sequence[str], each: int = 4) -> None:
        """What is to be done this week, for everybody."""
        drafts = []
        for seller in self.sellers:
            mine = [c for c in clients if c.seller is seller] or list(clients)
            for client in self.rnd.sample(mine, min(self.many(each), len(mine))):
                day = self.days.after(self.today, self.rnd.randrange(-2, 6))
                drafts.append(
                    {
                        "subject": self.rnd.choice(subjects),
                        "customer": client.id,
                        "due_at": self.at(day),
                        "owner": seller.id,
                    }
                )
        self.save("follow_plan", Text("跟进计划", "Follow-up plans"), drafts)
