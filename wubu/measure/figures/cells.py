"""From sums to figures: a posted metric's own sum, a derived one's exact quotient of sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from wubu.measure.ledger.types import Total
from wubu.measure.metrics.dictionary import Dictionary
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.kinds.base import divided
from wubu.measure.metrics.types import Cell, MetricInfo

NONE = Total()
UNKNOWN = Cell(None)
Sums = Mapping[
    int, Total | None
]  # by metric id; None cannot be known (a stock without a photograph)


def bases(book: Dictionary, infos: Iterable[MetricInfo], on: date) -> dict[int, MetricInfo]:
    """The posted metrics that these figures are made of, by id."""
    found: dict[int, MetricInfo] = {}
    for info in infos:
        if KINDS[info.kind].posted:
            found[info.id] = info
            continue
        d = info.rule_on(on).definition
        for key in (d.numerator, d.denominator):
            part = book.metric(key)
            found[part.id] = part
    return found


def maker(book: Dictionary, info: MetricInfo, on: date) -> Callable[[Sums], Cell]:
    """How a figure of a metric is made of sums.

    By the rule that holds ``on`` a day, which is the last of the period.
    """
    if KINDS[info.kind].posted:
        own = info.id

        def posted(sums: Sums) -> Cell:
            total = sums.get(own, NONE)
            return UNKNOWN if total is None else Cell(total.value, total.count)

        return posted
    d = info.rule_on(on).definition
    above, below = book.metric(d.numerator), book.metric(d.denominator)
    upper, lower, places = above.id, below.id, above.scale - below.scale

    def derived(sums: Sums) -> Cell:
        n, m = sums.get(upper) or NONE, sums.get(lower) or NONE
        return Cell(divided(n.value, m.value, places), m.count, n.value, m.value)

    return derived
