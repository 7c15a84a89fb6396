"""Rules, metrics and roles as callers write them: the same words as in packs, with their types."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictStr

from wubu.web.api.catalog import Label
from wubu.web.api.values import Strict

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Formula = Annotated[str, Field(max_length=4_000, description="in the one language")]
Path = Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9_.]*$")]
Days = Annotated[int, Field(ge=1, le=3_650)]


class Definition(Strict):
    def written(self) -> dict[str, Any]:
        """As a pack writes it: only what was given."""
        return self.model_dump(exclude_unset=True)


class AlertDefinition(Definition):
    """``[name]`` in a formula stands for a parameter."""

    label: Label
    object: Key
    filter: Formula
    since: Formula = ""
    params: dict[Key, Days] = Field(default_factory=dict, max_length=10)
    help: Label | None = None
    advice: Label | None = None
    severity: Literal["warning", "danger"] = "warning"
    subject: Path = ""


class ReminderDefinition(Definition):
    label: Label
    object: Key
    when: Key
    filter: Formula = ""
    done: dict[Key, StrictBool | StrictStr] = Field(default_factory=dict, max_length=10)
    ahead_days: int = Field(0, ge=0, le=365)
    subject: Path = ""


class CollectionDefinition(Definition):
    label: Label
    object: Key
    fields: list[Key] = Field(min_length=1, max_length=500)
    roles: list[Key] = Field(default_factory=list, max_length=100)
    rhythm: Literal["daily", "weekly", "monthly", "event"] = "event"
    when: Key | Literal[""] = ""
    purpose: Label | None = None


class LeaderboardDefinition(Definition):
    label: Label
    source: Literal["metric", "scorecard", "points"]
    of: str = Field("", max_length=63)
    by: Literal["member", "team"]
    period: Literal["month", "quarter", "year"]
    audience: Literal["everyone", "permitted"]
    roles: list[Key] = Field(default_factory=list, max_length=50)


class PointsDefinition(Definition):
    """So many ``points`` for every full ``per`` (fen for money) of a metric, up to ``cap``."""

    label: Label
    metric: Key
    per: int = Field(ge=1, le=10**15)
    points: int = Field(ge=-(10**6), le=10**6)
    cap: int | None = Field(None, ge=1, le=10**9)


class Splits(Strict):
    object: Key
    via: Key
    member: Key
    share: Key
    of: Path = ""


class Credit(Strict):
    owner: Path = ""
    splits: Splits | None = None


class MetricDefinition(Definition):
    """What counts, on which day, how much, for whom; derived kinds name two metrics."""

    kind: Key
    object: str = Field("", max_length=63)
    when: Path = ""
    value: Formula = ""
    filter: Formula = ""
    credit: Credit | None = None
    stage: str = Field("", max_length=63)
    numerator: str = Field("", max_length=63)
    denominator: str = Field("", max_length=63)


class GrantDefinition(Strict):
    object: str = Field(max_length=63, description="object key, * for every one")
    actions: list[Annotated[str, Field(max_length=20)]] = Field(max_length=20)
    rows: Literal["own", "team", "team_below", "all", "shared", "condition"]
    condition: Formula = ""
    without: list[Annotated[str, Field(max_length=20)]] = Field(
        default_factory=list,
        max_length=20,
        description="viewing brings printing, creating copying, editing bulk editing, save these",
    )


class RoleDefinition(Definition):
    label: Label
    description: Label | None = None
    grants: list[GrantDefinition] = Field(default_factory=list, max_length=400)
    fields: dict[str, dict[str, Literal["hidden", "masked", "read", "write"]]] = Field(
        default_factory=dict, max_length=200
    )
    setup: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=30)
    performance: Literal["own", "team", "team_below", "all"] | None = None
