"""A file or a folder from end to end, as the command imports it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from wubu.collect.imports import queries, staging, storage
from wubu.collect.imports.checking import nothing
from wubu.collect.imports.execution import check, run
from wubu.collect.imports.planning import move_to_now, set_options, set_target, stage
from wubu.collect.imports.resolving import accept_all
from wubu.collect.imports.types import (
    FolderDone,
    ProblemGroup,
    Progress,
)
from wubu.collect.imports.views import ImportView
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.kernel.workspace import unit_of_work


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
    """Import a file or the tables of a folder from end to end, as the command does.

    No transaction around.

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
        Text(
            "认不出“{f}”导入到哪里。", "The target object of “{f}” could not be determined."
        ).format(f=view.title),
        Text("请指明对象，例如 --object customer。", "Name the object, such as --object customer."),
    )
