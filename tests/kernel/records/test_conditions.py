"""The company's own rules at the door: whoever writes, by whatever entrance, all at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.kernel.records.world import codes, contract, customer, new, sql
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Draft
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Refused, Text
from wubu.kernel.workspace import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)


def field(key: str, kind: str = "text", object_key: str = "contract", **options: Any) -> FieldSpec:
    label = Text(f"字段 {key}", f"Field {key}")
    return FieldSpec(object_key, key, kind, label, options=options)


def add(*fields: FieldSpec) -> None:
    for f in fields:
        schema.add_field(f, actor=SYSTEM)


def checks(object_key: str, *rules: dict[str, Any]) -> None:
    spec = snapshot().object(object_key)
    schema.change(replace(spec, options={**spec.options, "checks": list(rules)}), actor=SYSTEM)


def test_it_works() -> None:
    with unit_of_work():
        add(field("reason", required_when='{status} = "closed"'))
        home = customer()
        contract(home)
        with pytest.raises(Refused) as refused:
            contract(home, status="closed")
        assert codes(refused) == [("required", "reason")]
        assert "因为" in refused.value.problems[0].hint.zh
        contract(home, status="closed", reason="客户停产")


def test_an_old_gap_blocks_nothing_else_until_the_condition_comes_true() -> None:
    with unit_of_work():
        home = customer()
        old = contract(home, status="closed")
        other = contract(home)
        add(field("reason", required_when='{status} = "closed"'))
        records.update(actor=SYSTEM, object_key="contract", id=old.id, values={"amount": "5"})
        records.update(actor=SYSTEM, object_key="contract", id=old.id, values={"status": "closed"})
        with pytest.raises(Refused) as refused:
            records.update(
                actor=SYSTEM, object_key="contract", id=other.id, values={"status": "closed"}
            )
        assert codes(refused) == [("required", "reason")]


def test_emptying_what_is_asked_for_is_refused() -> None:
    with unit_of_work():
        add(field("reason", required_when='{status} = "closed"'))
        one = contract(customer(), status="closed", reason="停产")
        with pytest.raises(Refused):
            records.update(actor=SYSTEM, object_key="contract", id=one.id, values={"reason": ""})


def test_patterns_say_their_own_message() -> None:
    with unit_of_work():
        message = {"zh": "请填写两位字母加四位数字", "en": "Two letters, four digits"}
        add(field("code", pattern="[A-Z]{2}\\d{4}", pattern_message=message))
        home = customer()
        contract(home, code="MH2026")
        with pytest.raises(Refused) as refused:
            contract(home, code="mh26")
        assert codes(refused) == [("pattern", "code")]
        assert refused.value.problems[0].message.en == message["en"]


def test_limits_of_days() -> None:
    with unit_of_work():
        add(field("due", "date", min="2026-01-01", max="today"))
        home = customer()
        contract(home, due="2026-03-01")
        for day, code in (("2025-12-31", "too_early"), ("2099-01-01", "too_late")):
            with pytest.raises(Refused) as refused:
                contract(home, due=day)
            assert codes(refused) == [(code, "due")]


def test_rules_between_fields_and_across_links() -> None:
    with unit_of_work():
        checks(
            "contract",
            {
                "key": "grade",
                "when": '{customer.grade} = "a"',
                "must": "{amount} >= 100",
                "message": {"zh": "重点客户的合同不少于 100 元", "en": "At least 100"},
                "fields": ["amount", "customer"],
            },
        )
        key, other = customer("甲", grade="a"), customer("乙", grade="b")
        contract(other, amount="5")
        contract(key, amount="100")
        with pytest.raises(Refused) as refused:
            contract(key, amount="99.99")
        assert codes(refused) == [("check:grade", "amount"), ("check:grade", "customer")]
        assert refused.value.problems[0].message.zh == "重点客户的合同不少于 100 元"


def test_all_problems_at_once_and_by_import_too() -> None:
    with unit_of_work():
        add(field("code", pattern="[A-Z]+"), field("reason", required_when="{amount} > 10"))
        checks("contract", {"key": "small", "must": "{amount} < 1000", "message": "太大"})
        home = customer()
        drafts = [
            Draft({"name": "一", "customer": home.id, "amount": "5000", "code": "1"}, line=2),
            Draft({"name": "二", "customer": home.id, "amount": "5", "code": "A"}, line=3),
        ]
        saved = records.save_many(actor=SYSTEM, object_key="contract", drafts=drafts)
        assert {(p.code, p.line) for p in saved.problems} == {
            ("pattern", 2),
            ("required", 2),
            ("check:small", 2),
        }
        assert sql("SELECT count(*) FROM o_contract") == [(0,)]


def test_a_batch_asks_of_links_once() -> None:
    with unit_of_work():
        checks(
            "contract",
            {"key": "k", "must": '{customer.grade} != "c"', "message": "不签 C 级客户"},
        )
        firms = [customer(f"客户{n}", grade="a").id for n in range(30)]

        def batch(count: int) -> int:
            drafts = [
                Draft({"name": f"合同{n}", "customer": firms[n], "amount": "1"})
                for n in range(count)
            ]
            with CaptureQueriesContext(connection) as seen:
                records.save_many(actor=SYSTEM, object_key="contract", drafts=drafts)
            return len(seen)

        batch(2)
        assert batch(30) <= batch(3) + 2


def test_a_rule_that_nobody_can_read_any_more_refuses_no_record() -> None:
    with unit_of_work():
        add(field("extra"))
        new("customer", name="甲")
        spec = snapshot().object("customer")
        broken = {**spec.options, "checks": [{"key": "x", "must": "{gone} = 1", "message": "x"}]}
        with pytest.raises(Refused):
            schema.change(replace(spec, options=broken), actor=SYSTEM)


def test_a_field_that_a_rule_needs_is_not_retired() -> None:
    with unit_of_work():
        add(field("reason"), field("cause", required_when='{reason} = "x"'))
        with pytest.raises(Refused) as refused:
            schema.retire("contract", "reason", actor=SYSTEM)
        assert refused.value.problems[0].code == "in_use"
