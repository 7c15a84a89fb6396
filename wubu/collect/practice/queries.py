"""Which records are there for practice, and which real ones hang on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wubu.kernel.audit import queries as log
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import queries as records
from wubu.kernel.types import Text
from wubu.kernel.workspace import remember

KIND = "practice"
MOST = 5  # titles that are named


@dataclass(frozen=True, slots=True)
class Practice:
    """Practice data that is in the workspace: ids by object, in the order in which they came."""

    batches: tuple[int, ...]
    since: datetime
    records: Mapping[str, tuple[int, ...]]

    @property
    def count(self) -> int:
        return sum(len(ids) for ids in self.records.values())


@dataclass(frozen=True, slots=True)
class Hanging:
    """Records of one's own that link to practice data by a field."""

    object_key: str
    label: Text
    field: Text
    ids: tuple[int, ...]
    titles: tuple[str, ...]


def is_there() -> bool:
    """Is there practice data? One small query for each unit of work."""
    return bool(remember("practice.batches", lambda: log.open_batches(KIND)))


def practice() -> Practice | None:
    """The practice data of this workspace, or None."""
    batches = log.open_batches(KIND)
    if not batches:
        return None
    found: dict[str, dict[int, None]] = {}
    for batch, _ in batches:
        for row in log.batch_changes(batch):
            if row.action == "create":
                found.setdefault(row.object_key, {})[row.record_id] = None
    there = {}
    for key, ids in found.items():
        if key in snapshot().objects:
            there[key] = tuple(still_there(key, ids))
    return Practice(tuple(b for b, _ in batches), batches[0][1], there)


def still_there(key: str, ids: Iterable[int]) -> list[int]:
    """Those of the records that were not deleted for good, in the given order."""
    every = list(ids)
    rows: Any = snapshot().model(key)._default_manager
    still = set(rows.filter(id__in=every).values_list("id", flat=True))
    return [i for i in every if i in still]


def hanging(on: Practice) -> tuple[Hanging, ...]:
    """The real records that would lose what they link to, those in the recycle bin included."""
    found = []
    for key, ids in on.records.items():
        for field in snapshot().links_to(key):
            spec = snapshot().object(field.object)
            if not field.kind.links_one:
                continue
            rows: Any = snapshot().model(spec.key)._default_manager
            here = rows.filter(**{f"{field.key}__in": ids}).exclude(
                id__in=on.records.get(spec.key, ())
            )
            mine = tuple(here.order_by("id").values_list("id", flat=True))
            if mine:
                titles = records.titles(None, spec.key, mine[:MOST])
                found.append(
                    Hanging(spec.key, spec.plural, field.label, mine, tuple(titles.values()))
                )
    return tuple(found)
