"""Half-open intervals of days that never overlap: setting one makes room among the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Interval:
    """``value`` holds from ``start`` (in) to ``end`` (out); None is open."""

    start: date
    end: date | None
    value: int

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


def place(
    known: Sequence[Interval], value: int | None, start: date, end: date | None = None
) -> tuple[Interval, ...]:
    """``known`` with ``value`` from ``start`` on: until ``end``, else until the next known change.

    None leaves a gap. What was known before ``start`` and after the end is kept as it was;
    neighbours of one value become one interval.
    """
    if end is None:
        later = [i.start for i in known if i.start > start]
        covering = next((i for i in known if i.holds_on(start)), None)
        # Inside an interval the change holds to that interval's end, as in a gap to the next start.
        bounds = later + ([covering.end] if covering and covering.end else [])
        end = min(bounds, default=None)
    kept: list[Interval] = []
    for old in known:
        if old.start < start:
            head = start if old.end is None else min(old.end, start)
            kept.append(replace(old, end=head))
        if end is not None and (old.end is None or old.end > end):
            kept.append(replace(old, start=max(old.start, end)))
    if value is not None:
        kept.append(Interval(start, end, value))
    return _joined(sorted(kept, key=lambda i: i.start))


def _joined(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    joined: list[Interval] = []
    for one in intervals:
        last = joined[-1] if joined else None
        if last and last.value == one.value and last.end == one.start:
            joined[-1] = replace(last, end=one.end)
        else:
            joined.append(one)
    return tuple(joined)
