"""Puts the story into the workspace through the one door, in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from wubu.demo import words
from wubu.demo.activity import Diary
from wubu.demo.deals import DATES, Contract, Deal
from wubu.demo.market import Customer, Market
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM, Actor, Origin, Refused, Text

BATCH = 2_000
Progress = Callable[[Text, int, int], None]  # what, how many done, of how many


class Writer:
    """Saves batches and reports how far it is."""

    def __init__(self, progress: Progress, clerk: Actor) -> None:
        self.progress = progress
        self.clerk = clerk  # who brought in the spreadsheets

    def save(
        self, object_key: str, label: Text, drafts: Sequence[Draft], sheet: str = ""
    ) -> list[int]:
        """The ids in order. Those of a ``sheet`` come line by line from a spreadsheet of that name.

        Raises Refused: the story must fit the rules of the house.
        """
        actor, origin = SYSTEM, Origin()
        if sheet:
            actor, origin = self.clerk, Origin(file=f"{sheet}.xlsx", sheet=label.zh)
            drafts = [replace(d, line=n) for n, d in enumerate(drafts, 2)]
        ids: list[int] = []
        for start in range(0, len(drafts), BATCH):
            saved = records.save_many(
                actor=actor,
                object_key=object_key,
                drafts=drafts[start : start + BATCH],
                origin=origin,
            )
            if saved.problems:
                raise Refused(*saved.problems)
            ids += [i for i in saved.ids if i is not None]
            self.progress(label, len(ids), len(drafts))
        return ids


def write_products(writer: Writer) -> dict[str, int]:
    """Product ids by code."""
    drafts = [
        Draft(
            {
                "name": name,
                "code": code,
                "series": series,
                "price": price,
                "unit": unit,
                "active": code not in words.RETIRED_PRODUCTS,
            }
        )
        for code, (name, series, price, unit, _) in words.PRODUCTS.items()
    ]
    ids = writer.save("product", Text("产品", "Products"), drafts, "产品目录")
    return dict(zip(words.PRODUCTS, ids, strict=True))


def write_market(writer: Writer, market: Market) -> None:
    """Customers (groups before their members), contacts, leads."""
    customers = sorted(market.customers, key=lambda c: ("_parent" in c.values, c.since))
    label = Text("客户", "Customers")
    for some, sheet in (
        ([c for c in customers if "_parent" not in c.values], "客户清单"),
        ([c for c in customers if "_parent" in c.values], "集团子公司"),
    ):
        drafts = [Draft(customer_values(c)) for c in some]
        for customer, id_ in zip(some, writer.save("customer", label, drafts, sheet), strict=True):
            customer.id = id_
    people = [(c, contact) for c in customers for contact in c.contacts]
    drafts = [Draft({**v, "customer": c.id, "owner": owner_id(c)}) for c, v in people]
    ids = writer.save("contact", Text("联系人", "Contacts"), drafts)
    for (customer, _), id_ in zip(people, ids, strict=True):
        customer.contact_ids.append(id_)
    drafts = [Draft(lead_values(values, c)) for values, c in market.leads]
    writer.save("lead", Text("线索", "Leads"), drafts)


def owner_id(customer: Customer) -> int | None:
    return customer.owner.id if customer.owner else None


def customer_values(customer: Customer) -> dict[str, Any]:
    values = {k: v for k, v in customer.values.items() if not k.startswith("_")}
    parent: Customer | None = customer.values.get("_parent")
    if parent:
        values["parent"] = parent.id
    return {**values, "owner": owner_id(customer)}


def lead_values(values: dict[str, Any], customer: Customer | None) -> dict[str, Any]:
    given = {k: v for k, v in values.items() if not k.startswith("_")}
    if customer:
        given["customer"] = customer.id
    return {**given, "owner": values["_rep"].id}


def write_deals(writer: Writer, deals: list[Deal], products: dict[str, int], today: date) -> None:
    """Opportunities with the day of every stage, then their quotes with lines."""
    drafts = [Draft(deal_values(d, products)) for d in deals]
    ids = writer.save("opportunity", Text("商机", "Opportunities"), drafts)
    for deal, id_ in zip(deals, ids, strict=True):
        deal.id = id_
    quoted = [d for d in deals if "proposal" in d.dates]
    drafts = [quote(d, products, today) for d in quoted]
    writer.save("quote", Text("报价", "Quotes"), drafts)


def deal_values(deal: Deal, products: dict[str, int]) -> dict[str, Any]:
    head = max(deal.lines, key=lambda line: line.amount)
    values = {
        "name": deal.name,
        "code": deal.code,
        "customer": deal.customer.id,
        "product": products[head.code],
        "stage": deal.stage,
        "amount": deal.amount,
        "expected_close": deal.expected,
        "owner": deal.rep.id,
        **deal.values,
        **{DATES[stage]: day for stage, day in deal.dates.items()},
    }
    if deal.customer.contact_ids:
        values["contact"] = deal.customer.contact_ids[0]
    if deal.closed:
        values["closed_on"] = deal.closed
    return values


def quote(deal: Deal, products: dict[str, int], today: date) -> Draft:
    day = deal.dates["proposal"]
    valid = day + timedelta(days=30)
    status = {"won": "accepted", "lost": "rejected"}.get(deal.stage)
    if status is None:
        status = "sent" if valid >= today else "expired"
    return Draft(
        {
            "customer": deal.customer.id,
            "opportunity": deal.id,
            "quoted_on": day,
            "valid_until": valid,
            "status": status,
            "owner": deal.rep.id,
        },
        children={
            "quote_line": [
                {
                    "product": products[line.code],
                    "quantity": line.quantity,
                    "price": line.price,
                    "discount": f"{line.discount}%",
                }
                for line in deal.lines
            ]
        },
    )


def write_contracts(writer: Writer, contracts: list[Contract]) -> None:
    """Contracts with their splits, instalments, payments and invoices."""
    drafts = [contract_draft(c) for c in contracts]
    ids = writer.save("contract", Text("合同", "Contracts"), drafts, "合同台账")
    for contract, id_ in zip(contracts, ids, strict=True):
        contract.id = id_
    plans = [(c, p) for c in contracts for p in c.plans]
    drafts = [
        Draft({"installment": p.name, **shared(c), "due_on": p.due, "amount": p.amount})
        for c, p in plans
    ]
    ids = writer.save("payment_plan", Text("回款计划", "Payment plans"), drafts)
    for (_, plan), id_ in zip(plans, ids, strict=True):
        plan.id = id_
    paid = sorted(
        ((day, c, p, amount) for c, p in plans for day, amount in p.payments),
        key=lambda item: (item[0], item[1].number),
    )
    drafts = [
        Draft(
            {
                **shared(c),
                "payment_plan": p.id,
                "paid_on": day,
                "amount": amount,
                "method": "acceptance" if c.id % 6 == 0 else "transfer",
            }
        )
        for day, c, p, amount in paid
    ]
    writer.save("payment", Text("回款", "Payments"), drafts, "回款台账")
    drafts = [
        Draft({**shared(c), "issued_on": day, "amount": amount, "status": "issued"})
        for day, c, p, amount in paid
        if p.name != "预付款" or c.id % 3 == 0
    ]
    writer.save("invoice", Text("开票", "Invoices"), drafts)


def shared(contract: Contract) -> dict[str, Any]:
    """What everything under a contract has in common."""
    deal = contract.deal
    return {"contract": contract.id, "customer": deal.customer.id, "owner": deal.rep.id}


def contract_draft(contract: Contract) -> Draft:
    deal = contract.deal
    values: dict[str, Any] = {
        "name": f"{deal.name}合同",
        "number": contract.number,
        "customer": deal.customer.id,
        "opportunity": deal.id,
        "amount": contract.amount,
        "status": contract.status,
        "terms": contract.terms,
        "owner": deal.rep.id,
    }
    if contract.status != "draft":
        values["signed_on"] = contract.signed
        values["ends_on"] = contract.signed + timedelta(days=365)
    splits = [{"member": rep.id, "share": f"{share}%"} for rep, share in contract.splits]
    return Draft(values, children={"contract_split": splits} if splits else None)


def write_diary(
    writer: Writer,
    diary: Diary,
    deals: list[Deal],
    customers: list[Customer],
    contracts: list[Contract],
) -> None:
    """Follow-ups, plans, visits and surveys."""
    for object_key, label, values in (
        ("follow_up", Text("跟进记录", "Follow-ups"), diary.follow_ups(deals, customers)),
        ("follow_plan", Text("跟进计划", "Follow-up plans"), diary.plans(deals)),
        ("visit", Text("拜访", "Visits"), diary.visits(deals)),
        ("survey", Text("满意度", "Surveys"), diary.surveys(contracts)),
    ):
        writer.save(object_key, label, [Draft(v) for v in values])
