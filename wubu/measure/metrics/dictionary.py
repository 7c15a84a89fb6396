"""The metric dictionary in memory: every metric with its rules, compiled once per catalog version.

Whoever changes a metric moves the catalog's version, so the version query that every unit of work
makes anyway is enough.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from types import MappingProxyType
from typing import Any, cast

from wubu.kernel.calendar.queries import zone
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.types import Missing, Problem, Refused, Text
from wubu.kernel.workspace import remember, workspace_key
from wubu.measure.metrics.compiler import Select, compile_spec
from wubu.measure.metrics.definition import RULE
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.kinds.base import Context
from wubu.measure.metrics.models import Metric, MetricVersion
from wubu.measure.metrics.spec import Touch, specs
from wubu.measure.metrics.types import Definition, MetricInfo, Rule

log = logging.getLogger(__name__)
CACHE_KEY = 8
_cache: OrderedDict[tuple[str, ...], Dictionary] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All metrics, compiled. ``broken`` are those whose rule no longer fits the catalog."""

    metrics: Mapping[str, MetricInfo]
    selects: tuple[Select, ...]
    touched: Mapping[str, tuple[tuple[Select, Touch], ...]]  # by the object that is written
    broken: Mapping[str, tuple[Problem, ...]]
    context: Context

    def metric(self, key: str) -> MetricInfo:
        """Raises Missing."""
        found = self.metrics.get(key)
        if found is None:
            raise Missing(
                Problem(
                    "no_such_metric",
                    Text("没有指标“{k}”。", "There is no metric “{k}”.").format(k=key),
                    value=key,
                )
            )
        return found

    def of(self, metric_id: int) -> MetricInfo | None:
        return next((m for m in self.metrics.values() if m.id == metric_id), None)


def dictionary() -> Dictionary:
    """As this unit of work sees it."""
    return remember("measure.dictionary", _current)


def _current() -> Dictionary:
    catalog = snapshot()
    key = (workspace_key(), catalog.token, str(zone()))
    with _lock:
        found = _cache.get(key)
        if found is not None:
            _cache.move_to_end(key)
            return found
    made = build(catalog)
    with _lock:
        _cache[key] = made
        while len(_cache) > CACHE_KEY:
            _cache.popitem(last=False)
    return made


def build(catalog: Snapshot) -> Dictionary:
    """Read and compile everything.

    A metric that does not compile is set aside, never in the way of a write.
    """
    metrics = {m.key: m for m in _read()}
    context = context_of(catalog, metrics)
    selects: list[Select] = []
    broken: dict[str, tuple[Problem, ...]] = {}
    for info in metrics.values():
        try:
            selects += [compile_spec(s, catalog) for s in specs(info, context)]
        except Refused as refused:
            broken[info.key] = refused.problems
            log.warning("Metric %s does not fit the catalog: %s", info.key, refused)
    touched: dict[str, list[tuple[Select, Touch]]] = {}
    for select in selects:
        for touch in select.spec.touches:
            touched.setdefault(touch.object, []).append((select, touch))
    return Dictionary(
        metrics=MappingProxyType(metrics),
        selects=tuple(selects),
        touched=MappingProxyType({k: tuple(v) for k, v in touched.items()}),
        broken=MappingProxyType(broken),
        context=context,
    )


def context_of(catalog: Snapshot, metrics: Mapping[str, MetricInfo]) -> Context:
    """What definitions are read against."""
    return Context(
        catalog,
        {m.key: m.label for m in metrics.values()},
        {m.key: m.kind for m in metrics.values()},
    )


def _read() -> list[MetricInfo]:
    versions: dict[int, list[MetricVersion]] = {}
    for version in MetricVersion.objects.order_by("valid_from"):
        versions.setdefault(version.metric_id, []).append(version)
    return [
        info(row, versions[row.pk])
        for row in Metric.objects.order_by("position", "id")
        if row.pk in versions and row.kind in KINDS
    ]


def info(row: Metric, versions: list[MetricVersion]) -> MetricInfo:
    """A row and its versions, oldest first, as everybody sees them."""
    ends = [b.valid_from for _, b in pairwise(versions)]
    rules = tuple(
        Rule(v.valid_from, end, Definition.read(RULE.current(v.definition)), v.reason)
        for v, end in zip(versions, [*ends, None], strict=True)
    )
    return MetricInfo(
        id=row.pk,
        key=row.key,
        kind=row.kind,
        label=Text.of(row.label),
        unit=cast(Any, row.unit),
        better=cast(Any, row.better),
        scale=row.scale,
        rules=rules,
        owner=Text.of(row.owner),
        source=Text.of(row.source),
        purpose=Text.of(row.purpose),
        principle=Text.of(row.principle),
        scene=Text.of(row.scene),
        worth=Text.of(row.worth),
        tools=Text.of(row.tools),
        position=row.position,
        hidden=row.hidden,
        retired=row.retired,
    )
