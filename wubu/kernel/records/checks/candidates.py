"""Strict candidates: option ``candidates`` of a field with ``strict`` holds by every entrance.

A link must point at one of the records that the condition allows, a choice must be one of the
values taken from them. See ``kernel.query.linked`` for the condition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.formula.typed import Path
from wubu.kernel.query.beside import Beside
from wubu.kernel.query.linked import FORM, Linkage, depends_on, read
from wubu.kernel.types import Refused, Text

if TYPE_CHECKING:
    from wubu.kernel.records.batch import Batch, Row

CHUNK = 2_000
MOST = 10_000  # different values that an option list may have
OPTION = "candidates"


def check(prep: Batch) -> None:
    """Blame every value that is not among its candidates; one question per different situation."""
    for f in prep.spec.live_fields:
        rule = f.options.get(OPTION)
        if rule and rule.get("strict"):
            _field(prep, f, rule)


def _field(prep: Batch, f: FieldSpec, rule: Any) -> None:
    parent = _parent_of(prep)
    try:
        linkage = read(
            rule,
            snapshot=prep.ctx.snapshot,
            form=prep.spec.key,
            parent=parent,
            field=f,
            candidates=True,
        )
    except Refused:
        return  # a rule that broke since (a field was retired) stops nobody
    listens = {key for scope, key in depends_on(linkage) if scope == FORM} | {f.key}
    rows = [
        r
        for r in prep.known
        if not r.bad and listens & set(r.changed) and r.after.get(f.key) not in (None, ())
    ]
    situations: dict[tuple[Any, ...], list[tuple[Row, Callable[[Path], Any]]]] = {}
    parents = _Parents(prep, linkage, parent)
    for row in rows:
        get = _form(prep, linkage, row, parents)
        key = tuple(get(path) for path in sorted(linkage.needs))
        situations.setdefault(key, []).append((row, get))
    for same in situations.values():
        _situation(prep, f, linkage, [row for row, _ in same], same[0][1])


def _situation(
    prep: Batch,
    f: FieldSpec,
    linkage: Linkage,
    rows: Sequence[Row],
    get: Callable[[Path], Any],
) -> None:
    """Rows in which everything that the rule listens to stands the same."""
    model: Any = prep.ctx.snapshot.model(linkage.source)
    source = model.objects.filter(archived_at__isnull=True)
    fitting = linkage.filter(source, get, context=prep.ctx.policy.context)
    if f.kind.has_target:
        wanted = sorted({i for r in rows for i in _many(r.after[f.key])})
        allowed: set[Any] = set()
        for start in range(0, len(wanted), CHUNK):
            some = fitting.filter(id__among=Values(wanted[start : start + CHUNK]))
            allowed.update(some.values_list("id", flat=True))
    else:
        taken = linkage.taken_from(fitting, MOST, context=prep.ctx.policy.context, distinct=True)
        allowed = {key for value in taken for key in as_keys(f, value)}
    for row in rows:
        if not set(_many(row.after[f.key])) <= allowed:
            prep.blame(
                row,
                "not_a_candidate",
                Text(
                    "“{f}”不在当前可选的范围内。",
                    "“{f}” is not among those that may be chosen here.",
                ).format(f=f.label),
                hint=Text(
                    "请先检查它所依赖的字段，再从列表中选择。",
                    "Check the fields that it depends on, then choose from the list.",
                ),
                field=f.key,
                value=row.draft.values.get(f.key),
            )


def as_keys(f: FieldSpec, value: Any) -> set[Any]:
    """The options of a choice field that a taken value names, by key or by label."""
    try:
        found = FIELD_TYPES[f.type].parse(f, list(value) if isinstance(value, tuple) else value)
    except FieldError:
        return set()  # what is no option of this field allows none
    return set(_many(found))


def _many(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _parent_of(prep: Batch) -> str:
    part = prep.spec.part_of
    return prep.spec.fields[part].target if part else ""


class _Parents:
    """The records that parts belong to, read once as they stand now."""

    def __init__(self, prep: Batch, linkage: Linkage, parent: str) -> None:
        self.prep = prep
        self.parent = parent
        self.paths = {p[1:] for p in linkage.needs if p[0] != FORM}
        self.kept: dict[Any, Callable[[Path], Any]] = {}

    def get(self, id_: Any) -> Callable[[Path], Any]:
        if id_ not in self.kept:
            raw = self.prep.parents.get(id_)
            own = raw if raw is not None else self._stored(id_)
            self.kept[id_] = Beside(
                self.prep.ctx.snapshot, self.parent, own, _rows(self.prep), self.paths
            ).get
        return self.kept[id_]

    def _stored(self, id_: Any) -> dict[str, Any]:
        keys = sorted({p[0] for p in self.paths})
        model: Any = self.prep.ctx.snapshot.model(self.parent)
        row = model.objects.filter(pk=id_).values_list(*keys).first() if keys else None
        return dict(zip(keys, row, strict=True)) if row else {}


def _form(prep: Batch, linkage: Linkage, row: Row, parents: _Parents) -> Callable[[Path], Any]:
    own = Beside(
        prep.ctx.snapshot,
        prep.spec.key,
        row.after,
        _rows(prep),
        {p[1:] for p in linkage.needs if p[0] == FORM},
    )

    def get(path: Path) -> Any:
        if path[0] == FORM:
            return own.get(path[1:])
        return parents.get(row.after.get(prep.spec.part_of))(path[1:])

    return get


def _rows(prep: Batch) -> Callable[[str], Any]:
    return lambda key: prep.ctx.snapshot.apps.get_model("company", key).objects.all()
