"""Questions to the measure room: the dictionary, figures by person, team and period, and how they came about."""

from __future__ import annotations

from wubu.measure.metrics.compiler import STOCK_DAY, Select, ids_sql, pack
from wubu.measure.metrics.dictionary import Dictionary, dictionary
from wubu.measure.metrics.spec import EXISTENCE, Spec, Touch
from wubu.measure.metrics.types import MetricInfo

__all__ = [
    "EXISTENCE",
    "STOCK_DAY",
    "Dictionary",
    "MetricInfo",
    "Select",
    "Spec",
    "Touch",
    "dictionary",
    "ids_sql",
    "pack",
]
