"""Price bands: what lies outside is told on the record and listed, within what one sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import Cast, acting
from tests.support.posted import posted
from wubu.control.price_bands import KIND
from wubu.kernel.calendar.queries import today
from wubu.kernel.definitions import findings
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.records import actions as records
from wubu.kernel.types import SYSTEM, Actor, Refused, speaking

BAND: dict[str, Any] = {
    "label": {"zh": "合同金额", "en": "Amounts"},
    "object": "contract",
    "field": "amount",
    "lowest": 10_000,
    "highest": 20_000,
}


def contract(cast: Cast, amount: str | None, owner: int | None = None, **more: Any) -> int:
    who = owner or cast.zhang_wei.id
    made = records.create(
        actor=SYSTEM, object_key="customer", values={"name": f"客户{amount}{who}"}
    )
    values = {
        "name": "采购",
        "customer": made.id,
        "amount": amount,
        "signed_on": "2026-03-10",
        "status": "active",
        "owner": who,
        **more,
    }
    return records.create(actor=SYSTEM, object_key="contract", values=values).id


def told(actor: Actor, id: int, object_key: str = "contract") -> list[str]:
    return [f.rule.key for f in findings.on_record(actor, object_key, id)]


def listed(actor: Actor, key: str = "band") -> set[int]:
    return {r.id for r in findings.of_rule(actor, KIND, key).records}


@pytest.mark.parametrize(
    ("amount", "outside"),
    [("99.99", True), ("100", False), ("100.01", False), ("200", False), ("200.01", True)],
)
def test_both_ends_are_allowed(cast: Cast, amount: str, outside: bool) -> None:
    KIND.set_rule("band", BAND, actor=acting(cast.wang_li))
    id = contract(cast, amount)
    boss = acting(cast.wang_li)
    assert told(boss, id) == (["band"] if outside else [])
    assert listed(boss) == ({id} if outside else set())


@pytest.mark.parametrize(
    ("ends", "amounts"),
    [
        ({"lowest": 10_000}, ["0", "99"]),
        ({"highest": 10_000}, ["101", "5000"]),
        ({"lowest": 0}, []),
    ],
)
def test_one_end_may_be_open(cast: Cast, ends: dict[str, int], amounts: list[str]) -> None:
    band = {k: v for k, v in BAND.items() if k not in ("lowest", "highest")}
    KIND.set_rule("band", {**band, **ends}, actor=SYSTEM)
    ids = {amount: contract(cast, amount) for amount in ("0", "99", "101", "5000")}
    assert listed(acting(cast.wang_li)) == {ids[amount] for amount in amounts}


def test_a_share_of_the_list_price_is_told_on_the_quote(cast: Cast) -> None:
    boss = acting(cast.wang_li)
    band = KIND.definition.example() | {"filter": "{quantity} < 100", "lowest": 8_500}
    KIND.set_rule("share", band, actor=boss)

    def new(key: str, **values: Any) -> int:
        return records.create(actor=SYSTEM, object_key=key, values=values).id

    product = new("product", name="传感器", price="100")
    free = new("product", name="试用", price=None)
    customer = new("customer", name="恒通", owner=cast.zhang_wei.id)
    quotes: dict[str, int] = {}
    for name, price, quantity, item in (
        ("low", "84.99", 1, product),
        ("least", "85", 1, product),
        ("most", "110", 1, product),
        ("high", "110.01", 1, product),
        ("many", "10", 100, product),
        ("none", "10", 1, free),
    ):
        quotes[name] = new("quote", customer=customer, owner=cast.zhang_wei.id)
        new("quote_line", quote=quotes[name], product=item, quantity=quantity, price=price)
    found = {name for name, id in quotes.items() if told(boss, id, "quote")}
    assert found == {"low", "high"}
    (finding,) = findings.on_record(boss, "quote", quotes["low"])
    assert "在 85 % 到 110 % 之间" in finding.fault.message.zh
    assert "{" not in finding.fault.message.en


def test_it_follows_the_day_the_switch_and_the_record(cast: Cast) -> None:
    boss = acting(cast.wang_li)
    id = contract(cast, "50")
    KIND.set_rule("band", BAND, actor=boss, valid_from=today() + timedelta(days=1))
    assert told(boss, id) == []
    KIND.set_rule("now", BAND, actor=boss)
    assert told(boss, id) == ["now"]
    records.update(actor=SYSTEM, object_key="contract", id=id, values={"amount": "150"})
    assert told(boss, id) == []
    records.update(actor=SYSTEM, object_key="contract", id=id, values={"amount": "50"})
    KIND.switch("now", actor=boss, active=False)
    assert told(boss, id) == []


def test_nobody_learns_of_what_they_may_not_see(cast: Cast) -> None:
    KIND.set_rule("band", BAND, actor=SYSTEM)
    mine, theirs = contract(cast, "50"), contract(cast, "50", cast.zhou_tao.id)
    assert listed(acting(cast.wang_li)) == {mine, theirs}
    assert listed(acting(cast.zhang_wei)) == {mine}
    role = {
        "label": {"zh": "半盲", "en": "Half blind"},
        "grants": [{"object": "contract", "actions": ["view"], "rows": "own"}],
        "fields": {"contract": {"amount": "hidden"}},
    }
    define_role(actor=SYSTEM, key="half_blind", definition=role)
    set_roles(actor=SYSTEM, member_id=cast.zhang_wei.id, roles=["half_blind"])
    assert told(acting(cast.zhang_wei), mine) == []
    with pytest.raises(Refused):
        listed(acting(cast.zhang_wei))


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"lowest": 20_001}, ["highest"]),
        ({"lowest": 20_000}, []),
        ({"lowest": None, "highest": None}, ["lowest"]),
        ({"field": "name", "lowest": -1}, ["field", "lowest"]),
        ({"object": "nothing"}, ["object"]),
        (
            {"against": "{name}", "filter": "{amount}", "severity": "loud"},
            ["against", "filter", "severity"],
        ),
    ],
)
def test_everything_wrong_is_told_at_once(
    cast: Cast, changed: dict[str, Any], fields: list[str]
) -> None:
    bare = {k: v for k, v in (BAND | changed).items() if v is not None}
    assert [p.field for p in KIND.definition.problems(bare)] == fields


def test_limits_are_typed_as_they_are_said(cast: Cast) -> None:
    typed = posted(
        label_zh="甲", field="amount", lowest="100.5", highest="1,200", severity="danger"
    )
    found = KIND.definition.answered(typed, {"object": "contract"})
    assert (found["lowest"], found["highest"]) == (10_050, 120_000)
    band = KIND.check("band", found)
    assert KIND.sentence(band).zh == "“合同”的“合同金额”应在 100.5 元 到 1,200 元 之间。"
    typed = posted(label_zh="折扣", field="discount", lowest="", highest="15")
    found = KIND.definition.answered(typed, {"object": "quote_line"})
    assert found["highest"] == 1_500
    fault = KIND.fault and KIND.fault(KIND.check("band", found))
    assert fault is not None
    assert fault.where == "{discount} > 15%"
    with speaking("en"):
        assert str(fault.message) == "“Discount” of “Quote line” must be at most 15 %."
