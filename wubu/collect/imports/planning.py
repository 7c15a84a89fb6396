"""Taking files in, and saying where they go: everything before a row is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from wubu.collect.imports import mapping as mappings
from wubu.collect.imports import queries, reading, rows_of, running, staging, storage
from wubu.collect.imports.models import (
    CANCELLED,
    CHECKED,
    DONE,
    DRAFT,
    SKIPPED,
    STOPPED,
    Batch,
    Import,
)
from wubu.collect.imports.targets import target
from wubu.collect.imports.types import (
    MEMBERS,
)
from wubu.collect.imports.views import ImportView
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.types import Actor, Problem, Refused, Text

OPEN = (DRAFT, CHECKED, STOPPED, CANCELLED)


def stage(*, actor: Actor, files: Sequence[tuple[str, Iterable[bytes]]]) -> ImportView:
    """Keep the files as they arrived and suggest where each goes. Raises Refused, Forbidden."""
    plan_id = staging.stage(actor=actor, files=files)
    _settle_dates(plan_id, actor)
    return queries.get(actor, plan_id)


def _settle_dates(plan_id: int, actor: Actor) -> None:
    """People are in their teams from the first day the files speak of, else from today."""
    plan = Import.objects.get(pk=plan_id)
    batches = list(plan.batches.exclude(object_key=""))
    if not any(b.object_key == MEMBERS for b in batches):
        return
    days = [staging.earliest_day(rows_of.source(b), rows_of.mapping(b)) for b in batches]
    first = min((d for d in days if d), default=today())
    plan.since = (first + timedelta(days=plan.offset_days)).replace(month=1, day=1)
    plan.save(update_fields=["since"])


def open_batch(actor: Actor, batch_id: int) -> Batch:
    """A batch that can still be changed. Raises Missing, Refused."""
    row = Batch.objects.select_related("plan").filter(pk=batch_id).first()
    if row is None:
        raise rows_of.no_such_import(batch_id)
    queries.get(actor, row.plan_id)
    if row.plan.state not in OPEN or row.state == DONE:
        raise Refused(
            Problem(
                "import_not_open",
                Text("这次导入已经执行，不能再改。", "This import has run; it cannot be changed."),
                Text("如需改动，请先撤销。", "Undo it first to change it."),
            )
        )
    return row


def _changed(row: Batch) -> None:
    """What was checked no longer holds."""
    row.check_result = None
    row.save()
    Batch.objects.filter(plan_id=row.plan_id).update(check_result=None)
    Import.objects.filter(pk=row.plan_id, state=CHECKED).update(state=DRAFT)


def set_target(*, actor: Actor, batch_id: int, object_key: str) -> ImportView:
    """Choose what the rows of a sheet become; "" leaves the sheet out.

    Columns are suggested anew.
    """
    row = open_batch(actor, batch_id)
    if object_key:
        staging.require(actor, object_key)
        source = _with_sample(row)
        row.mapping = mappings.to_json(staging.suggest_for(source, object_key))
        row.state, row.reason = DRAFT, None
    else:
        row.mapping, row.state = None, SKIPPED
        row.reason = Text("由您选择不导入。", "Left out by your choice.").as_dict()
    row.object_key = object_key
    _changed(row)
    return queries.get(actor, row.plan_id)


def _with_sample(row: Batch) -> Any:
    """The source with its sample rows read again."""
    path = storage.path_of(row.sha256)
    return next(s for s in reading.sources(path, row.file) if s.sheet == row.sheet)


def set_mapping(
    *,
    actor: Actor,
    batch_id: int,
    columns: Mapping[int, str],
    match_on: Sequence[str] | None = None,
    derive: Mapping[str, str] | None = None,
    constants: Mapping[str, Any] | None = None,
) -> ImportView:
    """Say where columns go (``""``: nowhere) and by which fields rows find their record again.

    Raises Refused when a field is unknown or taken twice.
    """
    row = open_batch(actor, batch_id)
    old = rows_of.mapping(row)
    goal = target(snapshot(), old.object)
    new = tuple(
        replace(c, field=columns[c.index], how="chosen", score=100)
        if c.index in columns and columns[c.index] != c.field
        else c
        for c in old.columns
    )
    taken = [c.field for c in new if c.field]
    keys = tuple(match_on) if match_on is not None else old.match_on
    used = {*taken, *keys, *(derive or {}), *(constants or {})}
    problems = [no_field(goal.label, k) for k in sorted(used - set(goal.fields))]
    problems += [
        _taken_twice(goal.field_label(k), k)
        for k in sorted({k for k in taken if taken.count(k) > 1})
    ]
    if problems:
        raise Refused(*problems)
    filled = {*taken, *(derive or old.derive), *(constants or old.constants)}
    row.mapping = mappings.to_json(
        replace(
            old,
            columns=new,
            match_on=tuple(k for k in keys if k in filled),
            derive=old.derive if derive is None else dict(derive),
            constants=old.constants if constants is None else dict(constants),
        )
    )
    _changed(row)
    return queries.get(actor, row.plan_id)


def set_options(
    *,
    actor: Actor,
    import_id: int,
    offset_days: int | None = None,
    since: date | None = None,
    only_valid: bool | None = None,
) -> ImportView:
    """Move all dates, say from when people are in their teams, import only the valid rows."""
    view = queries.get(actor, import_id)
    raw = {"offset_days": offset_days, "since": since, "only_valid": only_valid}
    changes = {k: v for k, v in raw.items() if v is not None}
    if view.state not in OPEN:
        raise Refused(busy())
    Import.objects.filter(pk=import_id).update(**changes)
    if offset_days is not None and offset_days != view.offset_days:
        Batch.objects.filter(plan_id=import_id).update(check_result=None)
        _settle_dates(import_id, actor)
    return queries.get(actor, import_id)


def move_to_now(*, actor: Actor, import_id: int) -> int:
    """Move every date by one number of days, so that the last month of the data is the current one.

    The days; 0 when the files hold no dates.
    """
    queries.get(actor, import_id)
    batches = Batch.objects.filter(plan_id=import_id).exclude(object_key="")
    days = [staging.latest_day(rows_of.source(b), rows_of.mapping(b)) for b in batches]
    last = max((d for d in days if d), default=None)
    offset = running.offset_to_now(last) if last else 0
    set_options(actor=actor, import_id=import_id, offset_days=offset)
    return offset


def no_field(object_label: Text, key: str) -> Problem:
    return Problem(
        "no_such_field",
        Text("“{o}”没有可导入的字段“{k}”。", "“{o}” has no field “{k}” to import into.").format(
            o=object_label, k=key
        ),
        field=key,
    )


def _taken_twice(label: Text, key: str) -> Problem:
    return Problem(
        "field_taken_twice",
        Text("字段“{f}”对应了不止一列。", "More than one column goes to “{f}”.").format(f=label),
        Text("请只保留一列。", "Keep one of them."),
        field=key,
    )


def busy() -> Problem:
    return Problem(
        "import_busy",
        Text("这次导入正在执行或已经完成。", "This import is running or done."),
        Text("请刷新页面查看进度。", "Reload the page to see how far it is."),
    )
