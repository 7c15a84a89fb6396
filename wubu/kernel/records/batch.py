"""A batch of drafts on its way into the database: what the checks and the writers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FieldError
from wubu.kernel.records.context import Context
from wubu.kernel.records.shape import Shape, shape
from wubu.kernel.records.types import Draft
from wubu.kernel.types import Problem, Text

Image = dict[str, Any]


@dataclass(slots=True)
class Row:
    """One draft on its way.

    ``changed`` are the keys in which ``after`` differs from ``before``; all of them when it is new.
    """

    index: int
    draft: Draft
    values: Image = field(default_factory=dict)
    id: Any = None  # an int once it is known
    before: Image | None = None
    after: Image = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    bad: bool = False
    stale: bool = False  # somebody else saved since it was read

    @property
    def creates(self) -> bool:
        return self.before is None


class Batch:
    """A batch of drafts of one object. ``stored`` drafts carry stored values and skip parsing."""

    def __init__(
        self,
        ctx: Context,
        object_key: str,
        drafts: Sequence[Draft],
        *,
        match_on: tuple[str, ...] | None = None,
        stored: bool = False,
        trusted: Mapping[str, frozenset[int]] | None = None,
        unasked: bool = False,
    ) -> None:
        self.ctx = ctx
        self.shape: Shape = shape(ctx.snapshot, object_key)
        self.spec = self.shape.spec
        self.rows = [Row(i, d) for i, d in enumerate(drafts)]
        self.match_on = match_on
        self.stored = stored
        self.trusted = trusted or {}  # link field → ids that are being written in this very call
        self.unasked = unasked  # a consequence of an allowed act: nobody is asked again
        self.problems: list[Problem] = []
        self.dropped: dict[int, Image] = {}  # parts that are named no more
        self.parents: Mapping[Any, Image] = {}  # of parts: the records they come with, as wanted
        self.read_only: set[str] = set()  # fields given that this actor may only read

    @property
    def known(self) -> list[Row]:
        """Without those that speak of a record which is not there: of them nothing else is said."""
        return [r for r in self.rows if r.draft.id is None or r.before is not None]

    @property
    def creates(self) -> list[Row]:
        return [r for r in self.rows if r.before is None and not r.bad]

    @property
    def updates(self) -> list[Row]:
        return [r for r in self.rows if r.before is not None and r.changed and not r.bad]

    def blame(self, row: Row, code: str, message: Text, **more: Any) -> None:
        """Note a problem of one draft."""
        row.bad = True
        self.problems.append(
            Problem(code, message, object=self.spec.key, **self.ctx.place(row), **more)
        )

    def blame_value(self, row: Row, f: FieldSpec, error: FieldError, raw: Any) -> None:
        """Note a value that a field cannot take."""
        row.bad = True
        self.problems.append(error.problem(f, raw, **self.ctx.place(row)))
