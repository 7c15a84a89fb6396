"""Names to ids, set-wise: one question per link target and batch, never one per row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from rapidfuzz import fuzz, process, utils

from wubu.kernel.bulk import ArrayParam
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.types import Policy
from wubu.kernel.prepared import PreparedQuery, compiled
from wubu.kernel.records.shape import shape
from wubu.kernel.types import Text

Ref = int | str
Found = dict[Ref, "int | FieldError"]
NAMES_COMPARED = 5_000  # near matches are looked for among so many names
NEAR_MATCHES = 50  # and for so many unknown names of a batch
CHUNK = 2_000


@dataclass
class Resolver:
    """Turns the references of one batch into ids, within what the actor may see.

    ``digits_are_ids`` says what a text of digits means: an id (pages and API, where ids are
    strings) or a customer number (imports). ``titles`` collects the names that were read on the
    way.
    """

    snapshot: Snapshot
    policy: Policy
    digits_are_ids: bool
    titles: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))

    def known(self, besides: str) -> Mapping[str, Mapping[int, str]]:
        """The names read on the way that are shown just as they stand, by what they name.

        Without those of an object that was written.
        """
        return {k: named for k, named in self.titles.items() if k != besides and self._sure(k)}

    def _sure(self, target: str) -> bool:
        if target in ("member", "team"):
            return target == "member"
        f = self._title(self.snapshot.object(target))
        return f is not None and f.kind.one_line

    def resolve(
        self, f: FieldSpec, refs: Iterable[Ref], own: Mapping[str, list[int]] | None = None
    ) -> Found:
        """Each reference's id, or why it has none.

        ``own`` are names given to records in this very batch.
        """
        wanted = set(refs)
        ids: dict[int, set[Ref]] = defaultdict(set)
        names: set[str] = set()
        for ref in wanted:
            if isinstance(ref, int):
                ids[ref].add(ref)
            elif self.digits_are_ids and ref.isascii() and ref.isdigit() and len(ref) < 19:
                ids[int(ref)].add(ref)
            else:
                names.add(ref)
        if FIELD_TYPES[f.type].refers_to(f) == "member":
            return self._members(f, ids, names)
        if FIELD_TYPES[f.type].refers_to(f) == "team":
            return self._teams(f, ids, names)
        return self._records(f, ids, names, own or {})

    def _records(
        self,
        f: FieldSpec,
        ids: Mapping[int, set[Ref]],
        names: set[str],
        own: Mapping[str, list[int]],
    ) -> Found:
        target = self.snapshot.object(f.target)
        by_name: dict[str, set[int]] = defaultdict(set)
        known: set[int] = set()
        titles = self.titles[f.target]
        for rows in self._look_up(target, ids, names):
            for id_, *keys in rows:
                known.add(id_)
                titles[id_] = keys[0] or f"#{id_}"
                for key in keys:
                    if key in names:
                        by_name[key].add(id_)
        for name in names:
            for id_ in own.get(name, ()):
                by_name[name].add(id_)
        found: Found = {
            ref: id_ if id_ in known else _no_such(f, ref)
            for id_, refs in ids.items()
            for ref in refs
        }
        self._name(f, names, by_name, found, lambda: self._all_titles(target))
        return found

    def _look_up(
        self, target: ObjectSpec, ids: Iterable[int], names: Iterable[str]
    ) -> Iterable[Iterable[Any]]:
        """Visible live records with one of these ids or names.

        Names are those in the title or in a unique key.
        """
        title = self._title(target)
        uniques = [
            f.key
            for f in target.live_fields
            if (f.unique or f.kind.numbered)
            and f.kind.names_record
            and (title is None or f.key != title.key)
            and self.policy.clear(target.key, f.key)
        ]
        by = (*([title.key] if title else []), *uniques)
        model: Any = shape(self.snapshot, target.key).model
        scope = self.policy.scope("view", target.key)
        wanted_ids, wanted_names = list(ids), list(names)
        columns = ("id", title.key if title and not title.kind.calculated else "id", *uniques)
        for start in range(0, max(len(wanted_ids), len(wanted_names)), CHUNK):
            some_ids = wanted_ids[start : start + CHUNK]
            some_names = wanted_names[start : start + CHUNK]
            asked = (*(["id"] if some_ids else []), *(by if some_names else ()))

            def make(asked: tuple[str, ...] = asked) -> QuerySet[Any, Any]:
                condition = Q()
                for key in asked:
                    raw = ArrayParam("ids" if key == "id" else "names")
                    condition |= Q(**{f"{key}__among": raw})
                live = model.objects.filter(scope, archived_at__isnull=True)
                return live.filter(condition).values_list(*columns)  # type: ignore[no-any-return]

            if asked:
                key = ("look up", asked, columns)
                found = compiled(model, key, make) if scope == Q() else PreparedQuery(make())
                yield found.rows(ids=some_ids, names=some_names)

    def _title(self, target: ObjectSpec) -> FieldSpec | None:
        """The field that names the target's records, if the actor may read it."""
        f = target.role("title")
        return f if f is not None and self.policy.clear(target.key, f.key) else None

    def _all_titles(self, target: ObjectSpec) -> list[str]:
        title = self._title(target)
        if title is None or title.kind.calculated:
            return []
        model: Any = shape(self.snapshot, target.key).model
        rows = model.objects.filter(
            self.policy.scope("view", target.key), archived_at__isnull=True
        ).exclude(**{title.key: None})
        return list(rows.values_list(title.key, flat=True)[:NAMES_COMPARED])

    def _members(self, f: FieldSpec, ids: Mapping[int, set[Ref]], names: set[str]) -> Found:
        titles = self.titles["member"]
        titles.update(people.names(ids) if ids else {})
        by_name: dict[str, set[int]] = defaultdict(set)
        labels: list[str] = []
        if names:
            everybody = people.members(active=None)
            labels = [p.name for p in everybody]
            for person in everybody:
                if not person.is_active:
                    # Those who left are found by their unique keys, and by name when nobody else
                    # has it.
                    continue
                _index_member(person, by_name)
            for person in everybody:
                if not person.is_active:
                    _index_member(person, by_name, only_new=True)
            for person in everybody:
                titles[person.id] = person.name
        found: Found = {
            ref: id_ if id_ in titles else _no_such(f, ref)
            for id_, refs in ids.items()
            for ref in refs
        }
        self._name(f, names, by_name, found, lambda: labels)
        return found

    def _teams(self, f: FieldSpec, ids: Mapping[int, set[Ref]], names: set[str]) -> Found:
        by_name: dict[str, set[int]] = defaultdict(set)
        titles = self.titles["team"]
        for team in people.tree(active=None):
            titles[team.id] = team.name
            by_name[team.name].add(team.id)
            by_name[" / ".join(team.path)].add(team.id)
        found: Found = {
            ref: id_ if id_ in titles else _no_such(f, ref)
            for id_, refs in ids.items()
            for ref in refs
        }
        self._name(f, names, by_name, found, lambda: list(titles.values()))
        return found

    def _name(
        self,
        f: FieldSpec,
        names: Iterable[str],
        by_name: Mapping[str, set[int]],
        found: Found,
        labels: Callable[[], list[str]],
    ) -> None:
        """Settle the names: one match is the answer, none or several are problems."""
        unknown: list[str] = []
        for name in names:
            matches = by_name.get(name, ())
            if len(matches) == 1:
                found[name] = next(iter(matches))
            elif matches:
                found[name] = _ambiguous(f, name, len(matches))
            else:
                unknown.append(name)
        near = _nearest(unknown, labels) if unknown else {}
        for name in unknown:
            found[name] = _no_such(f, name, near.get(name))


