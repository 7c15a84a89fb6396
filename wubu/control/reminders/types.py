from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wubu.kernel.types import Text


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """A kind of thing that falls due: records of an object with a date or time field ``when``.

    ``where`` (one language) says which of them are still to be done; ``done`` are the values that
    settle one by a single tap, empty where it takes more than that.
    """

    key: str
    label: Text
    object_key: str
    when: str
    where: str
    done: Mapping[str, Any]
    ahead_days: int
    subject: str = ""  # the link whose record the person should open, such as the customer
    valid_from: date | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do.

    ``when`` is a day or an aware time; ``days_late`` is 0 on the day, negative before.
    """

    rule: ReminderRule
    object_key: str
    record_id: int
    version: int
    title: str
    subject_key: str
    subject_id: int | None
    subject: str
    owner_id: int | None
    owner_name: str
    when: date | datetime
    days_late: int


@dataclass(frozen=True, slots=True)
class DueCount:
    """How much is late, due today and still ahead for one owner."""

    owner_id: int
    owner_name: str
    late: int
    today: int
