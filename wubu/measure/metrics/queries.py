"""Questions to the measure room:

the dictionary, figures by person, team and period, and how they came about.
"""

from __future__ import annotations

from wubu.kernel.calendar.queries import today
from wubu.kernel.types import Actor, Text
from wubu.measure.ledger import queries as ledger
from wubu.measure.ledger.types import Posted
from wubu.measure.metrics.access import reads_value, visible_members, visible_teams
from wubu.measure.metrics.compare import compare, series
from wubu.measure.metrics.compiler import STOCK_DAY, Select, among, pack
from wubu.measure.metrics.dictionary import Dictionary, dictionary
from wubu.measure.metrics.explain import explain
from wubu.measure.metrics.explain import sentence as _sentence
from wubu.measure.metrics.figures import figures
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.spec import EXISTENCE, Spec, Touch
from wubu.measure.metrics.types import MetricInfo, Rule, VisibleUnits
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


def rule_in_words(key: str) -> Text:
    """The rule that holds today, in plain words made from the definition. Raises Missing."""
    book = dictionary()
    return _sentence(book, book.metric(key), today())


def rules_in_words(key: str) -> tuple[tuple[Rule, Text], ...]:
    """Every rule that a metric had, oldest first, each in plain words. Raises Missing."""
    book = dictionary()
    info = book.metric(key)
    return tuple((rule, _sentence(book, info, rule.valid_from)) for rule in info.rules)


def is_stock(info: MetricInfo) -> bool:
    """Does it say what stands now (open pipeline) rather than what happened in a period?"""
    return KINDS[info.kind].stock


def is_derived(info: MetricInfo) -> bool:
    """Is it computed from two other metrics (a ratio, an average)?"""
    return not KINDS[info.kind].posted


def entries_of(object_key: str, record_id: int) -> list[Posted]:
    """Everything that a record counts for, whoever may see it: see ``sees``."""
    every = [info.id for info in dictionary().metrics.values() if not is_derived(info)]
    return ledger.of_record(every, object_key, record_id)


def sees(actor: Actor) -> VisibleUnits:
    """Whose figures an actor may see."""
    return VisibleUnits(visible_members(actor), visible_teams(actor))
