"""Who can see one record, and why: for everybody at once, in a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Q, Value, When

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.people import queries as people
from wubu.kernel.people.types import Person, ReachedBy
from wubu.kernel.permissions import conditions, queries, sharing
from wubu.kernel.permissions.explain import ROWS
from wubu.kernel.permissions.policy import Policy, owner_column, rooted, to_parent
from wubu.kernel.permissions.rules import BY_OWNER, SHARED, GrantRule, Level
from wubu.kernel.permissions.shared import READING
from wubu.kernel.types import Actor, Forbidden, Missing, Problem, Text

ACTIONS = ("view", "edit", "delete", "export", "print", "share", "transfer", "stage", "approve")
AT_ONCE = 60  # conditions asked in one query
OWNER = Text("系统所有者：可以看、可以做一切", "Owner of the workspace: sees and does everything")


@dataclass(frozen=True, slots=True)
class Access:
    """What one person may do with one record, and why they see it.

    ``level`` is that of the field that was asked about.
    """

    person: Person
    actions: tuple[str, ...]
    reasons: tuple[Text, ...]
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """What the scopes look at: the record whose grants count, whose it is, who reaches that one."""

    top: ObjectSpec
    id: int
    owner_id: int | None
    reached: ReachedBy | None
    holds: Mapping[tuple[str, int], bool]  # by condition and member
    shares: Mapping[int, Sequence[Any]]  # by member


def may_ask(actor: Actor, object_key: str, record_id: int) -> bool:
    """Who sees a record is told to owners, to who sets up roles, and to whose record it is."""
    rights = queries.policy(actor)
    if rights.may_setup("roles"):
        return rights.everything or _seen(rights, object_key, record_id)
    spec = snapshot().object(object_key)
    prefix, top = to_parent(spec)
    mine = {f"{prefix}{owner_column(top)}": actor.member_id}
    rows = snapshot().model(object_key)._default_manager.filter(id=record_id, **mine)
    return bool(actor.member_id) and rows.filter(rights.scope("view", object_key)).exists()


def who_can(
    actor: Actor, object_key: str, record_id: int, field_key: str | None = None
) -> tuple[Access, ...]:
    """Everybody who can see a record, those who may most first, with the reasons.

    With ``field_key`` also at which level each reads that field. Raises Missing for what the actor
    may not see, Forbidden when they may not ask.
    """
    spec = snapshot().object(object_key)
    rights = queries.policy(actor)
    if not _seen(rights, object_key, record_id):
        raise Missing(Problem("no_such_record", Text("没有这条记录。", "There is no such record.")))
    if not may_ask(actor, object_key, record_id):
        raise Forbidden(
            Problem(
                "forbidden",
                Text("您无权查看谁能看到这条记录。", "You may not see who sees this record."),
            )
        )
    if field_key is not None and rights.level(object_key, spec.field(field_key).key) == "hidden":
        raise Missing(Problem("no_such_field", Text("没有这个字段。", "There is no such field.")))
    persons = people.members()
    policies = queries.policies(persons)
    told = _actions(spec)
    labels = {r.key: r.label for r in queries.roles()}
    row = _row(spec, record_id, policies)
    names = people.names({s.by_id for some in row.shares.values() for s in some if s.by_id})
    found = []
    for person in persons:
        policy = policies[person.id]
        actions = tuple(a for a in told if _may(policy, a, spec, row, person.id))
        if "view" not in actions:
            continue
        level = policy.level(object_key, field_key) if field_key else None
        reasons = _reasons(policy, spec, row, person.id, labels, names)
        found.append(Access(person, actions, reasons, level))
    return tuple(sorted(found, key=lambda a: (-len(a.actions), a.person.name, a.person.id)))


def _actions(spec: ObjectSpec) -> tuple[str, ...]:
    """The actions that make sense here: only what has stages moves between them."""
    stage, owner = spec.role("stage"), spec.role("owner")
    without = {
        *(() if stage is not None else ("stage", "approve")),
        *(() if owner is not None and not spec.part_of else ("transfer",)),
    }
    return tuple(a for a in ACTIONS if a not in without)


def _seen(rights: Policy, object_key: str, record_id: int) -> bool:
    rows = snapshot().model(object_key)._default_manager.filter(id=record_id)
    return rows.filter(rights.scope("view", object_key)).exists()


def _row(spec: ObjectSpec, record_id: int, policies: Mapping[int, Policy]) -> _Row:
    prefix, top = to_parent(spec)
    rows = snapshot().model(spec.key)._default_manager.filter(id=record_id)
    top_id, owner_id = rows.values_list(f"{prefix}id", f"{prefix}{owner_column(top)}").get()
    shares: dict[int, list[Any]] = defaultdict(list)
    for share in sharing.of_records(top.key, [top_id] if top_id else []):
        for member_id in _receivers(share):
            shares[member_id].append(share)
    return _Row(
        top,
        top_id or 0,
        owner_id,
        people.reached_by(owner_id) if owner_id else None,
        _conditions(top, top_id or 0, policies),
        shares,
    )


def _receivers(share: Any) -> frozenset[int]:
    if share.member_id is not None:
        return frozenset({share.member_id})
    return people.members_of(people.subtree(share.team_id))


def _conditions(
    top: ObjectSpec, id_: int, policies: Mapping[int, Policy]
) -> dict[tuple[str, int], bool]:
    """Which conditions hold, for whom: those that do not speak of ME() are asked once."""
    asked: dict[tuple[str, int], Q] = {}
    whose: dict[tuple[str, int], tuple[str, int]] = {}
    for member_id, policy in policies.items():
        for grant in policy.grants:
            if not grant.condition or not any(grant.covers(a, top.key) for a in ACTIONS):
                continue
            ambient = conditions.is_ambient(grant.condition, top.key)
            key = (grant.condition, member_id if ambient else 0)
            whose[grant.condition, member_id] = key
            if key not in asked:
                found = conditions.filter_of(
                    grant.condition, top.key, "", policy.actor, policy.team
                )
                asked[key] = Q(pk__in=()) if found is None else found
    answers: dict[tuple[str, int], bool] = {}
    every = list(asked.items())
    rows = snapshot().model(top.key)._default_manager.filter(id=id_)
    for start in range(0, len(every), AT_ONCE):
        some = every[start : start + AT_ONCE]
        told = rows.values_list(
            *(
                Case(When(q, then=Value(True)), default=Value(False), output_field=BooleanField())
                for _, q in some
            )
        ).first()
        for (key, _), holds in zip(some, told or [False] * len(some), strict=True):
            answers[key] = bool(holds)
    return {pair: answers.get(key, False) for pair, key in whose.items()}


def _may(policy: Policy, action: str, spec: ObjectSpec, row: _Row, member_id: int) -> bool:
    if policy.everything:
        return True
    counted, key = rooted(action, spec)
    reached = [g for g in policy.granted(counted, key) if _holds(g, row, member_id)]
    if not reached and not _shared(policy, counted, key, row, member_id):
        return False
    return action == "view" or _may(policy, "view", spec, row, member_id)


def _holds(grant: GrantRule, row: _Row, member_id: int) -> bool:
    if grant.scope == "all":
        return True
    if grant.scope == "condition":
        return row.holds.get((grant.condition, member_id), False)
    if grant.scope == "own":
        return row.owner_id == member_id
    if grant.scope not in BY_OWNER or row.reached is None:
        return False
    return member_id in (row.reached.team if grant.scope == "team" else row.reached.below)


def _shared(policy: Policy, action: str, key: str, row: _Row, member_id: int) -> list[Any]:
    granted = policy.granted(action, key)
    if not granted:
        return []
    said = any(g.scope == "shared" for g in granted)
    named = frozenset(SHARED) if action in READING else frozenset({"edit"})
    return [
        s
        for s in row.shares.get(member_id, ())
        if action in SHARED[s.level] or (said and s.level in named)
    ]


def _reasons(
    policy: Policy,
    spec: ObjectSpec,
    row: _Row,
    member_id: int,
    labels: Mapping[str, Text],
    names: Mapping[int, str],
) -> tuple[Text, ...]:
    if policy.everything:
        return (OWNER,)
    counted, key = rooted("view", spec)
    found = []
    for grant in policy.granted(counted, key):
        if _holds(grant, row, member_id):
            role = labels.get(policy.roles.get(grant.role_id, ""), Text("角色", "Role"))
            found.append(_said(grant, role, row, member_id))
    shares = _shared(policy, counted, key, row, member_id)
    found += [_share_said(share, names) for share in shares]
    if spec.part_of:
        parent = row.top.label.inside
        found = [Text(f"随所属{parent.zh}：{t.zh}", f"With its {parent.en}: {t.en}") for t in found]
    return tuple(dict.fromkeys(found))


def _said(grant: GrantRule, role: Text, row: _Row, member_id: int) -> Text:
    plural = row.top.plural.inside
    rows = ROWS[grant.scope]
    words = Text("", "")
    if grant.condition:
        words = Text(
            conditions.sentence(grant.condition, row.top.key, "zh"),
            conditions.sentence(grant.condition, row.top.key, "en"),
        )
    why = rows.format(o=plural, c=words)
    if grant.scope in BY_OWNER and grant.scope != "own" and row.reached is not None:
        if member_id == row.owner_id:
            why = ROWS["own"].format(o=plural)
        elif member_id in row.reached.managers:
            why = Text("下属负责", "the owner reports to them")
        else:
            why = Text("负责人在其团队", "the owner is in their team")
            if grant.scope == "team_below":
                why = Text("负责人在其团队或下级团队", "the owner is in their team or one below")
    return Text(f"角色“{role.zh}”：{why.zh}", f"Role “{role.en}”: {why.en}")


def _share_said(share: Any, names: Mapping[int, str]) -> Text:
    by = names.get(share.by_id, "")
    until = share.until.isoformat() if share.until else ""
    level = sharing.LEVELS[share.level]
    return Text(
        f"{by or '系统'} 共享（{level.zh}{'，至 ' + until if until else ''}）",
        f"Shared by {by or 'the system'} ({level.en.lower()}{', until ' + until if until else ''})",
    )