def _index_member(person: Any, by_name: dict[str, set[int]], *, only_new: bool = False) -> None:
    for key in {person.name, person.login, person.employee_no, person.email} - {None, ""}:
        if not only_new or key not in by_name:
            by_name[key].add(person.id)


def _nearest(unknown: list[str], labels: Callable[[], list[str]]) -> dict[str, str]:
    """For each unknown name the known one that was most likely meant."""
    choices = list(dict.fromkeys(labels()))
    folded = [utils.default_process(c) for c in choices]
    near: dict[str, str] = {}
    for name in unknown[:NEAR_MATCHES]:
        best = process.extractOne(
            utils.default_process(name), folded, scorer=fuzz.ratio, score_cutoff=75
        )
        if best is not None:
            near[name] = choices[best[2]]
    return near


def _no_such(f: FieldSpec, ref: Ref, near: str | None = None) -> FieldError:
    shown = f"id:{ref}" if isinstance(ref, int) else ref
    hint = (
        Text("是不是“{n}”？", "Did you mean “{n}”?").format(n=near)
        if near
        else Text("请核对名称，或先新建它。", "Check the name, or create it first.")
    )
    return FieldError(
        "unknown_link",
        Text("“{f}”中找不到“{v}”。", "“{f}”: there is no “{v}”.").format(f=f.label, v=shown),
        hint,
        suggestion=near,
    )


def _ambiguous(f: FieldSpec, name: str, count: int) -> FieldError:
    return FieldError(
        "ambiguous_link",
        Text(
            "“{f}”中有 {n} 个“{v}”，无法确定是哪一个。", "“{f}”: {n} records are called “{v}”."
        ).format(f=f.label, n=count, v=name),
        Text("请改填唯一的编号。", "Give a unique number or code instead."),
    )
