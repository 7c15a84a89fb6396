"""Two people at once: what a record counts for is posted as both left it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from tests.kernel.records.world import contract, customer
from tests.measure.books import assert_rebuilt_is_posted, total
from wubu.kernel.people.actions import create_member
from wubu.kernel.records import actions
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer"),
]


def _in_thread(work: Any, done: threading.Event, failed: list[BaseException]) -> threading.Thread:
    def run() -> None:
        try:
            with unit_of_work():
                work()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()
            done.set()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_share_and_its_contract_change_at_the_same_time() -> None:
    with unit_of_work():
        names = ("anna", "ben", "cleo")
        who = [create_member(actor=SYSTEM, login=name, name=name).id for name in names]
        deal = contract(customer(), amount="1000", status="active", owner=who[0])
        actions.update(
            actor=SYSTEM,
            object_key="contract",
            id=deal.id,
            values={},
            children={
                "contract_split": [
                    {"member": who[1], "share": "60%"},
                    {"member": who[2], "share": "40%"},
                ]
            },
        )
        shares = list(_split_ids())
    posted, finished = threading.Event(), threading.Event()
    go_on = threading.Event()
    failed: list[BaseException] = []

    def first() -> None:
        actions.update(
            actor=SYSTEM, object_key="contract_split", id=shares[0], values={"member": who[0]}
        )
        posted.set()
        go_on.wait(20)

    def second() -> None:
        actions.update(actor=SYSTEM, object_key="contract", id=deal.id, values={"amount": "2000"})

    one = _in_thread(first, threading.Event(), failed)
    assert posted.wait(20)
    two = _in_thread(second, finished, failed)
    finished.wait(1)
    go_on.set()
    one.join(30)
    two.join(30)
    assert not failed
    with unit_of_work():
        assert total("sales_signed") == 200000
        assert_rebuilt_is_posted()


def _split_ids() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM o_contract_split ORDER BY id")
        return [row[0] for row in cursor.fetchall()]
