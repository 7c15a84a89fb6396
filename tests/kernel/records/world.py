"""Short words for the tests of the door: records of the sales pack by the named cast."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from wubu.kernel.records import actions
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM, Actor

DAY = date(2026, 3, 2)


def new(object_key: str, actor: Actor = SYSTEM, **values: Any) -> Record:
    return actions.create(actor=actor, object_key=object_key, values=values)


def customer(name: str = "上海华东传感器", actor: Actor = SYSTEM, **values: Any) -> Record:
    return new("customer", actor, name=name, **values)


def opportunity(of: Record, name: str = "一期项目", actor: Actor = SYSTEM, **values: Any) -> Record:
    given = {"name": name, "customer": of.id, "amount": "1000", **values}
    return new("opportunity", actor, **given)


def contract(of: Record, actor: Actor = SYSTEM, **values: Any) -> Record:
    given = {"name": "合同", "customer": of.id, "amount": "1000", "signed_on": DAY, **values}
    return new("contract", actor, **given)


def sql(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    """The answer of hand-written SQL."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def codes(refused: Any) -> list[tuple[str, str | None]]:
    return [(p.code, p.field) for p in refused.value.problems]
