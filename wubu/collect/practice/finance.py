"""恒安财富: customers and their assets, risk assessments, suitability, products that mature."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from wubu.collect.practice.story import Client, Step, Story, Values
from wubu.kernel.types import Text

PRODUCTS = (
    # name, code, kind, rating, issuer, minimum, days
    ("恒安天天盈现金管理", "HA001", "wealth", "r1", "恒安理财", 1_000, 0),
    ("恒安稳健 180 天", "HA180", "wealth", "r2", "恒安理财", 10_000, 180),
    ("恒安固收增强 365 天", "HA365", "wealth", "r3", "恒安理财", 50_000, 365),
    ("华晟沪深 300 指数", "HS300", "fund", "r4", "华晟基金", 1_000, 0),
    ("远达均衡配置混合", "YD008", "fund", "r3", "远达基金", 1_000, 0),
    ("启明量化精选 1 号", "QM001", "private", "r5", "启明资产", 1_000_000, 540),
    ("安泰终身年金", "AT020", "insurance", "r2", "安泰人寿", 50_000, 0),
)
STEPS = (
    Step("contact", "opened_on", 6, 0.85),
    Step("assessed", "assessed_on", 4, 0.85),
    Step("plan", "planned_on", 7, 0.78),
    Step("recorded", "recorded_on", 3, 0.95),
)
GRADES = {
    "private": (2_000_000, 9_000_000),
    "wealth": (300_000, 1_500_000),
    "gold": (50_000, 300_000),
    "mass": (5_000, 60_000),
}
ALLOWED = {"c1": "r1", "c2": "r2", "c3": "r3", "c4": "r4", "c5": "r5"}
SAID = (
    "客户更看重本金安全，介绍了短期限稳健产品。",
    "产品月底到期，约周五来网点谈承接方案。",
    "沟通了权益市场波动，建议分批投入。",
    "测评即将过期，提醒客户在 App 重新测评。",
    "为孩子教育金做规划，考虑年金。",
    "客户在他行有一笔理财下月到期，可以争取。",
)
TASKS = ("到期承接电话", "邀约重新测评", "送达配置方案", "生日问候", "沙龙邀约")


def generate(story: Story) -> None:
    """Everything that happened, from the first talk to a product that matured."""
    drafts = [
        {"name": n, "code": c, "kind": k, "rating": r, "series": s, "price": p, "term": t}
        for n, c, k, r, s, p, t in PRODUCTS
    ]
    ids = story.save("product", Text("产品", "Products"), drafts)
    products = list(zip(ids, PRODUCTS, strict=True))
    clients = _customers(story)
    _assessments(story, clients)
    deals, bought = _allocations(story, clients, products)
    _holdings(story, clients, products, bought)
    _surveys(story, clients)
    story.talk(clients, SAID, 22, deals)
    story.plan(clients, TASKS, 5)


def _customers(story: Story) -> list[Client]:
    rnd, drafts, clients = story.rnd, [], []
    for _ in range(story.many(260)):
        seller, grade = (
            story.seller(),
            story.pick({"private": 1, "wealth": 4, "gold": 6, "mass": 5}),
        )
        province, city = rnd.choice(story.cities)
        risk = story.pick({"c1": 2, "c2": 4, "c3": 5, "c4": 3, "c5": 1})
        name = story.once(story.person)
        drafts.append(
            {
                "name": name,
                "kind": "person",
                "grade": grade,
                "region": f"{province} {city}",
                "phone": story.phone(),
                "source": story.pick({"referral": 4, "website": 2, "social": 2, "other": 1}),
                "risk": risk,
                "qualified": grade == "private",
                "owner": seller.id,
            }
        )
        clients.append(
            Client(0, name, seller, story.days.draw(rnd), more={"grade": grade, "risk": risk})
        )
    for client, id_ in zip(
        clients, story.save("customer", Text("客户", "Customers"), drafts), strict=True
    ):
        client.id = id_
    return clients


def _assessments(story: Story, clients: list[Client]) -> None:
    """Most are assessed every year; of some the assessment has expired."""
    rnd, drafts = story.rnd, []
    for client in clients:
        for _ in range(rnd.choice((1, 1, 2))):
            old = rnd.random() < 0.08
            day = (
                story.days.start - timedelta(days=rnd.randrange(20, 90)) if old else story.back(340)
            )
            drafts.append(
                {
                    "customer": client.id,
                    "assessed_on": day,
                    "score": {"c1": 18, "c2": 36, "c3": 55, "c4": 72, "c5": 90}[client.more["risk"]]
                    + rnd.randrange(-6, 7),
                    "result": client.more["risk"],
                    "channel": story.pick({"branch": 4, "app": 4, "video": 1}),
                    "owner": client.seller.id,
                }
            )
            if old:
                break
    drafts.sort(key=lambda v: v["assessed_on"])
    story.save("assessment", Text("风险测评", "Assessments"), drafts)


def _allocations(
    story: Story, clients: list[Client], products: list[Any]
) -> tuple[dict[int, list[tuple[int, date]]], list[tuple[Client, Any, int, date, int]]]:
    rnd, drafts, walks = story.rnd, list[Values](), list[Any]()
    for client in clients:
        for _ in range(rnd.choice((1, 1, 2, 2, 3))):
            product = _fitting(story, client, products)
            walk = story.walk(story.days.draw(rnd), STEPS, client.seller.skill, "closed_on")
            amount = story.money(*GRADES[client.more["grade"]])
            still = walk.closed is None
            drafts.append(
                {
                    "name": f"{client.name}·{product[1][0]}",
                    "customer": client.id,
                    "product": product[0],
                    "stage": walk.stage,
                    "amount": amount,
                    "expected_close": walk.closed
                    or story.days.after(story.today, rnd.randrange(1, 30)),
                    "loss_reason": story.pick({"risk": 1, "yield": 4, "term": 2, "wait": 3})
                    if walk.stage == "lost"
                    else "",
                    "next_step": rnd.choice(TASKS) if still else "",
                    "next_step_at": story.at(story.days.after(story.today, rnd.randrange(-2, 8)))
                    if still
                    else None,
                    "owner": client.seller.id,
                    **walk.days,
                }
            )
            walks.append((client, product, walk, amount))
    ids = story.save("opportunity", Text("配置意向", "Allocations"), drafts)
    deals: dict[int, list[tuple[int, date]]] = {}
    bought, checks = [], []
    for id_, (client, product, walk, amount) in zip(ids, walks, strict=True):
        deals.setdefault(client.id, []).append((id_, walk.days["opened_on"]))
        if "recorded_on" not in walk.days:
            continue
        fits = ALLOWED[client.more["risk"]] >= product[1][3]
        checks.append(
            {
                "customer": client.id,
                "product": product[0],
                "opportunity": id_,
                "checked_on": walk.days["recorded_on"],
                "result": "suitable" if fits else "informed",
                "recorded": rnd.random() < 0.9 + 0.08 * client.seller.diligence,
                "owner": client.seller.id,
            }
        )
        if walk.won:
            bought.append((client, product, id_, walk.closed, amount))
    checks.sort(key=lambda v: v["checked_on"])
    story.save("suitability", Text("适当性匹配", "Suitability checks"), checks)
    return deals, bought


def _fitting(story: Story, client: Client, products: list[Any]) -> Any:
    """A product within the risk profile, but for the few times when somebody insisted."""
    most = ALLOWED[client.more["risk"]]
    fitting = [
        p
        for p in products
        if p[1][3] <= most and (p[1][2] != "private" or client.more["grade"] == "private")
    ]
    above = [p for p in products if p[1][3] > most and p[1][2] != "private"]
    return story.rnd.choice(above if above and story.rnd.random() < 0.03 else fitting)


def _holdings(story: Story, clients: list[Client], products: list[Any], bought: list[Any]) -> None:
    rnd, drafts = story.rnd, list[Values]()
    older = [
        (
            c,
            _fitting(story, c, products),
            None,
            story.days.start - timedelta(days=rnd.randrange(5, 60)),
            story.money(*GRADES[c.more["grade"]]),
        )
        for c in clients
        if rnd.random() < 0.5
    ]
    for client, product, deal, day, amount in [*older, *bought]:
        term = product[1][6]
        ends = day + timedelta(days=term) if term else None
        rate = {"wealth": 0.004, "fund": 0.01, "private": 0.015, "insurance": 0.06}[product[1][2]]
        values: Values = {
            "customer": client.id,
            "product": product[0],
            "opportunity": deal,
            "amount": amount,
            "fee": round(amount * rate, 2),
            "bought_on": day,
            "matures_on": ends,
            "status": "held",
            "owner": client.seller.id,
        }
        left = rnd.random()
        if ends and ends < story.today:
            values["status"] = "renewed" if left < 0.7 else "redeemed"
        elif not ends and left < 0.12:
            values["status"] = "redeemed"
        if values["status"] == "redeemed":
            values["redeemed_on"] = ends or story.days.draw(
                rnd, max(day, story.days.start), story.today
            )
        drafts.append(values)
    drafts.sort(key=lambda v: v["bought_on"])
    story.save("holding", Text("客户资产", "Holdings"), drafts)


def _surveys(story: Story, clients: list[Client]) -> None:
    rnd = story.rnd
    drafts: list[Values] = [
        {
            "customer": client.id,
            "score": min(10, max(4, round(rnd.gauss(8.6, 1.1)))),
            "channel": "callback",
            "surveyed_on": story.days.draw(rnd),
            "owner": client.seller.id,
        }
        for client in rnd.sample(clients, min(len(clients), story.many(110)))
    ]
    drafts.sort(key=lambda v: v["surveyed_on"])
    story.save("survey", Text("满意度", "Surveys"), drafts)
