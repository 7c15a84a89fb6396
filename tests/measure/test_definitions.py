"""The metric dictionary: adding, revising by date, refusing, compiling in readable stages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection

from tests.cast import Cast, acting
from tests.measure.books import assert_rebuilt_is_posted, change, entries, make, rows, total
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused, Text
from wubu.measure.figures.queries import dictionary, figures, metric, metrics, rule_in_words
from wubu.measure.ledger.actions import close_month, rebuild
from wubu.measure.ledger.checking import verify
from wubu.measure.metrics.actions import define, describe, retire, revise

pytestmark = pytest.mark.django_db
BIG = {
    "kind": "sum",
    "object": "contract",
    "when": "signed_on",
    "value": "{合同金额} * 2",  # labels are welcome, keys are kept
    "filter": '{status} = "active"',
    "credit": {"owner": "owner"},
}


def contract(cast: Cast, day: str, amount: str) -> int:
    customer = make("customer", name=f"客户 {day} {amount}", owner=cast.zhang_wei.id)
    return make(
        "contract",
        name="合同",
        customer=customer,
        signed_on=day,
        amount=amount,
        status="active",
        owner=cast.zhang_wei.id,
    )


def test_it_works(cast: Cast) -> None:
    """A new metric counts what was there before it, and everything after."""
    contract(cast, "2026-03-01", "10")
    made = define(
        actor=SYSTEM, key="twice", label=Text("两倍", "Twice"), definition=BIG, unit="money"
    )
    assert made.scale == 2
    assert "{amount}" in made.rule.definition.value
    assert total("twice") == 2000
    contract(cast, "2026-03-02", "1.25")
    assert total("twice") == 2250
    assert rule_in_words("twice").zh.startswith(
        "把状态是“执行中”的“合同”的合同金额 × 2相加，记在“签约日期”当天。归“负责人”。"
    )
    assert_rebuilt_is_posted()


def test_a_new_rule_leaves_earlier_days_alone(cast: Cast) -> None:
    define(actor=SYSTEM, key="twice", label=Text("两倍", "Twice"), definition=BIG, unit="money")
    early = contract(cast, "2026-03-31", "10")
    late = contract(cast, "2026-04-01", "10")
    revise(
        actor=SYSTEM,
        key="twice",
        definition={**BIG, "value": "{amount} * 3"},
        valid_from=date(2026, 4, 1),
        reason="第二季度起三倍",
    )
    assert {r[0]: r[5] for r in entries("twice")} == {early: 2000, late: 3000}
    change("contract", early, signed_on="2026-04-05")  # from one rule to the other
    assert {r[0]: r[5] for r in entries("twice")} == {early: 3000, late: 3000}
    found = metric("twice")
    assert [r.valid_to for r in found.rules] == [date(2026, 4, 1), None]
    assert found.rule_on(date(2026, 3, 31)).definition.value == "{amount} * 2"
    assert_rebuilt_is_posted()


def test_a_rule_cannot_reach_into_what_is_closed(cast: Cast) -> None:
    with time_machine.travel(datetime(2026, 4, 10, 4, tzinfo=UTC)):
        close_month(actor=SYSTEM, month=Period.month(2026, 3))
        with pytest.raises(Refused) as refused:
            revise(
                actor=SYSTEM,
                key="sales_signed",
                definition={**BIG, "kind": "count", "value": ""},
                valid_from=date(2026, 3, 31),
            )
    assert {p.code for p in refused.value.problems} == {"closed_past", "another_metric"}


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(Refused) as refused:
        define(
            actor=SYSTEM,
            key="Bad Key",
            label=Text("坏", "Bad"),
            unit="bananas",
            better="sideways",
            definition={
                "kind": "sum",
                "object": "contract",
                "when": "amount",
                "value": "{no_such}",
                "filter": "{signed_on} < TODAY()",
                "credit": {
                    "owner": "name",
                    "splits": {
                        "object": "contract_split",
                        "via": "member",
                        "member": "member",
                        "share": "share",
                    },
                },
            },
        )
    codes = [p.code for p in refused.value.problems]
    assert set(codes) >= {
        "bad_key",
        "no_such_unit",
        "up_or_down",
        "moves_by_itself",
        "wrong_type",
        "bad_splits",
    }
    assert len(codes) == 8  # wrong_type twice: the day and the owner; the formula names no field
    assert rows("SELECT COUNT(*) FROM wubu_metrics_metric WHERE key = 'Bad Key'") == [(0,)]


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ({"kind": "sum", "object": "no_such"}, "no_such_object"),
        ({"kind": "median"}, "no_such_kind"),
        ({"kind": "ratio", "numerator": "won_count", "denominator": "win_rate"}, "no_such_metric"),
        ({"kind": "reached", "object": "opportunity", "stage": "moon"}, "no_such_stage"),
        ({"kind": "count", "object": "contract"}, "required"),
        (
            {"kind": "sum", "object": "contract", "when": "signed_on", "value": "{name}"},
            "not_a_number",
        ),
    ],
)
def test_definitions_that_cannot_be(definition: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        define(actor=SYSTEM, key="odd", label=Text("怪", "Odd"), definition=definition)
    assert code in {p.code for p in refused.value.problems}


def test_only_who_may_set_up_metrics(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        define(actor=acting(cast.zhang_wei), key="x", label=Text("x", "x"), definition=BIG)
    with pytest.raises(Missing):
        retire(actor=SYSTEM, key="no_such")


def test_a_retired_metric_keeps_what_it_has(cast: Cast) -> None:
    contract(cast, "2026-03-01", "10")
    retire(actor=SYSTEM, key="sales_signed")
    contract(cast, "2026-03-02", "10")
    march = Period.month(2026, 3)
    assert figures(SYSTEM, ["sales_signed"], march).value("sales_signed") == 1000
    assert "sales_signed" not in {m.key for m in metrics()}
    retire(actor=SYSTEM, key="sales_signed", retired=False)
    assert figures(SYSTEM, ["sales_signed"], march).value("sales_signed") == 2000


def test_words_may_change_without_moving_a_figure(cast: Cast) -> None:
    contract(cast, "2026-03-01", "10")
    before = rows("SELECT MAX(id) FROM wubu_ledger_entry")
    found = describe(
        actor=SYSTEM,
        key="sales_signed",
        label=Text("签约额", "Signed"),
        texts={"purpose": Text("看签约", "See what is signed")},
    )
    assert (found.label.en, found.purpose.zh) == ("Signed", "看签约")
    assert rows("SELECT MAX(id) FROM wubu_ledger_entry") == before


def test_the_dictionary_has_its_columns() -> None:
    """A-109 to A-114: principle, scene, tools and worth of the five metrics of the article."""
    for key in ("sales_signed", "new_customers", "conversion_rate", "follow_ups", "satisfaction"):
        info = metric(key)
        for text in (info.principle, info.scene, info.tools, info.worth, info.purpose):
            assert text.zh
            assert text.en
    assert metric("new_customers").worth.zh == "反映市场开拓能力"
    assert [m.key for m in metrics()][:2] == ["sales_signed", "sales_paid"]


def test_every_stage_of_compiling_can_be_read() -> None:
    book = dictionary()
    assert not book.broken
    select = next(s for s in book.selects if s.spec.metric == "payment_dated")
    assert str(select.spec) == (
        "payment_dated = sum of payment\n"
        "  value {amount} on paid_on for owner\n"
        "  where NOT ISBLANK({contract.signed_on})\n"
        "  shared by contract_split.share to member via contract\n"
        "  moved by payment(amount, archived_at, contract, owner, paid_on)\n"
        "  moved by contract(signed_on) through contract\n"
        "  moved by contract_split(archived_at, contract, member, share) through contract "
        "over contract"
    )
    assert str(select).startswith("WITH b(record_id, day, member_id, split_of, value) AS (SELECT")


def test_the_ledger_is_checked_against_the_records(cast: Cast) -> None:
    signed = contract(cast, "2026-03-01", "10")
    assert verify() == ()
    _behind_the_back("UPDATE o_contract SET amount = 1500")
    (found,) = verify("sales_signed")
    assert (found.record_id, found.posted, found.yielded) == (signed, 1000, 1500)
    rebuild()
    assert verify() == ()


def _behind_the_back(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
