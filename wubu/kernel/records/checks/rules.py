"""The rules a batch must keep: what may be written, what must be filled, what must be unique."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Func

from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.records import problems
from wubu.kernel.records.attachments import files
from wubu.kernel.records.checks import candidates, cascades, conditions, rights
from wubu.kernel.records.reading import images
from wubu.kernel.records.shape import shape
from wubu.kernel.types import Missing, Text

if TYPE_CHECKING:
    from wubu.kernel.records.batch import Batch, Row

CHUNK = 2_000
PACKED = (str, int, date, datetime)


def defaults(prep: Batch) -> dict[str, Any]:
    """What a new record has when nothing is given.

    The fields' defaults, the first stage, its maker as owner.
    """
    made: dict[str, Any] = {}
    owner = prep.spec.role("owner")
    for f in prep.spec.live_fields:
        if FIELD_TYPES[f.type].computed or FIELD_TYPES[f.type].many:
            continue
        if f.default is not None:
            value = _default(f, prep)
            if value is not None:
                made[f.key] = value
        elif f.kind.dated and f.options.get("default_now"):
            made[f.key] = prep.ctx.day if f.kind.whole_day else prep.ctx.at
        elif f.kind.staged:
            made[f.key] = next((c.key for c in f.choices if not c.retired), None)
        elif f.kind.yes_no:
            made[f.key] = False
        elif owner is not None and f.key == owner.key and f.kind.names_member:
            made[f.key] = prep.ctx.actor.member_id
    return made


def _default(f: FieldSpec, prep: Batch) -> Any:
    if f.default in ("today", "now") and f.kind.dated:
        return prep.ctx.day if f.kind.whole_day else prep.ctx.at
    if f.default == "me" and f.kind.names_member:
        return prep.ctx.actor.member_id
    try:
        return FIELD_TYPES[f.type].parse(f, f.default)
    except FieldError:
        return None  # a default that no longer fits is no reason to refuse a record


def match(prep: Batch) -> None:
    """Find the record that each draft means by its natural key.

    Drafts that mean the same one are found, too.
    """
    keys = prep.match_on or ()
    for key in keys:
        prep.spec.field(key)
        if not prep.ctx.policy.clear(prep.spec.key, key):
            raise Missing(problems.no_field(prep.spec, key))
    wanted: dict[tuple[Any, ...], Row] = {}
    for row in prep.rows:
        found = tuple(row.values.get(k) for k in keys)
        # A row with a problem elsewhere still speaks of its record.
        if row.draft.id is not None or None in found:
            continue
        if found in wanted:
            problems.twice(prep, row, wanted[found])
        else:
            wanted[found] = row
    model: Any = prep.shape.model
    columns = [prep.shape.columns[k] for k in keys]
    asked = _telling(prep, keys, wanted)
    every = list(wanted)
    for start in range(0, len(every), CHUNK):
        some = every[start : start + CHUNK]
        rows = model.objects.filter(archived_at__isnull=True)
        for n, column in enumerate(columns):
            raw = _driven(prep, keys[n], {values[n] for values in some})
            if n != asked:
                rows = rows.alias(**{f"key_{n}": Compared(column)})
                column = f"key_{n}"
            rows = rows.filter(**isin(column, raw))
        for id_, *values in rows.order_by("-id").values_list("id", *columns):
            matched = wanted.get(tuple(values))
            if matched is not None:
                matched.id = id_


def _driven(prep: Batch, key: str, values: Iterable[Any]) -> list[Any]:
    """Days and moments as the driver takes them, so that many go as one parameter."""
    convert = prep.shape.to_db[key] if prep.spec.fields[key].kind.dated else None
    return list(values) if convert is None else [convert(v) for v in values]


class Compared(Func):
    """A column that is compared, but not looked up by."""

    template = "+%(expressions)s"
    arity = 1

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """PostgreSQL knows the numbers, and chooses well."""
        return compiler.compile(self.source_expressions[0])


def _telling(prep: Batch, keys: Sequence[str], wanted: Iterable[tuple[Any, ...]]) -> int:
    """The place of the key to look up by: the one of most different values.

    A link counts for less, as many records share a target; long texts have no index. SQLite, which
    knows nothing of the numbers, would go by any.
    """
    different = [len({values[n] for values in wanted}) for n in range(len(keys))]
    return max(
        range(len(keys)),
        key=lambda n: different[n] * prep.spec.fields[keys[n]].kind.selectivity,
    )


def check(prep: Batch) -> None:
    """Every rule over the whole batch; each query is one for all rows."""
    _stale(prep)
    rights.check_before(prep)
    if not prep.stored:
        _same(prep)
        cascades.check(prep)
        _required(prep)
        conditions.check(prep)
        _attachments(prep)
        candidates.check(prep)
    _no_loops(prep)
    _unique(prep)


def _stale(prep: Batch) -> None:
    """Somebody else saved since this was read: say so, unless nothing would change anyway."""
    for row in prep.known:
        version, before = row.draft.version, row.before
        if version is None or before is None or version == before["version"]:
            continue
        if row.changed or row.draft.children:
            row.stale = True
            prep.blame(
                row,
                "stale",
                Text(
                    "您打开之后，其他人已修改并保存了这条记录。",
                    "Someone else has changed and saved this record since you opened it.",
                ),
                hint=Text("请对照两边的内容，再保存一次。", "Compare both sides, then save again."),
                value=version,
                suggestion=before["version"],
            )


def _required(prep: Batch) -> None:
    needed = [f for f in prep.spec.live_fields if f.required and not FIELD_TYPES[f.type].computed]
    for f in needed:
        key = f.key
        for row in prep.known:
            if row.after.get(key) is not None or (
                row.before is not None and key not in row.changed
            ):
                continue
            # A value that could not be read was already complained of.
            if row.bad and key in row.draft.values and key not in row.values:
                continue
            if row.before is None and f.kind.numbered and not prep.ctx.writing:
                continue
            prep.blame(
                row,
                "required",
                Text("请填写“{f}”。", "“{f}” is required.").format(f=f.label),
                field=key,
            )


def _unique(prep: Batch) -> None:
    for f in prep.spec.live_fields:
        # A column that is unique by itself counts archived records too.
        everywhere = bool(f.key in prep.shape.columns and _column(prep, f).unique)
        if not (f.unique or everywhere) or FIELD_TYPES[f.type].many or f.kind.aggregates:
            continue
        key = f.key
        first: dict[Any, Row] = {}
        for row in prep.known:
            value = row.after.get(key)
            if value is None or key not in row.changed:
                continue
            if value in first:
                if key not in (prep.match_on or ()):  # there it was said already
                    _taken(prep, row, f, value, first[value])
            else:
                first[value] = row
        values = list(first)
        ids = {r.id for r in prep.known if r.before is not None and key in r.changed}
        model: Any = prep.shape.model
        for start in range(0, len(values), CHUNK):
            some = _driven(prep, key, values[start : start + CHUNK])
            rows = model.objects.filter(**isin(key, some))
            if not everywhere:
                rows = rows.filter(archived_at__isnull=True)
            for id_, value in rows.values_list("id", key):
                if id_ != first[value].id and id_ not in ids:
                    _taken(prep, first[value], f, value, None)


def isin(key: str, values: Iterable[Any]) -> dict[str, Any]:
    """The condition that a column has one of these values; quick for texts and whole numbers."""
    every = list(values)
    if all(v.__class__ in PACKED for v in every):
        return {f"{key}__among": Values(every)}
    return {f"{key}__in": every}


def _column(prep: Batch, f: FieldSpec) -> Any:
    return prep.shape.model._meta.get_field(f.key)


def _taken(prep: Batch, row: Row, f: FieldSpec, value: Any, other: Row | None) -> None:
    shown = FIELD_TYPES[f.type].show(f, value)
    if other is None:
        message = Text("“{f}”的值“{v}”已被使用。", "“{v}” is already taken as “{f}”.")
    else:
        message = Text(
            "“{f}”的值“{v}”在同一批中重复(另见第 {n} 行)。",
            "“{v}” appears twice as “{f}” in one batch (see also line {n}).",
        )
    n = "" if other is None else other.draft.line or other.index + 1
    prep.blame(row, "not_unique", message.format(f=f.label, v=shown, n=n), field=f.key, value=value)


def _same(prep: Batch) -> None:
    """Option ``same`` of a link: a field here is that of the record it points at.

    Left empty it is filled from there; given otherwise it is a problem.
    """
    for f in prep.spec.live_fields:
        for own, theirs in (f.options.get("same") or {}).items():
            rows = [
                r
                for r in prep.known
                if (f.key in r.changed or own in r.changed) and r.after.get(f.key) is not None
            ]
            if rows and f.kind.links_one and own in prep.spec.fields:
                _same_field(prep, f, own, theirs, rows)


def _same_field(prep: Batch, f: FieldSpec, own: str, theirs: str, rows: Sequence[Row]) -> None:
    target = shape(prep.ctx.snapshot, f.target)
    asked = images.some(target, ("id", target.columns[theirs]))
    ids = sorted({r.after[f.key] for r in rows})
    found: dict[int, Any] = {}
    for start in range(0, len(ids), CHUNK):
        found.update(asked.rows(ids=ids[start : start + CHUNK]))
    for row in rows:
        expected = found.get(row.after[f.key])
        if expected is None or expected == row.after.get(own):
            continue
        if row.after.get(own) is None:
            if own not in row.draft.values or own in row.values:
                row.after[own] = expected
                if own not in row.changed:
                    row.changed = (*row.changed, own)
            continue
        prep.blame(
            row,
            "mismatch",
            Text(
                "“{f}”属于另一个“{o}”，与所填的不一致。",
                "“{f}” belongs to another “{o}” than the one given.",
            ).format(f=f.label, o=prep.spec.fields[own].label),
            field=f.key,
            value=row.draft.values.get(f.key),
        )


def _no_loops(prep: Batch) -> None:
    """No record may come to stand above itself."""
    for f in prep.spec.live_fields:
        if not f.kind.links_one or f.target != prep.spec.key:
            continue
        rows = [r for r in prep.known if f.key in r.changed and r.after.get(f.key) is not None]
        ids = {r.id for r in prep.known}
        if all(r.before is None and r.after[f.key] not in ids for r in rows):
            continue  # nothing points at a new record yet
        parents = {r.id: r.after[f.key] for r in rows}
        _load_parents(prep, f, parents)
        for row in rows:
            seen = {row.id}
            here = row.after[f.key]
            while here is not None and here not in seen:
                seen.add(here)
                here = parents.get(here)
            if here == row.id:
                prep.blame(
                    row,
                    "loop",
                    Text(
                        "“{f}”不能指向自己或自己的下级。",
                        "“{f}” cannot point to itself or to something below it.",
                    ).format(f=f.label),
                    field=f.key,
                )


def _load_parents(prep: Batch, f: FieldSpec, parents: dict[Any, Any]) -> None:
    column = prep.shape.columns[f.key]
    model: Any = prep.shape.model
    frontier = {p for p in parents.values() if p is not None} - parents.keys()
    while frontier:
        rows = dict(model.objects.filter(id__among=Values(frontier)).values_list("id", column))
        parents.update({id_: rows.get(id_) for id_ in frontier})
        frontier = {p for p in rows.values() if p is not None} - parents.keys()


def _attachments(prep: Batch) -> None:
    """Only files of one's own that belong to no record yet may be attached."""
    for f in prep.spec.live_fields:
        if not FIELD_TYPES[f.type].files:
            continue
        added = {
            id_: row
            for row in prep.known
            if f.key in row.changed
            for id_ in set(row.after[f.key] or ()) - set((row.before or {}).get(f.key) or ())
        }
        there = files.attachable(prep.ctx.actor, list(added))
        for id_ in added.keys() - there.keys():
            prep.blame(
                added[id_],
                "no_such_file",
                Text("没有这个文件。", "There is no such file."),
                field=f.key,
                value=id_,
            )
        kinds = FIELD_TYPES[f.type].kinds
        for id_, kind in there.items():
            if kinds and kind not in kinds:
                prep.blame(
                    added[id_],
                    "not_a_picture",
                    Text(
                        "这个文件不是可以显示的图片。", "This file is no picture that can be shown."
                    ),
                    hint=Text(
                        "请上传 JPEG、PNG、GIF 或 WebP 图片。",
                        "Upload a JPEG, PNG, GIF or WebP picture.",
                    ),
                    field=f.key,
                    value=id_,
                )
