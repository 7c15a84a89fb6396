"""Changes of the catalog that were made: what somebody did meanwhile, and taking one back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wubu.kernel.calendar.queries import zone
from wubu.kernel.catalog import codec
from wubu.kernel.catalog.queries import (
    latest_revision,
    revision,
    revisions,
    revisions_since,
    snapshot,
)
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Revision, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.people import queries as people
from wubu.kernel.schema import check, convert, describe, operations
from wubu.kernel.schema.types import Conversion, Plan, Restoration, Step
from wubu.kernel.types import Problem, Refused, Text

SYSTEM = Text("系统", "the system")
GONE: Any = object()


def moved(revision_id: int) -> list[Problem]:
    """That the catalog is another by now, and who did what since."""
    hint = Text("请重新查看变更后再应用。", "Review the changes again, then apply them.")
    since = revisions_since(revision_id)
    if not since:
        words = Text("刚刚有人修改了对象设置。", "Someone else has just changed the objects.")
        return [Problem("catalog_moved", words, hint)]
    names = people.names({r.actor_id for r in since if r.actor_id is not None})
    return [Problem("catalog_moved", said(r, names), hint, value=r.id) for r in since[:20]]


def said(r: Revision, names: Mapping[int, str]) -> Text:
    """Who did what, when."""
    who: Text | str = SYSTEM if r.actor_id is None else names.get(r.actor_id, f"#{r.actor_id}")
    steps = Text("；".join(s.zh for s in r.steps), "; ".join(s.en for s in r.steps))
    at = r.at.astimezone(zone()).strftime("%H:%M")
    return Text("{w}在 {t}：{s}", "{w} at {t}: {s}").format(w=who, t=at, s=steps)


# What somebody began at an older version


def rolled_back(spec: ObjectSpec, newest_first: Iterable[Revision]) -> ObjectSpec | None:
    """The object as it was before these changes; None if it was not there."""
    parts: dict[str, Any] = codec.object_parts(spec)
    fields: dict[str, Any] = {k: codec.field_parts(f) for k, f in spec.fields.items()}
    for r in newest_first:
        was = r.before.get(spec.key, GONE)
        if was is None:
            return None
        if was is not GONE:
            parts.update(was["object"])
            fields.update(was["fields"])
    known = {
        k: codec.field_of_parts(spec.key, k, data) for k, data in fields.items() if data is not None
    }
    return codec.object_of_parts(spec.key, parts, known)


def merged(base: ObjectSpec, mine: ObjectSpec, now: ObjectSpec, keys: Sequence[str]) -> ObjectSpec:
    """What is mine where I changed it, and what is there now where I did not."""
    parts = _merged(*(codec.object_parts(s) for s in (base, mine, now)))
    fields = dict(now.fields)
    for key in keys:
        sides = [s.fields.get(key) for s in (base, mine, now)]
        if sides[1] is None:
            continue
        if sides[0] is None or sides[2] is None:
            fields[key] = sides[1]
        else:
            data = _merged(*(codec.field_parts(f) for f in sides if f is not None))
            fields[key] = codec.field_of_parts(mine.key, key, data)
    return codec.object_of_parts(mine.key, parts, fields)


def _merged(
    base: Mapping[str, Any], mine: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    made = dict(now)
    for key in {**base, **mine}:
        if mine.get(key, GONE) == base.get(key, GONE):
            continue
        if key == "options" and key in mine:
            made[key] = _merged(base.get(key) or {}, mine[key], now.get(key) or {})
        elif key in mine:
            made[key] = mine[key]
        else:
            made.pop(key, None)
    return made


# Undo


def undoing(revision_id: int) -> Plan:
    """The plan that takes a change back, with everything that stands in its way as problems.

    Raises Missing.
    """
    return _Undo(snapshot(), revision(revision_id)).plan()


class _Undo:
    def __init__(self, now: Snapshot, r: Revision) -> None:
        self.now = now
        self.r = r
        self.problems: list[Problem] = []
        self.dropped: list[tuple[str, str | None]] = []
        self.back: list[Restoration] = []
        self.again: list[Conversion] = []

    def plan(self) -> Plan:
        now, r = self.now, self.r
        if r.undone_by is not None:
            raise Refused(
                Problem(
                    "already_undone",
                    Text("这次变更已经撤销过了。", "This change was undone already."),
                    value=r.undone_by,
                )
            )
        specs = tuple(s for key in r.after if (s := self._object(key)) is not None)
        specs = tuple(self._converted(s) for s in specs)
        self.problems += check.losses(self.again)
        every = {**now.objects, **{s.key: s for s in specs}}
        for key, field_key in self.dropped:
            if field_key is None:
                every.pop(key, None)
        if not self.problems:
            planned = Snapshot(token="", objects=every)
            self.problems += check.breaking(now, planned)
        way = () if self.problems else operations.legs(now, every, self.again, self.back)
        return Plan(
            token=now.token,
            wanted=specs,
            steps=(*describe.steps(now, specs, conversions=self.again), *self._drops()),
            problems=tuple(self.problems),
            operations=tuple(op for leg in way for op in leg.operations),
            conversions=tuple(self.again),
            restorations=tuple(self.back),
            dropped=tuple(self.dropped),
            undoes=r.id,
            revision=latest_revision(),
        )

    def _drops(self) -> Iterator[Step]:
        aside: dict[str, set[str]] = {}
        for b in self.back:
            aside.setdefault(b.object, set()).add(b.kept_as)
        for key, field_key in self.dropped:
            spec = self.now.object(key)
            if field_key is None:
                words = describe.DROP_OBJECT.format(o=spec.label)
            elif field_key in aside.get(key, ()):
                words = describe.VALUES_BACK.format(f=spec.fields[field_key].label)
            else:
                words = describe.DROP_FIELD.format(f=spec.fields[field_key].label)
            yield Step("drop", key, field_key, words)

    def _object(self, key: str) -> ObjectSpec | None:
        before, after = self.r.before.get(key), self.r.after.get(key)
        spec = self.now.objects.get(key)
        if before is None:
            if spec is not None:
                self._drop_object(spec)
            return None
        if spec is None:
            fields = {k: codec.field_of_parts(key, k, f) for k, f in before["fields"].items() if f}
            return codec.object_of_parts(key, before["object"], fields)
        parts = codec.object_parts(spec)
        wanted = self._put_back(parts, before["object"], (after or {}).get("object", {}), key, None)
        fields = dict(spec.fields)
        for name, was in before["fields"].items():
            is_ = (after or {}).get("fields", {}).get(name)
            self._field(spec, fields, name, was, is_)
        return codec.object_of_parts(key, wanted, fields)

    def _converted(self, spec: ObjectSpec) -> ObjectSpec:
        """The object with the values of fields that change their shape carried over once more.

        What a change had put aside comes back as it was; the other way there is nothing aside, so
        undoing an undo converts again, with the answers that were given the first time.
        """
        old = self.now.objects.get(spec.key)
        done = {(b.object, b.field) for b in self.back}
        fields = dict(spec.fields)
        for f in tuple(fields.values()) if old is not None else ():
            there = old.fields.get(f.key) if old else None
            if there is None or old is None or (spec.key, f.key) in done:
                continue
            if not convert.moves(there, f):
                continue
            move = self._first(spec.key, f.key)
            aside = str(move.get("kept_as") or "")
            if aside in fields and aside not in old.fields:
                del fields[aside]  # as a copy it is made anew
            said = convert.answers(f"{spec.key}.{f.key}", move)
            made = convert.preview(self.now, old, there, f, accept=said)
            if made is None:
                continue
            if made.kept_as:
                if aside and aside not in old.fields:
                    made = replace(made, kept_as=aside)
                fields[made.kept_as] = convert.copy_of(there, made.kept_as)
            self.again.append(made)
        return replace(spec, fields=fields)

    def _first(self, key: str, field: str) -> Mapping[str, Any]:
        """What the change said of a field that this undo took back; nothing if it is no undo."""
        undone = revision(self.r.undoes).moved if self.r.undoes is not None else ()
        found = (m for m in undone if (m["object"], m["field"]) == (key, field))
        return next(found, {})

    def _field(
        self, spec: ObjectSpec, fields: dict[str, FieldSpec], name: str, was: Any, is_: Any
    ) -> None:
        there = fields.get(name)
        if is_ is None:  # it was taken away: it comes again, unless another has its key by now
            if there is None:
                fields[name] = codec.field_of_parts(spec.key, name, was)
            else:
                self._newer(spec.key, name)
            return
        if there is None:
            self._newer(spec.key, name)
            return
        held_by = {m["kept_as"] for m in self.r.moved if m["object"] == spec.key}
        if was is None:
            if name not in held_by:
                self._drop_field(spec, there)
            elif there.retired:
                self.dropped.append((spec.key, name))
            else:
                self._newer(spec.key, name)
            del fields[name]
            return
        data = self._put_back(codec.field_parts(there), was, is_, spec.key, name)
        fields[name] = codec.field_of_parts(spec.key, name, data)
        for move in self.r.moved:
            if (move["object"], move["field"]) == (spec.key, name):
                self._values_back(spec, fields[name], there, move)

    def _values_back(
        self, spec: ObjectSpec, before: FieldSpec, after: FieldSpec, move: Mapping[str, Any]
    ) -> None:
        kept = str(move["kept_as"])
        if not kept:  # nothing was held then
            if not FIELD_TYPES[after.type].virtual:
                self._refuse_values(spec, after)
            self.back.append(Restoration(spec.key, after.key, ""))
            return
        if kept not in spec.fields:
            self._newer(spec.key, after.key)
            return
        put_aside = replace(before, key=after.key)
        made = Conversion(
            spec.key,
            put_aside,
            after,
            0,
            0,
            kept_as=kept,
            answer=move.get("answer"),
            into=move.get("into") or {},
        )
        count = convert.differing(self.now, self.now.model(spec.key), made)
        if count:
            self.problems.append(
                Problem(
                    "values_moved",
                    Text(
                        "之后又有 {n} 条记录改了“{f}”的值，撤销会丢掉它们。",
                        "{n} records got another “{f}” since; undoing would lose that.",
                    ).format(n=count, f=after.label),
                    Text(
                        "请再做一次类型变更，而不是撤销。",
                        "Change the type once more instead of undoing.",
                    ),
                    object=spec.key,
                    field=after.key,
                    value=count,
                )
            )
        self.back.append(Restoration(spec.key, after.key, kept))

    def _put_back(
        self,
        parts: Mapping[str, Any],
        was: Mapping[str, Any],
        is_: Mapping[str, Any],
        key: str,
        field: str | None,
    ) -> dict[str, Any]:
        """The parts of now with those that this change moved as they were before."""
        made = dict(parts)
        for name in {**was, **is_}:
            old, new = was.get(name, GONE), is_.get(name, GONE)
            if old == new:
                continue
            here = parts.get(name, GONE)
            if here != new and here != old:
                self._newer(key, field)
            elif old is GONE:
                made.pop(name, None)
            else:
                made[name] = old
        return made

    def _drop_field(self, spec: ObjectSpec, f: FieldSpec) -> None:
        self._refuse_values(spec, f)
        self.dropped.append((spec.key, f.key))

    def _refuse_values(self, spec: ObjectSpec, f: FieldSpec) -> None:
        held = check.values_held(self.now, spec, f)
        if held and not FIELD_TYPES[f.type].computed:
            self.problems.append(
                Problem(
                    "has_values",
                    Text(
                        "“{f}”已有 {n} 条记录填了值，不能撤销新增。",
                        "{n} records hold a value in “{f}” by now; adding it cannot be undone.",
                    ).format(f=f.label, n=held),
                    Text("可以停用它。", "Disable it instead."),
                    object=spec.key,
                    field=f.key,
                    value=held,
                )
            )

    def _drop_object(self, spec: ObjectSpec) -> None:
        rows = self.now.model(spec.key)._default_manager.count()
        if rows:
            self.problems.append(
                Problem(
                    "has_values",
                    Text(
                        "“{o}”已有 {n} 条记录，不能撤销新增。",
                        "“{o}” has {n} records by now; adding it cannot be undone.",
                    ).format(o=spec.label, n=rows),
                    Text("可以停用它。", "Disable it instead."),
                    object=spec.key,
                    value=rows,
                )
            )
        self.dropped.append((spec.key, None))

    def _newer(self, key: str, field: str | None) -> None:
        """A later change is built on this one: say which."""
        newer = [r for r in revisions(object_key=key) if r.id > self.r.id and r.undone_by is None]
        later = next((r for r in reversed(newer) if _touches(r, key, field)), None)
        names = people.names({later.actor_id} if later and later.actor_id else ())
        what: Text | str = said(later, names) if later else "—"
        problem = Problem(
            "newer_change",
            Text("后来的变更建立在它之上：{w}", "A later change is built on it: {w}").format(
                w=what
            ),
            Text("先撤销后来的那一次。", "Undo the later one first."),
            object=key,
            field=field,
            value=later.id if later else None,
        )
        if problem not in self.problems:
            self.problems.append(problem)


def _touches(r: Revision, key: str, field: str | None) -> bool:
    part = r.after.get(key)
    if part is None:
        return True
    return field in part["fields"] if field is not None else bool(part["object"])
