"""Builds a demo company in an empty workspace: the same story every time, up to today."""

from __future__ import annotations

import random

from django.db import transaction

from wubu.collect.practice.seasons import Days
from wubu.control.alerts.evaluating import evaluate_all
from wubu.demo import steering, writing
from wubu.demo.activity import Diary
from wubu.demo.deals import Dealer
from wubu.demo.market import imagine
from wubu.demo.shaping import shape
from wubu.demo.staff import hire, let_go
from wubu.demo.words import PRODUCTS
from wubu.demo.writing import Progress, Writer
from wubu.kernel.calendar.queries import today as this_day
from wubu.kernel.calendar.types import add_months
from wubu.kernel.people.queries import members
from wubu.kernel.types import Actor, Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger.actions import photograph

SEED = 20240501
MONTHS_BACK = 24
WARM_UP = 3  # months


def quietly(what: Text, done: int, total: int) -> None:
    """Progress that nobody watches."""


def minghua(progress: Progress = quietly) -> bool:
    """明华传感, a maker of industrial sensors: two years of business up to today, all or nothing.

    False when somebody works in this workspace already.
    """
    with unit_of_work(), transaction.atomic():
        if members():
            return False
        rnd = random.Random(SEED)  # noqa: S311 (a story, not a secret)
        today = this_day()
        start = add_months(today.replace(day=1), -MONTHS_BACK)
        # The story begins earlier than the books: there is a pipeline on the first day.
        days = Days(add_months(start, -WARM_UP), today)
        progress(Text("成员", "People"), 0, 1)
        staff = hire(days.start, today)
        market = imagine(rnd, staff, days)
        dealer = Dealer(rnd, staff, days)
        deals = dealer.play(market.customers)
        contracts = dealer.sign(deals)
        diary = Diary(rnd, days, {code: spec[0] for code, spec in PRODUCTS.items()})
        writer = Writer(progress, Actor(staff.members["zhengkai"], "import"))
        products = writing.write_products(writer)
        writing.write_market(writer, market)
        writing.write_deals(writer, deals, products, today)
        writing.write_contracts(writer, contracts)
        writing.write_diary(writer, diary, deals, market.customers, contracts)
        shape(Actor(staff.members["wangli"], "import"))
        progress(Text("目标", "Targets"), 0, 1)
        steering.set_all_targets(rnd, staff, contracts, start, today)
        let_go(staff)
        progress(Text("关账与复盘", "Closing and reviews"), 0, 1)
        months = steering.close_months(today)
        steering.generate_reviews(staff, months, today)
        steering.correct_late(contracts, months)
        photograph(today)
        evaluate_all()
    return True
