"""What reps did day by day: follow-ups, plans, visits; and what customers thought of it."""

from __future__ import annotations

import random
import zlib
from datetime import date, datetime, timedelta
from typing import Any

from wubu.collect.practice.seasons import Days, moment
from wubu.demo import words
from wubu.demo.deals import STAGES, Contract, Deal
from wubu.demo.market import Customer, pick
from wubu.demo.staff import Rep

Values = dict[str, Any]
TYPES = (("call", 40), ("wechat", 24), ("visit", 16), ("email", 8), ("meeting", 7), ("demo", 5))
RESULTS = (("progress", 46), ("waiting", 24), ("no_change", 18), ("setback", 7), ("unreachable", 5))


class Diary:
    """Writes the diary of every rep. Those who write badly write little, late and in two words."""

    def __init__(self, rnd: random.Random, days: Days, products: dict[str, str]) -> None:
        self.rnd, self.days, self.products = rnd, days, products
        self.today = days.end

    def words(self, stage: str, customer: Customer, rep: Rep, product: str) -> str:
        rnd = self.rnd
        if rep.diligence < 0.5 and rnd.random() < 0.7:
            return rnd.choice(words.WRITTEN["poor"])
        text = rnd.choice(words.WRITTEN[stage])
        contact = customer.contacts[0]
        return text.format(
            p=product,
            c=contact["name"][0] + rnd.choice(("总", "工", "经理")),
            k=rnd.choice(words.COMPETITORS),
            n=rnd.randrange(2, 30),
        )

    def note(
        self, day: date, customer: Customer, rep: Rep, stage: str, product: str, deal: Deal | None
    ) -> Values:
        rnd = self.rnd
        if rep.diligence < 0.5:
            # Caught up at the end of the month, in the evening.
            month_end = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            day = min(month_end, self.today) if rnd.random() < 0.6 else day
        values: Values = {
            "customer": customer.id,
            "type": pick(rnd, TYPES),
            "content": self.words(stage, customer, rep, product),
            "happened_at": moment(day, rnd, (19, 23) if rep.diligence < 0.5 else (9, 18)),
            "owner": rep.id,
        }
        if deal:
            values["opportunity"] = deal.id
        if customer.contact_ids and rnd.random() < 0.7:
            values["contact"] = rnd.choice(customer.contact_ids)
        if rnd.random() < 0.8 * rep.diligence:
            values["result"] = pick(rnd, RESULTS)
        if stage not in {"won", "lost"} and rnd.random() < 0.75 * rep.diligence:
            values["next_step"] = rnd.choice(words.NEXT_STEPS)
            values["next_at"] = moment(self.days.after(day, rnd.randrange(2, 15)), rnd)
        return values

    def follow_ups(self, deals: list[Deal], customers: list[Customer]) -> list[Values]:
        """In order of time; about five for a deal, and the care between deals."""
        found: list[Values] = []
        for deal in deals:
            product = self.products[deal.lines[0].code]
            for stage, day, until in spans(deal, self.today):
                for _ in range(self.times(deal.rep, (until - day).days)):
                    when = self.days.draw(self.rnd, day, until)
                    found.append(self.note(when, deal.customer, deal.rep, stage, product, deal))
            if deal.closed and self.rnd.random() < 0.5 * deal.rep.diligence:
                found.append(
                    self.note(deal.closed, deal.customer, deal.rep, deal.stage, product, deal)
                )
        for customer in customers:
            found += self.care(customer)
        found += self.catch_up(found, customers)
        return sorted(found, key=lambda v: v["happened_at"])

    def times(self, rep: Rep, days: int) -> int:
        """How often a stay of so many days in a stage is written about."""
        usual = min(2.4, 0.6 + days / 20) * rep.diligence
        return int(usual) + (self.rnd.random() < usual % 1)

    def care(self, customer: Customer) -> list[Values]:
        """Visits and calls between deals; D customers and the pool get next to none."""
        rep = customer.owner
        if rep is None:
            return []
        every = {"a": 70, "b": 120, "c": 200, "d": 400}[customer.grade] / max(rep.diligence, 0.2)
        day = max(self.days.start, customer.since) + timedelta(days=self.rnd.randrange(5, 80))
        notes = []
        while day <= self.today:
            if rep.works_on(day):
                product = self.rnd.choice(list(self.products.values()))
                when = min(self.days.after(day, 0), self.today)
                notes.append(self.note(when, customer, rep, "care", product, None))
            day += timedelta(days=max(6, round(self.rnd.expovariate(1 / every))))
        return notes

    def catch_up(self, found: list[Values], customers: list[Customer]) -> list[Values]:
        """The last four weeks: diligent reps call nearly everybody whom they had lost sight of."""
        recent = self.today - timedelta(days=26)
        heard = {v["customer"] for v in found if v["happened_at"].date() >= recent}
        notes = []
        for customer in customers:
            rep = customer.owner
            if rep is None or customer.id in heard or self.rnd.random() > 0.85 * rep.diligence:
                continue
            day = self.days.draw(self.rnd, recent, self.today)
            product = self.rnd.choice(list(self.products.values()))
            notes.append(self.note(day, customer, rep, "care", product, None))
        return notes

    def plans(self, deals: list[Deal]) -> list[Values]:
        """What is to be done: of open deals some is overdue, of past ones nearly all is done."""
        rnd = self.rnd
        found = []
        for deal in deals:
            if rnd.random() > (0.7 if deal.closed is None else 0.12) * min(
                1.0, deal.rep.diligence + 0.2
            ):
                continue
            if deal.closed is None:
                day = self.today + timedelta(days=rnd.randrange(-9, 16))
                day = self.days.after(day, 0)
                done = day < self.today and rnd.random() < 0.6
            else:
                day, done = self.days.draw(rnd, deal.dates[STAGES[0]], deal.closed), True
            step = rnd.choice(words.NEXT_STEPS)
            found.append(
                {
                    "subject": f"{step}：{deal.name}",
                    "customer": deal.customer.id,
                    "opportunity": deal.id,
                    "due_at": moment(day, rnd),
                    "done": done,
                    "owner": deal.rep.id,
                }
            )
        return found

    def visits(self, deals: list[Deal]) -> list[Values]:
        """Visits to customers with deals: most took place, some are to come, some fell through."""
        rnd = self.rnd
        found = []
        for deal in deals:
            if rnd.random() > 0.42 * min(1.0, deal.rep.diligence + 0.1):
                continue
            if deal.closed is None and rnd.random() < 0.5:
                day = self.days.after(self.today, rnd.randrange(0, 14))
            else:
                day = self.days.draw(rnd, deal.dates[STAGES[0]], deal.closed or self.today)
            planned = moment(day, rnd, (9, 17))
            values: Values = {
                "purpose": rnd.choice(words.VISIT_PURPOSES),
                "customer": deal.customer.id,
                "planned_at": planned,
                "owner": deal.rep.id,
                "status": "planned",
            }
            if deal.customer.contact_ids:
                values["contact"] = rnd.choice(deal.customer.contact_ids)
            if day < self.today:
                values["status"] = "done" if rnd.random() < 0.92 else "cancelled"
            if values["status"] == "done":
                arrived = planned + timedelta(minutes=rnd.randrange(-10, 45))
                values["arrived_at"] = arrived
                values["left_at"] = arrived + timedelta(minutes=rnd.randrange(25, 180))
                values["place"] = _place(deal.customer, arrived)
                product = self.products[deal.lines[0].code]
                stage = next(iter(deal.dates))
                values["note"] = self.words(stage, deal.customer, deal.rep, product)
            found.append(values)
        return found

    def surveys(self, contracts: list[Contract]) -> list[Values]:
        """Some weeks after signing; who serves well is thanked, the suspicious rep is not."""
        rnd = self.rnd
        found = []
        for contract in contracts:
            day = self.days.after(contract.signed, rnd.randrange(30, 75))
            rep, customer = contract.deal.rep, contract.deal.customer
            if day > self.today or contract.status == "void" or rnd.random() > 0.5:
                continue
            mean = 7.4 + 1.2 * rep.skill - (2.0 if rep.suspicious_from else 0)
            score = max(1, min(10, round(rnd.gauss(mean, 1.2))))
            values: Values = {
                "customer": customer.id,
                "score": score,
                "channel": "callback" if rnd.random() < 0.65 else "questionnaire",
                "surveyed_on": day,
                "owner": rep.id,
            }
            if customer.contact_ids:
                values["contact"] = customer.contact_ids[0]
            if rnd.random() < 0.6:
                values["comment"] = rnd.choice(words.PRAISE if score >= 8 else words.BLAME)
            found.append(values)
        return sorted(found, key=lambda v: v["surveyed_on"])


def spans(deal: Deal, today: date) -> list[tuple[str, date, date]]:
    """Each stage that the deal was in, with its first and last day."""
    days = [*deal.dates.items()]
    ends = [day for _, day in days[1:]] + [deal.closed or today]
    return [(stage, day, max(day, end)) for (stage, day), end in zip(days, ends, strict=True)]


def _place(customer: Customer, at: datetime) -> str:
    """Where a visit took place: somewhere in the customer's city, told by a phone."""
    lat, lng = words.MIDDLES[customer.city]
    spread = zlib.crc32(f"{customer.name}{at:%d%H%M}".encode())
    north, east = spread % 900 - 450, spread // 900 % 900 - 450
    return f"{lat / 100 + north / 10_000:.6f},{lng / 100 + east / 10_000:.6f} {customer.name}"
