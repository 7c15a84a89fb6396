"""Choices that narrow each other.

An option with a parent may stand only under that option of the field that this one ``depends_on``
(province → city → district).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.types import Text

if TYPE_CHECKING:
    from wubu.kernel.records.batch import Batch, Row


def check(prep: Batch) -> None:
    """Fill in the upper option where it was left empty and only one fits.

    Blame what contradicts it. Lower fields first, so that a whole branch follows from its last
    option.
    """
    for f in reversed(prep.spec.live_fields):
        above = upper(prep.spec.fields, f)
        if above is None:
            continue
        parents = {c.key: c.parent for c in f.choices if c.parent}
        for row in prep.known if parents else ():
            if f.key in row.changed or above.key in row.changed:
                _row(prep, row, f, above, parents)


def upper(fields: Any, f: FieldSpec) -> FieldSpec | None:
    """The field whose option narrows those of a choice; None when nothing does."""
    above = fields.get(str(f.options.get("depends_on") or ""))
    kinds = FIELD_TYPES
    if above is None or above.retired or above.key == f.key or not kinds[f.type].has_choices:
        return None
    return above if kinds[above.type].has_choices else None


def _row(prep: Batch, row: Row, f: FieldSpec, above: FieldSpec, parents: dict[str, str]) -> None:
    needed = {parents[k] for k in _keys(row.after.get(f.key)) if k in parents}
    there = set(_keys(row.after.get(above.key)))
    if not needed or needed <= there:
        return
    raw = above.key in row.draft.values and above.key not in row.values
    if not there and len(needed) == 1 and not raw:
        (only,) = needed
        row.after[above.key] = (only,) if above.kind.chooses_many else only
        if above.key not in row.changed:
            row.changed = (*row.changed, above.key)
        return
    wrong = next(k for k in _keys(row.after[f.key]) if parents.get(k, "") not in {"", *there})
    option, place = f.choice(wrong), above.choice(parents[wrong])
    prep.blame(
        row,
        "wrong_branch",
        Text(
            "“{o}”属于“{p}”，与所选的“{a}”不符。",
            "“{o}” belongs to “{p}”, which is not what “{a}” says.",
        ).format(
            o=option.label if option else wrong,
            p=place.label if place else parents[wrong],
            a=above.label,
        ),
        hint=Text(
            "请改选“{f}”，或先改“{a}”。", "Choose another “{f}”, or change “{a}” first."
        ).format(f=f.label, a=above.label),
        field=f.key,
        value=row.draft.values.get(f.key),
    )


def _keys(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)
