"""Model rows to views and back to sources: the only place that knows both."""

from __future__ import annotations

from typing import Any

from wubu.collect.imports import mapping as mappings
from wubu.collect.imports import storage
from wubu.collect.imports.models import Batch, Import
from wubu.collect.imports.types import RowMap, Source
from wubu.collect.imports.views import (
    BatchView,
    ImportView,
    checked_from,
    group_from,
    notice_from,
)
from wubu.kernel.types import Missing, Problem, Text


def source(row: Batch) -> Source:
    """The stored file of a batch, ready to be read; without a sample."""
    return Source(
        storage.path_of(row.sha256),
        row.file,
        row.kind,
        sheet=row.sheet,
        encoding=row.encoding,
        delimiter=row.delimiter,
        header=tuple(row.header),
        header_line=row.header_line,
        rows=row.rows,
        notices=tuple(map(notice_from, row.notices)),
    )


def mapping(row: Batch) -> RowMap:
    """The mapping of a batch. Raises Missing while it goes nowhere."""
    if not row.mapping or not row.object_key:
        raise Missing(
            Problem(
                "no_target",
                Text("还没有选择“{f}”导入到哪里。", "“{f}” has no target yet.").format(f=row),
                Text("请先选择对象。", "Choose an object first."),
            )
        )
    return mappings.from_json(row.mapping)


def batch_view(row: Batch) -> BatchView:
    return BatchView(
        id=row.pk,
        import_id=row.plan_id,
        position=row.position,
        file=row.file,
        sheet=row.sheet,
        kind=row.kind,
        encoding=row.encoding,
        object=row.object_key,
        state=row.state,
        reason=Text.of(row.reason) if row.reason else None,
        rows=row.rows,
        done_rows=row.done_rows,
        created=row.created,
        updated=row.updated,
        unchanged=row.unchanged,
        skipped=row.skipped,
        seconds=row.seconds,
        header=tuple(row.header),
        notices=tuple(map(notice_from, row.notices)),
        mapping=mappings.from_json(row.mapping) if row.mapping else None,
        checked=checked_from(row.check_result) if row.check_result else None,
    )


def import_view(row: Import, batches: list[Batch]) -> ImportView:
    return ImportView(
        id=row.pk,
        title=row.title,
        state=row.state,
        actor_id=row.actor_id,
        offset_days=row.offset_days,
        since=row.since,
        only_valid=row.only_valid,
        job_id=row.job_id,
        problems=tuple(map(group_from, row.problems)),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        batches=tuple(map(batch_view, batches)),
    )


def no_such_import(id_: Any) -> Missing:
    return Missing(
        Problem(
            "no_such_import",
            Text("没有这次导入。", "There is no such import."),
            Text("它可能已被删除。", "It may have been removed."),
            value=id_,
        )
    )
