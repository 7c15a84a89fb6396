"""Every page for everybody of the cast, in an empty company and in a filled one.

Opened or refused as the policy says, whole, in both languages, and at a cost that does not grow
with the records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, acting
from tests.leaks.world import World, build
from tests.support.query_counts import assert_cost
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people.actions import update_member
from wubu.kernel.people.types import Person
from wubu.kernel.permissions.queries import Policy, policy
from wubu.kernel.records import actions
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM
from wubu.measure.figures.queries import metrics
from wubu.web.pages import entries

May = Callable[[Policy], bool]
NUMBERS = ("/notices/bell",)  # a number is of no language
BROKEN = re.compile(r"\{\{|\{%|&lt;Text|Text\(zh|ObjectSpec\(|Undefined|<function|object at 0x")


def addresses() -> Iterator[tuple[str, May]]:
    """Every page, with who may open it."""

    def everybody(rights: Policy) -> bool:
        return True

    for entry in entries():
        yield entry.url, entry.may or everybody
    yield "/", everybody
    yield "/me", everybody
    yield "/formulas/functions", everybody
    yield "/notices", everybody
    yield "/notices/bell", everybody
    yield "/search?q=a", everybody
    for area, end in (
        ("people", "people/new"),
        ("objects", "objects/new"),
        ("objects", "objects/customer"),
        ("objects", "objects/customer/forms"),
        ("objects", "objects/history"),
        ("objects", "collection/new"),
        ("objects", "collection/customers"),
        ("roles", "roles/sales_rep"),
        ("alerts", "alerts/no_follow_up"),
        ("alerts", "alerts/new"),
        ("alerts", "reminders/new"),
        ("alerts", "reminders/plan_due"),
    ):
        yield f"/setup/{end}", lambda rights, area=area: rights.may_setup(area)
    for metric in metrics():
        yield f"/metrics/{metric.key}", everybody
    for spec in snapshot().live:
        key = spec.key
        yield f"/o/{key}/", lambda rights, key=key: rights.may("view", key)
        yield f"/o/{key}/new", lambda rights, key=key: rights.may("create", key)
        looks = ["board"] if spec.role("stage") else []
        looks += ["calendar", "timeline"] if spec.role("when") else []
        for look in (*looks, "gallery"):
            yield f"/o/{key}/{look}", lambda rights, key=key: rights.may("view", key)


@pytest.fixture
def browse(db: None) -> Callable[[Person], Client]:
    def sign_in(person: Person) -> Client:
        client = Client()
        client.force_login(get_user_model().objects.get(pk=person.id))
        return client

    return sign_in


def look(client: Client, person: Person, lang: str) -> list[str]:
    """What is wrong with any page for this person."""
    wrong = []
    update_member(actor=SYSTEM, member_id=person.id, language=lang)
    rights = policy(acting(person))
    for address, may in addresses():
        answer = client.get(address)
        allowed = may(rights)
        if answer.status_code != (200 if allowed else 403):
            wrong.append(f"{person.login} {address}: {answer.status_code}, allowed: {allowed}")
        text = answer.content.decode()
        if found := BROKEN.search(text):
            wrong.append(f"{person.login} {address}: {text[found.start() : found.start() + 60]}")
        if f'data-lang="{lang}"' not in text and address not in NUMBERS:
            wrong.append(f"{person.login} {address}: not in {lang}")
    return wrong


def test_an_empty_company(cast: Cast, browse: Callable[[Person], Client]) -> None:
    wrong = []
    for person in (cast.wang_li, cast.zhang_wei, cast.wu_xia):
        wrong += look(browse(person), person, "zh")
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def world(cast: Cast) -> World:
    return build(cast)


def test_a_filled_company(world: World, browse: Callable[[Person], Client]) -> None:
    cast, wrong = world.cast, []
    people = (
        cast.wang_li,
        cast.chen_jing,
        cast.li_qiang,
        cast.zhang_wei,
        cast.wu_xia,
        cast.zheng_kai,
    )
    for n, person in enumerate(people):
        wrong += look(browse(person), person, "en" if n % 2 else "zh")
    assert not wrong, "\n".join(wrong)


def test_records_open_for_those_who_may(world: World, browse: Callable[[Person], Client]) -> None:
    from wubu.kernel.records.queries import visible

    wrong = []
    cast = world.cast
    for person in (cast.li_qiang, cast.sun_yue, cast.wu_xia):
        client, me = browse(person), acting(person)
        for key, record in (*world.mine.items(), *world.theirs.items()):
            for end, action in RECORD_PAGES:
                seen = visible(me, key).filter(pk=record.id).exists()
                may = seen and visible(me, key, action).filter(pk=record.id).exists()
                status = client.get(f"/o/{key}/{record.id}{end}").status_code
                expected = {200} if may else {403, 404}
                # A form is shown to who sees the record; what may be written is asked on saving.
                if status not in expected and not (seen and end == "/edit"):
                    wrong.append(f"{person.login} /o/{key}/{record.id}{end}: {status}")
    assert not wrong, "\n".join(wrong)


RECORD_PAGES = (
    ("", "view"),
    ("/edit", "edit"),
    ("/past", "view"),
    ("/timeline", "view"),
    ("/print", "print"),
    ("/beside", "view"),
    ("/callable", "view"),
)
PAGES = (
    "/",
    "/cockpit",
    "/funnel",
    "/scorecard",
    "/targets",
    "/alerts",
    "/leaderboard",
    "/leaderboard?board=score_month",
    "/points",
    "/review/",
    "/metrics/sales_signed",
    "/metrics/win_rate",
    "/search?q=公司",
    "/o/customer/",
    "/o/opportunity/",
    "/o/opportunity/board",
    "/o/opportunity/?f=&group=stage",
    "/o/opportunity/group?f=&group=stage&in=prospecting",
    "/o/opportunity/sums?f=",
    "/o/opportunity/calendar?date=opened_on",
    "/o/opportunity/timeline?date=opened_on",
    "/o/customer/gallery",
    "/o/customer/locations?place=region",
    "/o/follow_up/?sort=-happened_at",
    "/o/customer/{customer}",
    "/o/customer/{customer}/edit",
    "/o/quote/new",
    "/o/follow_up/new?customer={customer}",
    "/o/customer/{customer}/past",
    "/o/customer/{customer}/print",
    "/o/customer/{customer}/timeline",
    "/o/opportunity/{opportunity}",
    "/notices",
    "/bin",
    "/collection",
    "/collection/customers",
    "/shared",
)


def fill(cast: Cast, count: int, first: int = 0) -> tuple[int, int]:
    """Customers, deals, contracts and follow-ups, so many of each; the ids of one of them."""

    def save(key: str, rows: list[dict[str, Any]]) -> tuple[int | None, ...]:
        saved = actions.save_many(actor=SYSTEM, object_key=key, drafts=[Draft(r) for r in rows])
        assert not saved.problems
        return saved.ids

    span = range(first, first + count)
    owner = {n: cast.reps[n % 2].id for n in span}
    customers = save("customer", [{"name": f"公司{n}", "owner": owner[n]} for n in span])
    of = dict(zip(span, customers, strict=True))
    stages = [c.key for c in snapshot().object("opportunity").role("stage").choices]  # type: ignore[union-attr]
    deals = save(
        "opportunity",
        [
            {
                "name": f"项目{n}",
                "customer": of[n],
                "amount": n,
                "stage": stages[n % len(stages)],
                "owner": owner[n],
            }
            for n in span
        ],
    )
    save(
        "contract",
        [
            {
                "name": f"合同{n}",
                "customer": of[n],
                "amount": n,
                "signed_on": today(),
                "status": "active",
                "owner": owner[n],
            }
            for n in span
        ],
    )
    at = now()
    save(
        "follow_up",
        [
            {
                "customer": of[n],
                "opportunity": deals[n - first],
                "content": f"跟进{n}",
                "happened_at": at - timedelta(hours=n),
                "next_at": at - timedelta(minutes=n),
                "owner": owner[n],
            }
            for n in span
        ],
    )
    assert customers[0]
    assert deals[0]
    return customers[0], deals[0]


def test_cost_does_not_grow_with_the_records(
    cast: Cast, browse: Callable[[Person], Client]
) -> None:
    customer, deal = fill(cast, 10)
    client = browse(cast.li_qiang)
    asked = [p.format(customer=customer, opportunity=deal) for p in PAGES]
    few = {page: cost(client, address) for page, address in zip(PAGES, asked, strict=True)}
    fill(cast, 190, first=10)
    many = {page: cost(client, address) for page, address in zip(PAGES, asked, strict=True)}
    # Where there is a second page, one query asks whether there is.
    grown = {p: (few[p], many[p]) for p in PAGES if many[p] > few[p] + 1}
    assert grown == {}


def cost(client: Client, address: str) -> int:
    client.get(address)  # what is remembered from the first time on
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
    return len(captured)


@time_machine.travel(datetime(2026, 11, 24, 4, tzinfo=UTC))
def test_each_page_costs_what_is_written_down(
    cast: Cast, browse: Callable[[Person], Client]
) -> None:
    """On one and the same day: how a month is summed depends on how much of it is over."""
    customer, deal = fill(cast, 30)
    client = browse(cast.li_qiang)
    for page in PAGES:
        address = page.format(customer=customer, opportunity=deal)
        client.get(address)
        with assert_cost(f"page {page}"):
            client.get(address)
