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

A grant says **action × object × rows**, and fields can be hidden, masked or made read-only. Grants
of several roles, and several grants of one role, add up. The owner of the workspace may do
everything. An object that is part of another (a quote line of a quote) follows its parent.

"""
ROWS_EN = {
    "own": "records whose owner is the member",
    "team": "and those of the members of the member's teams",
    "team_below": "and of the teams below, and of everybody who reports to the member",
    "all": "every record",
    "shared": "only what others shared with the member, or with a team of theirs",
    "condition": "records for which a condition holds, such as `{pool} = TRUE`",
}
EXPLAIN = """
Membership and reporting lines are dated: rows follow the teams as they are **today**, while a
figure of the past counts for the team of **that day**.

## Fields

"""
SETUP = r"""
A field that is hidden is absent from pages, exports, the API and history, and cannot be used in
a filter or a sort.

A field that is **masked** is shown in outline everywhere: `138****1234`, `z***@example.com`,
张\*\*, `9111****341L`; of money, numbers, days, choices, links and long texts only `***`. Its value
is never sent: in the API it is null in `values`, and the outline stands in `masked`. Like a hidden
one it is neither filtered, sorted, grouped, summed, searched nor matched by, and a value that is
sent for it is refused alike whether it is the right one or not.

What is computed gives no more away than what it reads: a formula, a look-up or a roll-up over a
masked field is masked, over a hidden one hidden. Over a link it is empty where the reader may not
see the record at its end. A roll-up of an object that somebody may not see at all is a field of its
parent, and goes by its own level: hide it where the sum itself is a secret.

## Shares

Who may *share* shares one record with a member, or with a team and those below it, to view or to
edit, until a day. A share widens rows, never actions or fields: the receiver needs a role that lets
them view (edit) the object at all. It opens viewing and printing, and to edit also editing,
changing many and moving stages; not exporting, deleting, handing over or sharing on. It ends by
itself, is logged, and is no longer there once who gave it may no longer share the record, as after
handing it over.

Nobody gives more than they see: where the receiver's roles would show a field of the record that is
hidden from the giver or masked, the share is refused. In the packs owners of records share their
own, who leads a team what the team has, and bosses and sales operations everything; who only reads
(finance, compliance) shares nothing; what lies in the pool only bosses and operations share.

## Looking as another person

The setup right `view_as` shows the workspace exactly as somebody else sees it. Nothing can be
written meanwhile, by no entrance; begin and end are logged. Nobody looks as an owner who is none,
nor as somebody who may set up what they may not.

## Setup

Areas of setup that a role may change:

"""
ACTIONS_END = """
Who may edit may move stages; *stage* alone allows only that. A stage field's option `approve` lists
stages that only who may *approve* moves a record into. In a pack, *view* brings *print* along,
*create* brings *copy* and *edit* brings *bulk_edit*, unless the grant lists them in `without`.

## Rows

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
        ACTIONS_END,
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
