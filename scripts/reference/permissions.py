"""docs/reference/permissions.md"""

from __future__ import annotations

from collections import defaultdict

from scripts.reference.markdown import both, code, table
from wubu.kernel.packs.queries import read
from wubu.kernel.permissions.rules import ACTIONS, AREAS, LEVELS, SCOPES
from wubu.kernel.types import Text

INTRO = """\
# Permissions

A member has roles; a role grants. Every page, the API, imports, exports, search, totals and
leaderboards ask the same policy, so there is no entrance that sees more. What one may not see
looks exactly like what does not exist.

A grant says **action × object × rows**, and fields can be hidden or made read-only. Grants of
several roles add up. The owner of the workspace may do everything. An object that is part of
another (a quote line of a quote) follows its parent.

"""
ROWS_EN = {
    "own": "records whose owner is the member",
    "team": "and those of the members of the member's teams",
    "team_below": "and of the teams below, and of everybody who reports to the member",
    "all": "every record",
    "condition": "records for which a condition holds, such as `{pool} = TRUE`",
}
EXPLAIN = """
Membership and reporting lines are dated: rows follow the teams as they are **today**, while a
figure of the past counts for the team of **that day**.

## Fields

"""
SETUP = """
A field that is hidden is absent from pages, exports, the API and history, and cannot be used in
a filter or a sort.

## Setup

Areas of setup that a role may change:

"""
PERFORMANCE = """
## Figures of people

Whose numbers a member may see (metrics, targets, scorecards) is granted apart from records: own,
team, team and below, or all. A leaderboard whose audience is *everyone* is published to all
members by its rule; one that is *permitted* shows only whom the reader may see.

## Roles of the sales pack

"""


def page() -> str:
    pack, _ = read("sales")
    parts = [
        INTRO,
        "## Actions\n\n",
        table(("action", "name"), ((code(k), both(t)) for k, t in ACTIONS.items())),
        "\nWho may edit may move stages; *stage* alone allows only that.\n\n## Rows\n\n",
        table(
            ("rows", "name", "which"),
            ((code(k), both(t), ROWS_EN[k]) for k, t in SCOPES.items()),
        ),
        EXPLAIN,
        table(("level", "name"), ((code(k), both(t)) for k, t in LEVELS.items())),
        SETUP,
        table(("area", "name"), ((code(k), both(t)) for k, t in AREAS.items())),
        PERFORMANCE,
    ]
    for key, role in pack.roles.items():
        label = Text(role.label.zh, role.label.en)
        said = f"{role.description.zh}。{role.description.en}." if role.description else ""
        parts.append(f"### {both(label)} `{key}`\n\n{said}\n\n")
        by_object: dict[str, list[str]] = defaultdict(list)
        for grant in role.grants:
            rows = f"`{grant.condition}`" if grant.condition else grant.rows
            by_object[grant.object].append(f"{', '.join(grant.actions)}: {rows}")
        parts.append(
            table(
                ("object", "may"),
                (
                    (code(o) if o != "*" else "every object", "; ".join(g))
                    for o, g in by_object.items()
                ),
            )
        )
        extra = []
        for object_key, fields in role.fields.items():
            extra += [f"`{object_key}.{name}` {level}" for name, level in fields.items()]
        if extra:
            parts.append(f"\nFields: {', '.join(extra)}.\n")
        if role.setup:
            parts.append(f"\nSetup: {', '.join(role.setup)}.\n")
        parts.append(f"\nSees the figures of: {role.performance or 'nobody'}.\n\n")
    return "".join(parts).rstrip("\n") + "\n"
