"""Strict candidates hold by every entrance: page, API, import, parts with their parent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft
from wubu.kernel.schema.actions import apply, plan
from wubu.kernel.types import SYSTEM, Refused, Text

pytestmark = pytest.mark.django_db(transaction=True)


def candidates(object_key: str, field: str, rule: dict[str, Any], **more: Any) -> None:
    spec = snapshot().object(object_key)
    f = spec.fields[field]
    changed = replace(f, options={"candidates": rule}, **more)
    apply(plan([replace(spec, fields={**spec.fields, field: changed})]), actor=SYSTEM)


def make(object_key: str, children: Any = None, **values: Any) -> int:
    made = actions.create(actor=SYSTEM, object_key=object_key, values=values, children=children)
    return made.id


def test_it_works(unit: None) -> None:
    rule = {"source": "contact", "when": "{customer} = {form.customer}", "strict": True}
    candidates("follow_up", "contact", rule)
    a, b = make("customer", name="甲"), make("customer", name="乙")
    ada, bob = make("contact", name="安", customer=a), make("contact", name="博", customer=b)
    common = {"type": "call", "content": "谈了", "happened_at": "2026-01-05T10:00"}
    note = make("follow_up", customer=a, contact=ada, **common)
    with pytest.raises(Refused) as caught:
        make("follow_up", customer=a, contact=bob, **common)
    assert [p.code for p in caught.value.problems] == ["not_a_candidate"]
    assert caught.value.problems[0].field == "contact"
    # The customer moves on and the contact does not: that is told, too.
    with pytest.raises(Refused):
        actions.update(actor=SYSTEM, object_key="follow_up", id=note, values={"customer": b})
    actions.update(
        actor=SYSTEM, object_key="follow_up", id=note, values={"customer": b, "contact": bob}
    )
    drafts = [Draft({"customer": c, "contact": p, **common}) for c, p in ((a, ada), (a, bob))]
    saved = actions.save_many(actor=SYSTEM, object_key="follow_up", drafts=drafts)
    assert [(p.row, p.field) for p in saved.problems] == [(1, "contact")]
    checked = queries.check(actor=SYSTEM, object_key="follow_up", drafts=drafts)
    assert [(p.row, p.field) for p in checked.problems] == [(1, "contact")]


def test_lines_know_the_record_they_come_with(unit: None) -> None:
    rule = {
        "source": "product",
        "when": "{series} = {parent.customer.region}",
        "strict": True,
    }
    candidates("quote_line", "product", rule)
    customer = make("customer", name="甲", region="华东")
    east = make("product", name="东品", price="1", series="华东")
    south = make("product", name="南品", price="1", series="华南")
    make("quote", {"quote_line": [{"product": east, "price": "1"}]}, customer=customer)
    lines = [{"product": east, "price": "1"}, {"product": south, "price": "1"}]
    with pytest.raises(Refused) as caught:
        make("quote", {"quote_line": lines}, customer=customer)
    assert [(p.object, p.row, p.code) for p in caught.value.problems] == [
        ("quote_line", 1, "not_a_candidate")
    ]


def test_options_of_a_choice_come_from_another_object(unit: None) -> None:
    cities = tuple(
        Choice(k, Text(w, w)) for k, w in (("hz", "杭州"), ("nb", "宁波"), ("sz", "苏州"))
    )
    spec = snapshot().object("customer")
    city = replace(spec.fields["region"], key="city", label=Text("城市", "City"), type="choice")
    city = replace(city, choices=cities, options={}, position=99)
    apply(plan([replace(spec, fields={**spec.fields, "city": city})]), actor=SYSTEM)
    rule = {
        "source": "product",
        "when": "{code} = {form.region}",
        "take": "series",
        "strict": True,
    }
    candidates("customer", "city", rule)
    make("product", name="一", code="浙江", series="杭州", price="1")
    make("customer", name="甲", region="浙江", city="hz")
    with pytest.raises(Refused):
        make("customer", name="乙", region="浙江", city="sz")
