"""What came in, what it would do, and the way back from a value to its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest

from wubu.collect.imports import checking, people_rows, reading, rows_of, staging
from wubu.collect.imports.checking import LookupCache
from wubu.collect.imports.drafts import Drafter
from wubu.collect.imports.models import DONE, RUNNING, SKIPPED, Batch, Import
from wubu.collect.imports.running import people_drafts
from wubu.collect.imports.targets import Target, target
from wubu.collect.imports.types import MEMBERS, Cell, Checked, Progress
from wubu.collect.imports.views import BatchView, ImportView
from wubu.kernel.audit import queries as audit
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor, Problem, Text

SILENT = timedelta(minutes=2)  # a run that gave no sign of life for so long was killed


@dataclass(frozen=True, slots=True)
class SourceLine:
    """The line of a file that a value came from: headings and cells as they arrived."""

    file: str
    sheet: str
    line: int
    header: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def pairs(self) -> tuple[tuple[str, Cell], ...]:
        """Heading and cell, side by side."""
        return tuple(zip(self.header, self.cells, strict=True))


def _mine(actor: Actor) -> bool:
    """Whether the actor sees everybody's imports, not only their own."""
    return actor.is_system or policy(actor).may_setup("imports")


def get(actor: Actor, import_id: int) -> ImportView:
    """One import: one's own, or any with the right to set up imports. Raises Missing."""
    return rows_of.import_view(*_rows(actor, import_id))


def _rows(actor: Actor, import_id: int) -> tuple[Import, list[Batch]]:
    row = Import.objects.filter(pk=import_id).first()
    if row is None or not _sees(actor, row):
        raise rows_of.no_such_import(import_id)
    return row, list(row.batches.order_by("position"))


