"""Row scopes on random companies agree with a plain Python reading of the same rules."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kernel.permissions.support import small_catalog
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people.models import Membership, ReportingLine, Team, TeamVersion
from wubu.kernel.permissions import queries
from wubu.kernel.permissions.models import Grant, MemberRole, Role
from wubu.kernel.types import Actor
from wubu.kernel.workspace import forget

TODAY, PAST, SOON = date(2026, 3, 10), date(2025, 1, 1), date(2026, 3, 11)
THEN = datetime(2026, 3, 10, 2, tzinfo=UTC)
PEOPLE, TEAMS = 7, 5

person = st.integers(0, PEOPLE - 1)
maybe = st.one_of(st.none(), person)
stay = st.tuples(person, st.integers(0, TEAMS - 1), st.sampled_from(["now", "past", "future"]))
grants = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["view", "edit", "delete", "stage", "create"]),
        st.sampled_from(["deal", "*"]),
        st.sampled_from(["own", "team", "team_below", "all", "condition"]),
    ),
    max_size=8,
)
company = st.fixed_dictionaries(
    {
        # each team hangs below an earlier one, or is a root
        "parents": st.tuples(*(st.integers(-1, n - 1) for n in range(TEAMS))),
        "leaders": st.lists(maybe, min_size=TEAMS, max_size=TEAMS),
        "stays": st.lists(stay, max_size=10, unique_by=lambda s: (s[0], s[1])),
        "bosses": st.lists(maybe, min_size=PEOPLE, max_size=PEOPLE),
        "gone": st.sets(st.integers(1, PEOPLE - 1), max_size=2),
        "grants": grants,
        "roles": st.sets(st.integers(0, 2), max_size=3),
        "deals": st.lists(st.tuples(maybe, st.booleans()), max_size=8),
    }
)
DAYS = {"now": (PAST, None), "past": (PAST, TODAY), "future": (SOON, None)}


def build(plan):
    """The plan as rows; person 0 asks."""
    members = get_user_model()
    catalog = snapshot()
    for model in (
        catalog.model("deal_line"),
        catalog.model("deal"),
        MemberRole,
        Grant,
        Role,
        ReportingLine,
        Membership,
    ):
        model.objects.all().delete()
    TeamVersion.objects.all().delete()
    Team.objects.all().delete()
    members.objects.all().delete()
    people = [
        members.objects.create(login=f"p{n}", name=f"P{n}", is_active=n not in plan["gone"])
        for n in range(PEOPLE)
    ]
    teams = []
    for n in range(TEAMS):
        above, leader = plan["parents"][n], plan["leaders"][n]
        teams.append(Team.objects.create(name=f"T{n}"))
        TeamVersion.objects.create(
            team=teams[n],
            from_day=date.min,
            name=f"T{n}",
            parent=teams[above] if above >= 0 else None,
            leader=None if leader is None else people[leader],
        )
    for who, team, when in plan["stays"]:
        start, end = DAYS[when]
        Membership.objects.create(
            member=people[who], team=teams[team], from_day=start, to_day=end, primary=False
        )
    for who, boss in enumerate(plan["bosses"]):
        if boss is not None and boss != who:
            ReportingLine.objects.create(
                member=people[who], manager=people[boss], from_day=PAST, to_day=None
            )
    roles = [Role.objects.create(key=f"r{n}", label="r") for n in range(3)]
    for role, action, object_key, scope in plan["grants"]:
        if scope == "condition" and object_key == "*":
            continue
        Grant.objects.create(
            role=roles[role],
            object_key=object_key,
            action=action,
            scope=scope,
            condition='{industry} = "cars"' if scope == "condition" else "",
        )
    for role in plan["roles"]:
        MemberRole.objects.create(member=people[0], role=roles[role])
    stamp = {"created_at": THEN, "updated_at": THEN}
    for n, (owner, cars) in enumerate(plan["deals"]):
        deal = catalog.model("deal").objects.create(
            name=str(n),
            owner_id=None if owner is None else people[owner].id,
            industry="cars" if cars else None,
            **stamp,
        )
        catalog.model("deal_line").objects.create(deal=deal, **stamp)
    return people


def expected(plan, action):
    """The deals that person 0 may do this to, by the words of the rules."""

    def below(team):
        return {team} | {
            t for child in range(TEAMS) if plan["parents"][child] == team for t in below(child)
        }

    def in_team(who, team):
        spells = [when for p, t, when in plan["stays"] if (p, t) == (who, team)]
        if "now" in spells:
            return True
        if who not in plan["gone"] or not spells:
            return False
        latest = max(DAYS[when][0] for p, _, when in plan["stays"] if p == who)
        return any(DAYS[when][0] == latest for when in spells)

    my_teams = {t for p, t, when in plan["stays"] if p == 0 and when == "now"}
    my_teams |= {t for t in range(TEAMS) if plan["leaders"][t] == 0}
    all_teams = {t for mine in my_teams for t in below(mine)}
    reports, found = set(), {0}
    while found:
        found = {
            who
            for who, boss in enumerate(plan["bosses"])
            if boss in found and boss != who and who not in reports
        }
        reports |= found
    owners = {
        "own": {0},
        "team": {0} | reports | {p for p in range(PEOPLE) for t in my_teams if in_team(p, t)},
        "team_below": {0}
        | reports
        | {p for p in range(PEOPLE) for t in all_teams if in_team(p, t)},
    }

    def allowed(action, owner, cars):
        for role, granted, object_key, scope in plan["grants"]:
            counts = granted == action or (action == "stage" and granted == "edit")
            if role not in plan["roles"] or not counts:
                continue
            if scope == "all" or (scope == "condition" and object_key == "deal" and cars):
                return True
            if scope in owners and owner in owners[scope]:
                return True
        return False

    return {
        str(n)
        for n, (owner, cars) in enumerate(plan["deals"])
        if allowed(action, owner, cars) and (action == "create" or allowed("view", owner, cars))
    }


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=company)
def test_it_works(unit, travelled, plan):
    people = build(plan)
    forget(queries.MEMORY)
    policy = queries.policy(Actor(people[0].id))
    deals, lines = snapshot().model("deal").objects, snapshot().model("deal_line").objects
    wanted = {a: expected(plan, a) for a in ("view", "edit", "delete", "stage", "create")}
    for action, names in wanted.items():
        rows = deals.filter(policy.scope(action, "deal"))
        assert {d.name for d in rows} == names, action
        owners = policy.owner_ids(action, "deal")
        if owners is not None:
            by_owner = deals.all() if owners == "all" else deals.filter(owner_id__in=owners)
            assert {d.name for d in by_owner} == names, action
        assert policy.may(action, "deal") or not names
    for action, whole in (("view", "view"), ("edit", "edit"), ("delete", "edit")):
        rows = lines.filter(policy.scope(action, "deal_line")).select_related("deal")
        assert {line.deal.name for line in rows} == wanted[whole], action


@pytest.fixture
def travelled():
    with time_machine.travel(THEN, tick=False):
        small_catalog()
        yield
