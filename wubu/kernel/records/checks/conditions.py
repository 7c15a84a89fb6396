"""The company's own rules at the door.

Filled in when, of this form, within these limits, and what must hold between fields.

A rule asks of a record only what somebody touches: a new record keeps all of them; an old one with
an old gap can be edited elsewhere, until a change makes the rule apply to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wubu.kernel.bulk import Values
from wubu.kernel.calendar.queries import zone
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.fields.patterns import matches
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formula
from wubu.kernel.formula.types import Formula
from wubu.kernel.records.aggregates import guards
from wubu.kernel.types import Refused, Text

if TYPE_CHECKING:
    from wubu.kernel.records.batch import Batch, Row

BOOL = ValueType("bool")
CHUNK = 2_000
DAYS = ("date", "datetime")
Path = tuple[str, ...]
Image = Mapping[str, Any]
REQUIRED = Text("请填写“{f}”。", "“{f}” is required.")
NOW_REQUIRED = Text("因为：{why}", "Because {why}")
ODD = Text("“{f}”的格式不对。", "The format of “{f}” is not valid.")
EARLY = Text("“{f}”不能早于 {d}。", "“{f}” cannot be before {d}.")
LATE = Text("“{f}”不能晚于 {d}。", "“{f}” cannot be after {d}.")


def check(prep: Batch) -> None:
    """Hold every rule of the object against the batch.

    What it needs of other records is asked for all rows at once.
    """
    for f in prep.spec.live_fields:
        if f.options.get("pattern") and not f.kind.numbered:  # whose pattern makes numbers
            _pattern(prep, f, str(f.options["pattern"]))
        if f.kind.dated and ("min" in f.options or "max" in f.options):
            _days(prep, f)
        if f.options.get("required_when") and not FIELD_TYPES[f.type].computed:
            _required(prep, f, str(f.options["required_when"]))
    for one in prep.spec.options.get("checks", ()):
        _must(prep, one)


# One value by itself


def _pattern(prep: Batch, f: FieldSpec, pattern: str) -> None:
    fits = lru_cache(maxsize=4096)(lambda text: matches(pattern, text))
    message = Text.of(f.options["pattern_message"]) if f.options.get("pattern_message") else None
    for row in _changing(prep, f):
        value = row.after[f.key]
        try:
            good = fits(str(FIELD_TYPES[f.type].to_json(f, value)))
        except FieldError:
            return  # the catalog no longer takes such a pattern; what came before it is left alone
        if not good:
            said = message or ODD.format(f=f.label)
            prep.blame(row, "pattern", said, field=f.key, value=row.draft.values.get(f.key, value))


def _days(prep: Batch, f: FieldSpec) -> None:
    least, most = (_day(prep, f.options.get(k)) for k in ("min", "max"))
    for row in _changing(prep, f):
        value = row.after[f.key]
        day = value.astimezone(zone()).date() if isinstance(value, datetime) else value
        if least is not None and day < least:
            prep.blame(row, "too_early", EARLY.format(f=f.label, d=least), field=f.key, value=day)
        elif most is not None and day > most:
            prep.blame(row, "too_late", LATE.format(f=f.label, d=most), field=f.key, value=day)


def _day(prep: Batch, limit: Any) -> date | None:
    if limit is None or limit == "":
        return None
    try:
        return prep.ctx.day if limit == "today" else date.fromisoformat(str(limit))
    except ValueError:
        return None


def _changing(prep: Batch, f: FieldSpec) -> list[Row]:
    key = f.key
    return [r for r in prep.known if key in r.changed and r.after.get(key) is not None]


# What depends on others


def _required(prep: Batch, f: FieldSpec, text: str) -> None:
    when = _read(prep, text)
    if when is None:
        return
    own = _own(when)
    gaps = [
        row
        for row in prep.known
        if row.after.get(f.key) is None
        and not (row.bad and f.key in row.draft.values and f.key not in row.values)
        and (row.before is None or f.key in row.changed or own & set(row.changed))
    ]
    if not gaps or f.required:
        return  # that is asked anyway
    holds = _holds(prep, when, [r.after for r in gaps])
    old = [r for r in gaps if r.before is not None and f.key not in r.changed]
    before = _before(prep, when, old)
    hint = _why(prep, when)
    for row, asked in zip(gaps, holds, strict=True):
        if asked and not before.get(row.index):
            prep.blame(row, "required", REQUIRED.format(f=f.label), hint=hint, field=f.key)


def _must(prep: Batch, one: Mapping[str, Any]) -> None:
    must = _read(prep, str(one.get("must") or ""))
    when = _read(prep, str(one["when"])) if one.get("when") else None
    if must is None or (one.get("when") and when is None):
        return
    if guards.is_about_rollups(prep.spec, must) or (
        when is not None and guards.is_about_rollups(prep.spec, when)
    ):
        return  # held by the guards, once the roll-ups have moved
    own = _own(must) | (_own(when) if when else frozenset())
    fields = [k for k in one.get("fields") or () if k in prep.spec.fields]
    watched = own | set(fields)
    rows = [r for r in prep.known if r.before is None or watched & set(r.changed)]
    if when is not None and rows:
        applies = _holds(prep, when, [r.after for r in rows])
        rows = [r for r, yes in zip(rows, applies, strict=True) if yes]
    # What could not be read was complained of; nothing more is said of such a record.
    rows = [r for r in rows if not (r.bad and watched & (r.draft.values.keys() - r.values.keys()))]
    if not rows:
        return
    message = Text.of(one.get("message") or str(one.get("key") or ""))
    for row, good in zip(rows, _holds(prep, must, [r.after for r in rows]), strict=True):
        if not good:
            for key in [k for k in fields if _seen(prep, k)] or [None]:
                prep.blame(row, f"check:{one.get('key')}", message, field=key)


def _why(prep: Batch, when: Formula) -> Text | None:
    """The condition in words, for whoever may see all that it speaks of."""
    if not all(prep.ctx.policy.readable(prep.spec.key, path) for path in when.written):
        return None
    return NOW_REQUIRED.format(why=Text(when.clause("zh"), when.clause("en")))


def _seen(prep: Batch, key: str) -> bool:
    return prep.ctx.policy.level(prep.spec.key, key) != "hidden"


def _before(prep: Batch, when: Formula, rows: Sequence[Row]) -> dict[int, bool]:
    """By row, whether the condition held already before this change."""
    images = [r.before or {} for r in rows]
    return dict(zip((r.index for r in rows), _holds(prep, when, images), strict=True))


def _read(prep: Batch, text: str) -> Formula | None:
    """None for what nobody can read any more: a rule that fell out of use refuses no record."""
    try:
        return formula.parse(
            text, snapshot=prep.ctx.snapshot, object_key=prep.spec.key, expect=BOOL
        )
    except Refused:
        return None


def _own(found: Formula) -> frozenset[str]:
    return frozenset(path[0] for path in found.paths)


def _holds(prep: Batch, found: Formula, images: Sequence[Image]) -> list[bool]:
    """Whether the condition is true, image by image; unknown is not true."""
    if not images:
        return []
    linked = _linked(prep, found.paths, images)

    def value(image: Image) -> Callable[[Path], Any]:
        def get(path: Path) -> Any:
            if len(path) == 1:
                return image.get(path[0])
            return linked[path].get(image.get(path[0]))

        return get

    evaluate = found.evaluator()
    return [bool(evaluate(value(image))) for image in images]


def _linked(
    prep: Batch, paths: Iterable[Path], images: Sequence[Image]
) -> dict[Path, dict[Any, Any]]:
    """What stands at the end of each path across links, by the id that it begins with."""
    found: dict[Path, dict[Any, Any]] = {}
    for path in paths:
        if len(path) == 1:
            continue
        model: Any = prep.shape.model._meta.get_field(path[0]).related_model
        ids = sorted({i for image in images if (i := image.get(path[0])) is not None})
        known: dict[Any, Any] = {}
        for start in range(0, len(ids), CHUNK):
            rows = model._default_manager.filter(id__among=Values(ids[start : start + CHUNK]))
            known.update(rows.values_list("id", "__".join(path[1:])))
        found[path] = known
    return found
