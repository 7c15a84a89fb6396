"""A small company in which every value is a canary, and what a plain reading of the roles allows.

The reference below knows nothing of SQL, policies or pages: it reads grants, levels, shares and
conditions as a person would, record by record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.cast import Cast, acting
from wubu.collect.conversations.actions import comment
from wubu.collect.conversations.models import Subscription
from wubu.collect.views.actions import create as create_view
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.permissions.models import Share
from wubu.kernel.records import actions
from wubu.kernel.types import SYSTEM

OBJECTS = ("customer", "contact", "opportunity", "visit")
# The fields that hold canaries. Those that metrics or roll-ups sum are tried elsewhere.
FIELDS: dict[str, dict[str, str]] = {
    "customer": {
        "name": "text",
        "address": "text",
        "region": "text",
        "phone": "phone",
        "revenue": "money",
        "employees": "number",
        "note": "text",
    },
    "contact": {
        "name": "text",
        "title": "text",
        "phone": "phone",
        "email": "email",
        "wechat": "text",
        "note": "text",
    },
    "opportunity": {"name": "text", "next_step": "text", "competitor": "text", "note": "text"},
    "visit": {"purpose": "text", "note": "text"},
}
TITLES = {"customer": "name", "contact": "name", "opportunity": "name", "visit": "purpose"}
RANK = {"hidden": 0, "masked": 1, "read": 2, "write": 3}


@dataclass
class Row:
    """One record with its canaries: what it holds, as it may be met in any answer."""

    object_key: str
    id: int
    owner: int
    values: dict[str, Any]
    customer: Row | None = None
    parent: Row | None = None
    was: str = ""  # what stood in its note before
    said: str = ""  # a comment on it

    def canaries(self, key: str) -> tuple[str, ...]:
        value, kind = self.values[key], FIELDS[self.object_key][key]
        if kind == "phone":
            return (value, f"{value[:3]} {value[3:7]} {value[7:]}", f"{value[:3]}-{value[3:7]}")
        if kind in ("money", "number"):
            return (str(value), f"{value:,}")
        return (value,)


@dataclass
class Secrets:
    """Every record by object, who asks, and whom they answer for."""

    cast: Cast
    me: int
    team: frozenset[int]
    rows: dict[str, list[Row]] = field(default_factory=dict)
    binned: list[Row] = field(default_factory=list)  # in the recycle bin
    views: dict[str, tuple[str, str]] = field(default_factory=dict)  # by object: slug, a literal

    @property
    def every(self) -> list[Row]:
        return [r for rows in self.rows.values() for r in rows]

    @property
    def known(self) -> list[Row]:
        """Those in the bin too."""
        return [*self.every, *self.binned]


CONDITIONS: dict[str, list[tuple[str, Callable[[Row, int], bool]]]] = {
    "customer": [
        ("{employees} > 5500000", lambda r, _: r.values["employees"] > 5_500_000),
        ("{parent.owner} = ME()", lambda r, me: r.parent is not None and r.parent.owner == me),
    ],
    "contact": [
        ("{customer.owner} = ME()", lambda r, me: r.customer.owner == me),
        (
            "{customer.parent.employees} > 5500000",
            lambda r, _: (
                r.customer.parent is not None and r.customer.parent.values["employees"] > 5_500_000
            ),
        ),
    ],
    "opportunity": [
        (
            "{customer.parent.owner} = ME()",
            lambda r, me: r.customer.parent is not None and r.customer.parent.owner == me,
        ),
        (
            "{owner} = ME() OR {customer.owner} = ME()",
            lambda r, me: me in (r.owner, r.customer.owner),
        ),
    ],
    "visit": [
        ('CONTAINS({customer.region}, "zq")', lambda r, _: "zq" in r.customer.values["region"]),
    ],
}


def build(cast: Cast) -> Secrets:
    """Four people of two teams, each with one record of every object, crossed with one another."""
    secrets = Secrets(
        cast,
        cast.zhang_wei.id,
        frozenset({cast.zhang_wei.id, cast.liu_yang.id, cast.li_qiang.id}),
    )
    owners = [cast.zhang_wei.id, cast.liu_yang.id, cast.sun_yue.id, cast.zhou_tao.id]
    number = 0

    def value(kind: str) -> Any:
        nonlocal number
        number += 7
        match kind:
            case "phone":
                return f"139{40_000_000 + number * 13_577:08}"
            case "email":
                return f"zq{number:04}kw@canary.example"
            case "money" | "number":
                return 5_000_001 + number * 10_007
            case _:
                return f"zq{number:04}kw机密"

    def make(key: str, owner: int, more: Mapping[str, Any], **links: Row) -> Row:
        values = {k: value(kind) for k, kind in FIELDS[key].items()}
        sent = {**values, **more, "owner": owner}
        made = actions.create(actor=SYSTEM, object_key=key, values=sent)
        row = Row(key, made.id, owner, values, **links)
        _live(secrets, row, value)
        return row

    def _live(secrets: Secrets, row: Row, value: Callable[[str], Any]) -> None:
        """It is changed, talked about and followed by who may not see it any more."""
        row.was, row.said = row.values["note"], value("text")
        row.values["note"] = value("text")
        for member in (secrets.me, cast.wang_li.id):
            Subscription.objects.create(
                object_key=row.object_key, record_id=row.id, member_id=member, at=now()
            )
        actions.update(
            actor=SYSTEM, object_key=row.object_key, id=row.id, values={"note": row.values["note"]}
        )
        comment(actor=acting(cast.chen_jing), object_key=row.object_key, id=row.id, text=row.said)
        secrets.rows.setdefault(row.object_key, []).append(row)

    def work(owner: int, other: Row) -> None:
        make("contact", owner, {"customer": other.id}, customer=other)
        deal = {"customer": other.id, "amount": "1", "expected_close": day}
        make("opportunity", owner, deal, customer=other)
        make("visit", owner, {"customer": other.id, "planned_at": now()}, customer=other)

    day = today() + timedelta(days=2)
    customers: list[Row] = []
    for owner in owners:
        above = {"parent": customers[-1].id} if customers else {}
        row = make("customer", owner, {**above, "pool": False})
        row.parent = customers[-1] if customers else None
        customers.append(row)
    for n, owner in enumerate(owners):
        work(owner, customers[(n + 1) % len(customers)])  # the customer is somebody else's
    make("customer", cast.liu_yang.id, {"pool": False})
    work(cast.sun_yue.id, customers[0])
    for key in OBJECTS:
        secrets.binned.append(secrets.rows[key].pop())
        actions.archive(actor=SYSTEM, object_key=key, ids=[secrets.binned[-1].id])
        literal = value("text")
        view = create_view(
            actor=acting(cast.wang_li),
            object_key=key,
            name=f"视图{key}",
            audience="shared",
            definition={
                "filter": f'{{note}} <> "{literal}"',
                "sort": ["region"] if key == "customer" else [],
            },
        )
        secrets.views[key] = (view.slug, literal)
    return secrets


@dataclass
class Reading:
    """What the roles of one example allow, read plainly."""

    secrets: Secrets
    roles: list[dict[str, Any]]  # as packs write them
    shared: set[tuple[str, int]] = field(default_factory=set)

    def sees(self, row: Row, action: str = "view") -> bool:
        granted = self._grants(row.object_key, action)
        if not granted:
            return False
        own = any(self._holds(g, row) for g in granted)
        shared = action == "view" and (row.object_key, row.id) in self.shared
        if action != "view" and any(g["rows"] == "shared" for g in granted):
            shared = (row.object_key, row.id) in self.shared
        return (own or shared) and (action == "view" or self.sees(row))

    def level(self, object_key: str, key: str) -> str:
        best = "hidden"
        for role in self.roles:
            actions_of = {a for g in self._of(role, object_key) for a in g["actions"]}
            default = (
                "write"
                if actions_of & {"edit", "create"}
                else "read"
                if "view" in actions_of
                else "hidden"
            )
            level = default
            fields = role["fields"]
            for place in ((object_key, key), (object_key, "*"), ("*", key)):
                rule = fields.get(place[0], {}).get(place[1])
                if rule and default != "hidden":
                    level = min(rule, default, key=RANK.__getitem__)
                    break
            best = max(best, level, key=RANK.__getitem__)
        return best

    def clear(self, object_key: str, key: str) -> bool:
        return RANK[self.level(object_key, key)] >= 2

    def secret(self) -> list[tuple[str, Row, str]]:
        """The canaries that no answer may hold: (canary, record, field)."""
        found = [
            (canary, row, key)
            for row in self.secrets.known
            for key in FIELDS[row.object_key]
            if not (self.sees(row) and self.clear(row.object_key, key))
            for canary in row.canaries(key)
        ]
        for row in self.secrets.known:
            if not (self.sees(row) and self.clear(row.object_key, "note")):
                found.append((row.was, row, "was"))
            if not self.sees(row):
                found.append((row.said, row, "said"))
        for key, (_, literal) in self.secrets.views.items():
            if not self.clear(key, "note"):
                found.append((literal, self.secrets.rows[key][0], "view"))
        return found

    def _of(self, role: Mapping[str, Any], object_key: str) -> list[dict[str, Any]]:
        return [g for g in role["grants"] if g["object"] in (object_key, "*")]

    def _grants(self, object_key: str, action: str) -> list[dict[str, Any]]:
        return [
            g for role in self.roles for g in self._of(role, object_key) if action in g["actions"]
        ]

    def _holds(self, grant: Mapping[str, Any], row: Row) -> bool:
        match grant["rows"]:
            case "all":
                return True
            case "own":
                return row.owner == self.secrets.me
            case "team" | "team_below":
                return row.owner in self.secrets.team
            case "condition":
                holds = dict(CONDITIONS[row.object_key])[grant["condition"]]
                return bool(holds(row, self.secrets.me))
        return False


def share(secrets: Secrets, chosen: list[tuple[int, int, str]]) -> set[tuple[str, int]]:
    """Share records with 张伟, with his team, with another, or until yesterday; which count."""
    Share.objects.all().delete()
    counts = set()
    for where, which, how in chosen:
        row = secrets.rows[OBJECTS[where]][which]
        team = how == "team"
        Share.objects.create(
            object_key=row.object_key,
            target_id=row.id,
            member_id=None if team else secrets.cast.wu_xia.id if how == "other" else secrets.me,
            team_id=secrets.cast.sales.id if team else None,
            until=today() - timedelta(days=1) if how == "over" else None,
            ended_at=now() if how == "ended" else None,
            at=now(),
        )
        if how in ("me", "team"):
            counts.add((row.object_key, row.id))
    return counts
