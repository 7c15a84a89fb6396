"""Bringing the rows in: chunk by chunk, each with its bookmark in one transaction."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from django.db import connection, transaction
from django.db.models import F

from wubu.collect.imports import people_rows, reading, rows_of
from wubu.collect.imports.checking import Groups, chunks, nothing, points_at
from wubu.collect.imports.drafts import Drafter
from wubu.collect.imports.models import CANCELLED, DONE, RUNNING, STOPPED, Batch, Import
from wubu.collect.imports.targets import Target, target
from wubu.collect.imports.types import MEMBERS, Progress, RowMap
from wubu.collect.imports.views import group_json
from wubu.kernel import bulk
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Draft, Saved
from wubu.kernel.types import Actor, Origin, Problem, Refused
from wubu.kernel.workspace import unit_of_work

# A parent may stand anywhere in its own file, so such files go in larger pieces.
SELF_CHUNK = 20_000
# Larger pieces cost less per row; a piece is lost at most when the process is killed.
CHUNK = 5_000
# On SQLite pieces share a transaction: the pages of a large file that they all touch are then
# written once. Other writers wait for so long at most, in seconds, and a piece.
TOGETHER = 4
HELD = 2.0
Piece = list[Draft | Problem]
Save = Callable[..., tuple[Saved, int]]


class Trouble(Exception):
    """Something is wrong with a piece; it must be looked at by itself."""


class Elsewhere(Exception):
    """Another process moved this batch on in the meantime."""


@dataclass(slots=True)
class Run:
    """One batch on its way."""

    plan: Import
    batch: Batch
    actor: Actor
    progress: Progress = nothing
    before: int = 0  # rows of the batches before this one
    total: int = 0

    def go(self) -> None:
        """From the bookmark to the end. Raises Refused; what is in by then stays in."""
        started = time.monotonic()
        with unit_of_work():
            mapping = rows_of.mapping(self.batch)
            goal = target(snapshot(), mapping.object)
        drafter = Drafter(mapping, goal, self.plan.offset_days)
        try:
            if mapping.object == MEMBERS:
                self._people(drafter)
            else:
                self._create_missing(mapping, goal)
                self._records(drafter, mapping, goal)
        finally:
            self.batch.seconds += time.monotonic() - started
            with unit_of_work():
                Batch.objects.filter(pk=self.batch.pk).update(seconds=self.batch.seconds)
        with unit_of_work():
            Batch.objects.filter(pk=self.batch.pk).update(state=DONE, finished_at=now())

    def _records(self, drafter: Drafter, mapping: RowMap, goal: Target) -> None:
        source = rows_of.source(self.batch)
        to_self = any(goal.fields[k].target == goal.key for k in mapping.fields if k in goal.fields)
        size = SELF_CHUNK if to_self else CHUNK
        origin = Origin(self.batch.pk, self.batch.file, self.batch.sheet)
        save = partial(self._save, mapping=mapping, goal=goal, origin=origin)
        for careful in (False, True):
            rows = drafter.drafts(reading.rows(source, self.batch.done_line + 1))
            with contextlib.suppress(Trouble):
                self._pieces(chunks(rows, size), save, careful=careful)
                return

    def _pieces(self, pieces: Iterator[Piece], save: Save, *, careful: bool) -> None:
        """All the pieces.

        Raises Trouble with the first problem, or, when careful, Refused with all problems of a
        piece that may not stay out.
        """
        more = True
        while more:
            with unit_of_work():
                # Within one transaction: the rows and the line they reach to.
                here = self.batch.done_line, self.batch.done_rows
                try:
                    with transaction.atomic():
                        more = self._together(pieces, save, careful=careful)
                except Exception:
                    self.batch.done_line, self.batch.done_rows = here
                    raise
                self._sign_of_life()
            self.progress(self.before + self.batch.done_rows, self.total, self.batch.file)

    def _together(self, pieces: Iterator[Piece], save: Save, *, careful: bool) -> bool:
        """Pieces in one transaction, as many as ``HELD`` allows; whether more may follow."""
        most = 1 if careful or connection.vendor == "postgresql" else TOGETHER
        began = time.monotonic()
        for n, chunk in enumerate(pieces, 1):
            saved, skipped = save(chunk, careful=careful)
            self._bookmark(_line(chunk[-1]), len(chunk), saved, skipped)
            if n == most or time.monotonic() - began > HELD:
                return True
        return False

    def _save(
        self, chunk: Piece, *, mapping: RowMap, goal: Target, origin: Origin, careful: bool
    ) -> tuple[Saved, int]:
        """Save a chunk whole; with ``only_valid`` without the rows that have problems.

        Unless careful, Trouble takes the transaction back with the first problem.
        """
        drafts = [d for d in chunk if isinstance(d, Draft)]
        problems = [p for p in chunk if isinstance(p, Problem)]
        skipped = len(problems)
        saved = Saved()
        if problems and not careful:
            raise Trouble
        if self.plan.only_valid or not problems:
            while drafts:
                saved = records.save_many(
                    actor=self.actor,
                    object_key=goal.key,
                    drafts=drafts,
                    match_on=mapping.match_on or None,
                    origin=origin,
                    savepoint=careful,
                )
                if not saved.problems:
                    break
                if not careful:
                    raise Trouble
                problems += saved.problems
                if not self.plan.only_valid:
                    break
                bad = {p.row for p in saved.problems}
                skipped += len(bad)
                drafts = [d for i, d in enumerate(drafts) if i not in bad]
                saved = Saved()
        if problems and not self.plan.only_valid:
            raise Refused(*problems)
        return saved, skipped

    def _bookmark(self, line: int, rows: int, saved: Saved, skipped: int) -> None:
        """Move the bookmark from where this process left it; two processes cannot both do so."""
        moved = Batch.objects.filter(pk=self.batch.pk, done_line=self.batch.done_line).update(
            state=RUNNING,
            done_line=line,
            done_rows=F("done_rows") + rows,
            created=F("created") + saved.created,
            updated=F("updated") + saved.updated,
            unchanged=F("unchanged") + saved.unchanged,
            skipped=F("skipped") + skipped,
        )
        if not moved:
            raise Elsewhere
        self.batch.done_line = line
        self.batch.done_rows += rows

    def _sign_of_life(self) -> None:
        """Say that it moves, and stop where somebody asked for it."""
        Import.objects.filter(pk=self.plan.pk).update(moved_at=now())
        if Import.objects.filter(pk=self.plan.pk, cancel=True).exists():
            raise Cancelled

    def _people(self, drafter: Drafter) -> None:
        if self.batch.done_line:
            return
        drafts, lines = people_drafts(drafter, reading.rows(rows_of.source(self.batch)))
        with unit_of_work(), transaction.atomic():
            done = people_rows.save(drafts, actor=self.actor, since=self.plan.since or today())
            if done.problems and not self.plan.only_valid:
                raise Refused(*(replace(p, line=line) for line, p in done.problems))
            skipped = len({line for line, _ in done.problems})
            saved = Saved(done.created, done.updated, done.unchanged)
            self._bookmark(lines, len(drafts), saved, skipped)
        self.progress(self.before + self.batch.done_rows, self.total, self.batch.file)

    def _create_missing(self, mapping: RowMap, goal: Target) -> None:
        """Records that links name and that are not there, made by their title alone."""
        for key in mapping.create:
            f = goal.fields.get(key)
            if f is None or not f.kind.has_target:
                continue
            names = missing_names(self.batch, key)
            with unit_of_work():
                title = target(snapshot(), points_at(f)).title
                origin = Origin(self.batch.pk, self.batch.file, self.batch.sheet)
                with transaction.atomic():
                    saved = records.save_many(
                        actor=self.actor,
                        object_key=points_at(f),
                        drafts=[Draft({title: n}) for n in names],
                        match_on=(title,),
                        origin=origin,
                    )
                    if saved.problems:
                        raise Refused(*saved.problems)


class Cancelled(Exception):
    """Somebody asked to stop; what is in stays in."""


def people_drafts(
    drafter: Drafter, rows: Iterable[tuple[int, list[object]]]
) -> tuple[list[people_rows.PeopleRow], int]:
    """(rows by line with their values, the last line)."""
    found: list[people_rows.PeopleRow] = []
    last = 0
    for line, cells in rows:
        found.append((line, drafter.values(cells)))
        last = line
    return found, last


def missing_names(batch: Batch, key: str) -> list[str]:
    """The names of a link field that the check did not find."""
    return list((batch.check_result or {}).get("missing", {}).get(key, ()))


def _line(item: Draft | Problem) -> int:
    return item.line or 0


def run(plan_id: int, *, actor: Actor, progress: Progress = nothing) -> None:
    """Run or go on with an import, batch by batch. Call it outside of any transaction.

    Each chunk is its own unit of work. Raises Refused with what stopped it, after noting that.
    """
    with unit_of_work():
        plan = Import.objects.get(pk=plan_id)
        batches = [b for b in plan.batches.order_by("position") if b.object_key]
        Import.objects.filter(pk=plan_id).update(
            state=RUNNING,
            started_at=plan.started_at or now(),
            moved_at=now(),
            cancel=False,
            problems=[],
        )
    with _fewer_collections(), bulk.at_length():
        _run_batches(plan, batches, actor, progress)


def _run_batches(plan: Import, batches: list[Batch], actor: Actor, progress: Progress) -> None:
    total, before = sum(b.rows for b in batches), 0
    plan_id = plan.pk
    as_import = replace(actor, entrance="import")
    for batch in batches:
        try:
            if batch.state != DONE:
                Run(plan, batch, as_import, progress, before, total).go()
        except Refused as refused:
            _stopped(plan_id, batch, refused)
            raise
        except Cancelled:
            _finish(plan_id, CANCELLED)
            return
        before += batch.rows
    _finish(plan_id, DONE)


@contextlib.contextmanager
def _fewer_collections() -> Iterator[None]:
    """Rows come and go by the hundred thousand and hold no cycles.

    Looking for some is a tenth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _stopped(plan_id: int, batch: Batch, refused: Refused) -> None:
    """Note what stopped an import, told once per value."""
    with unit_of_work():
        groups = Groups(target(snapshot(), batch.object_key))
        for p in refused.problems:
            groups.add(p, p.line or 0)
        told = [group_json(g) for g in groups.to_views()]
        Batch.objects.filter(pk=batch.pk).update(state=STOPPED)
        Import.objects.filter(pk=plan_id).update(state=STOPPED, problems=told, finished_at=now())


def _finish(plan_id: int, state: str) -> None:
    with unit_of_work():
        Import.objects.filter(pk=plan_id).update(state=state, finished_at=now())


def offset_to_now(last: date) -> int:
    """Days by which data ending on ``last`` moves so that its last month is the current one.

    Whole weeks, so that weekdays stay what they were; the last day does not pass today.
    """
    days = (today() - last).days
    whole = days // 7 * 7
    moved = last.toordinal() + whole
    return whole if date.fromordinal(moved).month == today().month else days
