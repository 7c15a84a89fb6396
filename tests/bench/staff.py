"""Who works in the bench's company: teams of ten below regions, a manager each, one boss."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from tests.bench.sizes import Size
from wubu.kernel.calendar.queries import now
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import actions as people
from wubu.kernel.people.models import Token
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.types import SYSTEM
from wubu.measure.figures.queries import metrics
from wubu.measure.targets.models import Target

BOSS, MANAGER, REP, OPS = "boss", "manager1", "rep1", "ops"  # logins
KEY = "wubu_bench_key"  # an API key of the operations clerk, good for nothing but this
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍鹏飞鑫波斌宇浩凯健俊帆"


@dataclass(frozen=True)
class Staff:
    """Member ids; ``reps`` in team order."""

    boss: int
    ops: int
    reps: tuple[int, ...]


def name_of(number: int) -> str:
    """A Chinese name; of thousands some are the same, as in life."""
    surname = SURNAMES[number % len(SURNAMES)]
    first = GIVEN[number // len(SURNAMES) % len(GIVEN)]
    return surname + first + (GIVEN[number * 7 % len(GIVEN)] if number % 3 else "")


def hire(size: Size, since: date, today: date) -> Staff:
    """Create everybody with roles and teams, and targets for this month and the twelve before."""
    company = people.create_team(actor=SYSTEM, name="测速公司").id

    def employ(login: str, name: str, role: str, team: int) -> int:
        made = people.create_member(
            actor=SYSTEM,
            login=login,
            name=name,
            team_id=team,
            joined_on=since,
            is_owner=role == "boss",
        )
        permissions.set_roles(actor=SYSTEM, member_id=made.id, roles=[role])
        return made.id

    boss = employ(BOSS, "总经理", "boss", company)
    ops = employ(OPS, "运营", "sales_ops", company)
    Token.objects.create(
        member_id=ops, name="bench", digest=hashlib.sha256(KEY.encode()).hexdigest(), hint="key"
    )
    regions = [
        people.create_team(actor=SYSTEM, name=f"大区{n + 1}", parent_id=company).id
        for n in range(size.regions)
    ]
    reps: list[int] = []
    for n in range(size.teams):
        team = people.create_team(
            actor=SYSTEM, name=f"销售{n + 1}组", parent_id=regions[n % len(regions)]
        ).id
        leader = employ(f"manager{n + 1}", name_of(n + 500), "sales_manager", team)
        people.update_team(actor=SYSTEM, team_id=team, leader_id=leader)
        for _ in range(size.reps * n // size.teams, size.reps * (n + 1) // size.teams):
            number = len(reps) + 1
            reps.append(employ(f"rep{number}", name_of(number), "sales_rep", team))
    _targets(reps, today)
    return Staff(boss, ops, tuple(reps))


def _targets(reps: list[int], today: date) -> None:
    months = [Period.of("month", today)]
    while len(months) < 13:
        months.append(months[-1].previous())
    ids = {m.key: m.id for m in metrics(hidden=True)}
    wanted = (("sales_signed", 30_000_000), ("sales_paid", 25_000_000), ("follow_ups", 80))
    Target.objects.bulk_create(
        [
            Target(
                metric_id=ids[key],
                month=month.start,
                member_id=rep,
                value=value,
                valid_from=month.start,
                set_at=now(),
            )
            for key, value in wanted
            for month in months
            for rep in reps
        ],
        batch_size=1000,
    )
