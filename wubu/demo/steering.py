"""What managers add: targets, closed months, reviews with their actions, one late correction."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from wubu.collect.practice.seasons import MONTHS, spring_festival
from wubu.demo.deals import Contract
from wubu.demo.staff import Staff
from wubu.improve.actions import actions as improvement
from wubu.improve.reviews import actions as reviews
from wubu.improve.reviews import queries as review_queries
from wubu.kernel.calendar.types import Period, add_months
from wubu.kernel.records import actions as records
from wubu.kernel.types import SYSTEM, Actor
from wubu.measure.figures.queries import dictionary
from wubu.measure.ledger import actions as ledger
from wubu.measure.targets.actions import set_targets
from wubu.measure.targets.queries import scale
from wubu.measure.targets.types import TargetDraft

CLOSED_MONTHS = 6
GROWTH = Decimal("1.18")  # what is asked of a month over the same month a year ago
FINDINGS = "签约额完成目标的九成，回款好于去年同期；西南组跟进次数明显偏少，输单主因是价格。"
CAUSES = "两位销售的跟进记录不全，商机停在“方案报价”超过 30 天无人推动；报价审批偏慢。"
DECISIONS = "下月起每周五复盘停滞商机；报价审批两天内完成。"


def signed_by_month(contracts: list[Contract]) -> dict[tuple[int, date], Decimal]:
    """What each rep signed in each month, in yuan, splits counted by share."""
    sums: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
    for contract in contracts:
        if contract.status not in {"active", "closed"}:
            continue
        month = contract.signed.replace(day=1)
        for rep, share in contract.splits or [(contract.deal.rep, 100)]:
            sums[rep.id, month] += contract.amount * share / 100
    return sums


def set_all_targets(
    rnd: random.Random, staff: Staff, contracts: list[Contract], start: date, today: date
) -> None:
    """Signing, payments, follow-ups, satisfaction and new customers for every rep and month.

    A month's signing target is the rep's usual month × season × growth, rounded as people round.
    """
    sums = signed_by_month(contracts)
    usual = {
        rep.id: max(
            Decimal(60_000),
            sum((v for (m, _), v in sums.items() if m == rep.id), Decimal(0))
            / max(1, _months(max(rep.joined or start, start), rep.left or today)),
        )
        for rep in staff.reps
    }
    # 8.5 points of 10, in the metric's stored form.
    satisfied = 85 * 10 ** scale(dictionary().metric("satisfaction")) // 10
    month = start
    last = date(today.year, 12, 1)
    while month <= last:
        years = Decimal((month - start).days) / 365
        season = Decimal(str(MONTHS[month.month - 1]))
        if spring_festival(month.year).month == month.month:
            season *= Decimal("0.75")
        drafts = []
        for rep in staff.reps:
            if not rep.works_on(min(add_months(month, 1) - timedelta(days=1), today)):
                continue
            if rep.joined and month < rep.joined.replace(day=1):
                continue
            asked = usual[rep.id] * season * GROWTH ** int(years + Decimal("0.5"))
            signed = int((asked * Decimal(str(rnd.uniform(0.92, 1.08)))) // 10_000) * 10_000
            for metric, value in (
                ("sales_signed", max(30_000, signed) * 100),
                ("sales_paid", max(20_000, int(signed * 0.9) // 10_000 * 10_000) * 100),
                ("follow_ups", 40 if month.month not in {1, 2} else 28),
                ("new_customers", 2),
                ("satisfaction", satisfied),
            ):
                drafts.append(TargetDraft(metric, Period.of("month", month), rep.id, value))
        set_targets(
            actor=SYSTEM,
            drafts=drafts,
            reason="年度目标分解",
            valid_from=min(month, today),
        )
        month = add_months(month, 1)


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1


def close_months(today: date) -> list[Period]:
    """Close the last months that are over, oldest first; each opens its reviews."""
    this = Period.of("month", today)
    months = []
    for _ in range(CLOSED_MONTHS):
        this = this.previous()
        months.append(this)
    months.reverse()
    for month in months:
        ledger.close_month(actor=SYSTEM, month=month, note="月度关账")
    return months


def generate_reviews(staff: Staff, months: list[Period], today: date) -> None:
    """Earlier reviews of the company are signed; the last one is open, with actions under way."""
    boss = Actor(staff.members["wangli"])
    for month in months[:-1]:
        for view in review_queries.reviews(boss, month=month.start):
            if view.team_id:
                continue
            reviews.write(
                view.id, actor=boss, findings=FINDINGS, causes=CAUSES, decisions=DECISIONS
            )
            reviews.sign(view.id, actor=boss)
    last = next(v for v in review_queries.reviews(boss, month=months[-1].start) if not v.team_id)
    reviews.write(last.id, actor=boss, findings=FINDINGS, causes=CAUSES)
    for title, owner, days, metric in (
        ("停滞商机周会：每周五逐单过一遍", "chenjing", 21, "win_rate"),
        ("补齐跟进记录，每人每天至少两条", "hejing", 14, "follow_ups"),
        ("逾期回款逐户催收", "liqiang", 10, "sales_paid"),
    ):
        improvement.create(
            actor=boss,
            title=title,
            owner_id=staff.members[owner],
            due_on=today + timedelta(days=days),
            review_id=last.id,
            metric_key=metric,
        )


def correct_late(contracts: list[Contract], months: list[Period]) -> None:
    """A contract of a closed month turns out smaller: an adjusting entry in the open month."""
    closed = [c for c in contracts if c.signed in months[-1] and c.status == "active"]
    if closed:
        contract = max(closed, key=lambda c: c.amount)
        amount = (contract.amount * Decimal("0.95")).quantize(Decimal("0.01"))
        records.update(
            actor=SYSTEM, object_key="contract", id=contract.id, values={"amount": amount}
        )
