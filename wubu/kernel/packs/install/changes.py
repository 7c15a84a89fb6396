"""Taking back what a pack changed: tables, roles, forms, views, metrics and rules, all of it.

Rules are dated: what held meanwhile stays so, what held before holds again from today.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from wubu.kernel.catalog.queries import latest_revision, revision, snapshot
from wubu.kernel.packs.content.compare import GONE, Difference, differences, is_retired
from wubu.kernel.packs.content.sections import Section, section_labels, sections
from wubu.kernel.packs.differences.trees import Tree, of_workspace
from wubu.kernel.packs.differences.words import say
from wubu.kernel.packs.install.applying import Writer, ahead
from wubu.kernel.packs.models import InstalledPack, PackChange, read, written
from wubu.kernel.schema import history
from wubu.kernel.schema.types import Plan
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text
from wubu.kernel.workspace import forget

Parts = Mapping[str, Mapping[str, Any]]
NAMING = frozenset({"metric", "of", "numerator", "denominator", "roles", "metrics"})


def tree() -> Tree:
    """The sections as JSON would hold them; objects have a history of their own."""
    found = {k: v for k, v in of_workspace(snapshot()).items() if k != "objects"}
    made: Tree = read(written(found))
    return made


def packs() -> dict[str, dict[str, Any]]:
    """The rows of installed packs by key."""
    return {
        row.key: {
            "version": row.version,
            "shipped": row.shipped,
            "installed_at": row.installed_at.isoformat(),
            "updated_at": row.updated_at.isoformat(),
        }
        for row in InstalledPack.objects.order_by("installed_at", "id")
    }


class Recorder:
    """Notes how everything was, to write down at the end what a change moved."""

    def __init__(self) -> None:
        self.tree, self.packs, self.revision = tree(), packs(), latest_revision()

    def write(
        self,
        actor: Actor,
        action: str,
        *,
        pack: str,
        label: Text,
        version: int,
        at: datetime,
        undoes: int | None = None,
    ) -> int:
        """One line of the history. Returns its id."""
        now, newest = tree(), latest_revision()
        before, after = _moved(self.tree, now)
        made = PackChange.objects.create(
            at=at,
            actor_id=actor.member_id,
            entrance=actor.entrance,
            action=action,
            pack=pack,
            label=label.as_dict(),
            version=version,
            before=written(before),
            after=written(after),
            packs=written(_packs_moved(self.packs, packs())),
            revision_id=newest if newest != self.revision else None,
            undoes=undoes,
        )
        if undoes is not None:
            PackChange.objects.filter(pk=undoes).update(undone_by=made.pk)
        return made.pk


def _moved(was: Tree, now: Tree) -> tuple[Tree, Tree]:
    before: Tree = {}
    after: Tree = {}
    for name in dict.fromkeys([*was, *now]):
        old, new = was.get(name) or {}, now.get(name) or {}
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                before.setdefault(name, {})[key] = old.get(key)
                after.setdefault(name, {})[key] = new.get(key)
    return before, after


def _packs_moved(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    keys = [k for k in dict.fromkeys([*was, *now]) if was.get(k) != now.get(k)]
    return {k: {"before": was.get(k), "after": now.get(k)} for k in keys}


class Undoing:
    """One change as what has to be written to take it back."""

    def __init__(self, row: PackChange) -> None:
        self.row = row
        self.before: Parts = read(row.before)
        self.after: Parts = read(row.after)
        self.packs: Mapping[str, Any] = read(row.packs)
        self.now = tree()
        self.done: set[tuple[str, str]] = set()

    @classmethod
    def of(cls, change_id: int) -> Undoing:
        """Raises Missing."""
        row = PackChange.objects.filter(pk=change_id).first()
        if row is None:
            words = Text("没有这次变更。", "There is no such change.")
            raise Missing(Problem("no_such_change", words))
        return cls(row)

    @property
    def touched(self) -> set[str]:
        """The sections that it writes, objects among them."""
        return {*self.before, *(("objects",) if self._revision() else ())}

    def plan(self) -> Plan:
        """What happens to the tables; empty where they did not change, or changed back already."""
        number = self._revision()
        if number is None:
            return Plan(snapshot().token, (), ())
        return history.undoing(number)

    def _revision(self) -> int | None:
        number = self.row.revision_id
        return None if number is None or revision(number).undone_by is not None else number

    def first(self, actor: Actor) -> None:
        """Before fields go: what came rests, what was is put back where that can be already."""
        for section in reversed(sections()):
            gone, back = self._parts(section)
            self.done |= ahead(section, actor, gone, back)
        forget()

    def then(self, writer: Writer) -> None:
        """With the tables as they were: what could not be put back before."""
        for section in sections():
            gone, back = self._parts(section)
            rest = {k: d for k, d in back.items() if (section.name, k) not in self.done}
            writer.apply(section, rest)
            writer.retire(section, [k for k in gone if (section.name, k) not in self.done])
        for key, sides in self.packs.items():
            _put_row(key, sides["before"])

    def _parts(self, section: Section) -> tuple[list[str], dict[str, Any]]:
        was = self.before.get(section.name) or {}
        there = self.now.get(section.name) or {}
        gone = [k for k, d in was.items() if d is None and k in there and not is_retired(there[k])]
        return gone, {k: d for k, d in was.items() if d is not None and there.get(k) != d}

    def differences(self) -> Iterator[Difference]:
        """What taking it back changes, section by section."""
        for name, was in self.before.items():
            for key, definition in was.items():
                here = (self.now.get(name) or {}).get(key)
                want = GONE if definition is None else definition
                have = GONE if here is None else here
                yield from differences(have, want, have, (name, key))

    def problems(self) -> Iterator[Problem]:
        """What newer changes stand in the way."""
        if self.row.undone_by is not None:
            words = Text("这次变更已经撤销过了。", "This change was undone already.")
            yield Problem("already_undone", words, value=self.row.undone_by)
            return
        newer = self._newer()
        if newer is not None:
            yield newer
            return
        for name, parts in self.after.items():
            for key, definition in parts.items():
                here = (self.now.get(name) or {}).get(key)
                if here != definition and here != self.before[name][key]:
                    yield self._changed(name, key)
        yield from self._named()

    def _newer(self) -> Problem | None:
        now = packs()
        for key, sides in self.packs.items():
            if _version(now.get(key)) == _version(sides["after"]):
                continue
            later = PackChange.objects.filter(pk__gt=self.row.pk, undone_by=None)
            row = next((r for r in later.order_by("-pk") if key in read(r.packs)), None)
            what = Text.of(row.label) if row else Text(key, key)
            return Problem(
                "newer_change",
                Text(
                    "之后又采用过“{p}”（版本 {v}）。",
                    "“{p}” (version {v}) was taken over since.",
                ).format(p=what, v=row.version if row else "—"),
                Text("请先撤销那一次。", "Undo that first."),
                value=row.pk if row else None,
            )
        return None

    def _changed(self, name: str, key: str) -> Problem:
        return Problem(
            "newer_change",
            Text(
                "“{p}”（{s}）在这次变更之后又被修改过。",
                "“{p}” ({s}) was changed again since.",
            ).format(p=self._called(name, key), s=section_labels()[name]),
            Text(
                "先把它改回这次变更之后的样子，或者保留这次变更。",
                "Put it back as this change had left it, or keep this change.",
            ),
            field=f"{name}/{key}",
        )

    def _called(self, name: str, key: str) -> Text:
        for tree_ in (self.now, self.after, self.before):
            found = (tree_.get(name) or {}).get(key)
            if isinstance(found, Mapping) and found.get("label"):
                return Text.of(found["label"])
        spec = snapshot().objects.get(key)
        return spec.label if spec else Text(key, key)

    def _named(self) -> Iterator[Problem]:
        """What came later and reads what would go."""
        for name in ("metrics", "scorecards", "roles"):
            was = self.before.get(name) or {}
            gone = {k for k, d in was.items() if d is None and self._live(name, k)}
            for section, items in self.now.items() if gone else ():
                for key, definition in items.items():
                    if key in (self.before.get(section) or {}) or is_retired(definition):
                        continue
                    for used in sorted(gone & set(_names(definition))):
                        yield self._used(name, used, section, key)

    def _live(self, name: str, key: str) -> bool:
        here = (self.now.get(name) or {}).get(key)
        return here is not None and not is_retired(here)

    def _used(self, name: str, used: str, section: str, key: str) -> Problem:
        return Problem(
            "in_use",
            Text("“{u}”正被“{p}”（{s}）使用。", "“{u}” is used by “{p}” ({s}).").format(
                u=self._called(name, used),
                p=self._called(section, key),
                s=section_labels()[section],
            ),
            Text("先修改或停用它。", "Change or disable that first."),
            field=f"{section}/{key}",
        )

    def said(self) -> tuple[Any, ...]:
        """The differences in words."""
        want: Tree = {n: {k: d for k, d in p.items() if d} for n, p in self.before.items()}
        return tuple(say(d, want, self.now) for d in self.differences())


def refuse(problems: Iterable[Problem]) -> None:
    """Raises Refused if there are any."""
    found = tuple(problems)
    if found:
        raise Refused(*found)


def _names(value: Any, under: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _names(inside, key)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from _names(inside, under)
    elif isinstance(value, str) and under in NAMING:
        yield value


def _version(row: Mapping[str, Any] | None) -> Any:
    return None if row is None else (row["version"], row["updated_at"])


def _put_row(key: str, was: Mapping[str, Any] | None) -> None:
    if was is None:
        InstalledPack.objects.filter(key=key).delete()
        return
    values = {
        "version": was["version"],
        "shipped": was["shipped"],
        "installed_at": datetime.fromisoformat(was["installed_at"]),
        "updated_at": datetime.fromisoformat(was["updated_at"]),
    }
    InstalledPack.objects.update_or_create(key=key, defaults=values)
