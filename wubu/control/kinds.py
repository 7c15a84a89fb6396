"""The kinds of dated rules of this room, in the order in which packs install them."""

from __future__ import annotations

from typing import Any

from wubu.control.alerts.rules import KIND as ALERTS
from wubu.control.price_bands import KIND as PRICE_BANDS
from wubu.control.reminders.rules import KIND as REMINDERS
from wubu.kernel.definitions.kinds import DatedKind

KINDS: tuple[DatedKind[Any], ...] = (REMINDERS, ALERTS, PRICE_BANDS)
