"""The named cast of the tests: 明华传感 Minghua Sensors, the same few people everywhere.

明华传感 (王立, owner)
├─ 销售部 (陈静, sales director)
│  ├─ 华东一组 East   李强 leads 张伟 and 刘洋
│  └─ 华南组   South  赵敏 leads 孙悦 and 周涛
├─ 财务部 (吴霞)
└─ 运营部 (郑凯)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date

import pytest

from wubu.kernel.people import actions as people
from wubu.kernel.people import queries
from wubu.kernel.people.types import Person, TeamNode
from wubu.kernel.permissions import queries as permissions
from wubu.kernel.permissions.actions import set_roles
from wubu.kernel.types import SYSTEM, Actor
from wubu.kernel.workspace import unit_of_work

PASSWORD = "sensors-of-minghua"
FOUNDED = date(2023, 3, 1)


@dataclass(frozen=True)
class Cast:
    """Everybody and every team, as created."""

    wang_li: Person  # 王立, owner
    chen_jing: Person  # 陈静, sales director
    li_qiang: Person  # 李强, manager East
    zhao_min: Person  # 赵敏, manager South
    zhang_wei: Person  # 张伟, rep East
    liu_yang: Person  # 刘洋, rep East
    sun_yue: Person  # 孙悦, rep South
    zhou_tao: Person  # 周涛, rep South
    wu_xia: Person  # 吴霞, finance
    zheng_kai: Person  # 郑凯, sales operations
    company: TeamNode  # 明华传感
    sales: TeamNode  # 销售部
    east: TeamNode  # 华东一组
    south: TeamNode  # 华南组
    finance: TeamNode  # 财务部
    ops: TeamNode  # 运营部

    @property
    def people(self) -> tuple[Person, ...]:
        return tuple(v for f in fields(self) if isinstance(v := getattr(self, f.name), Person))

    @property
    def reps(self) -> tuple[Person, ...]:
        return (self.zhang_wei, self.liu_yang, self.sun_yue, self.zhou_tao)


def acting(person: Person) -> Actor:
    """The person at the pages."""
    return Actor(person.id, lang=person.language)


# key: name, role in the sales pack, team, the day they joined
STAFF = {
    "wang_li": ("王立", "boss", "company", FOUNDED),
    "chen_jing": ("陈静", "sales_director", "sales", FOUNDED),
    "li_qiang": ("李强", "sales_manager", "east", date(2023, 4, 3)),
    "zhao_min": ("赵敏", "sales_manager", "south", date(2023, 4, 3)),
    "zhang_wei": ("张伟", "sales_rep", "east", date(2023, 5, 8)),
    "liu_yang": ("刘洋", "sales_rep", "east", date(2023, 9, 1)),
    "sun_yue": ("孙悦", "sales_rep", "south", date(2023, 6, 1)),
    "zhou_tao": ("周涛", "sales_rep", "south", date(2025, 2, 10)),  # joined late
    "wu_xia": ("吴霞", "finance", "finance", FOUNDED),
    "zheng_kai": ("郑凯", "sales_ops", "ops", date(2023, 7, 3)),
}
TEAMS = {
    "company": ("明华传感", None, "wang_li"),
    "sales": ("销售部", "company", "chen_jing"),
    "east": ("华东一组", "sales", "li_qiang"),
    "south": ("华南组", "sales", "zhao_min"),
    "finance": ("财务部", "company", "wu_xia"),
    "ops": ("运营部", "company", "zheng_kai"),
}


def build_cast() -> Cast:
    """Create everybody, with their roles of the sales pack where it is installed.

    Logins are the keys (``zhang_wei``), the password is ``PASSWORD``.
    """
    teams: dict[str, TeamNode] = {}
    for key, (name, parent, _) in TEAMS.items():
        parent_id = teams[parent].id if parent else None
        teams[key] = people.create_team(actor=SYSTEM, name=name, parent_id=parent_id)
    staff = {
        key: people.create_member(
            actor=SYSTEM,
            login=key,
            name=name,
            password=PASSWORD,
            team_id=teams[team].id,
            joined_on=joined,
            email=f"{key}@minghua.example",
            phone=f"138{number:08}",
            employee_no=f"MH{number:03}",
            is_owner=key == "wang_li",
        )
        for number, (key, (name, _, team, joined)) in enumerate(STAFF.items(), start=1)
    }
    for key, (_, _, leader) in TEAMS.items():
        team_id = teams[key].id
        teams[key] = people.update_team(actor=SYSTEM, team_id=team_id, leader_id=staff[leader].id)
    known = {role.key for role in permissions.roles()}
    for key, (_, role, _, _) in STAFF.items():
        if role in known:
            set_roles(actor=SYSTEM, member_id=staff[key].id, roles=[role])
    return Cast(**staff, **{k: queries.team(t.id) for k, t in teams.items()})


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The whole cast, in one unit of work with the test."""
    with unit_of_work():
        yield build_cast()
