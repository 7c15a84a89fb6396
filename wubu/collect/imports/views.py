"""Imports as pages and the API see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wubu.collect.imports.types import Checked, ProblemGroup, RowMap
from wubu.kernel.types import Problem, Text


@dataclass(frozen=True, slots=True)
class BatchView:
    """One sheet of one file: where it goes, what the check found, how far it got."""

    id: int
    import_id: int
    position: int
    file: str
    sheet: str
    kind: str
    encoding: str
    object: str
    state: str
    reason: Text | None
    rows: int
    done_rows: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    seconds: float
    header: tuple[str, ...]
    notices: tuple[Problem, ...]
    mapping: RowMap | None
    checked: Checked | None

    @property
    def title(self) -> str:
        return f"{self.file} · {self.sheet}" if self.sheet else self.file


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import with its batches in the order they run."""

    id: int
    title: str
    state: str
    actor_id: int | None
    offset_days: int
    since: date | None
    only_valid: bool
    job_id: str | None
    problems: tuple[ProblemGroup, ...]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    batches: tuple[BatchView, ...]

    @property
    def rows(self) -> int:
        return sum(b.rows for b in self.batches if b.object)

    @property
    def done_rows(self) -> int:
        return sum(b.done_rows for b in self.batches)

    @property
    def checked(self) -> bool:
        return all(b.checked is not None for b in self.batches if b.object)

    @property
    def bad_rows(self) -> int:
        return sum(b.checked.bad_rows for b in self.batches if b.checked)


def group_json(group: ProblemGroup) -> dict[str, Any]:
    return {
        "code": group.code,
        "field": group.field,
        "message": group.message.as_dict(),
        "hint": group.hint.as_dict() if group.hint else None,
        "value": group.value,
        "suggestion": None if group.suggestion is None else str(group.suggestion),
        "rows": group.rows,
        "lines": list(group.lines),
        "remedies": list(group.remedies),
        "blocking": group.blocking,
    }


def group_from(raw: Mapping[str, Any]) -> ProblemGroup:
    return ProblemGroup(
        **{
            **raw,
            "message": Text.of(raw["message"]),
            "hint": Text.of(raw["hint"]) if raw["hint"] else None,
            "lines": tuple(raw["lines"]),
            "remedies": tuple(raw["remedies"]),
        }
    )


def checked_json(checked: Checked) -> dict[str, Any]:
    return {
        "rows": checked.rows,
        "created": checked.created,
        "updated": checked.updated,
        "unchanged": checked.unchanged,
        "bad_rows": checked.bad_rows,
        "groups": [group_json(g) for g in checked.groups],
        "first": [[line, dict(values)] for line, values in checked.first],
        "missing": {key: list(names) for key, names in checked.missing.items()},
    }


def checked_from(raw: Mapping[str, Any]) -> Checked:
    return Checked(
        raw["rows"],
        raw["created"],
        raw["updated"],
        raw["unchanged"],
        raw["bad_rows"],
        tuple(map(group_from, raw["groups"])),
        tuple((line, values) for line, values in raw["first"]),
        {key: tuple(names) for key, names in raw["missing"].items()},
    )


def notice_json(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "message": problem.message.as_dict(),
        "hint": problem.hint.as_dict() if problem.hint else None,
        "line": problem.line,
    }


def notice_from(raw: Mapping[str, Any]) -> Problem:
    return Problem(
        raw["code"],
        Text.of(raw["message"]),
        Text.of(raw["hint"]) if raw["hint"] else None,
        line=raw["line"],
    )
