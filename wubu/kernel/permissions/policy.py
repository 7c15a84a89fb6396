"""What one actor may: may I, which ones, who. Asked of plain data, read once per unit of work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db.models import Q

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import BASE_COLUMNS, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.formula.queries import MANY, Context, now_for
from wubu.kernel.people.types import Reach
from wubu.kernel.permissions import conditions, rights_cache, shared, sources
from wubu.kernel.permissions.rights_cache import RightsCache
from wubu.kernel.permissions.rules import (
    ANY,
    BY_OWNER,
    OF_PARENT,
    PERFORMANCE,
    RANK,
    SETUP,
    UNSEEN,
    WIDTH,
    FieldRule,
    GrantRule,
    Level,
)
from wubu.kernel.permissions.shared import Shares
from wubu.kernel.types import Actor, Forbidden, Problem, Text

NOBODY = Q(pk__in=())
EVERY = frozenset({("all", "")})
OF_MEMBERS = frozenset({"id", "name", "is_active"})  # what a member or team field shows of its row


@dataclass(frozen=True)
class Policy:
    """The rights of one actor at one moment.

    ``everything`` is true of the system and of workspace owners. ``roles`` maps role ids to keys.
    ``shares`` are records that others shared with them: these widen the rows, never the actions.
    """

    actor: Actor
    everything: bool
    roles: Mapping[int, str]
    grants: Sequence[GrantRule]
    field_rules: Sequence[FieldRule]
    _reach: Callable[[], Reach] = field(repr=False, compare=False)
    shares: Shares = field(default_factory=Shares)
    _scopes: dict[tuple[str, str], Q] = field(default_factory=dict, repr=False, compare=False)
    _cache: list[RightsCache] = field(default_factory=list, repr=False, compare=False)

    @property
    def known(self) -> RightsCache:
        """What follows from the catalog and the grants alone, whoever holds them."""
        now = snapshot()
        if not self._cache or self._cache[0].snapshot is not now:
            rights = (self.everything, frozenset(self.roles), self.grants, self.field_rules)
            self._cache[:] = [rights_cache.of(now, rights)]
        return self._cache[0]

    # May I

    def may(self, action: str, object_key: str) -> bool:
        """May the actor do this to any record at all? For one record ask ``scope``."""
        may = self.known.may
        found = may.get((action, object_key))
        if found is None:
            found = may[action, object_key] = self._may(action, object_key)
        return found

    def _may(self, action: str, object_key: str) -> bool:
        spec = _live(object_key)
        if spec is None:
            return False
        if self.everything:
            return True
        action, key = rooted(action, spec)
        return bool(self.granted(action, key)) and (
            action in UNSEEN or bool(self.granted("view", key))
        )

    def require(self, action: str, object_key: str) -> None:
        """Raises Forbidden unless ``may``."""
        if self.may(action, object_key):
            return
        spec = snapshot().objects.get(object_key)
        raise Forbidden(
            Problem(
                "forbidden",
                Text("您没有“{o}”的此项权限。", "You do not have this right on “{o}”.").format(
                    o=spec.label if spec else object_key
                ),
                object=object_key,
            )
        )

    def may_setup(self, area: str) -> bool:
        """May the actor change these settings: people teams roles objects metrics …"""
        return self.everything or any(
            g.action == SETUP and g.object_key in (ANY, area) for g in self.grants
        )

    def require_setup(self, area: str) -> None:
        """Raises Forbidden unless ``may_setup``."""
        if not self.may_setup(area):
            raise Forbidden(
                Problem(
                    "forbidden",
                    Text("您无权更改此设置。", "You may not change this setting."),
                )
            )

    # Which ones

    def scope(self, action: str, object_key: str) -> Q:
        """The records of an object to which the actor may do this, as a filter on its model.

        ``Q()`` is all of them. A record that the actor cannot see is never among them.
        """
        key = (action, object_key)
        if key not in self._scopes:
            self._scopes[key] = self._scope(action, object_key)
        return self._scopes[key]

    def across(self, object_key: str, path: Sequence[str]) -> Q:
        """The rows from which a path of links leads over records that the actor may see.

        ``path`` ends in the field that is asked for; when that one looks further itself (a
        formula, a look-up), its ways count too. A way that ends early leads over nothing.
        """
        here = None if self.everything else snapshot().objects.get(object_key)
        return self._across(here, path, "")

    def _across(self, here: ObjectSpec | None, path: Sequence[str], at: str) -> Q:
        found = Q()
        for step in path[:-1]:
            link = here.fields.get(step) if here else None
            if link is None or not link.target:
                return found
            at += f"{step}__"
            scope = self._scope("view", link.target, at)
            if scope != Q():
                found &= Q(**{f"{at}isnull": True}) | scope
            here = snapshot().objects.get(link.target)
        last = here.fields.get(path[-1]) if here else None
        if last is not None:
            for way in sources.ways(last):
                found &= self._across(here, way, at)
        return found

    def _scope(self, action: str, object_key: str, at: str = "") -> Q:
        spec = _live(object_key)
        if spec is None:
            return NOBODY
        if self.everything:
            return Q()
        prefix, top = to_parent(spec)
        prefix = at + prefix
        action, _ = rooted(action, spec)
        wanted, seen = self._span(action, top.key), self._span("view", top.key)
        if action in UNSEEN or seen in (wanted, EVERY):
            return self._rows(action, top, prefix)
        if wanted == EVERY:
            return self._rows("view", top, prefix)
        if not wanted or not seen:
            return NOBODY
        return self._rows(action, top, prefix) & self._rows("view", top, prefix)

    def _span(self, action: str, object_key: str) -> frozenset[tuple[str, str]]:
        """The scopes that an action has, to tell at once where two actions reach the same rows."""
        span = frozenset((g.scope, g.condition) for g in self.granted(action, object_key))
        return EVERY if ("all", "") in span else span

    def _rows(self, action: str, spec: ObjectSpec, prefix: str) -> Q:
        granted = self.granted(action, spec.key)
        if any(g.scope == "all" for g in granted):
            return Q()
        found: Q | None = None
        owners = self._owners(granted)
        if owners:
            column = owner_column(spec)
            found = Q(**{f"{prefix}{column}__in": sorted(owners)})
        for text in sorted({g.condition for g in granted if g.scope == "condition"}):
            condition = conditions.filter_of(text, spec.key, prefix, self.actor, self.team)
            if condition is not None:
                found = condition if found is None else found | condition
        levels = self._levels_shared(action, spec.key, granted)
        if levels:
            ids = shared.record_ids(self.actor, self.shares, spec.key, levels)
            given = Q(**{f"{prefix}id__in": ids})
            found = given if found is None else found | given
        return NOBODY if found is None else found

    def _levels_shared(
        self, action: str, object_key: str, granted: Sequence[GrantRule]
    ) -> frozenset[str]:
        """The levels of shares that open this action; none without a role that allows it."""
        if not granted:
            return frozenset()
        said = any(g.scope == "shared" for g in granted)
        return shared.levels(self.shares, object_key, action, said=said)

    def owner_ids(
        self, action: str, object_key: str, *, seen: bool = False
    ) -> Literal["all"] | frozenset[int] | None:
        """Whose records these are.

        "all", a set of owners, or None where no set of owners says it (a condition, an object
        without an owner, a part of another). With ``seen`` of those that the actor is known to see.
        """
        spec = _live(object_key)
        if spec is None:
            return frozenset()
        if self.everything:
            return "all"
        _, top = to_parent(spec)
        action, _ = rooted(action, spec)
        found = self._owner_set(action, top)
        if spec.part_of and found not in ("all", frozenset()):
            return None
        if seen or action in UNSEEN or found == frozenset():
            return found
        viewed = self._owner_set("view", top)
        if viewed == "all" or found is None:
            return found
        if found == "all" or viewed is None:
            return viewed
        return found & viewed

    def _owner_set(self, action: str, spec: ObjectSpec) -> Literal["all"] | frozenset[int] | None:
        granted = self.granted(action, spec.key)
        if any(g.scope == "all" for g in granted):
            return "all"
        if any(g.scope == "condition" for g in granted):
            return None
        if self._levels_shared(action, spec.key, granted):
            return None
        owners = self._owners(granted)
        return owners if not owners or spec.role("owner") is not None else None

    # With which fields

    def level(self, object_key: str, field_key: str) -> Level:
        """hidden, masked, read or write; of several roles the most permissive one counts.

        What is computed (formula, look-up, roll-up) gives away no more than what it reads.
        """
        if field_key in BASE_COLUMNS:
            return "read" if self.everything or self.may("view", object_key) else "hidden"
        if self.everything:
            return "write"
        levels = self.known.levels
        found = levels.get((object_key, field_key))
        if found is None:
            found = self._level(object_key, field_key)
            if found not in ("hidden", "masked"):
                found = self._through(object_key, field_key, found)
            levels[object_key, field_key] = found
        return found

    def clear(self, object_key: str, field_key: str) -> bool:
        """May the value itself be read: neither hidden nor masked?"""
        return self.level(object_key, field_key) in ("read", "write")

    def _through(self, object_key: str, field_key: str, own: Level) -> Level:
        """The least of a computed field's own level and of all it reads."""
        f = snapshot().object(object_key).fields.get(field_key)
        found = own
        for start, path in sources.read_by(f) if f is not None else ():
            for key, step in sources.steps(start, path):
                # What lies beyond an object that one may not see at all is told by ``across``.
                if key in snapshot().objects and not self.may("view", key):
                    break
                if step in BASE_COLUMNS or step not in snapshot().object(key).fields:
                    continue
                found = min(found, self.level(key, step), key=RANK.__getitem__)
        return found

    def _level(self, object_key: str, field_key: str) -> Level:
        spec = _live(object_key)
        if spec is None:
            return "hidden"
        best: Level = "hidden"
        for role_id in self.roles:
            level = self._role_level(role_id, spec, field_key)
            best = level if RANK[level] > RANK[best] else best
        return best

    def _role_level(self, role_id: int, spec: ObjectSpec, field_key: str) -> Level:
        def has(*actions: str) -> bool:
            for action in actions:
                counted, key = rooted(action, spec)
                if any(g.role_id == role_id for g in self.granted(counted, key)):
                    return True
            return False

        default: Level = "write" if has("edit", "create") else "read" if has("view") else "hidden"
        if default == "hidden":
            return default
        rules = {
            (r.object_key, r.field_key): r.level for r in self.field_rules if r.role_id == role_id
        }
        for key in ((spec.key, field_key), (spec.key, ANY), (ANY, field_key)):
            if key in rules:
                return min(rules[key], default, key=RANK.__getitem__)
        return default

    def readable(self, object_key: str, path: str | Sequence[str]) -> bool:
        """May a field be read, and every link on the way to it be followed?

        ``path`` is field keys from ``object_key`` on; base columns count as fields. A masked field
        is not read: it is neither filtered nor sorted nor grouped nor summed by.
        """
        return self._follows(object_key, path, masked=False)

    def shown(self, object_key: str, path: str | Sequence[str]) -> bool:
        """May a field be shown, if only masked, over links that may be read?"""
        return self._follows(object_key, path, masked=True)

    def _follows(self, object_key: str, path: str | Sequence[str], *, masked: bool) -> bool:
        steps = tuple(path.split(".") if isinstance(path, str) else path)
        key, paths = (object_key, steps, masked), self.known.paths
        found = paths.get(key)
        if found is None:
            barred = ("hidden",) if masked else ("hidden", "masked")
            found = paths[key] = self._follow(object_key, steps, barred)
        return found

    def _follow(self, object_key: str, steps: Sequence[str], barred: Sequence[str]) -> bool:
        objects = snapshot().objects
        here = objects.get(object_key)
        for number, step in enumerate(steps):
            if here is None or here.retired or not self.may("view", here.key):
                return False
            rest = steps[number + 1 :]
            if MANY in step or (rest and step in here.fields and here.fields[step].kind.links_many):
                # An aggregate over many records says something of each: all must be in sight.
                many, _, link = step.rpartition(MANY)
                holder = many or here.key
                many = many or here.fields[step].target
                if self.level(holder, link) in ("hidden", "masked"):
                    return False
                if self.scope("view", many) != Q():
                    return False
                here = objects.get(many)
                continue
            if self.level(here.key, step) in (barred if not rest else ("hidden", "masked")):
                return False
            if not rest:
                return step in BASE_COLUMNS or step in here.fields
            spec = here.fields.get(step)
            if spec and FIELD_TYPES[spec.type].part(rest[0]):
                return len(rest) == 1
            if (spec and spec.kind.names_staff) or step in ("created_by", "updated_by"):
                return len(rest) == 1 and rest[0] in OF_MEMBERS
            here = objects.get(spec.target) if spec else None
        return False

    # Who

    def members(self, action: str = "view") -> Literal["all"] | frozenset[int]:
        """Whose figures the actor may see: their own always, a team's or everybody's if granted."""
        if self.everything:
            return "all"
        granted = self.granted(action, PERFORMANCE)
        if any(g.scope == "all" for g in granted):
            return "all"
        own = [] if self.actor.member_id is None else [self.actor.member_id]
        return self._owners(granted).union(own)

    def teams(self, action: str = "view") -> Literal["all"] | frozenset[int]:
        """The teams whose totals the actor may see."""
        if self.everything:
            return "all"
        widest = max(
            (g.scope for g in self.granted(action, PERFORMANCE)),
            key=WIDTH.__getitem__,
            default="own",
        )
        if widest == "all":
            return "all"
        if widest == "team_below":
            return self._reach().teams_below
        return self._reach().teams if widest == "team" else frozenset()

    # Inside

    def granted(self, action: str, object_key: str) -> list[GrantRule]:
        """The grants of any role that speak of this action on this object."""
        key, kept = (action, object_key), self.known.granted
        found = kept.get(key)
        if found is None:
            found = kept[key] = [g for g in self.grants if g.covers(action, object_key)]
        return found

    def _owners(self, granted: Sequence[GrantRule]) -> frozenset[int]:
        me = self.actor.member_id
        scopes = {g.scope for g in granted}
        if me is None or not scopes & BY_OWNER:
            return frozenset()
        if "team_below" in scopes:
            return self._reach().members_below
        return self._reach().members if "team" in scopes else frozenset({me})

    def context(self) -> Context:
        """What ME(), MYTEAM() and TODAY() mean in what this actor asks."""
        return now_for(self.actor.member_id, self.team())

    def team(self) -> frozenset[int]:
        """Whom MYTEAM() means: the members of the actor's teams, and their reports."""
        return self._reach().members


def _live(object_key: str) -> ObjectSpec | None:
    spec = snapshot().objects.get(object_key)
    return None if spec is None or spec.retired else spec


def to_parent(spec: ObjectSpec) -> tuple[str, ObjectSpec]:
    """The way from a part to what it is part of, as a look-up prefix, and that object."""
    prefix = ""
    while spec.part_of:
        prefix += f"{spec.part_of}__"
        spec = snapshot().object(spec.fields[spec.part_of].target)
    return prefix, spec


def rooted(action: str, spec: ObjectSpec) -> tuple[str, str]:
    """The action that counts, and the object whose grants say it."""
    if not spec.part_of:
        return action, spec.key
    return OF_PARENT.get(action, action), to_parent(spec)[1].key


def owner_column(spec: ObjectSpec) -> str:
    """The column that says whose a record is: its owner, else who created it."""
    owner = spec.role("owner")
    return f"{owner.key}_id" if owner is not None and not owner.retired else "created_by_id"
