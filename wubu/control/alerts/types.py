from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from wubu.kernel.types import Text


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A rule that can be held against records: ``where`` and ``since`` are in the one language.

    ``params`` are whole numbers that a manager may set (days); ``{name}`` in the label and
    ``[name]`` in the formulas stand for them. ``subject`` is the link field that says what the
    record is about: a payment plan alone is called “1st instalment”.
    """

    key: str
    label: Text
    object_key: str
    where: str
    since: str
    params: Mapping[str, int]
    help: Text
    advice: Text
    severity: str = "warning"  # warning or danger
    valid_from: date | None = None
    active: bool = True
    subject: str = ""


@dataclass(frozen=True, slots=True)
class AlertView:
    """One open alert, as the page shows it. ``days`` counts from ``since`` to today.

    ``subject`` is the title of what the record is about, empty where the rule names nothing or the
    reader may not see it.
    """

    id: int
    rule: AlertRule
    object_key: str
    record_id: int
    title: str
    owner_id: int
    owner_name: str
    since: date | None
    days: int | None
    raised_at: datetime
    quiet_until: date | None = None
    quiet_reason: str = ""
    subject_key: str = ""
    subject_id: int | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class AlertCount:
    """How many alerts of a rule are open within what the reader may see.

    ``quiet`` of them are put off.
    """

    rule: AlertRule
    count: int
    quiet: int
    oldest: date | None


@dataclass(frozen=True, slots=True)
class OwnerCount:
    owner_id: int
    owner_name: str
    counts: Mapping[str, int]  # by rule key

    @property
    def total(self) -> int:
        return sum(self.counts.values())
