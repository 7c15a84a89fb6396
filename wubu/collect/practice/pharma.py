"""康泽医药: hospitals, departments and doctors, listings, visits, meetings and outflow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from wubu.collect.practice.story import Client, Step, Story, Values, Walk
from wubu.kernel.calendar.types import add_months
from wubu.kernel.types import Text

DRUGS = (
    # generic name, brand, approval number, specialty, reimbursement, price
    ("瑞舒伐他汀钙片", "康舒平", "国药准字H20250011", "cardiology", "b", 38.5),
    ("沙库巴曲缬沙坦钠片", "康心诺", "国药准字H20250027", "cardiology", "b", 72.8),
    ("达格列净片", "康糖清", "国药准字H20250035", "endocrine", "b", 56.0),
    ("德谷胰岛素注射液", "康稳达", "国药准字S20250008", "endocrine", "b", 84.6),
    ("布地格福吸入气雾剂", "康畅呼", "国药准字H20250042", "respiratory", "b", 168.0),
    ("注射用培美曲塞二钠", "康莱平", "国药准字H20250050", "oncology", "b", 496.0),
)
STEPS = (
    Step("applied", "opened_on", 14, 0.88),
    Step("head", "head_on", 20, 0.86),
    Step("pharmacy", "pharmacy_on", 30, 0.82),
    Step("committee", "committee_on", 40, 0.9),
)
KINDS = ("人民医院", "中心医院", "第一医院", "中医院", "第二人民医院", "大学附属医院")
SPECIALTIES = {
    "cardiology": "心内科",
    "endocrine": "内分泌科",
    "respiratory": "呼吸与危重症医学科",
    "oncology": "肿瘤科",
    "neurology": "神经内科",
}
MESSAGES = (
    "最新版指南的推荐级别",
    "真实世界研究的安全性数据",
    "老年患者的剂量调整",
    "医保支付的适应症范围",
)
SAID = (
    "主任认可循证数据，建议补充基层患者的真实世界研究。",
    "药剂科说下次药事会排在下月，需要提前两周交材料。",
    "沟通了联合用药的注意事项，留下审批过的资料。",
    "科室会时间初定，讲者需要走报批。",
    "了解到院内同类品种用量，患者主要关心自费部分。",
    "医生反馈起效满意，关注长期随访数据。",
)
PLANS = ("送达进院申报材料", "约主任沟通药事会时间", "科室会报批", "回访用药医生", "核对上月流向")


def generate(story: Story) -> None:
    """Everything that happened, from hospitals to what flowed out to them."""
    drugs = [
        {"name": n, "series": b, "code": c, "specialty": s, "reimbursed": r, "price": p}
        for n, b, c, s, r, p in DRUGS
    ]
    ids = story.save("product", Text("药品", "Drugs"), drugs)
    products = [(i, *spec) for i, spec in zip(ids, DRUGS, strict=True)]
    clients = _hospitals(story)
    _doctors(story, clients)
    listed, deals = _listings(story, clients, products)
    _visits(story, clients, ids)
    _meetings(story, clients, ids)
    _outflow(story, listed)
    story.talk(clients, SAID, 14, deals)
    story.plan(clients, PLANS)


def _hospitals(story: Story) -> list[Client]:
    rnd, drafts, clients = story.rnd, [], []
    for _ in range(story.many(72)):
        province, city = rnd.choice(story.cities)
        name = story.once(lambda city=city: f"{city}市{rnd.choice(KINDS)}")  # type: ignore[misc]
        if len(story.names) > 60:
            name = story.once(lambda city=city: f"{city}{story.brand()}{rnd.choice(KINDS[1:4])}")  # type: ignore[misc]
        level = story.pick({"l3a": 5, "l3b": 3, "l2": 5, "l1": 2})
        seller = story.seller()
        beds = {"l3a": 1800, "l3b": 1000, "l2": 500, "l1": 80}[level]
        drafts.append(
            {
                "name": name,
                "hospital_level": level,
                "grade": story.pick({"a": 2, "b": 3, "c": 4}),
                "beds": round(beds * rnd.uniform(0.6, 1.5)),
                "region": f"{province} {city}",
                "owner": seller.id,
            }
        )
        clients.append(Client(0, name, seller, story.days.start, more={"level": level}))
    for client, id_ in zip(
        clients, story.save("customer", Text("医院", "Hospitals"), drafts), strict=True
    ):
        client.id = id_
    return clients


def _doctors(story: Story, clients: list[Client]) -> None:
    rnd, rooms = story.rnd, list[dict[str, Any]]()
    for client in clients:
        for specialty in rnd.sample(list(SPECIALTIES), 2 if client.more["level"] != "l1" else 1):
            rooms.append(
                {
                    "name": SPECIALTIES[specialty],
                    "customer": client.id,
                    "specialty": specialty,
                    "beds": rnd.randrange(20, 90),
                    "head": f"{story.person()[0]}主任",
                    "owner": client.seller.id,
                }
            )
    ids = story.save("department", Text("科室", "Departments"), rooms)
    client_of = {c.id: c for c in clients}
    people = []
    for id_, room in zip(ids, rooms, strict=True):
        for title in rnd.sample(("chief", "deputy", "attending", "attending"), rnd.randrange(1, 4)):
            consent = rnd.random() < 0.6
            people.append(
                {
                    "name": story.person(),
                    "customer": room["customer"],
                    "department": id_,
                    "title": title,
                    "influence": story.pick(
                        {"national": 1, "province": 3, "city": 6, "hospital": 9}
                    )
                    if title in ("chief", "deputy")
                    else "hospital",
                    "consent": consent,
                    "phone": story.phone() if consent else "",
                    "owner": room["owner"],
                }
            )
    for id_, one in zip(
        story.save("contact", Text("医生", "Doctors"), people), people, strict=True
    ):
        client_of[one["customer"]].contacts.append(id_)


def _listings(
    story: Story, clients: list[Client], products: list[Any]
) -> tuple[list[tuple[Client, Any, date]], dict[int, list[tuple[int, date]]]]:
    rnd, drafts, walks = story.rnd, list[Values](), list[tuple[Client, Any, Walk]]()
    for client in clients:
        for product in rnd.sample(products, rnd.randrange(0, 4)):
            opened = story.days.draw(rnd, story.days.start, story.today)
            walk = story.walk(opened, STEPS, client.seller.skill, "closed_on")
            price = product[6]
            drafts.append(
                {
                    "name": f"{client.name}·{product[2]}进院",
                    "customer": client.id,
                    "contact": client.contacts[0] if client.contacts else None,
                    "product": product[0],
                    "stage": walk.stage,
                    "amount": round(price * story.money(800, 9000, 100)),
                    "expected_close": walk.closed
                    or story.days.after(story.today, rnd.randrange(75)),
                    "loss_reason": story.pick(
                        {"ratio": 3, "twin": 3, "evidence": 1, "postponed": 2}
                    )
                    if walk.stage == "lost"
                    else "",
                    "owner": client.seller.id,
                    **walk.days,
                }
            )
            walks.append((client, product, walk))
    for client in clients:  # what was listed before the story begins
        for product in products:
            if rnd.random() < 0.45:
                since = story.days.start - timedelta(days=rnd.randrange(60, 700))
                walk = Walk(
                    "won",
                    {"opened_on": since - timedelta(days=90), "closed_on": since},
                    since,
                    True,
                )
                drafts.append(
                    {
                        "name": f"{client.name}·{product[2]}进院",
                        "customer": client.id,
                        "product": product[0],
                        "stage": "won",
                        "amount": round(product[6] * story.money(800, 9000, 100)),
                        "expected_close": since,
                        "owner": client.seller.id,
                        **walk.days,
                    }
                )
                walks.append((client, product, walk))
    ids = story.save("opportunity", Text("进院项目", "Listings"), drafts)
    deals: dict[int, list[tuple[int, date]]] = {}
    for id_, (client, _, walk) in zip(ids, walks, strict=True):
        deals.setdefault(client.id, []).append((id_, walk.days["opened_on"]))
    return [(c, p, w.closed) for c, p, w in walks if w.won and w.closed], deals


def _visits(story: Story, clients: list[Client], products: list[int]) -> None:
    rnd, drafts = story.rnd, []
    months = (story.today - story.days.start).days / 30
    for seller in story.sellers:
        mine = [c for c in clients if c.seller is seller and c.contacts]
        for _ in range(story.many(26 * months * seller.diligence) if mine else 0):
            client = rnd.choice(mine)
            day = story.days.draw(rnd)
            begun = story.at(day)
            done = rnd.random() < 0.95
            drafts.append(
                {
                    "purpose": "学术拜访",
                    "customer": client.id,
                    "contact": rnd.choice(_known(story, client, day)),
                    "kind": story.pick({"department": 6, "clinic": 3, "pharmacy": 1, "online": 1}),
                    "product": rnd.choice(products),
                    "status": "done" if done else "cancelled",
                    "planned_at": begun,
                    "arrived_at": begun if done else None,
                    "left_at": begun + timedelta(minutes=rnd.randrange(10, 40)) if done else None,
                    "message": rnd.choice(MESSAGES),
                    "material": f"KZ-{day:%y%m}-{rnd.randrange(1, 40):02d}" if done else "",
                    "compliant": done
                    and rnd.random() < _careful(story, day) + 0.1 * seller.diligence,
                    "owner": seller.id,
                }
            )
        for client in rnd.sample(mine, min(3, len(mine))):
            when = story.at(story.days.after(story.today, rnd.randrange(0, 6)))
            drafts.append(
                {
                    "purpose": "学术拜访",
                    "customer": client.id,
                    "contact": client.contacts[0],
                    "kind": "department",
                    "status": "planned",
                    "planned_at": when,
                    "owner": seller.id,
                }
            )
    drafts.sort(key=lambda v: v["planned_at"])
    story.save("visit", Text("学术拜访", "Visits"), drafts)


def _known(story: Story, client: Client, day: date) -> list[int]:
    """Doctors get known one by one in the course of the year."""
    past = (day - story.days.start).days / max(1, (story.today - story.days.start).days)
    return client.contacts[: 1 + int(past * len(client.contacts))]


def _careful(story: Story, day: date) -> float:
    """Of late some visits wait for their confirmation."""
    return 0.82 if (story.today - day).days < 25 else 0.93


def _meetings(story: Story, clients: list[Client], products: list[int]) -> None:
    rnd, drafts = story.rnd, []
    for number in range(story.many(64)):
        client = rnd.choice(clients)
        kind = story.pick({"ward": 6, "city": 2, "online": 2, "national": 0.3})
        day = story.days.draw(rnd, None, story.today)
        status = "held" if rnd.random() < 0.92 else "cancelled"
        if number % 9 == 0:  # some are still to come
            day = story.days.after(story.today, rnd.randrange(3, 30))
            status = story.pick({"draft": 1, "submitted": 2, "approved": 3})
        people = {"ward": 14, "city": 60, "online": 120, "national": 220}[kind]
        budget = story.money(people * 60, people * 160, 100)
        drafts.append(
            {
                "topic": f"{rnd.choice(list(SPECIALTIES.values()))}{rnd.choice(MESSAGES)}研讨",
                "kind": kind,
                "customer": client.id,
                "speaker": client.contacts[0] if client.contacts else None,
                "product": rnd.choice(products),
                "status": status,
                "held_on": day,
                "approval": f"HG-{day:%Y}-{number + 1:03d}"
                if status in ("approved", "held")
                else "",
                "budget": budget,
                "cost": round(budget * rnd.uniform(0.7, 1.02)) if status == "held" else None,
                "attendees": round(people * rnd.uniform(0.6, 1.2)) if status == "held" else None,
                "owner": client.seller.id,
            }
        )
    story.save("meeting", Text("学术会议", "Meetings"), drafts)


def _outflow(story: Story, listed: list[tuple[Client, Any, date]]) -> None:
    """Each listed drug flows every month, growing for a year; those of old are listed before."""
    rnd, drafts = story.rnd, []
    for client, product, since in listed:
        base = story.money(25, 260, 5) * {"l3a": 2.2, "l3b": 1.4}.get(client.more["level"], 0.8)
        month = max(since, story.days.start).replace(day=1)
        place = (month.year - since.year) * 12 + month.month - since.month
        while month <= story.today:
            grown = min(1.0, 0.35 + 0.1 * place) * rnd.uniform(0.75, 1.25)
            boxes = round(base * grown * client.seller.skill)
            first = max(month, since, story.days.start)
            day = story.days.draw(
                rnd, first, min(add_months(month, 1) - timedelta(days=1), story.today)
            )
            if boxes and day <= story.today:
                drafts.append(
                    {
                        "customer": client.id,
                        "product": product[0],
                        "flowed_on": day,
                        "boxes": boxes,
                        "amount": round(boxes * product[6], 2),
                        "distributor": rnd.choice(("国药控股", "华润医药", "上海医药", "九州通")),
                        "owner": client.seller.id,
                    }
                )
            month, place = add_months(month, 1), place + 1
    drafts.sort(key=lambda v: v["flowed_on"])
    story.save("outflow", Text("流向", "Outflow"), drafts)
