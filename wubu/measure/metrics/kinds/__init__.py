"""The kinds of metrics. A new kind is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from wubu.measure.metrics.kinds.average import Average
from wubu.measure.metrics.kinds.base import Kind
from wubu.measure.metrics.kinds.count import Count
from wubu.measure.metrics.kinds.ratio import Ratio
from wubu.measure.metrics.kinds.reached import Reached
from wubu.measure.metrics.kinds.stock import Stock
from wubu.measure.metrics.kinds.sum import Sum
from wubu.measure.metrics.kinds.weighted import Weighted

KINDS: Mapping[str, Kind] = {
    kind.key: kind for kind in (Sum(), Count(), Reached(), Stock(), Ratio(), Average(), Weighted())
}
