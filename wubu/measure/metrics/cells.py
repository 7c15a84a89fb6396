"""From sums to figures: a posted metric's own sum, a derived one's exact quotient of sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from wubu.measure.ledger.types import Total
from wubu.measure.metrics.dictionary import Dictionary
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.kinds.base import divided
from wubu.measure.metrics.types import Cell, MetricInfo

NONE = Total()
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


def cell(book: Dictionary, info: MetricInfo, sums: Sums, on: date) -> Cell:
    """One figure by the rule that holds ``on`` a day (the last of the period)."""
    if KINDS[info.kind].posted:
        total = sums.get(info.id, NONE)
        return Cell(None) if total is None else Cell(total.value, total.count)
    d = info.rule_on(on).definition
    above, below = book.metric(d.numerator), book.metric(d.denominator)
    n, m = sums.get(above.id) or NONE, sums.get(below.id) or NONE
    value = divided(n.value, m.value, above.scale - below.scale)
    return Cell(value, m.count, n.value, m.value)
