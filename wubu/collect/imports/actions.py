"""Importing: take files in, map, check, resolve problems, run, resume, cancel, undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from wubu.collect.imports import mapping as mappings
from wubu.collect.imports import queries, reading, rows_of, running, staging, storage
from wubu.collect.imports.checking import READ_AS, nothing
from wubu.collect.imports.models import (
    CANCELLED,
    CHECKED,
    DONE,
    DRAFT,
    RUNNING,
    SKIPPED,
    STOPPED,
    UNDONE,
    Batch,
    Import,
    SavedMapping,
)
from wubu.collect.imports.targets import target
from wubu.collect.imports.types import (
    MEMBERS,
    Checked,
    Done,
    FolderDone,
    ProblemGroup,
    Progress,
)
from wubu.collect.imports.views import ImportView, checked_json
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.records import actions as records
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.kernel.workspace import unit_of_work

OPEN = (DRAFT, CHECKED, STOPPED, CANCELLED)
JOB = "imports.run"
CHECK_JOB = "imports.check"
CHECKED_AT_ONCE = 20_000  # rows; more are checked in the background


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


def _open_batch(actor: Actor, batch_id: int) -> Batch:
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
    """Choose what the rows of a sheet become; "" leaves the sheet out. Columns are suggested
    anew.
    """
    row = _open_batch(actor, batch_id)
    if object_key:
        staging.require(actor, object_key)
        source = _with_sample(row)
        row.mapping = mappings.to_json(staging.suggest_for(source, object_key))
        row.state, row.reason = DRAFT, None
    else:
        row.mapping, row.state = None, SKIPPED
        row.reason = Text("由您选择不导入。", "Left out by choice.").as_dict()
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
    row = _open_batch(actor, batch_id)
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
    problems = [_no_field(goal.label, k) for k in sorted(used - set(goal.fields))]
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
    given = {"offset_days": offset_days, "since": since, "only_valid": only_valid}
    changes = {k: v for k, v in given.items() if v is not None}
    if view.state not in OPEN:
        raise Refused(_running())
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


def resolve(
    *, actor: Actor, batch_id: int, field: str, value: str, remedy: str, use: Any = None
) -> ImportView:
    """Settle one value of a field for all its rows.

    ``remedy``: ``accept`` the suggestion or ``choose`` another (``use``), leave it ``empty``,
    ``create`` the missing records of that field, add it as an ``option``. Raises Refused.
    """
    row = _open_batch(actor, batch_id)
    old = rows_of.mapping(row)
    goal = target(snapshot(), old.object)
    if field not in goal.fields:
        raise Refused(_no_field(goal.label, field))
    if remedy in {"accept", "choose"}:
        new = _alias(old, field, value, use if use is not None else _suggestion(row, field, value))
    elif remedy == "empty":
        new = _alias(old, field, value, None)
    elif remedy == "create":
        staging.require(actor, goal.fields[field].target)
        new = replace(old, create=old.create | {field})
    elif remedy == "option":
        key = add_option(actor=actor, object_key=goal.key, field=field, label=value)
        new = _alias(old, field, value, key)
    else:
        raise Refused(
            Problem("no_such_remedy", Text("没有这种处理方式。", "There is no such remedy."))
        )
    checked = row.check_result
    row.mapping = mappings.to_json(new)
    row.save(update_fields=["mapping"])
    if checked:  # settled problems leave the list; the next check says what is left
        _settle(row, checked, field, None if remedy == "create" else value)
    return queries.get(actor, row.plan_id)


def _alias(old: Any, field: str, value: str, meant: Any) -> Any:
    aliases = {k: dict(v) for k, v in old.aliases.items()}
    aliases.setdefault(field, {})[value] = meant
    return replace(old, aliases=aliases)


def _suggestion(row: Batch, field: str, value: str) -> Any:
    groups = (row.check_result or {}).get("groups", [])
    for group in groups:
        if group["field"] == field and group["value"] == value and group["suggestion"] is not None:
            return group["suggestion"]
    raise Refused(
        Problem(
            "no_suggestion",
            Text("“{v}”没有建议值。", "There is no suggestion for “{v}”.").format(v=value),
            Text("请指定要用的值。", "Say which value to use."),
            field=field,
            value=value,
        )
    )


def _settle(row: Batch, checked: dict[str, Any], field: str, value: str | None) -> None:
    """Take settled groups off the kept result; their lines count as good unless others blame
    them.
    """
    gone = [
        g
        for g in checked["groups"]
        if g["field"] == field
        and (g["value"] == value or (value is None and g["code"] == "unknown_link"))
    ]
    checked["groups"] = [g for g in checked["groups"] if g not in gone]
    settled = sum(g["rows"] for g in gone if g["blocking"])
    left = any(g["blocking"] for g in checked["groups"])
    checked["created"] += settled
    checked["bad_rows"] = max(1, checked["bad_rows"] - settled) if left else 0
    row.check_result = checked
    row.save(update_fields=["check_result"])


def accept_all(*, actor: Actor, import_id: int, suspicious: bool = False) -> int:
    """Accept every suggestion that the check made, each once for all its rows; how many rows.

    ``suspicious`` includes values that merely look misspelt.
    """
    view, rows = queries.get(actor, import_id), 0
    for batch in view.batches:
        for group in batch.checked.groups if batch.checked else ():
            if group.suggestion is None or not (group.blocking or suspicious):
                continue
            resolve(
                actor=actor,
                batch_id=batch.id,
                field=group.field,
                value=group.value,
                remedy="accept",
            )
            rows += group.rows
    return rows


def add_option(*, actor: Actor, object_key: str, field: str, label: str) -> str:
    """A new option of a choice field, called ``label``; its key. Needs the right to change
    objects.
    """
    found = snapshot().object(object_key).field(field)
    keys = {c.key for c in found.choices}
    key = _free_key(label, keys)
    option = Choice(key, Text(label, label))
    schema.change_field(replace(found, choices=(*found.choices, option)), actor=actor)
    return key


def _free_key(label: str, taken: set[str]) -> str:
    base = "".join(c if c.isascii() and c.isalnum() else "_" for c in label.lower()).strip("_")
    base = base[:40] or "option"
    key, n = base, 1
    while key in taken:
        n += 1
        key = f"{base}_{n}"
    return key


def check(*, actor: Actor, import_id: int, progress: Progress = nothing) -> dict[int, Checked]:
    """Check every row of an import without writing any record, and keep the result for the page."""
    view = queries.get(actor, import_id)
    if view.state not in OPEN:
        raise Refused(_running())
    found = queries.check(replace(actor, entrance="import"), import_id, progress)
    with transaction.atomic():
        for batch_id, checked in found.items():
            row = Batch.objects.get(pk=batch_id)
            row.check_result = checked_json(checked)
            mapping = rows_of.mapping(row)
            for group in checked.groups:
                if group.code == READ_AS:
                    mapping = _alias(mapping, group.field, group.value, group.suggestion)
            row.mapping = mappings.to_json(mapping)
            row.save(update_fields=["check_result", "mapping"])
        Import.objects.filter(pk=import_id).update(state=CHECKED, job_id=None)
    return found


def run(*, actor: Actor, import_id: int, progress: Progress = nothing) -> FolderDone:
    """Run an import, or go on with one that was stopped, cancelled or killed. Outside of
    transactions.

    Rows go in chunk by chunk; a chunk is in whole or not at all. Raises Refused with what stopped
    it.
    """
    with unit_of_work():
        view = queries.get(actor, import_id)
        # A running one is taken over by its own job, or when its process gave no sign of life.
        mine = view.state == RUNNING and (view.job_id is not None or queries.silent(view))
        if view.state not in OPEN and not mine:
            raise Refused(_running())
        for batch in view.batches:
            if batch.object:
                staging.require(actor, batch.object)
    running.run(import_id, actor=actor, progress=progress)
    with unit_of_work():
        _remember_mappings(import_id)
        return result(actor, import_id)


def result(actor: Actor, import_id: int) -> FolderDone:
    """What an import has done so far."""
    view = queries.get(actor, import_id)
    return FolderDone(
        tuple(
            Done(b.id, b.file, b.object, b.created, b.updated, b.unchanged, b.skipped, b.seconds)
            for b in view.batches
            if b.object
        ),
        view.offset_days,
    )


def _remember_mappings(import_id: int) -> None:
    for batch in Batch.objects.filter(plan_id=import_id, state=DONE):
        SavedMapping.objects.update_or_create(
            signature=mappings.signature(rows_of.source(batch)),
            defaults={
                "object_key": batch.object_key,
                "mapping": batch.mapping,
                "used_at": now(),
            },
        )


def start(*, actor: Actor, import_id: int, check_only: bool = False) -> ImportView:
    """Run (or check) an import in the background, with progress."""
    view = queries.get(actor, import_id)
    if view.state not in OPEN and not queries.silent(view):
        raise Refused(_running())
    for batch in view.batches:
        if batch.object:
            staging.require(actor, batch.object)
    job = jobs.enqueue(CHECK_JOB if check_only else JOB, {"import_id": import_id}, actor=actor)
    state = view.state if check_only else RUNNING
    Import.objects.filter(pk=import_id).update(
        job_id=str(job.id), state=state, moved_at=now(), cancel=False
    )
    return queries.get(actor, import_id)


def cancel(*, actor: Actor, import_id: int) -> ImportView:
    """Stop after the chunk that is being written. What is in stays in and can be undone or
    resumed.
    """
    view = queries.get(actor, import_id)
    Import.objects.filter(pk=view.id, state=RUNNING).update(cancel=True)
    if queries.silent(view):
        Import.objects.filter(pk=view.id).update(state=CANCELLED)
    return queries.get(actor, import_id)


def stopped_by_hand(import_id: int) -> None:
    """Note that an import was cancelled in the middle."""
    Import.objects.filter(pk=import_id, state=RUNNING).update(state=CANCELLED, finished_at=now())


def undo(*, actor: Actor, import_id: int) -> ImportView:
    """Take back what an import wrote: created records are archived, changed ones get their old
    values.

    Values that somebody changed since are left alone. Members and teams stay. Last batch first.
    """
    view = queries.get(actor, import_id)
    if view.state == RUNNING and not queries.silent(view):
        raise Refused(_running())
    with transaction.atomic():
        for batch in reversed(view.batches):
            if batch.created + batch.updated and batch.object != MEMBERS:
                records.undo_batch(actor=replace(actor, entrance="import"), batch=batch.id)
                Batch.objects.filter(pk=batch.id).update(state=UNDONE)
        Import.objects.filter(pk=import_id).update(state=UNDONE, finished_at=now())
    return queries.get(actor, import_id)


def remove(*, actor: Actor, import_id: int) -> None:
    """Forget an import that never ran."""
    view = queries.get(actor, import_id)
    if view.state not in {DRAFT, CHECKED} or view.done_rows:
        raise Refused(_running())
    Import.objects.filter(pk=import_id).delete()


def run_file(
    path: Path | str,
    *,
    actor: Actor,
    object_key: str = "",
    **options: Any,
) -> FolderDone:
    """Import one file; ``object_key`` where the suggestion would be wrong. See ``run_folder``."""
    return run_folder(path, actor=actor, object_key=object_key, **options)


def run_folder(
    path: Path | str,
    *,
    actor: Actor,
    object_key: str = "",
    to_now: bool = False,
    offset_days: int = 0,
    accept_suggestions: bool = False,
    only_valid: bool = False,
    check_first: bool = True,
    decide: Callable[[ImportView], bool] | None = None,
    progress: Progress = nothing,
) -> FolderDone:
    """Import a file or the tables of a folder from end to end, as the command does. No
    transaction around.

    ``to_now`` moves all dates so that the last month of the data is the current one. Problems are
    put to ``decide`` (False: stop); ``accept_suggestions`` accepts what the check suggests. Raises
    Refused with every problem that is left, one per value.
    """
    files = staging.path_files(Path(path))
    with unit_of_work():
        view = stage(actor=actor, files=[(f.name, storage.blocks(f)) for f in files])
        if object_key:
            for batch in view.batches:
                set_target(actor=actor, batch_id=batch.id, object_key=object_key)
        if to_now:
            move_to_now(actor=actor, import_id=view.id)
        elif offset_days:
            set_options(actor=actor, import_id=view.id, offset_days=offset_days)
        if only_valid:
            set_options(actor=actor, import_id=view.id, only_valid=True)
        if not any(b.object for b in queries.get(actor, view.id).batches):
            raise Refused(_nothing_recognised(view))
    if check_first:
        _check_through(actor, view.id, accept_suggestions, only_valid, decide, progress)
    return run(actor=actor, import_id=view.id, progress=progress)


def _check_through(
    actor: Actor,
    import_id: int,
    accept: bool,
    only_valid: bool,
    decide: Callable[[ImportView], bool] | None,
    progress: Progress,
) -> None:
    """Check, settle what may be settled, and raise Refused with what is left."""
    with unit_of_work():
        check(actor=actor, import_id=import_id, progress=progress)
        if accept:
            accept_all(actor=actor, import_id=import_id)
        view = queries.get(actor, import_id)
        if decide is not None and view.bad_rows and decide(view):
            accept_all(actor=actor, import_id=import_id)
            view = queries.get(actor, import_id)
        if view.bad_rows and not only_valid:
            raise Refused(*_left(view))


def _left(view: ImportView) -> list[Problem]:
    return [
        Problem(
            g.code,
            Text(
                f"{b.title}：{g.message.zh}（{g.rows} 行）",
                f"{b.title}: {g.message.en} ({g.rows} rows)",
            ),
            g.hint,
            object=b.object,
            field=g.field or None,
            line=g.lines[0] if g.lines else None,
            value=g.value,
            suggestion=g.suggestion,
        )
        for b in view.batches
        for g in (b.checked.groups if b.checked else ())
        if g.blocking
    ]


def _counted(title: str, g: ProblemGroup) -> Text:
    return Text(
        f"{title}：{g.message.zh}（{g.rows} 行）", f"{title}: {g.message.en} ({g.rows} rows)"
    )


def _nothing_recognised(view: ImportView) -> Problem:
    return Problem(
        "nothing_recognised",
        Text("认不出“{f}”导入到哪里。", "Where does “{f}” belong?").format(f=view.title),
        Text("请指明对象，例如 --object customer。", "Name the object, such as --object customer."),
    )


def _no_field(object_label: Text, key: str) -> Problem:
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


def _running() -> Problem:
    return Problem(
        "import_busy",
        Text("这次导入正在执行或已经完成。", "This import is running or done."),
        Text("请刷新页面查看进度。", "Reload the page to see how far it is."),
    )
