"""Jobs as other rooms see them, and what a job's function is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from threading import Event
from typing import Any, Literal

from wubu.kernel.types import Actor, Text

State = Literal["queued", "running", "done", "failed", "cancelled"]
STATES: dict[State, Text] = {
    "queued": Text("排队中", "Waiting"),
    "running": Text("进行中", "Running"),
    "done": Text("已完成", "Done"),
    "failed": Text("失败", "Failed"),
    "cancelled": Text("已取消", "Cancelled"),
}


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it stands. ``total`` None: nobody knows how much there is to do."""

    id: int
    name: str
    kwargs: Mapping[str, Any]
    actor_id: int | None
    state: State
    done: int
    total: int | None
    note: Text | None
    result: Any
    problems: tuple[Text, ...]
    error: str | None = field(repr=False)  # for those who run the server, and nobody else
    cancel_requested: bool
    attempts: int
    created_at: datetime
    run_after: datetime
    started_at: datetime | None
    finished_at: datetime | None
    schedule_key: str | None = None

    @property
    def finished(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    @property
    def share(self) -> float | None:
        """How much is done, a ratio from 0 to 1; None where nobody knows."""
        if self.state == "done":
            return 1.0
        return min(1.0, self.done / self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class Timing:
    """When a schedule runs: every day at a time in the workspace's zone, or every N minutes."""

    daily_at: time | None = None
    every_minutes: int | None = None

    def __post_init__(self) -> None:
        if (self.daily_at is None) == (self.every_minutes is None):
            raise ValueError("either a time of day or a number of minutes")
        if self.every_minutes is not None and not 1 <= self.every_minutes <= 1440:
            raise ValueError("every 1 to 1440 minutes")

    @property
    def label(self) -> Text:
        if self.daily_at is not None:
            return Text("每天 {t}", "Every day at {t}").format(t=f"{self.daily_at:%H:%M}")
        return Text("每 {n} 分钟", "Every {n} minutes").format(n=self.every_minutes)


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule, the job it starts, and how it last went."""

    key: str
    job: str
    timing: Timing
    active: bool
    last: JobView | None


class Cancelled(Exception):
    """Somebody asked the running job to stop; what it wrote is taken back."""


class Interrupted(Exception):
    """The worker is stopping; the job starts again later, and this attempt does not count."""


@dataclass
class Run:
    """What a job's function is given as its first argument.

    Call ``progress`` often: it is how the job is seen, cancelled, and stopped in good order.
    """

    job_id: int
    actor: Actor
    done: int = 0
    total: int | None = None
    note: Text | None = None
    _cancel: Event = field(default_factory=Event, repr=False)
    _stop: Event = field(default_factory=Event, repr=False)

    def progress(
        self, done: int | None = None, total: int | None = None, note: Text | None = None
    ) -> None:
        """Say how far the job is, in any unit of its own. Costs next to nothing.

        Raises Cancelled or Interrupted when the job must stop here.
        """
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total
        self.note = self.note if note is None else note
        self.check()

    def check(self) -> None:
        """Raises Cancelled or Interrupted when the job must stop here."""
        if self._cancel.is_set():
            raise Cancelled
        if self._stop.is_set():
            raise Interrupted
