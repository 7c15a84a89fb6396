"""The small company's tables, filled with random rows, once per test module."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from tests.kernel.formula.company import INDUSTRIES, SNAPSHOT, row
from wubu.kernel.formula.context import Context

CONTEXT = Context(date(2026, 3, 31), datetime(2026, 3, 31, 15, 30, tzinfo=UTC), "Asia/Shanghai", 7)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
STAMPS = {"created_at": NOW, "updated_at": NOW}


class Company:
    """The rows as plain dictionaries beside the tables that hold the same."""

    def __init__(self) -> None:
        self.customers: dict[int, dict[str, Any]] = {}
        self.deals: dict[int, dict[str, Any]] = {}

    def fill(self, count: int = 120, seed: int = 20260331) -> None:
        rnd = random.Random(seed)
        customer, deal = SNAPSHOT.model("t_customer"), SNAPSHOT.model("t_deal")
        for i in range(6):
            values = {
                "name": f"客户{i}" if i else None,
                "industry": rnd.choice(INDUSTRIES).key if i % 2 else None,
                "revenue": None if i == 3 else 30_000_000 * i - 1,
            }
            made = customer(**values, **STAMPS)
            made.save()
            self.customers[made.pk] = values
        for _ in range(count):
            values = row(rnd, list(self.customers))
            made = deal(**values, **STAMPS)
            made.save()
            partners = rnd.sample(list(self.customers), rnd.choice((0, 0, 1, 3)))
            made.partners.set(partners)
            self.deals[made.pk] = {**values, "partners": tuple(partners) or None}

    def get(self, deal: dict[str, Any]) -> Any:
        """What ``Formula.value`` asks for one deal."""

        def value(path: tuple[str, ...]) -> Any:
            if path[0] in {"customer", "owner"}:
                linked = deal[f"{path[0]}_id"]
                if len(path) == 1:
                    return linked
                return self.customers[linked][path[1]] if linked in self.customers else None
            return deal[path[0]]

        return value


@pytest.fixture(scope="module")
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    models = [SNAPSHOT.model("t_customer"), SNAPSHOT.model("t_deal")]
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            for model in models:
                editor.create_model(model)
        yield
        with connection.schema_editor() as editor:
            for model in reversed(models):
                editor.delete_model(model)


@pytest.fixture
def company(tables: None, db: None) -> Company:
    made = Company()
    made.fill()
    return made
