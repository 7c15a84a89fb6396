"""Taking times: a few rounds, of which the quietest counts, as other work shares the machine."""

from __future__ import annotations

import contextlib
import gc
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Result:
    """One line of the report.

    ``value`` is the median of a timed job (ms) or the figure itself; ``floor`` what the bare SQL
    for the same answer takes, in the same unit. ``bar`` is held against ``judged``.
    """

    job: str
    label: str
    value: float
    unit: str = "ms"
    p95: float | None = None
    busy: float | None = None  # ms of processor time per call, ours and the database's
    floor: float | None = None
    bare: float | None = None  # ms of the same answer by raw SQL behind a bare server
    bar: float | None = None
    at_least: bool = False
    judge_p95: bool = False
    grows: bool = False  # held to the growth bar between S and M
    ratio_bar: float | None = None  # at most this many floors (bare servers, where there is one)
    by_busy: bool = False  # the ratios, and the floors beside them, are of processor time
    note: str = ""

    @property
    def judged(self) -> float:
        return self.p95 if self.judge_p95 and self.p95 is not None else self.value

    @property
    def ratio(self) -> float | None:
        """Cost in floors: of times the job's over the floor's, of rates the other way round."""
        if not self.floor or not self.value:
            return None
        return self.floor / self.value if self.unit.endswith("/s") else self._cost / self.floor

    @property
    def _cost(self) -> float:
        return self.busy if self.by_busy and self.busy else self.value

    @property
    def to_bare(self) -> float | None:
        """Cost in calls of a bare server over raw SQL."""
        return self._cost / self.bare if self.bare else None

    @property
    def reached(self) -> bool | None:
        if self.ratio_bar is not None:
            judged = self.ratio if self.bare is None else self.to_bare
            return judged is not None and judged <= self.ratio_bar
        if self.bar is None:
            return None
        return self.judged >= self.bar if self.at_least else self.judged <= self.bar

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def quantile(times: Sequence[float], share: float) -> float:
    """The time that ``share`` of the calls did not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


Busy = Callable[[], float]  # ms of processor time used so far


def own_busy() -> float:
    """This process alone: with SQLite that is all there is."""
    return time.process_time() * 1000


def with_backends(pids: Sequence[int]) -> Busy:
    """This process and PostgreSQL's for it; they must run on this machine."""

    def busy() -> float:
        total = own_busy()
        for pid in pids:
            with contextlib.suppress(OSError), open(f"/proc/{pid}/schedstat") as said:
                total += int(said.read().split()[0]) / 1e6
        return total

    return busy


@dataclass(frozen=True, slots=True)
class Times:
    """Of one job, in ms: median and p95 of its quietest round, processor time per call."""

    median: float
    p95: float
    busy: float


def measure(
    call: Callable[[int], Any], *, repeats: int, rounds: int, busy: Busy = own_busy
) -> Times:
    """The round with the lowest p95; two calls before it are not counted.

    ``call`` gets the number of the call, so that it can ask something else each time.
    """
    for number in range(2):
        call(number)
    best: Times | None = None
    for _ in range(rounds):
        gc.collect()
        times = []
        used = busy()
        for number in range(repeats):
            began = time.perf_counter()
            call(number)
            times.append((time.perf_counter() - began) * 1000)
        each = (busy() - used) / repeats
        found = Times(quantile(times, 0.5), quantile(times, 0.95), each)
        if best is None or found.p95 < best.p95:
            best = found
    assert best is not None
    return best


def resident_mib(pid: int | str = "self", key: str = "VmRSS") -> float:
    """Memory of a process in MiB: ``VmRSS`` now, ``VmHWM`` at its highest."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        for line in lines:
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) / 1024
    raise ValueError(key)
