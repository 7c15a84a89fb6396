"""Importing: take files in, map, check, settle problems, run, resume, cancel, undo."""

from wubu.collect.imports.command import run_file, run_folder
from wubu.collect.imports.execution import (
    CHECK_JOB,
    CHECKED_AT_ONCE,
    JOB,
    cancel,
    check,
    remove,
    result,
    run,
    start,
    stopped_by_hand,
    undo,
)
from wubu.collect.imports.planning import (
    OPEN,
    move_to_now,
    set_mapping,
    set_options,
    set_target,
    stage,
)
from wubu.collect.imports.resolving import accept_all, add_option, resolve

__all__ = [
    "CHECKED_AT_ONCE",
    "CHECK_JOB",
    "JOB",
    "OPEN",
    "accept_all",
    "add_option",
    "cancel",
    "check",
    "move_to_now",
    "remove",
    "resolve",
    "result",
    "run",
    "run_file",
    "run_folder",
    "set_mapping",
    "set_options",
    "set_target",
    "stage",
    "start",
    "stopped_by_hand",
    "undo",
]
