"""Questions to the measure room.

The dictionary, figures by person, team and period, and how they came about.
"""

from __future__ import annotations

from wubu.kernel.calendar.queries import today
from wubu.kernel.types import Actor, Text
from wubu.measure.figures.access import reads_value, visible_members, visible_teams
from wubu.measure.figures.compare import compare, series
from wubu.measure.figures.explain import explain
from wubu.measure.figures.explain import sentence as _sentence
from wubu.measure.figures.totals import figures
from wubu.measure.ledger import queries as ledger
from wubu.measure.ledger.types import Posted
from wubu.measure.metrics.compiler import STOCK_DAY, Select, among, pack
from wubu.measure.metrics.dictionary import Dictionary, dictionary
from wubu.measure.metrics.lookup import (
    divisible,
    is_derived,
    is_stock,
    labels,
    metric,
    metrics,
)
from wubu.measure.metrics.spec import EXISTENCE, Spec, Touch
from wubu.measure.metrics.types import Rule, VisibleUnits
from wubu.measure.metrics.uses import touched

__all__ = [
    "EXISTENCE",
    "STOCK_DAY",
    "Dictionary",
    "Select",
    "Spec",
    "Touch",
    "among",
    "compare",
    "dictionary",
    "divisible",
    "explain",
    "figures",
    "is_derived",
    "is_stock",
    "labels",
    "metric",
    "metrics",
    "pack",
    "reads_value",
    "rule_in_words",
    "rules_in_words",
    "sees",
    "series",
    "touched",
]


def rule_in_words(key: str) -> Text:
    """The rule that holds today, in plain words made from the definition. Raises Missing."""
    book = dictionary()
    return _sentence(book, book.metric(key), today())


def rules_in_words(key: str) -> tuple[tuple[Rule, Text], ...]:
    """Every rule that a metric had, oldest first, each in plain words. Raises Missing."""
    book = dictionary()
    info = book.metric(key)
    return tuple((rule, _sentence(book, info, rule.valid_from)) for rule in info.rules)


def entries_of(object_key: str, record_id: int) -> list[Posted]:
    """Everything that a record counts for, whoever may see it: see ``sees``."""
    every = [info.id for info in dictionary().metrics.values() if not is_derived(info)]
    return ledger.of_record(every, object_key, record_id)


def sees(actor: Actor) -> VisibleUnits:
    """Whose figures an actor may see."""
    return VisibleUnits(visible_members(actor), visible_teams(actor))
