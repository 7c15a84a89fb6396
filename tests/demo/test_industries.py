"""The four case industries: each with its own objects, a year of business, figures to look at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.packs.emptying import empty
from wubu.control.alerts.queries import counts
from wubu.demo import command
from wubu.demo.build import build
from wubu.demo.industries.companies import COMPANIES
from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs.actions import install
from wubu.kernel.people import queries as people
from wubu.kernel.types import SYSTEM, Actor, Refused
from wubu.kernel.workspace import unit_of_work
from wubu.measure.figures.queries import figures, metrics
from wubu.measure.targets.queries import attainment

OBJECTS = {
    "pharma": {"customer", "department", "contact", "visit", "meeting", "outflow", "opportunity"},
    "saas": {"trial", "subscription", "opportunity", "contract", "lead"},
    "internet_tob": {"campaign", "lead", "opportunity", "contract", "payment"},
    "finance": {"assessment", "suitability", "holding", "opportunity", "survey"},
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", list(COMPANIES))
def test_it_works(key: str) -> None:
    empty()
    with unit_of_work():
        install(key, actor=SYSTEM)
    assert build(key) is True
    with unit_of_work():
        assert build(key) is False
        company = COMPANIES[key]
        logins = {p.login: p for p in people.members()}
        assert {login for login, _ in command.LOGINS[key]} <= set(logins)
        for name in OBJECTS[key]:
            rows: Any = snapshot().model(name)._default_manager
            assert rows.count() > 20, name
        last = period_of("month", today()).previous()
        keys = [m.key for m in metrics()][:8]
        shown = figures(SYSTEM, keys, last)
        assert sum(bool(shown.value(k)) for k in keys) >= 6, keys
        boss = Actor(logins[company.boss[0]].id)
        reached = attainment(boss, list(company.targets), last, "company")
        assert sum(bool(line.target) for line in reached.total.lines.values()) >= 4
        assert len([c for c in counts(boss) if c.count]) >= 2


def test_another_pack_is_named(unit: None) -> None:
    with pytest.raises(Refused) as caught:
        build("pharma")
    assert caught.value.problems[0].code == "another_pack"
    assert "sales" in caught.value.problems[0].message.en
