"""Drafts become images.

Parsed, resolved, completed and checked, a whole batch at once, nothing written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wubu.kernel import bulk
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.records import problems
from wubu.kernel.records.batch import Batch, Row
from wubu.kernel.records.checks import rules
from wubu.kernel.records.lifecycle import stages
from wubu.kernel.records.reading import images
from wubu.kernel.records.saving import serials
from wubu.kernel.types import Forbidden


class Prepared(Batch):
    """A batch that is prepared: parsed, resolved, completed and checked."""

    _links: list[FieldSpec]  # those whose names are still to be resolved

    def run(self) -> Prepared:
        """Do everything that comes before writing; problems are collected, not raised."""
        if self.stored:
            for row in self.rows:
                row.values = dict(row.draft.values)
        else:
            self._parse()
        self._find_existing()
        if not self.stored:
            self._resolve_links(to_self=True)
        self._build()
        rules.check(self)
        return self

    # Reading what was given

    def _parse(self) -> None:
        raw: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            for key in row.draft.values:
                raw[key].append(row)
        links: list[FieldSpec] = []
        for key, rows in raw.items():
            f = self.spec.fields.get(key)
            level = "hidden" if f is None else self.ctx.policy.level(self.spec.key, key)
            if f is None or f.retired or level == "hidden":
                for row in rows:
                    problems.unknown_field(self, row, key)
                continue
            self._parse_column(f, rows)
            if FIELD_TYPES[f.type].computed:
                for row in rows:
                    row.values.pop(key, None)  # blank: whoever gave more was told
            elif level == "masked":
                # Sent back or guessed right, it looks alike: whether it was right is not told.
                for row in rows:
                    problems.read_only(self, row, f)
                    row.values.pop(key, None)
                continue
            elif level != "write":
                self.read_only.add(key)
            if FIELD_TYPES[f.type].refers_to(f):
                links.append(f)
        self._links = links
        self._resolve_links(to_self=False)

    def _parse_column(self, f: FieldSpec, rows: Sequence[Row]) -> None:
        """Each distinct text of a column is read once."""
        parse = FIELD_TYPES[f.type].parser(f)
        key = f.key
        aliases = self.ctx.accept.get(key)
        memo: dict[str, Any] = {}
        for row in rows:
            raw = row.draft.values[key]
            if raw is None:
                row.values[key] = None
                continue
            if raw.__class__ is str:
                if raw in memo:
                    value = memo[raw]
                else:
                    meant = aliases.get(raw, raw) if aliases else raw
                    value = memo[raw] = _try(parse, meant)
            else:
                value = _try(parse, raw)
            if value.__class__ is FieldError:
                self.blame_value(row, f, value, raw)
            else:
                row.values[key] = value

    def _resolve_links(self, *, to_self: bool) -> None:
        own: dict[str, list[int]] = {}
        mine = [f for f in self._links if (f.target == self.spec.key) == to_self]
        if to_self and mine:
            own = self._own_names()
        for f in mine:
            rows = [r for r in self.rows if r.values.get(f.key) is not None]
            trusted = self.trusted.get(f.key, frozenset())
            if FIELD_TYPES[f.type].many:
                self._resolve_many(f, rows, own)
                continue
            refs = {r.values[f.key] for r in rows} - trusted
            if not refs:
                continue
            found = self.ctx.resolver.resolve(f, refs, own)
            for row in rows:
                ref = row.values[f.key]
                answer = found.get(ref, ref)
                if isinstance(answer, FieldError):
                    # An id that stays as it is may point at what the actor cannot see.
                    self._unchanged_or_problem(row, f, ref, answer)
                else:
                    row.values[f.key] = answer

    def _resolve_many(self, f: FieldSpec, rows: Sequence[Row], own: dict[str, list[int]]) -> None:
        refs = {ref for r in rows for ref in r.values[f.key]}
        found = self.ctx.resolver.resolve(f, refs, own)
        for row in rows:
            answers = [found[ref] for ref in row.values[f.key]]
            errors = [a for a in answers if isinstance(a, FieldError)]
            if errors:
                self.blame_value(row, f, errors[0], row.draft.values[f.key])
            row.values[f.key] = tuple(sorted({a for a in answers if isinstance(a, int)})) or None

    def _unchanged_or_problem(self, row: Row, f: FieldSpec, ref: Any, error: FieldError) -> None:
        id_ = int(ref) if str(ref).isdecimal() else None
        if id_ is not None and row.draft.id is not None:
            row.values[f.key] = Unseen(id_, error)
        else:
            self.blame_value(row, f, error, row.draft.values[f.key])
            del row.values[f.key]  # a name left standing would be taken for an id

    def _own_names(self) -> dict[str, list[int]]:
        """Names of the records that this batch creates: a parent may stand in the same file."""
        title = self.spec.role("title")
        keys = {f.key for f in self.spec.live_fields if f.unique} | (
            {title.key} if title else set()
        )
        names: dict[str, list[int]] = defaultdict(list)
        for row in self.rows:
            if row.before is None and row.id is not None:
                for name in {row.values.get(k) for k in keys}:
                    if isinstance(name, str):
                        names[name].append(row.id)
        return names

    # What is there already

    def _find_existing(self) -> None:
        if self.match_on:
            rules.match(self)
        by_id = {r.draft.id: r for r in self.rows if r.draft.id is not None}
        wanted = set(by_id) | {r.id for r in self.rows if r.id is not None}
        found = images.load(self.shape, wanted, lock=self.ctx.writing) if wanted else {}
        seen: dict[int, Row] = {}
        for row in self.rows:
            id_ = row.draft.id if row.draft.id is not None else row.id
            if id_ is None:
                continue
            row.id = id_
            row.before = found.get(id_)
            if row.before is None:
                problems.missing(self, row)
            elif id_ in seen:
                problems.twice(self, row, seen[id_])
            else:
                seen[id_] = row
        new = [r for r in self.rows if r.before is None and r.id is None]
        if new and not self.ctx.policy.may("create", self.spec.key):
            raise Forbidden(problems.may_not(self.spec, "create"))
        if self.ctx.writing:
            for row, id_ in zip(new, bulk.reserve_ids(self.shape.table, len(new)), strict=True):
                row.id = id_
        else:
            for row in new:
                row.id = -1 - row.index  # stands for the id it would get

    # What it shall be

    def _build(self) -> None:
        new = [r for r in self.known if r.before is None]
        if new:
            self._build_new(new)
        for row in self.rows:
            before = row.before
            if before is None:
                continue
            raw = {k: v for k, v in row.values.items() if before[k] != v}
            # A value that is sent back as it was is no attempt to change it.
            for key in self.read_only & raw.keys():
                problems.read_only(self, row, self.spec.fields[key])
            for key in [k for k, v in raw.items() if v.__class__ is Unseen]:
                unseen = raw.pop(key)
                if before[key] != unseen.id:
                    self.blame_value(
                        row, self.spec.fields[key], unseen.error, row.draft.values[key]
                    )
            row.after = {**before, **raw}
            row.changed = tuple(raw)
        stages.complete(self)

    def _build_new(self, new: Sequence[Row]) -> None:
        ctx = self.ctx
        base = {
            **self.shape.blank,
            "version": 1,
            "created_at": ctx.at,
            "created_by": ctx.actor.member_id,
            "updated_at": ctx.at,
            "updated_by": ctx.actor.member_id,
            **rules.defaults(self),
        }
        for row in new:
            for key in self.read_only & row.values.keys():
                if row.values.pop(key) is not None:
                    problems.read_only(self, row, self.spec.fields[key])
            row.after = {**base, **row.values, "id": row.id}
        serials.assign(self, new)
        for row in new:
            row.changed = self.shape.keys


@dataclass(frozen=True, slots=True)
class Unseen:
    """A link given by id to what the actor cannot see; fine when it was there before."""

    id: int
    error: FieldError


def _try(parse: Any, raw: Any) -> Any:
    try:
        return parse(raw)
    except FieldError as error:
        return error
