"""What the room hands out: metrics and their rules, figures, explanations. All immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Text

Unit = Literal["money", "count", "ratio", "days", "points", "number"]
By = Literal["member", "team", "company", "month", "day"]
# Digits after the point in which a target or a shown figure of a unit is kept.
UNIT_SCALE: Mapping[str, int] = {
    "money": 2, "count": 0, "ratio": 4, "days": 1, "points": 2, "number": 2,
}  # fmt: skip
UNASSIGNED = 0  # the member or team number of nobody


@dataclass(frozen=True, slots=True)
class Splits:
    """Where shares of credit stand: rows of ``object`` whose ``via`` links to the split record.

    ``of`` is the path of links from the metric's object to that record, empty when it is the object
    itself.
    """

    object: str
    via: str
    member: str
    share: str
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """The rule of one version, as stored: what counts, on which day, how much, for whom.

    ``when``, ``owner`` and the splits are field paths; ``value`` and ``filter`` formulas. Derived
    kinds name two metrics.
    """

    kind: str
    object: str = ""
    when: tuple[str, ...] = ()
    value: str = ""
    filter: str = ""
    owner: tuple[str, ...] = ()
    splits: Splits | None = None
    stage: str = ""
    numerator: str = ""
    denominator: str = ""

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Definition:
        """From a pack, a form or a stored version."""
        credit = raw.get("credit") or {}
        splits = credit.get("splits")
        return cls(
            kind=raw["kind"],
            object=raw.get("object", ""),
            when=path(raw.get("when")),
            value=raw.get("value") or "",
            filter=raw.get("filter") or "",
            owner=path(credit.get("owner")),
            splits=splits
            and Splits(
                splits["object"],
                splits["via"],
                splits["member"],
                splits["share"],
                path(splits.get("of")),
            ),
            stage=raw.get("stage", ""),
            numerator=raw.get("numerator", ""),
            denominator=raw.get("denominator", ""),
        )

    def as_json(self) -> dict[str, Any]:
        """As ``read`` takes it, empty parts left out."""
        credit: dict[str, Any] = {"owner": ".".join(self.owner)} if self.owner else {}
        if self.splits:
            s = self.splits
            credit["splits"] = {
                "object": s.object,
                "via": s.via,
                "member": s.member,
                "share": s.share,
                "of": ".".join(s.of),
            }
        every = {
            "kind": self.kind,
            "object": self.object,
            "when": ".".join(self.when),
            "value": self.value,
            "filter": self.filter,
            "credit": credit,
            "stage": self.stage,
            "numerator": self.numerator,
            "denominator": self.denominator,
        }
        return {k: v for k, v in every.items() if v}


def path(text: str | None) -> tuple[str, ...]:
    """``contract.owner`` → (contract, owner)."""
    return tuple(text.split(".")) if text else ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of a metric.

    Its definition holds on days from ``valid_from`` up to, not including, ``valid_to``.
    """

    valid_from: date
    valid_to: date | None
    definition: Definition
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """One line of the metric dictionary (A-109).

    What it is, its rule by date, and what it is good for.
    """

    id: int
    key: str
    kind: str
    label: Text
    unit: Unit
    better: Literal["up", "down"]
    scale: int  # digits after the point of stored values; money 2
    rules: tuple[Rule, ...]
    owner: Text
    source: Text
    purpose: Text
    principle: Text
    scene: Text
    worth: Text  # 管理价值
    tools: Text
    position: int = 0
    hidden: bool = False
    retired: bool = False

    def rule_on(self, day: date) -> Rule:
        """The rule that held on a day; the first one for days before it."""
        found = self.rules[0]
        for rule in self.rules:
            if rule.valid_from <= day:
                found = rule
        return found

    @property
    def rule(self) -> Rule:
        """The newest rule."""
        return self.rules[-1]


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure.

    ``value`` is exact: an int in the unit's stored form (fen, whole counts) for sums and counts, a
    Decimal for ratios and averages, None when it cannot be said (a ratio of nothing). ``count`` is
    the number of entries.
    """

    value: int | Decimal | None
    count: int = 0
    numerator: int | None = None
    denominator: int | None = None

    @property
    def missing(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True)
class VisibleUnits:
    """Whose figures an actor may see.

    Members, and teams whoever was in them. None is everybody, every team.
    """

    members: frozenset[int] | None
    teams: frozenset[int] | None

    def member(self, member_id: int, team_id: int | None = None) -> bool:
        """May the figures of a member, in that team, be seen?"""
        return (
            self.members is None
            or member_id in self.members
            or (team_id is not None and (self.teams is None or team_id in self.teams))
        )


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one member, team, month or day.

    ``key`` is its id or first day; 0 is unassigned.
    """

    key: int | date
    label: Text
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of some metrics over a period, one row per ``by``, and the total of all rows.

    ``restricted`` says that the actor may not see everybody, so that the total is of those he may
    see.
    """

    metrics: tuple[MetricInfo, ...]
    period: Period
    by: By
    rows: tuple[Row, ...]
    total: Row
    restricted: bool = False
    as_of: date | None = None

    def value(self, metric: str, key: int | date | None = None) -> int | Decimal | None:
        """The figure of a metric in one row, in the total without ``key``."""
        if key is None:
            return self.total.cells[metric].value
        row = next((r for r in self.rows if r.key == key), None)
        return row.cells[metric].value if row else None


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure beside the previous period's and last year's, like for like.

    The same number of days of each.

    ``change`` is (now − then) ÷ |then| as a ratio, None when there is nothing to compare with.
    """

    metric: MetricInfo
    period: Period
    now: Cell
    previous_period: Period
    previous: Cell
    previous_change: Decimal | None
    year_ago_period: Period
    year_ago: Cell
    year_ago_change: Decimal | None
    partial: bool


@dataclass(frozen=True, slots=True)
class EntryView:
    """One ledger entry behind a figure.

    ``title`` is None where the actor may not open the record, ``value`` where they may not read
    what is counted.

    ``of_day`` is set on an adjusting entry: the closed day that it corrects.
    """

    id: int
    metric: str
    object_key: str
    record_id: int
    title: str | None
    part: int
    day: date
    member_id: int
    team_id: int
    value: int | None
    kind: str
    of_day: date | None
    note: Text | None
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a figure: numerator, denominator, adjustments, or the share of one member."""

    key: str
    label: Text
    metric: str
    value: int
    count: int
    unit: Unit
    scale: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The glass box of one figure.

    The rule in words, the parts, and a page of the entries behind them.

    ``hidden`` counts entries of the whole figure whose records the actor may not open. ``undated``
    counts records that meet the rule's condition but carry no date or no value, so that they count
    nowhere.
    """

    metric: MetricInfo
    period: Period
    who: Text
    figure: Cell
    rule: Text
    rules: tuple[tuple[date, Text], ...]
    parts: tuple[Part, ...]
    members: tuple[Part, ...]
    entries: tuple[EntryView, ...]
    next_cursor: str
    total_entries: int
    hidden: int = 0
    undated: int = 0
    closed: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)
