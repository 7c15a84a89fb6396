"""Whom a member answers for, in one query: teams they are in or lead, those below, reports.

Who has left still belongs where they last were, so that their records do not drop out of sight.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db import connection

from wubu.kernel.people.types import Reach, ReachedBy

_ROLE_ON = """({0}.from_day <= %(day)s AND ({0}.to_day IS NULL OR {0}.to_day > %(day)s))"""
_LAST = """(NOT who.is_active AND NOT EXISTS (
        SELECT 1 FROM {table} later
        WHERE later.member_id = {0}.member_id AND later.from_day > {0}.from_day))"""
_MEMBER_ON = "wubu_people_membership"
_TEAMS = "wubu_people_team_version"
_LINES = "wubu_people_reporting_line"
_COUNTS = f"({_ROLE_ON.format('stay')} OR {_LAST.format('stay', table=_MEMBER_ON)})"
_LINE_COUNTS = f"({_ROLE_ON.format('line')} OR {_LAST.format('line', table=_LINES)})"

REPORTS = f"""
    reports(id) AS (
        SELECT line.member_id FROM {_LINES} line
        JOIN wubu_people_member who ON who.id = line.member_id
        WHERE line.manager_id = %(me)s AND {_LINE_COUNTS}
        UNION
        SELECT line.member_id FROM {_LINES} line
        JOIN wubu_people_member who ON who.id = line.member_id
        JOIN reports ON line.manager_id = reports.id
        WHERE {_LINE_COUNTS}
    )"""  # noqa: S608 - table names only, written here

REACH = f"""
WITH RECURSIVE
    mine(id) AS (
        SELECT stay.team_id FROM {_MEMBER_ON} stay
        WHERE stay.member_id = %(me)s AND {_ROLE_ON.format("stay")}
        UNION
        SELECT team.team_id FROM {_TEAMS} team
        WHERE team.leader_id = %(me)s AND {_ROLE_ON.format("team")}
    ),
    below(id) AS (
        SELECT id FROM mine
        UNION
        SELECT team.team_id FROM {_TEAMS} team JOIN below ON team.parent_id = below.id
        WHERE {_ROLE_ON.format("team")}
    ),
    {REPORTS},
    everyone(team_id, member_id) AS (
        SELECT stay.team_id, stay.member_id FROM {_MEMBER_ON} stay
        JOIN wubu_people_member who ON who.id = stay.member_id
        JOIN below ON below.id = stay.team_id
        WHERE {_COUNTS}
    )
SELECT 'team', id FROM mine
UNION ALL SELECT 'team_below', id FROM below
UNION ALL SELECT 'member', member_id FROM everyone WHERE team_id IN (SELECT id FROM mine)
UNION ALL SELECT 'member_below', member_id FROM everyone
UNION ALL SELECT 'report', id FROM reports
"""  # noqa: S608


def reach(member_id: int, day: date) -> Reach:
    """Whom the member answers for on a day; a member always reaches themself."""
    found: dict[str, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(REACH, {"me": member_id, "day": connection.ops.adapt_datefield_value(day)})
        for kind, key in cursor.fetchall():
            found[kind].add(key)
    reports = found["report"] - {member_id}
    return Reach(
        member_id=member_id,
        teams=frozenset(found["team"]),
        teams_below=frozenset(found["team_below"]),
        members=frozenset(found["member"] | reports | {member_id}),
        members_below=frozenset(found["member_below"] | reports | {member_id}),
        reports=frozenset(reports),
    )


def subordinates(member_id: int, day: date) -> frozenset[int]:
    """Everybody who reports to a member on a day, directly or through others. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE {REPORTS} SELECT id FROM reports",  # noqa: S608
            {"me": member_id, "day": connection.ops.adapt_datefield_value(day)},
        )
        return frozenset(row[0] for row in cursor.fetchall()) - {member_id}


REACHED_BY = f"""
WITH RECURSIVE
    theirs(id) AS (
        SELECT stay.team_id FROM {_MEMBER_ON} stay
        JOIN wubu_people_member who ON who.id = stay.member_id
        WHERE stay.member_id = %(me)s AND {_COUNTS}
    ),
    above(id) AS (
        SELECT id FROM theirs
        UNION
        SELECT team.parent_id FROM {_TEAMS} team JOIN above ON team.team_id = above.id
        WHERE team.parent_id IS NOT NULL AND {_ROLE_ON.format("team")}
    ),
    managers(id) AS (
        SELECT line.manager_id FROM {_LINES} line
        JOIN wubu_people_member who ON who.id = line.member_id
        WHERE line.member_id = %(me)s AND {_LINE_COUNTS}
        UNION
        SELECT line.manager_id FROM {_LINES} line
        JOIN wubu_people_member who ON who.id = line.member_id
        JOIN managers ON line.member_id = managers.id
        WHERE {_LINE_COUNTS}
    )
SELECT 'team', stay.member_id FROM {_MEMBER_ON} stay
WHERE {_ROLE_ON.format("stay")} AND stay.team_id IN (SELECT id FROM theirs)
UNION ALL SELECT 'team', team.leader_id FROM {_TEAMS} team
WHERE team.leader_id IS NOT NULL AND {_ROLE_ON.format("team")}
    AND team.team_id IN (SELECT id FROM theirs)
UNION ALL SELECT 'below', stay.member_id FROM {_MEMBER_ON} stay
WHERE {_ROLE_ON.format("stay")} AND stay.team_id IN (SELECT id FROM above)
UNION ALL SELECT 'below', team.leader_id FROM {_TEAMS} team
WHERE team.leader_id IS NOT NULL AND {_ROLE_ON.format("team")}
    AND team.team_id IN (SELECT id FROM above)
UNION ALL SELECT 'manager', id FROM managers
"""  # noqa: S608


def reached_by(member_id: int, day: date) -> ReachedBy:
    """Who answers for a member on a day, the other way round; in one query."""
    found: dict[str, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        params = {"me": member_id, "day": connection.ops.adapt_datefield_value(day)}
        cursor.execute(REACHED_BY, params)
        for kind, key in cursor.fetchall():
            found[kind].add(key)
    managers = frozenset(found["manager"] - {member_id})
    return ReachedBy(
        member_id=member_id,
        team=frozenset(found["team"] | managers | {member_id}),
        below=frozenset(found["below"] | managers | {member_id}),
        managers=managers,
    )
