"""A small company of its own: the tables that formulas are tried on, and random rows for them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from wubu.kernel.catalog.render import render
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.types import Text

INDUSTRIES = (
    Choice("tech", Text("科技", "Technology")),
    Choice("retail", Text("零售", "Retail")),
    Choice("health", Text("医疗", "Healthcare")),
)
STAGES = (
    Choice("prospecting", Text("初步接洽", "Prospecting"), probability=0.1),
    Choice("proposal", Text("方案报价", "Proposal"), probability=0.5),
    Choice("won", Text("赢单", "Won"), outcome="won", probability=1),
    Choice("lost", Text("输单", "Lost"), outcome="lost", probability=0),
)


def spec(key: str, label: Text, *fields: FieldSpec, **more: Any) -> ObjectSpec:
    return ObjectSpec(key, label, label, fields={f.key: f for f in fields}, **more)


def field(owner: str, key: str, kind: str, zh: str, en: str, **more: Any) -> FieldSpec:
    return FieldSpec(owner, key, kind, Text(zh, en), **more)


CUSTOMER = spec(
    "t_customer",
    Text("客户", "Customer"),
    field("t_customer", "name", "text", "客户名称", "Customer name"),
    field("t_customer", "industry", "choice", "行业", "Industry", choices=INDUSTRIES),
    field("t_customer", "revenue", "money", "年营收", "Revenue"),
    field(
        "t_customer",
        "size",
        "formula",
        "规模",
        "Size",
        options={"formula": "IF({revenue} >= 1000000, 3, {revenue} > 0, 1)", "result": "number"},
    ),
    roles={"title": "name"},
)
DEAL = spec(
    "t_deal",
    Text("商机", "Deal"),
    field("t_deal", "name", "text", "商机名称", "Name"),
    field("t_deal", "note", "longtext", "备注", "Note"),
    field("t_deal", "customer", "link", "客户", "Customer", target="t_customer"),
    field("t_deal", "partners", "links", "伙伴", "Partners", target="t_customer"),
    field("t_deal", "stage", "stage", "阶段", "Stage", choices=STAGES),
    field("t_deal", "tags", "multichoice", "标签", "Tags", choices=INDUSTRIES),
    field("t_deal", "amount", "money", "金额", "Amount"),
    field("t_deal", "cost", "money", "成本", "Cost"),
    field("t_deal", "share", "percent", "占比", "Share"),
    field("t_deal", "pieces", "number", "数量", "Pieces"),
    field("t_deal", "weight", "number", "重量", "Weight", options={"decimals": 6}),
    field("t_deal", "opened_on", "date", "开始日期", "Opened on"),
    field("t_deal", "closed_on", "date", "结束日期", "Closed on"),
    field("t_deal", "called_at", "datetime", "通话时间", "Called at"),
    field("t_deal", "seen_at", "datetime", "查看时间", "Seen at"),
    field("t_deal", "urgent", "bool", "加急", "Urgent"),
    field("t_deal", "owner", "member", "负责人", "Owner"),
    field("t_deal", "files", "attachment", "附件", "Files"),
    field(
        "t_deal",
        "margin",
        "formula",
        "毛利",
        "Margin",
        options={"formula": "{amount} - {cost}", "result": "money"},
    ),
    field(
        "t_deal",
        "margin_rate",
        "formula",
        "毛利率",
        "Margin rate",
        options={"formula": "{margin} / {amount}", "result": "percent"},
    ),
    roles={"title": "name", "amount": "amount", "stage": "stage", "owner": "owner"},
)


def snapshot(*extra: FieldSpec, version: str = "test") -> Snapshot:
    """The company's catalog, with more fields on the deal when wanted."""
    deal = spec(DEAL.key, DEAL.label, *DEAL.fields.values(), *extra, roles=DEAL.roles)
    return render([CUSTOMER, deal], version)


SNAPSHOT = snapshot()
NAMES = ("", "华东GTX Pro", "gtx", " a b ", "ÀÉß深圳", "x'y\"z", "%_|", "Zz", "　全角　", "🙂ok")
EDGE_DAYS = (
    date(2024, 2, 29),
    date(2026, 1, 31),
    date(2025, 12, 31),
    date(2026, 3, 1),
    date(1, 1, 1),
    date(9999, 12, 31),
)


def maybe(rnd: random.Random, make: Callable[[], Any]) -> Any:
    return None if rnd.random() < 0.2 else make()


def scaled(rnd: random.Random) -> int:
    return rnd.choice((0, 1, -1, 5, 50, -15, 100_000, 123_456_789, -99, 5 * 10**14, -(10**15))) + (
        rnd.randint(-1000, 1000)
    )


def a_day(rnd: random.Random) -> date:
    if rnd.random() < 0.3:
        return rnd.choice(EDGE_DAYS)
    return date(2024, 1, 1) + timedelta(days=rnd.randrange(1000))


def an_instant(rnd: random.Random) -> datetime:
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=rnd.randrange(1_500_000))
    return at + timedelta(microseconds=rnd.choice((0, 0, 1, 500_000)))


def row(rnd: random.Random, customers: list[int]) -> dict[str, Any]:
    """Random stored values of a deal, many of them missing or at an edge."""
    name = rnd.choice(NAMES)
    return {
        "name": name or None,
        "note": maybe(rnd, lambda: rnd.choice(NAMES[1:])),
        "customer_id": maybe(rnd, lambda: rnd.choice(customers)),
        "stage": maybe(rnd, lambda: rnd.choice(STAGES).key),
        "tags": maybe(rnd, lambda: tuple(c.key for c in rnd.sample(INDUSTRIES, rnd.randint(1, 3)))),
        "amount": maybe(rnd, lambda: scaled(rnd)),
        "cost": maybe(rnd, lambda: scaled(rnd)),
        "share": maybe(rnd, lambda: rnd.randint(-20_000, 20_000)),
        "pieces": maybe(rnd, lambda: rnd.randint(-50, 50)),
        "weight": maybe(rnd, lambda: scaled(rnd)),
        "opened_on": maybe(rnd, lambda: a_day(rnd)),
        "closed_on": maybe(rnd, lambda: a_day(rnd)),
        "called_at": maybe(rnd, lambda: an_instant(rnd)),
        "seen_at": maybe(rnd, lambda: an_instant(rnd)),
        "urgent": maybe(rnd, lambda: rnd.random() < 0.5),
        "owner_id": None,
    }
