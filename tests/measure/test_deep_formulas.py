"""A metric whose formula is nested deeper than SQLite's parser follows.

Its SELECT is cached, and goes on counting however many other statements were written meanwhile.
"""

from __future__ import annotations

import gc

import pytest
from django.db import connection

from tests.cast import Cast
from tests.measure.books import assert_rebuilt_is_posted, entries, make
from wubu.kernel.formula import handles, working
from wubu.kernel.types import SYSTEM, Text
from wubu.measure.figures.queries import dictionary
from wubu.measure.metrics.actions import define

pytestmark = pytest.mark.django_db
STEPS = 20


def steps() -> str:
    """The last full hundred of yuan, up to 2000: one IF inside the other."""
    text = "0"
    for step in range(1, STEPS + 1):  # the highest is asked first
        text = f"IF({{amount}} >= {step * 100}, {step * 100}, {text})"
    return text


def defined() -> None:
    rule = {
        "kind": "sum",
        "object": "contract",
        "when": "signed_on",
        "value": steps(),
        "credit": {"owner": "owner"},
    }
    define(actor=SYSTEM, key="steps", label=Text("档位", "Steps"), definition=rule)


def contract(cast: Cast, amount: str) -> int:
    customer = make("customer", name=f"客户 {amount}", owner=cast.zhang_wei.id)
    owner = cast.zhang_wei.id
    return make(
        "contract", name="合同", customer=customer, signed_on="2026-03-02", amount=amount,
        status="active", owner=owner,
    )  # fmt: skip


def test_it_is_deep(cast: Cast) -> None:
    defined()
    select = next(s for s in dictionary().selects if s.spec.metric == "steps")
    deep = any(isinstance(p, handles.Handle) for p in select.params)
    assert deep == (connection.vendor == "sqlite")


def test_it_counts_after_thousands_of_other_statements(cast: Cast) -> None:
    defined()
    first = contract(cast, "99.99")
    for _ in range(handles.RECENT + 1):
        handles.Handle(object())
    gc.collect()
    second = contract(cast, "2500")
    assert [(e[0], e[5]) for e in entries("steps")] == [(first, 0), (second, 2000)]
    assert_rebuilt_is_posted()


def test_what_no_statement_needs_goes() -> None:
    number = handles.Handle(object()).number
    for _ in range(handles.RECENT):
        handles.Handle(object())
    gc.collect()
    with pytest.raises(KeyError):
        handles.thing(number)


def test_exceptions_of_the_calendar_have_one_handle() -> None:
    days = working.exceptions(())
    assert working.handle(days) is working.handle(working.exceptions(()))
