"""A small maker of instruments: practice data for the pack sales."""

from __future__ import annotations

from datetime import date, timedelta

from wubu.collect.practice.internet_tob import write_contracts
from wubu.collect.practice.story import Client, Deals, Step, Story, Values, Won
from wubu.kernel.types import Text

PRODUCTS = (
    ("压力变送器 P1", "P1", 2_800),
    ("流量计 F2", "F2", 9_600),
    ("温度传感器 T3", "T3", 860),
)
STEPS = (
    Step("prospecting", "opened_on", 10, 0.85),
    Step("engaging", "engaged_on", 14, 0.8),
    Step("proposal", "proposed_on", 14, 0.75),
    Step("negotiation", "negotiated_on", 10, 0.85),
)
SAID = (
    "电话确认了用量和交期，对方要书面报价。",
    "到现场看了工况，安装位置需要定制接头。",
    "报价已发，采购说下周开会讨论。",
    "客户试用一周，精度满足要求。",
    "价格还差一点，约经理一起谈。",
)
TASKS = ("发送报价", "寄送样品", "约现场拜访", "确认交期", "催回款")


def generate(story: Story) -> None:
    """Customers, deals, contracts and payments of a few months."""
    products = [
        {"name": n, "code": c, "series": c[0], "price": p, "unit": "piece"} for n, c, p in PRODUCTS
    ]
    ids = story.save("product", Text("产品", "Products"), products)
    rnd, drafts, clients = story.rnd, [], []
    for _ in range(story.many(40)):
        province, city = rnd.choice(story.cities)
        name = story.once(lambda c=city: f"{c}{story.brand()}设备有限公司")  # type: ignore[misc]
        seller = story.seller()
        drafts.append(
            {
                "name": name,
                "grade": story.pick({"a": 1, "b": 3, "c": 5}),
                "industry": story.pick({"machinery": 3, "energy": 2, "chemicals": 2, "water": 1}),
                "region": f"{province} {city}",
                "phone": story.phone(),
                "owner": seller.id,
            }
        )
        clients.append(Client(0, name, seller, story.days.draw(rnd)))
    for client, id_ in zip(
        clients, story.save("customer", Text("客户", "Customers"), drafts), strict=True
    ):
        client.id = id_
    deals, won = _deals(story, clients, ids)
    write_contracts(story, won)
    story.talk(clients, SAID, 16, deals)
    story.plan(clients, TASKS)


def _deals(story: Story, clients: list[Client], products: list[int]) -> tuple[Deals, Won]:
    rnd, drafts, owners = story.rnd, list[Values](), list[tuple[Client, date]]()
    for client in clients:
        for _ in range(rnd.choice((1, 1, 2, 3))):
            place = rnd.randrange(len(products))
            opened = story.days.draw(rnd)
            walk = story.walk(opened, STEPS, client.seller.skill, "closed_on")
            drafts.append(
                {
                    "name": f"{client.name}·{PRODUCTS[place][0]}",
                    "customer": client.id,
                    "product": products[place],
                    "stage": walk.stage,
                    "amount": story.money(20_000, 400_000),
                    "expected_close": walk.closed
                    or story.today + timedelta(days=rnd.randrange(45)),
                    "loss_reason": "price" if walk.stage == "lost" else "",
                    "owner": client.seller.id,
                    **walk.days,
                }
            )
            owners.append((client, opened))
    return story.deals(drafts, owners)