def recent(actor: Actor, limit: int = 30, before: int | None = None) -> list[ImportView]:
    """The latest imports that the actor may see, newest first; ``before`` is an import id."""
    rows = Import.objects.order_by("-id").prefetch_related("batches")
    if not _mine(actor):
        rows = rows.filter(actor_id=actor.member_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [
        rows_of.import_view(r, sorted(r.batches.all(), key=lambda b: b.position))
        for r in rows[:limit]
    ]


def targets(actor: Actor) -> tuple[Target, ...]:
    """What the actor may import."""
    return staging.allowed(actor, snapshot())


def silent(view: ImportView) -> bool:
    """Whether a running import gives no sign of life: it can be resumed."""
    row = Import.objects.filter(pk=view.id, state=RUNNING).first()
    return row is not None and (row.moved_at is None or now() - row.moved_at > SILENT)


def imported_before(view: BatchView) -> ImportView | None:
    """An earlier finished import of the very same bytes into the same object."""
    row = (
        Batch.objects.filter(
            sha256=Batch.objects.filter(pk=view.id).values("sha256")[:1],
            sheet=view.sheet,
            object_key=view.object,
            state=DONE,
        )
        .exclude(plan_id=view.import_id)
        .select_related("plan")
        .order_by("-id")
        .first()
    )
    return rows_of.import_view(row.plan, []) if row else None


def check(
    actor: Actor,
    import_id: int,
    progress: Progress = checking.nothing,
    bad: checking.Bad | None = None,
) -> dict[int, Checked]:
    """What each batch of an import would do, by batch id; nothing is written.

    Later files may point at what earlier ones bring. ``bad`` hears of every problem, with batch
    and line.
    """
    plan, batches = _rows(actor, import_id)
    known, found = LookupCache(), {}
    current = snapshot()
    for batch in batches:
        if not batch.object_key or batch.state == SKIPPED:
            continue
        mapping = rows_of.mapping(batch)
        goal = target(current, mapping.object)
        source = rows_of.source(batch)

        def heard(line: int, p: Problem, batch_id: int = batch.pk) -> None:
            if bad is not None:
                bad(batch_id, line, p)

        if goal.key == MEMBERS:
            drafter = Drafter(mapping, goal, plan.offset_days)
            found[batch.pk] = _check_people(drafter, source_rows(batch), known, heard)
            continue
        found[batch.pk] = checking.check(
            source,
            mapping,
            goal,
            actor=actor,
            known=known,
            offset_days=plan.offset_days,
            progress=progress,
            bad=heard,
        )
    return found


def source_rows(batch: Batch) -> Iterator[tuple[int, list[Cell]]]:
    return reading.rows(rows_of.source(batch))


def _check_people(
    drafter: Drafter,
    rows: Iterator[tuple[int, list[Cell]]],
    known: LookupCache,
    heard: checking.Heard,
) -> Checked:
    drafts, _ = people_drafts(drafter, rows)
    done = people_rows.check(drafts)
    groups = checking.Groups(drafter.target)
    for line, problem in done.problems:
        groups.add(problem, line)
        heard(line, problem)
    for _, values in drafts:
        known.add(MEMBERS, values.get("name"))
        known.add(MEMBERS, values.get("manager"))
    return Checked(
        len(drafts),
        done.created,
        0,
        done.unchanged,
        len({line for line, _ in done.problems}),
        tuple(groups.to_views()),
        tuple(
            (line, checking.shown(values, drafter.target))
            for line, values in drafts[: checking.SHOWN]
        ),
    )


def line(
    actor: Actor, batch_id: int, number: int, record_id: int | None = None
) -> SourceLine | None:
    """The line of the stored file that a change came from; None for a line that holds no row.

    Whoever may see the import sees the whole line; whoever may see the record that came of it
    (``record_id``) sees the columns that went into fields they may read. Raises Missing otherwise.
    """
    batch = Batch.objects.select_related("plan").filter(pk=batch_id).first()
    if batch is None:
        raise rows_of.no_such_import(batch_id)
    shown = None if _sees(actor, batch.plan) else _columns_behind(actor, batch, number, record_id)
    cells = reading.line(rows_of.source(batch), number)
    if cells is None:
        return None
    pairs = [
        pair
        for index, pair in enumerate(zip_longest(batch.header, cells, fillvalue=""))
        if shown is None or index in shown
    ]
    heads, values = zip(*pairs, strict=True) if pairs else ((), ())
    return SourceLine(batch.file, batch.sheet, number, tuple(heads), tuple(values))


def _sees(actor: Actor, plan: Import) -> bool:
    return actor.is_member(plan.actor_id) or _mine(actor)


def _columns_behind(actor: Actor, batch: Batch, number: int, record_id: int | None) -> set[int]:
    """The columns that a reader of one record may know of: those of the fields they may read."""
    if record_id is None or batch.object_key == MEMBERS:
        raise rows_of.no_such_import(batch.pk)
    records.get(actor, batch.object_key, record_id)
    came = audit.changes(
        object_key=batch.object_key, record_ids=[record_id], batch_id=batch.pk, limit=None
    )
    if all(change.line != number for change in came):
        raise rows_of.no_such_import(batch.pk)
    may = policy(actor)
    return {
        c.index
        for c in rows_of.mapping(batch).columns
        if c.field and may.clear(batch.object_key, c.field)
    }


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row with problems, as it arrived, and why it stays out."""

    line: int
    cells: tuple[Cell, ...]
    reasons: tuple[Text, ...]


def bad_rows(actor: Actor, batch_id: int) -> tuple[tuple[str, ...], list[BadRow]]:
    """The headings and the rows of a batch that have problems.

    The reasons stand beside them, to correct and import again.
    """
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise rows_of.no_such_import(batch_id)
    reasons: dict[int, list[Text]] = {}

    def heard(in_batch: int, at: int, p: Problem) -> None:
        if in_batch == batch_id:
            reasons.setdefault(at, []).append(_because(p))

    check(actor, batch.plan_id, bad=heard)
    rows = [
        BadRow(at, tuple(cells), tuple(reasons[at]))
        for at, cells in source_rows(batch)
        if at in reasons
    ]
    return tuple(batch.header), rows


def _because(p: Problem) -> Text:
    """A problem in one sentence, with its remedy."""
    if p.hint is None:
        return p.message
    return Text(p.message.zh + p.hint.zh, f"{p.message.en} {p.hint.en}")
