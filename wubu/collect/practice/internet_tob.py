"""星桥科技: campaigns bring leads, leads are called fast, customers buy and buy again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from wubu.collect.practice.story import Client, Deals, Step, Story, Values, Won
from wubu.kernel.calendar.types import add_months
from wubu.kernel.types import Text

PRODUCTS = (
    ("星桥智能客服", "XQ-KF", "智能客服", 68_000),
    ("星桥营销云", "XQ-YX", "营销云", 128_000),
    ("星桥短信通道", "XQ-DX", "通信", 30_000),
    ("星桥数据分析", "XQ-SJ", "数据", 96_000),
)
STEPS = (
    Step("contacted", "opened_on", 6, 0.85),
    Step("demo", "demo_on", 9, 0.75),
    Step("poc", "poc_on", 15, 0.75),
    Step("proposal", "proposed_on", 12, 0.75),
)
CHANNELS = {
    "search": "搜索推广",
    "feed": "信息流投放",
    "live": "产品直播",
    "content": "白皮书下载",
    "event": "增长沙龙",
    "partner": "生态伙伴推荐",
}
TRADES = {
    "ecommerce": "电子商务",
    "games": "互娱",
    "education": "在线教育",
    "local": "生活服务",
    "finance": "数科",
    "travel": "旅行",
    "media": "文化传媒",
    "retail": "新零售",
    "enterprise": "企业服务",
}
SAID = (
    "演示了机器人自动应答，客服主管关心转人工的体验。",
    "接口联调完成，明天开始灰度 5% 流量。",
    "客户同时在看两家，比的是并发和响应速度。",
    "大促前要上线，采购希望本周定价格。",
    "加购短信套餐，老客户价已经申请。",
    "使用数据很好，约月底谈第二条业务线。",
)
TASKS = ("回访演示客户", "跟进接口联调", "发送报价单", "约增购沟通", "联系昨日新线索")


def generate(story: Story) -> None:
    """Everything that happened, from a campaign to the contract."""
    products = [
        {"name": n, "code": c, "series": s, "price": p, "unit": "year"} for n, c, s, p in PRODUCTS
    ]
    ids = story.save("product", Text("产品", "Products"), products)
    campaigns = _campaigns(story)
    clients = _customers(story)
    _leads(story, campaigns, clients)
    deals, won = _deals(story, clients, ids)
    write_contracts(story, won)
    story.talk(clients, SAID, 20, deals)
    story.plan(clients, TASKS)


def _campaigns(story: Story) -> list[tuple[int, date, str]]:
    rnd, drafts = story.rnd, list[Values]()
    month = story.days.start.replace(day=1)
    while month <= story.today:
        for channel in rnd.sample(list(CHANNELS), 3):
            day = min(month + timedelta(days=rnd.randrange(0, 12)), story.today)
            cost = story.money(15_000, 90_000)
            drafts.append(
                {
                    "name": f"{month:%Y年%m月}{CHANNELS[channel]}",
                    "channel": channel,
                    "starts_on": day,
                    "ends_on": day + timedelta(days=rnd.randrange(7, 25)),
                    "budget": round(cost * 1.1),
                    "cost": cost,
                    "owner": rnd.choice(story.sellers).id,
                }
            )
        month = add_months(month, 1)
    ids = story.save("campaign", Text("投放活动", "Campaigns"), drafts)
    return [(i, d["starts_on"], str(d["channel"])) for i, d in zip(ids, drafts, strict=True)]


def _customers(story: Story) -> list[Client]:
    rnd, drafts, clients = story.rnd, [], []
    for _ in range(story.many(230)):
        trade = rnd.choice(list(TRADES))
        province, city = rnd.choice(story.cities)
        name = story.once(lambda c=city, t=trade: f"{c}{story.brand()}{TRADES[t]}有限公司")  # type: ignore[misc]
        seller = story.seller()
        drafts.append(
            {
                "name": name,
                "grade": story.pick({"a": 1, "b": 3, "c": 5}),
                "industry": trade,
                "region": f"{province} {city}",
                "source": story.pick({"search": 3, "social": 2, "referral": 2, "partner": 1}),
                "employees": story.money(30, 5000, 10),
                "owner": seller.id,
            }
        )
        clients.append(Client(0, name, seller, story.days.draw(rnd)))
    ids = story.save("customer", Text("客户", "Customers"), drafts)
    for client, id_ in zip(clients, ids, strict=True):
        client.id = id_
    story.meet(clients, ("客服总监", "增长负责人", "技术负责人", "采购经理"))
    return clients


def _leads(story: Story, campaigns: list[Any], clients: list[Client]) -> None:
    rnd, drafts = story.rnd, []
    for campaign, begun, channel in campaigns:
        for _ in range(story.many(rnd.randrange(12, 30))):
            day = story.days.draw(rnd, begun, min(begun + timedelta(days=25), story.today))
            if day > story.today:
                continue
            seller = story.seller()
            status = story.pick(
                {"contacted": 3, "qualified": 3, "accepted": 3, "converted": 3, "invalid": 5}
            )
            if (story.today - day).days < 5:
                status = story.pick({"new": 3, "contacted": 3, "qualified": 1})
            wait = 0 if rnd.random() < 0.6 * seller.diligence else rnd.randrange(1, 4)
            called = min(day + timedelta(days=wait), story.today)
            source = {"search": "search", "partner": "partner", "event": "exhibition"}
            values: Values = {
                "name": story.person(),
                "company": f"{story.brand()}网络",
                "phone": story.phone(),
                "source": source.get(channel, "social"),
                "campaign": campaign,
                "status": status,
                "received_on": day,
                "owner": seller.id,
            }
            if status != "new":
                values["contacted_on"] = called
            at = called
            for stage, name in (
                ("qualified", "qualified_on"),
                ("accepted", "accepted_on"),
                ("converted", "converted_on"),
            ):
                order = ("qualified", "accepted", "converted")
                if status in order and order.index(stage) <= order.index(status):
                    at = min(story.days.after(at, rnd.randrange(1, 8)), story.today)
                    values[name] = at
            if status == "converted":
                values["customer"] = rnd.choice(clients).id
            if status == "invalid":
                values["invalid_on"] = called
                values["invalid_reason"] = story.pick(
                    {"no_need": 4, "competitor": 1, "no_budget": 2}
                )
            drafts.append(values)
    drafts.sort(key=lambda v: v["received_on"])
    story.save("lead", Text("线索", "Leads"), drafts)


def _deals(story: Story, clients: list[Client], products: list[int]) -> tuple[Deals, Won]:
    rnd, drafts, owners = story.rnd, list[Values](), list[tuple[Client, date]]()
    for client in clients:
        for turn in range(rnd.choice((1, 1, 2, 3))):
            kind = "new" if turn == 0 else story.pick({"expansion": 3, "renewal": 1})
            place = rnd.randrange(len(products))
            opened = story.days.draw(rnd)
            walk = story.walk(opened, STEPS, client.seller.skill, "closed_on")
            price = PRODUCTS[place][3]
            still = walk.closed is None
            drafts.append(
                {
                    "name": f"{client.name}·{PRODUCTS[place][2]}",
                    "customer": client.id,
                    "kind": kind,
                    "product": products[place],
                    "stage": walk.stage,
                    "amount": story.money(price * 0.5, price * 4),
                    "expected_close": walk.closed
                    or story.days.after(story.today, rnd.randrange(2, 50)),
                    "loss_reason": story.pick({"price": 4, "function": 2, "competitor": 3})
                    if walk.stage == "lost"
                    else "",
                    "next_step": rnd.choice(TASKS) if still else "",
                    "next_step_at": story.at(story.days.after(story.today, rnd.randrange(-3, 9)))
                    if still
                    else None,
                    "owner": client.seller.id,
                    **walk.days,
                }
            )
            owners.append((client, opened))
    return story.deals(drafts, owners)


def write_contracts(story: Story, won: Won) -> None:
    """What was won is signed within days, paid in one or two parts; some customers are late."""
    rnd, drafts = story.rnd, []
    for client, deal, values in won:
        signed = min(story.days.after(values["closed_on"], rnd.randrange(0, 6)), story.today)
        drafts.append(
            {
                "name": f"{values['name']}合同",
                "customer": client.id,
                "opportunity": deal,
                "amount": values["amount"],
                "status": "active",
                "terms": "预付 50%，上线后 50%",
                "signed_on": signed,
                "ends_on": signed + timedelta(days=365),
                "owner": client.seller.id,
            }
        )
    ids = story.save("contract", Text("合同", "Contracts"), drafts)
    plans = []
    for id_, one in zip(ids, drafts, strict=True):
        for name, after in (("预付款", 7), ("上线款", 60)):
            plans.append(
                {
                    "installment": name,
                    "contract": id_,
                    "customer": one["customer"],
                    "due_on": one["signed_on"] + timedelta(days=after),
                    "amount": one["amount"] / 2,
                    "owner": one["owner"],
                }
            )
    paid = []
    for id_, plan in zip(
        story.save("payment_plan", Text("回款计划", "Payment plans"), plans), plans, strict=True
    ):
        day = story.days.after(plan["due_on"], max(-3, rnd.gauss(4, 9)))
        if day <= story.today and rnd.random() < 0.96:
            shared = {k: plan[k] for k in ("contract", "customer", "amount", "owner")}
            paid.append({**shared, "payment_plan": id_, "paid_on": day, "method": "transfer"})
    paid.sort(key=lambda v: v["paid_on"])
    story.save("payment", Text("回款", "Payments"), paid)
