"""明华传感: who works there, in which team since when, and how each of them sells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from wubu.kernel.people import actions as people
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.types import SYSTEM

PASSWORD = "wubu-demo"  # noqa: S105 (a demo's password is printed for all to see)
SIGN_IN = ("wangli", "chenjing", "liqiang", "zhangwei", "wuxia", "zhengkai")
TEAMS = ("华东", "华南", "华北", "西南")
POSITIONS = {
    "boss": "总经理",
    "sales_director": "销售总监",
    "sales_manager": "销售经理",
    "sales_rep": "销售工程师",
    "finance": "财务主管",
    "sales_ops": "销售运营",
}


@dataclass
class Rep:
    """How a rep sells. ``skill`` scales the odds of winning, ``diligence`` what is written down."""

    login: str
    name: str
    team: str
    skill: float = 1.0
    diligence: float = 1.0
    load: float = 1.0
    joined: date | None = None  # None: long before the story begins
    left: date | None = None
    moved: tuple[str, date] | None = None  # team before, first day in the present one
    suspicious_from: date | None = None
    id: int = 0

    def works_on(self, day: date) -> bool:
        return (self.joined is None or self.joined <= day) and (
            self.left is None or day <= self.left
        )

    def team_on(self, day: date) -> str:
        if self.moved and day < self.moved[1]:
            return self.moved[0]
        return self.team


@dataclass
class Staff:
    """Everybody, with ids once they are created."""

    reps: list[Rep]
    managers: dict[str, int] = field(default_factory=dict)  # team → member
    members: dict[str, int] = field(default_factory=dict)  # login → member
    teams: dict[str, int] = field(default_factory=dict)

    def rep(self, login: str) -> Rep:
        return next(r for r in self.reps if r.login == login)

    def in_team(self, team: str, day: date) -> list[Rep]:
        """The reps who work for a team that day."""
        return [r for r in self.reps if r.works_on(day) and r.team_on(day) == team]


LEADERS = {
    "华东": ("liqiang", "李强"),
    "华南": ("zhaomin", "赵敏"),
    "华北": ("sunlei", "孙磊"),
    "西南": ("hejing", "何静"),
}
OFFICE = (
    # login, name, role, team
    ("wangli", "王立", "boss", "明华传感"),
    ("chenjing", "陈静", "sales_director", "销售部"),
    ("wuxia", "吴霞", "finance", "财务部"),
    ("zhengkai", "郑凯", "sales_ops", "销售运营部"),
)


def reps(today: date) -> list[Rep]:
    """24 who sell now and one who left. Skill and diligence are theirs for the whole story."""
    month = today.replace(day=1)
    found = [
        # 华东
        Rep("zhangwei", "张伟", "华东", skill=1.15, diligence=1.15, load=1.1),
        Rep("liuyang", "刘洋", "华东", skill=1.05),
        Rep("xujie", "徐洁", "华东", skill=1.3, diligence=1.1, load=1.15),
        Rep("machao", "马超", "华东", skill=0.85, suspicious_from=month - timedelta(days=92)),
        Rep("zhufeng", "朱峰", "华东", skill=0.9, diligence=0.25),  # hardly writes anything down
        Rep("guomin", "郭敏", "华东", joined=month - timedelta(days=420)),
        # 华南
        Rep("sunyue", "孙悦", "华南", skill=1.2, load=1.1),
        Rep("zhoutao", "周涛", "华南", skill=0.8, load=0.8, joined=month - timedelta(days=180)),
        Rep("linfang", "林芳", "华南", moved=("华东", month - timedelta(days=245))),
        Rep("hujun", "胡军", "华南", skill=0.95),
        Rep("luoxin", "罗欣", "华南", skill=1.1, diligence=1.2),
        Rep("dengbo", "邓博", "华南", skill=0.7, diligence=0.35),
        # 华北
        Rep("gaopeng", "高鹏", "华北", skill=1.1),
        Rep("songna", "宋娜", "华北", skill=1.25, diligence=1.2, load=1.1),
        Rep("hanbing", "韩冰", "华北"),
        Rep("tanglei", "唐磊", "华北", skill=0.8),
        Rep("fengyu", "冯宇", "华北", skill=0.95, joined=month - timedelta(days=300)),
        Rep("caohui", "曹慧", "华北", skill=1.05),
        # 西南
        Rep("pengtao", "彭涛", "西南", skill=1.0),
        Rep("zenghong", "曾红", "西南", skill=1.1, load=1.05),
        Rep("xiaolin", "萧林", "西南", skill=0.9),
        Rep("tianye", "田野", "西南", skill=0.75, diligence=0.3),
        Rep("caimeng", "蔡萌", "西南", skill=1.15),
        Rep("panhao", "潘浩", "西南", skill=0.95, joined=month - timedelta(days=540)),
        # gone
        Rep("jiangfan", "蒋帆", "华北", skill=0.8, left=month - timedelta(days=130)),
    ]
    assert len([r for r in found if r.left is None]) == 24  # noqa: S101
    return found


def hire(start: date, today: date) -> Staff:
    """Create the teams and everybody in them, with roles, leaders and dated moves."""
    staff = Staff(reps(today))
    long_ago = start - timedelta(days=600)
    staff.teams["明华传感"] = people.create_team(actor=SYSTEM, name="明华传感").id
    for name, parent in (
        ("销售部", "明华传感"),
        *((f"{region}销售组", "销售部") for region in TEAMS),
        ("财务部", "明华传感"),
        ("销售运营部", "明华传感"),
    ):
        made = people.create_team(actor=SYSTEM, name=name, parent_id=staff.teams[parent])
        staff.teams[name.removesuffix("销售组")] = made.id
    posts = {
        role: people.create_position(actor=SYSTEM, name=name, rank=rank).id
        for rank, (role, name) in enumerate(POSITIONS.items())
    }
    number = 0

    def employ(login: str, name: str, role: str, team: str, since: date) -> int:
        nonlocal number
        number += 1
        person = people.create_member(
            actor=SYSTEM,
            login=login,
            name=name,
            password=PASSWORD if login in SIGN_IN else None,
            team_id=staff.teams[team],
            joined_on=since,
            email=f"{login}@minghua-sensor.example",
            phone=f"139{number * 7_654_321 % 10**8:08d}",
            employee_no=f"MH{number:04d}",
            is_owner=role == "boss",
            position_id=posts[role],
        )
        permissions.set_roles(actor=SYSTEM, member_id=person.id, roles=[role])
        staff.members[login] = person.id
        return person.id

    for login, name, role, team in OFFICE:
        employ(login, name, role, team, long_ago)
    for region, (login, name) in LEADERS.items():
        staff.managers[region] = employ(login, name, "sales_manager", region, long_ago)
    for rep in staff.reps:
        first = rep.moved[0] if rep.moved else rep.team
        rep.id = employ(rep.login, rep.name, "sales_rep", first, rep.joined or long_ago)
    _lead(staff, long_ago)
    _move(staff)
    return staff


def _lead(staff: Staff, since: date) -> None:
    members = staff.members
    leaders = {
        "明华传感": members["wangli"],
        "销售部": members["chenjing"],
        "财务部": members["wuxia"],
        "销售运营部": members["zhengkai"],
        **staff.managers,
    }
    for team, leader in leaders.items():
        people.update_team(actor=SYSTEM, team_id=staff.teams[team], leader_id=leader)
    report = dict.fromkeys(staff.managers.values(), members["chenjing"])
    report |= {members[login]: members["wangli"] for login in ("chenjing", "wuxia", "zhengkai")}
    for member, manager in report.items():
        people.set_manager(actor=SYSTEM, member_id=member, manager_id=manager, from_day=since)
    for rep in staff.reps:
        people.set_manager(
            actor=SYSTEM,
            member_id=rep.id,
            manager_id=staff.managers[rep.moved[0] if rep.moved else rep.team],
            from_day=rep.joined or since,
        )


def _move(staff: Staff) -> None:
    for rep in staff.reps:
        if rep.moved:
            day = rep.moved[1]
            team, manager = staff.teams[rep.team], staff.managers[rep.team]
            people.move_member(actor=SYSTEM, member_id=rep.id, team_id=team, from_day=day)
            people.set_manager(actor=SYSTEM, member_id=rep.id, manager_id=manager, from_day=day)


def let_go(staff: Staff) -> None:
    """Those who left, last: a member who is gone owns nothing new."""
    for rep in staff.reps:
        if rep.left:
            people.deactivate(actor=SYSTEM, member_id=rep.id, left_on=rep.left)
