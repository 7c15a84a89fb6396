"""Questions to the metric dictionary."""

from __future__ import annotations

from wubu.kernel.types import Text
from wubu.measure.metrics.dictionary import dictionary
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.types import MetricInfo


def metrics(*, hidden: bool = False, retired: bool = False) -> tuple[MetricInfo, ...]:
    """The metric dictionary in order; parts of others and retired ones only when asked for."""
    return tuple(
        m
        for m in dictionary().metrics.values()
        if (hidden or not m.hidden) and (retired or not m.retired)
    )


def labels(*, hidden: bool = False, retired: bool = False) -> dict[str, Text]:
    """What the metrics are called, by key."""
    return {m.key: m.label for m in metrics(hidden=hidden, retired=retired)}


def divisible() -> dict[str, Text]:
    """The metrics that another one may divide, by key: those that count up to a day's figure."""
    kinds = {k.key for k in KINDS.values() if k.posted and not k.stock}
    return {m.key: m.label for m in metrics(hidden=True) if m.kind in kinds}


def metric(key: str) -> MetricInfo:
    """One metric. Raises Missing."""
    return dictionary().metric(key)


def is_stock(info: MetricInfo) -> bool:
    """Does it say what stands now (open pipeline) rather than what happened in a period?"""
    return KINDS[info.kind].stock


def is_derived(info: MetricInfo) -> bool:
    """Is it computed from two other metrics (a ratio, an average)?"""
    return not KINDS[info.kind].posted
