"""Fills an empty database with a company of one size: ``python -m tests.bench.company M``.

Always the same for a size and a day. Rows go in set-wise with what the door would write beside
them (log, stays in stages); roll-ups, ledger, board totals and search are then built anew by the
program's own rebuilding, which is tested to give what posting gives.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from tests.bench.sizes import SIZES, Size
from wubu.boot import start_django

if __name__ == "__main__":
    start_django()

from django.db import connection, transaction

from tests.bench.staff import Staff, hire, name_of
from wubu.control.alerts import evaluating
from wubu.control.boards import totals
from wubu.kernel import bulk
from wubu.kernel.audit import actions as audit
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import actions as records
from wubu.kernel.records.aggregates import rollups
from wubu.kernel.records.lifecycle import stages
from wubu.kernel.records.shape import Shape, shape
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger import actions as ledger
from wubu.setup import prepare

DAYS = 730
CHUNK = 20_000
PRODUCTS = 24
CITIES = "苏州 无锡 上海 杭州 宁波 深圳 东莞 广州 青岛 天津 重庆 成都".split(" ")  # noqa: SIM905
BRANDS = "精工 华泰 远景 联创 博达 新元 中科 恒力 天瑞 明达 宏图 金鹰".split(" ")  # noqa: SIM905
TRADES = ("自动化", "精密机械", "电子科技", "新能源", "半导体", "环保设备", "智能装备", "仪表")
KINDS = ("call", "visit", "wechat", "email", "meeting")
NEEDS = ("压力传感器改造", "产线温控", "流量计采购", "振动监测", "年度备件", "远程监控", "新厂配套")
STAGES = ("prospecting", "engaging", "proposal", "negotiation", "won", "lost")
Image = dict[str, Any]


def customer_name(n: int) -> str:
    """The name of the n-th customer; the number makes it unique."""
    return (
        f"{CITIES[n % len(CITIES)]}{BRANDS[n // 12 % len(BRANDS)]}"
        f"{TRADES[n // 144 % len(TRADES)]}{n:06d}有限公司"
    )


def phone(n: int) -> str:
    return f"+86139{n * 7919 % 10**8:08d}"


class Company:
    """The rows of one company. Ids count from 1 in every object, so links are arithmetic."""

    def __init__(self, size: Size, staff: Staff, day: date) -> None:
        self.size = size
        self.staff = staff
        self.day = day
        self.start = day - timedelta(days=DAYS)
        self.won: list[tuple[int, int, int, int, date]] = []  # deal, customer, owner, amount, day

    def owner(self, customer: int) -> int:
        return self.staff.reps[customer * 31 % len(self.staff.reps)]

    def buyer(self, deal: int) -> int:
        """The customer of a deal; a few have many deals, most have five or so."""
        return (deal * 7919 + deal // 3 % 5) % self.size.customers + 1

    def at(self, day: date, rnd: random.Random) -> datetime:
        noon = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)  # nine o'clock in China
        return noon + timedelta(seconds=rnd.randrange(8 * 3600))

    def products(self) -> Iterator[Image]:
        for n in range(1, PRODUCTS + 1):
            yield {
                "name": f"MH-{n:03d} 变送器",
                "code": f"MH{n:03d}",
                "series": f"S{n % 4}",
                "price": n * 98_00,
                "active": True,
            }

    def customers(self) -> Iterator[Image]:
        grades = ("a", "b", "b", "c", "c", "c", "d")
        industries = ("machinery", "electronics", "energy", "chemicals", "automotive", "water")
        for n in range(1, self.size.customers + 1):
            pooled = n % 50 == 0
            yield {
                "name": customer_name(n),
                "grade": grades[n % len(grades)],
                "industry": industries[n % len(industries)],
                "region": CITIES[n % len(CITIES)],
                "phone": phone(n),
                "employees": 20 + n % 900,
                "pool": pooled,
                "owner": None if pooled else self.owner(n),
            }

    def contacts(self) -> Iterator[Image]:
        for n in range(1, self.size.customers + 1):
            yield {
                "name": name_of(n * 13),
                "customer": n,
                "phone": phone(n + 500_000_000),
                "email": f"contact{n}@customer{n}.example",
                "owner": self.owner(n),
            }

    def leads(self) -> Iterator[Image]:
        rnd = random.Random(3)
        for n in range(1, self.size.opportunities // 10 + 1):
            day = self.start + timedelta(days=rnd.randrange(DAYS))
            image: Image = {
                "name": name_of(n * 17),
                "company": customer_name(n + 700_000),
                "phone": phone(n + 900_000_000),
                "status": "new",
                "received_on": day,
                "owner": self.owner(n),
            }
            if n % 3 == 0:
                image |= {
                    "status": "converted",
                    "customer": n % self.size.customers + 1,
                    "converted_on": min(day + timedelta(days=20), self.day),
                }
            elif n % 3 == 1:
                image |= {"status": "contacted", "contacted_on": min(day + timedelta(3), self.day)}
            yield image

    def opportunities(self) -> Iterator[Image]:
        rnd = random.Random(1)
        for n in range(1, self.size.opportunities + 1):
            customer = self.buyer(n)
            opened = self.start + timedelta(days=int(DAYS * rnd.random()))
            far = 4 if rnd.random() < 0.72 else rnd.randrange(4)  # how far it got by itself
            days = [opened]
            for _ in range(far):
                days.append(days[-1] + timedelta(days=rnd.randrange(4, 30)))
            reached = [d for d in days if d <= self.day]
            amount = int(rnd.lognormvariate(10.6, 0.9)) * 100
            owner = self.owner(customer)
            image: Image = {
                "name": f"{CITIES[customer % len(CITIES)]}{NEEDS[n % len(NEEDS)]}{n:07d}",
                "code": f"OP{n:08d}",
                "customer": customer,
                "contact": customer,
                "product": n % PRODUCTS + 1,
                "amount": amount if n % 40 else None,
                "expected_close": days[-1] + timedelta(days=rnd.randrange(40)),
                "owner": owner,
                "opened_on": opened,
            }
            last = len(reached) - 1
            for field, day in zip(
                ("engaged_on", "proposed_on", "negotiated_on"), reached[1:4], strict=False
            ):
                image[field] = day
            image["stage"] = STAGES[last]
            if last == 4:
                won = rnd.random() < 0.6
                image |= {"stage": "won" if won else "lost", "closed_on": reached[4]}
                if won:
                    self.won.append((n, customer, owner, amount, reached[4]))
                else:
                    image["loss_reason"] = "price"
            yield image

    def follow_ups(self) -> Iterator[Image]:
        rnd = random.Random(2)
        for n in range(1, self.size.follow_ups + 1):
            deal = None if n % 3 else rnd.randrange(self.size.opportunities) + 1
            customer = self.buyer(deal or rnd.randrange(self.size.opportunities) + 1)
            day = self.start + timedelta(days=int(DAYS * rnd.random() ** 0.8))
            yield {
                "customer": customer,
                "opportunity": deal,
                "type": KINDS[n % len(KINDS)],
                "content": f"电话沟通第{n}次，客户关注{NEEDS[n % len(NEEDS)]}的交期和价格。",
                "result": "progress" if n % 4 else "waiting",
                "happened_at": self.at(day, rnd),
                "owner": self.owner(customer),
                "next_at": self.at(day + timedelta(days=9), rnd) if n % 10 == 0 else None,
            }

    def contracts(self) -> Iterator[Image]:
        for n, (deal, customer, owner, amount, day) in enumerate(self.won, 1):
            yield {
                "name": f"合同{n:07d}",
                "number": f"HT-{day.year}-{n:07d}",
                "customer": customer,
                "opportunity": deal,
                "signed_on": day,
                "amount": amount,
                "status": "closed" if n % 3 else "active",
                "owner": owner,
            }

    def splits(self) -> Iterator[Image]:
        reps = self.staff.reps
        for n, (_, customer, owner, _, _) in enumerate(self.won, 1):
            if n % 20 == 0:
                other = reps[(customer * 31 + 1) % len(reps)]
                yield {"contract": n, "member": owner, "share": 6_000}
                yield {"contract": n, "member": other, "share": 4_000}

    def plans(self) -> Iterator[Image]:
        for n, (_, customer, owner, amount, day) in enumerate(self.won, 1):
            yield {
                "installment": "全款",
                "contract": n,
                "customer": customer,
                "due_on": day + timedelta(days=60),
                "amount": amount,
                "owner": owner,
            }

    def payments(self) -> Iterator[Image]:
        for n, (_, customer, owner, amount, day) in enumerate(self.won, 1):
            paid = day + timedelta(days=20 + n * 7 % 60)
            if paid <= self.day and n % 12:
                yield {
                    "number": f"HK-{paid.year}-{n:07d}",
                    "contract": n,
                    "payment_plan": n,
                    "customer": customer,
                    "paid_on": paid,
                    "amount": amount,
                    "method": "transfer",
                    "owner": owner,
                }

    def surveys(self) -> Iterator[Image]:
        rnd = random.Random(4)
        for n in range(1, self.size.opportunities // 20 + 1):
            customer = rnd.randrange(self.size.customers) + 1
            yield {
                "number": f"MY-{n:07d}",
                "customer": customer,
                "score": rnd.choice((6, 7, 8, 8, 9, 9, 10)),
                "surveyed_on": self.start + timedelta(days=rnd.randrange(DAYS)),
                "owner": self.owner(customer),
            }


def write(of: Shape, rows: Iterable[Image], clerk: int) -> int:
    """The rows with their log and stays, as the door writes them; how many."""
    at, day = now(), today()
    base = of.blank | {
        "version": 1,
        "created_at": at,
        "created_by": clerk,
        "updated_at": at,
        "updated_by": clerk,
    }
    convert = [(k, of.to_db[k]) for k in of.image_keys]
    stage = stages.stage_field(of.spec)
    dating = stages.Dating(stage, stages.dates(of.spec)) if stage else None
    done, iterator = 0, iter(rows)
    while some := list(islice(iterator, CHUNK)):
        images = [base | row | {"id": done + n} for n, row in enumerate(some, 1)]
        bulk.insert(
            of.table,
            of.attnames,
            [
                tuple(
                    v if (v := image[k]) is None or to_db is None else to_db(v)
                    for k, to_db in convert
                )
                for image in images
            ],
        )
        audit.append(
            actor=SYSTEM,
            at=at,
            object_key=of.spec.key,
            action="create",
            rows=(
                (i["id"], None, {k: of.json(k, v) for k, v in r.items() if v is not None}, None)
                for i, r in zip(images, some, strict=True)
            ),
        )
        if dating:
            _stays(of, dating, images, day)
        done += len(some)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{of.table}', 'id'), %s)", [max(done, 1)]
            )
    return done


def _stays(of: Shape, dating: Any, images: list[Image], day: date) -> None:
    made = []
    for image in images:
        spans = dating.intervals(image, day)
        for n, span in enumerate(spans, 1):
            made.append((of.spec.key, image["id"], *span, spans[n][2] if n < len(spans) else None))
    bulk.insert(stages.TABLE, stages.COLUMNS, stages._prepared(made))


def roll_up() -> None:
    """Every roll-up of every record in one statement each."""
    for spec in snapshot().live:
        of = shape(snapshot(), spec.key)
        for f in of.rollups:
            fed = rollups.feeding(snapshot(), str(f.options["object"]))
            value = next(r.value for r in fed if r.field == f)
            of.model.objects.update(**{f.key: value})


def fill(size: Size) -> None:
    """Everything, from an empty database on."""
    began = time.monotonic()

    def told(what: str) -> None:
        print(f"  {time.monotonic() - began:7.1f} s  {what}", file=sys.stderr, flush=True)

    prepare(say=lambda zh, en: None)
    with unit_of_work(), transaction.atomic():
        staff = hire(size, today() - timedelta(days=DAYS + 30), today())
    told(f"{len(staff.reps)} reps")
    company = Company(size, staff, _today())
    for key, rows in (
        ("product", company.products()),
        ("customer", company.customers()),
        ("contact", company.contacts()),
        ("lead", company.leads()),
        ("opportunity", company.opportunities()),
        ("follow_up", company.follow_ups()),
        ("contract", company.contracts()),
        ("contract_split", company.splits()),
        ("payment_plan", company.plans()),
        ("payment", company.payments()),
        ("survey", company.surveys()),
    ):
        with unit_of_work(), transaction.atomic():
            count = write(shape(snapshot(), key), rows, staff.ops)
        told(f"{count:,} {key}")
    with unit_of_work(), transaction.atomic():
        roll_up()
    told("roll-ups")
    for key in snapshot_keys():
        with unit_of_work():
            records.reindex(actor=SYSTEM, object_key=key)
    told("search index")
    with unit_of_work():
        totals.rebuild()
        count = ledger.rebuild()
        ledger.photograph()
    told(f"{count:,} ledger entries")
    with unit_of_work():
        count = evaluating.evaluate_all()
    told(f"{count:,} open alerts")
    settle()
    told("statistics")


def _today() -> date:
    with unit_of_work():
        return today()


def snapshot_keys() -> list[str]:
    with unit_of_work():
        return [o.key for o in snapshot().live]


def settle() -> None:
    """What a database that has run for a while has done by itself."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    fill(SIZES[sys.argv[1]])
