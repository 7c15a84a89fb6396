"""The four made-up companies: who works there, how they sell, what is asked of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from wubu.collect.practice.seasons import Days
from wubu.collect.practice.story import Seller, Story, Values
from wubu.collect.practice.telling import STORIES
from wubu.control.alerts.evaluating import evaluate_all
from wubu.demo.staff import PASSWORD
from wubu.demo.writing import Progress, Writer
from wubu.kernel.calendar.queries import today as this_day
from wubu.kernel.calendar.types import Period, add_months
from wubu.kernel.packs.queries import installed
from wubu.kernel.people import actions as people
from wubu.kernel.people.queries import members
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM, Actor, Problem, Refused, Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.figures.queries import dictionary, figures
from wubu.measure.ledger import actions as ledger
from wubu.measure.targets.actions import set_targets
from wubu.measure.targets.types import TargetDraft

MONTHS = 12
CLOSED = 3
Person = tuple[str, str]  # login, name


@dataclass(frozen=True)
class Company:
    """``targets`` are metrics that every seller gets a target for.

    A number in stored form is asked of everybody, None asks a little more than they usually do.
    """

    pack: str
    name: str
    seed: int
    boss: Person
    director: Person
    teams: Mapping[str, tuple[Person, tuple[Person, ...]]]
    office: Mapping[str, tuple[Person, str]]  # role → person and team
    targets: Mapping[str, int | None]
    titles: Mapping[str, str] = field(default_factory=dict)


def build(company: Company, progress: Progress) -> bool:
    """A year of business up to today, all or nothing. False when somebody works here already.

    Raises Refused when another pack is installed.
    """
    with unit_of_work(), transaction.atomic():
        if members():
            return False
        _right_pack(company)
        today = this_day()
        days = Days(add_months(today.replace(day=1), -MONTHS), today)
        progress(Text("成员", "People"), 0, 1)
        sellers, boss = _hire(company, days.start - timedelta(days=400))
        writer = Writer(progress, Actor(boss, "import"))

        def save(object_key: str, label: Text, values: Any) -> list[int]:
            return writer.save(object_key, label, [Draft(_given(v)) for v in values])

        STORIES[company.pack](Story(company.seed, days, sellers, save))
        progress(Text("目标", "Targets"), 0, 1)
        _ask(company, sellers, days.start, today)
        progress(Text("关账", "Closing"), 0, 1)
        month = Period.of("month", today)
        for back in range(CLOSED, 0, -1):
            over = Period.of("month", add_months(month.start, -back))
            ledger.close_month(actor=SYSTEM, month=over, note="月度关账")
        ledger.photograph(today)
        evaluate_all()
    return True


def _given(values: Values) -> Values:
    return {k: v for k, v in values.items() if v is not None and v != ""}


def _right_pack(company: Company) -> None:
    there = {p.key for p in installed()}
    if company.pack not in there:
        raise Refused(
            Problem(
                "another_pack",
                Text(
                    "演示公司“{c}”需要配置包“{p}”，这个工作区装的是 {there}。",
                    "The demo company “{c}” needs the pack “{p}”; this workspace has {there}.",
                ).format(c=company.name, p=company.pack, there=", ".join(sorted(there)) or "—"),
                Text("换一个空的 WUBU_HOME 或数据库。", "Take an empty WUBU_HOME or database."),
            )
        )


def _hire(company: Company, since: date) -> tuple[list[Seller], int]:
    rnd = random.Random(company.seed)  # noqa: S311 (a story, not a secret)
    top = people.create_team(actor=SYSTEM, name=company.name).id
    sales = people.create_team(actor=SYSTEM, name="销售部", parent_id=top).id
    number = 0

    def employ(person: Person, role: str, team: int) -> int:
        nonlocal number
        number += 1
        login, name = person
        made = people.create_member(
            actor=SYSTEM,
            login=login,
            name=name,
            password=PASSWORD,
            team_id=team,
            joined_on=since,
            phone=f"137{number * 7_654_321 % 10**8:08d}",
            employee_no=f"{company.pack[:2].upper()}{number:03d}",
            is_owner=role == "boss",
        )
        permissions.set_roles(actor=SYSTEM, member_id=made.id, roles=[role])
        return made.id

    boss = employ(company.boss, "boss", top)
    director = employ(company.director, "sales_director", sales)
    people.update_team(actor=SYSTEM, team_id=top, leader_id=boss)
    people.update_team(actor=SYSTEM, team_id=sales, leader_id=director)
    people.set_manager(actor=SYSTEM, member_id=director, manager_id=boss, from_day=since)
    sellers = []
    for name, (leader, reps) in company.teams.items():
        team = people.create_team(actor=SYSTEM, name=name, parent_id=sales).id
        manager = employ(leader, "sales_manager", team)
        people.update_team(actor=SYSTEM, team_id=team, leader_id=manager)
        people.set_manager(actor=SYSTEM, member_id=manager, manager_id=director, from_day=since)
        for rep in reps:
            id_ = employ(rep, "sales_rep", team)
            people.set_manager(actor=SYSTEM, member_id=id_, manager_id=manager, from_day=since)
            skill = round(rnd.uniform(0.82, 1.25), 2)
            sellers.append(Seller(id_, skill, round(rnd.uniform(0.6, 1.2), 2)))
    for role, (person, team_name) in company.office.items():
        team = people.create_team(actor=SYSTEM, name=team_name, parent_id=top).id
        employ(person, role, team)
    return sellers, boss


def _ask(company: Company, sellers: list[Seller], start: date, today: date) -> None:
    """Targets up to the end of the year: a little more than each usually does."""
    rnd = random.Random(company.seed + 1)  # noqa: S311
    usual = _usual(company, sellers, today)
    month, last = start, date(today.year, 12, 1)
    while month <= last:
        drafts = []
        for seller in sellers:
            for key, fixed in company.targets.items():
                value = usual.get((key, seller.id), 0) if fixed is None else fixed
                if fixed is None:
                    unit = 100_000 if dictionary().metric(key).unit == "money" else 1
                    value = max(1, round(value * rnd.uniform(0.92, 1.15) / unit)) * unit
                drafts.append(TargetDraft(key, Period.of("month", month), seller.id, value))
        set_targets(
            actor=SYSTEM, drafts=drafts, reason="年度目标分解", valid_from=min(month, today)
        )
        month = add_months(month, 1)


def _usual(company: Company, sellers: list[Seller], today: date) -> dict[tuple[str, int], int]:
    """What each did in a month, on the average of the last six that are over."""
    keys = [k for k, fixed in company.targets.items() if fixed is None]
    sums: dict[tuple[str, int], int] = {}
    for back in range(1, 7):
        month = Period.of("month", add_months(today.replace(day=1), -back))
        found = figures(SYSTEM, keys, month, members=[s.id for s in sellers])
        for seller in sellers:
            for key in keys:
                value = found.value(key, seller.id)
                sums[key, seller.id] = sums.get((key, seller.id), 0) + int(value or 0)
    # Nobody is asked for less than half of what all do on the average.
    means = {key: sum(v for (k, _), v in sums.items() if k == key) // len(sellers) for key in keys}
    return {(k, m): max(value, means[k] // 2) // 6 for (k, m), value in sums.items()}


PHARMA = Company(
    pack="pharma",
    name="康泽医药",
    seed=20250301,
    boss=("fanghua", "方华"),
    director=("qinlan", "秦岚"),
    teams={
        "华东地区": (
            ("luping", "陆平"),
            (("shenyi", "沈怡"), ("caobin", "曹斌"), ("yuting", "于婷"), ("panlei", "潘磊")),
        ),
        "华南地区": (
            ("liangwei", "梁伟"),
            (("huangjie", "黄洁"), ("zengyu", "曾宇"), ("liaofei", "廖飞")),
        ),
        "华北地区": (
            ("gaofeng", "高峰"),
            (("songyan", "宋妍"), ("duyong", "杜勇"), ("hanmei", "韩梅")),
        ),
    },
    office={
        "finance": (("wunan", "吴楠"), "商务部"),
        "compliance": (("jiangyue", "江月"), "合规部"),
    },
    targets={
        "sales_signed": None,
        "visits_done": None,
        "doctors_reached": 3,
        "compliance_rate": 9_500,
        "meetings_held": 1,
    },
)
SAAS = Company(
    pack="saas",
    name="云帆协作",
    seed=20250402,
    boss=("linyu", "林宇"),
    director=("zhouqi", "周琪"),
    teams={
        "中小企业组": (
            ("hebo", "何博"),
            (("tangwei", "唐薇"), ("xiaohan", "萧寒"), ("ruanyi", "阮仪"), ("baolin", "包林")),
        ),
        "大客户组": (
            ("dingning", "丁宁"),
            (("jinxin", "金欣"), ("muchen", "穆晨"), ("qiaoshan", "乔珊")),
        ),
    },
    office={"finance": (("xuli", "许莉"), "财务部"), "csm": (("weijia", "魏佳"), "客户成功部")},
    targets={
        "new_mrr": None,
        "trials_started": None,
        "follow_ups": None,
        "trial_conversion": 3_500,
    },
)
INTERNET = Company(
    pack="internet_tob",
    name="星桥科技",
    seed=20250503,
    boss=("chenxi", "陈曦"),
    director=("yangfan", "杨帆"),
    teams={
        "电销一组": (
            ("luojing", "罗静"),
            (("wangyi", "王怡"), ("lihao", "李浩"), ("suting", "苏婷"), ("maokai", "毛凯")),
        ),
        "电销二组": (
            ("guanlin", "关霖"),
            (("zhaoxu", "赵旭"), ("qianduo", "钱朵"), ("sunbei", "孙贝"), ("chuyao", "楚瑶")),
        ),
        "大客户组": (("wenbo", "文博"), (("aining", "艾宁"), ("peihao", "裴浩"))),
    },
    office={
        "finance": (("shaomin", "邵敏"), "财务部"),
        "marketing": (("yeqing", "叶青"), "市场部"),
    },
    targets={
        "sales_signed": None,
        "sales_paid": None,
        "sql_count": None,
        "follow_ups": None,
        "expansion": None,
    },
)
FINANCE = Company(
    pack="finance",
    name="恒安财富",
    seed=20250604,
    boss=("guyuan", "顾远"),
    director=("meilin", "梅琳"),
    teams={
        "滨江支行": (
            ("tongwen", "童文"),
            (("yanbing", "颜冰"), ("shili", "施丽"), ("kongwei", "孔伟"), ("baixue", "白雪")),
        ),
        "城南支行": (
            ("fengyi", "冯毅"),
            (("yinjia", "尹佳"), ("huoran", "霍然"), ("liuqing", "柳青")),
        ),
        "高新支行": (("shangguan", "尚冠"), (("zuolan", "左兰"), ("niekai", "聂凯"))),
    },
    office={
        "finance": (("anran", "安然"), "运营部"),
        "compliance": (("yueming", "岳明"), "合规部"),
    },
    targets={
        "sales_signed": None,
        "fee_income": None,
        "assessments": None,
        "follow_ups": None,
        "suitability_rate": 9_500,
    },
)
COMPANIES = {c.pack: c for c in (PHARMA, SAAS, INTERNET, FINANCE)}
