"""The kinds of dated rules of this room, in the order in which packs install them."""

from __future__ import annotations

from typing import Any

from wubu.kernel.definitions.kinds import DatedKind
from wubu.motivate.leaderboards.rules import KIND as LEADERBOARDS
from wubu.motivate.points.rules import KIND as POINTS

KINDS: tuple[DatedKind[Any], ...] = (LEADERBOARDS, POINTS)
