"""A small company for the journeys, made in a few seconds.

The cast with some records, one closed month, and contracts that came from a spreadsheet.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.cast import Cast, acting, build_cast
from wubu.collect.imports import actions as imports
from wubu.control.alerts.evaluating import evaluate_all
from wubu.kernel.calendar.queries import today, zone
from wubu.kernel.calendar.types import Period
from wubu.kernel.records import actions
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger.actions import close_month
from wubu.measure.targets.actions import set_targets
from wubu.measure.targets.types import TargetDraft
from wubu.setup import prepare

CUSTOMERS = (
    # name, grade, region
    ("苏州恒力仪表有限公司", "A", "苏州"),
    ("无锡精测自动化有限公司", "B", "无锡"),
    ("宁波甬江阀门有限公司", "B", "宁波"),
    ("杭州西溪水务集团", "A", "杭州"),
    ("广州白云风机有限公司", "C", "广州"),
    ("深圳前海机器人有限公司", "A", "深圳"),
    ("佛山南海陶瓷机械厂", "C", "佛山"),
    ("东莞松山湖电子有限公司", "B", "东莞"),
)
STAGES = ("prospecting", "engaging", "proposal", "negotiation", "won", "lost")
PRODUCTS = ("GTX Pro", "GTX Plus Basic", "MG Advanced", "压力变送器 P200")


def fill() -> Cast:
    """Everything, in one go. Three months of business up to today."""
    cast = build_cast()
    this = Period.of("month", today())
    customers = _customers(cast)
    _deals(cast, customers, this)
    _contracts(cast, this)
    _targets(cast, this)
    close_month(actor=SYSTEM, month=this.previous().previous())
    evaluate_all()
    return cast


def _save(object_key: str, rows: list[dict[str, Any]]) -> list[int]:
    saved = actions.save_many(
        actor=SYSTEM, object_key=object_key, drafts=[Draft(row) for row in rows]
    )
    assert not saved.problems, saved.problems[:3]
    return [int(i) for i in saved.ids if i is not None]


def _customers(cast: Cast) -> list[int]:
    _save("product", [{"name": name, "price": "1200", "active": True} for name in PRODUCTS])
    owners = [rep for rep in cast.reps for _ in range(2)]
    ids = _save(
        "customer",
        [
            {
                "name": name,
                "grade": grade,
                "region": region,
                "phone": f"0512-6800{1000 + n}",
                "owner": owners[n].id,
            }
            for n, (name, grade, region) in enumerate(CUSTOMERS)
        ],
    )
    _save(
        "contact",
        [
            {
                "name": "陈建国" if n == 0 else f"联系人{n}",
                "customer": customer,
                "phone": "13912345678" if n == 0 else f"1370000{1000 + n}",
                "owner": owners[n].id,
            }
            for n, customer in enumerate(ids)
        ],
    )
    return ids


def _deals(cast: Cast, customers: list[int], this: Period) -> None:
    rows, notes, leads = [], [], []
    yesterday = today() - timedelta(days=1)
    for n, rep in enumerate(rep for rep in cast.reps for _ in range(9)):
        stage = STAGES[n % 6]
        customer = customers[cast.reps.index(rep) * 2 + n % 2]
        closed = today() if stage in ("won", "lost") else None
        rows.append(
            {
                "name": f"{CUSTOMERS[customers.index(customer)][2]}{n}号产线改造",
                "code": f"S-{n:03}",
                "customer": customer,
                "stage": stage,
                "amount": 18_000 + 7_300 * n,
                "expected_close": today() + timedelta(days=n),
                "opened_on": this.previous().start + timedelta(days=n % 20),
                "closed_on": closed,
                "loss_reason": "price" if stage == "lost" else None,
                "owner": rep.id,
            }
        )
        notes.append(
            {
                "customer": customer,
                "type": "call" if n % 2 else "visit",
                "content": f"沟通第 {n} 次，对方关心交期。",
                "happened_at": _at(yesterday - timedelta(days=n % 12)),
                "next_at": _at(today()) if n % 9 == 0 else None,
                "owner": rep.id,
            }
        )
        leads.append({"name": f"线索{n}", "phone": f"1360000{2000 + n}", "owner": rep.id})
    _save("opportunity", rows)
    _save("follow_up", notes)
    _save("lead", leads)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10, 30), tzinfo=zone())


def _contracts(cast: Cast, this: Period) -> None:
    """From a spreadsheet, so that every figure has a line to go back to."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["合同名称", "客户", "合同金额", "签约日期", "状态", "负责人"])
    months = (this, this.previous(), this.previous().previous())
    for n, (name, _, region) in enumerate(CUSTOMERS):
        for back, month in enumerate(months):
            owner = cast.reps[n // 2].name
            signed = month.start.isoformat()
            sheet.writerow(
                [f"{region}供货{back}", name, 30_000 + 12_500 * n + back, signed, "执行中", owner]
            )
    ops = acting(cast.zheng_kai)
    view = imports.stage(actor=ops, files=[("合同台账.csv", [out.getvalue().encode()])])
    done = imports.run(actor=ops, import_id=view.id)
    assert done.created == len(CUSTOMERS) * len(months), done
    _save(
        "payment_plan",
        [
            {
                "installment": "首付款",
                "contract": number,
                "due_on": today() - timedelta(days=9),
                "amount": "9000",
                "owner": cast.zhang_wei.id,
            }
            for number in (1, 2)
        ],
    )


def _targets(cast: Cast, this: Period) -> None:
    drafts = [
        TargetDraft(metric, month, rep.id, value)
        for rep in cast.reps
        for month in (this.previous(), this)
        for metric, value in (
            ("sales_signed", 80_000_00),
            ("sales_paid", 40_000_00),
            ("follow_ups", 12),
            ("new_customers", 1),
        )
    ]
    set_targets(actor=SYSTEM, drafts=drafts)


def main() -> None:
    """Fill the workspace that WUBU_HOME names."""
    # Nobody attacks this company: its passwords need not be slow to make.
    PBKDF2PasswordHasher.iterations = 1
    prepare(say=lambda zh, en: None)
    with unit_of_work():
        fill()
