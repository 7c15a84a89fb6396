"""云帆协作: trials, new business, expansion, renewal and churn of subscriptions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from wubu.collect.practice.internet_tob import write_contracts
from wubu.collect.practice.story import Client, Step, Story, Values, Walk
from wubu.kernel.calendar.types import add_months
from wubu.kernel.types import Text

PLANS = {
    "team": ("云帆团队版", 39),
    "business": ("云帆商业版", 79),
    "enterprise": ("云帆企业版", 149),
}
SEATS = {"team": (8, 60), "business": (30, 160), "enterprise": (80, 320)}
STEPS = (
    Step("discovery", "opened_on", 8, 0.85),
    Step("trial", "trialled_on", 16, 0.72),
    Step("proposal", "proposed_on", 12, 0.72),
    Step("security", "secured_on", 14, 0.85),
)
TRADES = {
    "technology": "网络科技",
    "software": "软件",
    "retail": "电子商务",
    "education": "教育科技",
    "marketing": "文化传媒",
    "services": "企业服务",
    "logistics": "供应链",
}
SAID = (
    "管理员已邀请全部门加入，本周活跃率明显上升。",
    "客户想要单点登录，约技术同事下周对接。",
    "试用第三天，审批流程已经搭好，业务负责人满意。",
    "法务在看数据处理协议，预计下周回复。",
    "续约沟通：席位用满九成，建议升级商业版。",
    "使用率下降，原负责人离职，需要重新找到内部推动人。",
)
TASKS = ("安排上手培训", "发送续约报价", "回复安全问卷", "约季度价值回顾", "跟进试用激活")
SOURCES = {"website": 4, "search": 3, "referral": 2, "social": 2, "partner": 1}


def generate(story: Story) -> None:
    """Everything that happened, from the first trial to the last renewal."""
    products = [
        {
            "name": name,
            "code": f"YF-{key[:3].upper()}",
            "series": "云帆",
            "price": price * 12,
            "unit": "year",
        }
        for key, (name, price) in PLANS.items()
    ]
    story.save("product", Text("产品", "Products"), products)
    clients = _customers(story)
    deals, won = _deals(story, clients)
    _trials(story, clients)
    _subscriptions(story, clients, won)
    write_contracts(story, won)
    _leads(story)
    story.talk(clients, SAID, 18, deals)
    story.plan(clients, TASKS)


def _customers(story: Story) -> list[Client]:
    rnd, drafts, clients = story.rnd, [], []
    for _ in range(story.many(300)):
        trade = rnd.choice(list(TRADES))
        province, city = rnd.choice(story.cities)
        name = story.once(lambda c=city, t=trade: f"{c}{story.brand()}{TRADES[t]}有限公司")  # type: ignore[misc]
        seller = story.seller()
        since = story.days.draw(rnd, None, story.today)
        drafts.append(
            {
                "name": name,
                "grade": story.pick({"a": 1, "b": 3, "c": 5}),
                "industry": trade,
                "region": f"{province} {city}",
                "employees": story.money(20, 3000, 10),
                "health": story.pick({"green": 6, "yellow": 3, "red": 1}),
                "source": story.pick({"website": 4, "referral": 2, "search": 3, "social": 1}),
                "owner": seller.id,
            }
        )
        clients.append(
            Client(
                0,
                name,
                seller,
                since,
                more={"plan": story.pick({"team": 5, "business": 4, "enterprise": 1})},
            )
        )
    ids = story.save("customer", Text("客户", "Customers"), drafts)
    for client, id_ in zip(clients, ids, strict=True):
        client.id = id_
    story.meet(clients, ("IT 负责人", "运营总监", "人事经理", "创始人"))
    return clients


def _deals(
    story: Story, clients: list[Client]
) -> tuple[dict[int, list[tuple[int, date]]], list[tuple[Client, int, Values]]]:
    rnd, drafts, walks = story.rnd, list[Values](), list[tuple[Client, int, Walk]]()
    for client in clients:
        for turn in range(1 + (rnd.random() < 0.5)):
            kind = "new" if turn == 0 else story.pick({"expansion": 3, "renewal": 2})
            opened = story.days.draw(rnd, client.since if turn == 0 else None, story.today)
            skill = client.seller.skill * (1.0 if kind == "new" else 1.15)
            walk = story.walk(opened, STEPS, skill, "closed_on")
            low, high = SEATS[client.more["plan"]]
            seats = round(story.money(low, high, 1) * (1 if kind != "expansion" else 0.4)) or 5
            drafts.append(
                {
                    "name": f"{client.name}·{PLANS[client.more['plan']][0]}",
                    "customer": client.id,
                    "kind": kind,
                    "stage": walk.stage,
                    "amount": seats * PLANS[client.more["plan"]][1] * 12,
                    "expected_close": walk.closed
                    or story.days.after(story.today, rnd.randrange(2, 60)),
                    "source": story.pick(
                        {"website": 4, "existing": 2, "referral": 2, "partner": 1}
                    ),
                    "loss_reason": story.pick(
                        {"price": 4, "function": 2, "no_decision": 3, "competitor": 2}
                    )
                    if walk.stage == "lost"
                    else "",
                    "next_step": rnd.choice(TASKS) if walk.closed is None else "",
                    "next_step_at": story.at(story.days.after(story.today, rnd.randrange(-3, 9)))
                    if walk.closed is None
                    else None,
                    "owner": client.seller.id,
                    **walk.days,
                }
            )
            walks.append((client, seats, walk))
    ids = story.save("opportunity", Text("商机", "Deals"), drafts)
    deals: dict[int, list[tuple[int, date]]] = {}
    won = []
    for id_, (client, seats, walk), values in zip(ids, walks, drafts, strict=True):
        deals.setdefault(client.id, []).append((id_, walk.days["opened_on"]))
        if walk.won:
            won.append((client, id_, {**values, "seats": seats}))
    return deals, won


def _trials(story: Story, clients: list[Client]) -> None:
    rnd, drafts = story.rnd, []
    for _ in range(story.many(330)):
        client = rnd.choice(clients)
        begun = story.days.draw(rnd)
        ends = begun + timedelta(days=14)
        used = rnd.random() < 0.55 + 0.15 * client.seller.diligence
        over = ends < story.today
        converted = over and used and rnd.random() < 0.45 * client.seller.skill
        status = (
            "converted" if converted else "expired" if over else "activated" if used else "started"
        )
        values: Values = {
            "name": f"{client.name}试用",
            "customer": client.id,
            "plan": client.more["plan"],
            "status": status,
            "started_on": begun,
            "ends_on": ends,
            "seats": rnd.randrange(5, 40),
            "active_days": rnd.randrange(4, 12) if used else rnd.randrange(0, 3),
            "owner": client.seller.id,
        }
        if used:
            values["activated_on"] = min(begun + timedelta(days=rnd.randrange(0, 5)), story.today)
        if over:
            values["closed_on"] = ends
        drafts.append(values)
    drafts.sort(key=lambda v: v["started_on"])
    story.save("trial", Text("试用", "Trials"), drafts)


def _subscriptions(
    story: Story, clients: list[Client], won: list[tuple[Client, int, Values]]
) -> None:
    """What was won, and what the company lived on before the story began."""
    rnd, drafts = story.rnd, []
    older = [
        (c, add_months(story.days.start, -rnd.randrange(0, 11)), "new", 0)
        for c in clients
        if rnd.random() < 0.45
    ]
    begun_since = [(c, v["closed_on"], v["kind"], v["seats"]) for c, _, v in won]
    for client, begun, kind, seats in [*older, *begun_since]:
        plan = client.more["plan"]
        seats = seats or story.money(*SEATS[plan], 1)
        price = PLANS[plan][1] * rnd.choice((1, 1, 0.9, 0.85))
        ends = add_months(begun, 12)
        values: dict[str, Any] = {
            "customer": client.id,
            "kind": kind,
            "plan": plan,
            "seats": seats,
            "price": round(price, 2),
            "mrr": round(seats * price, 2),
            "starts_on": begun,
            "ends_on": ends,
            "status": "active",
            "owner": client.seller.id,
        }
        if ends < story.today:
            if rnd.random() < 0.84:
                again = {
                    **values,
                    "kind": "renewal",
                    "starts_on": ends,
                    "ends_on": add_months(ends, 12),
                }
                drafts.append(again)
                values["status"] = "renewed"
            else:
                reason = story.pick({"price": 3, "unused": 4, "competitor": 2, "closed": 1})
                values |= {"status": "churned", "churned_on": ends, "churn_reason": reason}
        drafts.append(values)
    drafts.sort(key=lambda v: v["starts_on"])
    story.save("subscription", Text("订阅", "Subscriptions"), drafts)


def _leads(story: Story) -> None:
    rnd, drafts = story.rnd, []
    for _ in range(story.many(260)):
        day = story.days.draw(rnd)
        seller = story.seller()
        status = story.pick(
            {"new": 1, "contacted": 3, "qualified": 3, "converted": 4, "invalid": 4}
        )
        if (story.today - day).days < 4:
            status = story.pick({"new": 3, "contacted": 2})
        called = min(day + timedelta(days=rnd.randrange(0, 3)), story.today)
        values: Values = {
            "name": story.person(),
            "company": f"{story.brand()}科技",
            "phone": story.phone(),
            "source": story.pick(SOURCES),
            "status": status,
            "received_on": day,
            "owner": seller.id,
        }
        if status != "new":
            values["contacted_on"] = called
        later = min(story.days.after(called, rnd.randrange(3, 20)), story.today)
        for stage, name in (
            ("qualified", "qualified_on"),
            ("converted", "converted_on"),
            ("invalid", "invalid_on"),
        ):
            if status == stage:
                values[name] = later
        if status == "invalid":
            values["invalid_reason"] = story.pick({"no_need": 4, "no_budget": 2, "unreachable": 2})
        drafts.append(values)
    drafts.sort(key=lambda v: v["received_on"])
    story.save("lead", Text("线索", "Leads"), drafts)
