"""A view as data: what is shown, of which records, in which order and colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from wubu.kernel.types import Text

Kind = Literal["list", "board", "calendar", "gallery", "timeline", "locations"]
Audience = Literal["personal", "team", "shared"]
KINDS: dict[str, Text] = {
    "list": Text("列表", "List"),
    "board": Text("看板", "Board"),
    "calendar": Text("日历", "Calendar"),
    "gallery": Text("画廊", "Gallery"),
    "timeline": Text("时间轴", "Timeline"),
    "locations": Text("地点", "Places"),
}
AUDIENCES: dict[str, Text] = {
    "personal": Text("仅自己", "Only me"),
    "team": Text("团队", "A team"),
    "shared": Text("所有人", "Everybody"),
}
COLORS: dict[str, Text] = {
    "red": Text("红", "Red"),
    "orange": Text("橙", "Orange"),
    "yellow": Text("黄", "Yellow"),
    "green": Text("绿", "Green"),
    "blue": Text("蓝", "Blue"),
    "purple": Text("紫", "Purple"),
    "gray": Text("灰", "Grey"),
}
HEIGHTS: dict[str, Text] = {
    "": Text("标准", "Normal"),
    "short": Text("紧凑", "Compact"),
    "tall": Text("多行", "Several lines"),
}
SCALES: dict[str, Text] = {
    "day": Text("日", "Day"),
    "week": Text("周", "Week"),
    "month": Text("月", "Month"),
}


@dataclass(frozen=True, slots=True)
class Color:
    """Where the condition holds, the row (or the cell of one field) has the colour."""

    when: str
    color: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a view says. Empty means: as the object itself says.

    ``filter`` and each ``when`` are conditions in the one language, with keys; ``sort`` names
    fields, ``-`` for descending; ``group`` is a field, ``groups`` which of its values come first,
    as the list sends them (empty for no value); the others follow as they would anyhow.
    ``widths`` are pixels by column, ``frozen`` how many columns stay while the rest scrolls.
    ``card`` are the fields on a card; ``start`` and ``end`` the dates of calendar and timeline;
    ``scale`` their first zoom.
    """

    filter: str = ""
    sort: tuple[str, ...] = ()
    search: str = ""
    group: str = ""
    groups: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict)
    frozen: int = 0
    height: str = ""
    colors: tuple[Color, ...] = ()
    card: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    image: str = ""
    location: str = ""
    scale: str = ""

    def as_json(self) -> dict[str, Any]:
        """Only what is said; ``of_json`` leads back."""
        said: dict[str, Any] = {
            "filter": self.filter,
            "sort": list(self.sort),
            "search": self.search,
            "group": self.group,
            "groups": list(self.groups),
            "columns": list(self.columns),
            "widths": dict(self.widths),
            "frozen": self.frozen,
            "height": self.height,
            "colors": [
                {"when": c.when, "color": c.color, **({"field": c.field} if c.field else {})}
                for c in self.colors
            ],
            "card": list(self.card),
            "start": self.start,
            "end": self.end,
            "image": self.image,
            "location": self.location,
            "scale": self.scale,
        }
        return {k: v for k, v in said.items() if v}

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Look:
        """Read what ``as_json`` wrote; what is not known is passed over."""
        return cls(
            filter=str(said.get("filter", "")),
            sort=tuple(said.get("sort", ())),
            search=str(said.get("search", "")),
            group=str(said.get("group", "")),
            groups=tuple(said.get("groups", ())),
            columns=tuple(said.get("columns", ())),
            widths=dict(said.get("widths", {})),
            frozen=int(said.get("frozen", 0)),
            height=str(said.get("height", "")),
            colors=tuple(
                Color(c["when"], c["color"], c.get("field", "")) for c in said.get("colors", ())
            ),
            card=tuple(said.get("card", ())),
            start=str(said.get("start", "")),
            end=str(said.get("end", "")),
            image=str(said.get("image", "")),
            location=str(said.get("location", "")),
            scale=str(said.get("scale", "")),
        )


@dataclass(frozen=True, slots=True)
class ViewShare:
    """By whom a view is shared with its reader; ``until`` is the last day."""

    by: str
    until: date | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ViewInfo:
    """A view as one reader finds it.

    ``look`` holds only what this reader may see; ``left_out`` says in words what was left out of
    it, without naming it. ``may_edit``: the reader may change or remove it. ``given``: it is
    among their tabs because it is shared with them.
    """

    id: int
    slug: str
    object_key: str
    name: Text
    kind: str
    audience: str
    team_id: int | None
    member_id: int | None
    look: Look
    version: int
    may_edit: bool = False
    left_out: tuple[Text, ...] = ()
    key: str = ""
    given: ViewShare | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit of many records did.

    ``batch`` takes it back; ``refused`` were left as they are, for the reasons in ``problems`` (the
    first few).
    """

    batch: int
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: tuple[Text, ...] = ()
