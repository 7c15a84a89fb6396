"""The five steps, and what pages put into the navigation under them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wubu.kernel.types import Text

if TYPE_CHECKING:
    from wubu.kernel.permissions.queries import Policy

STEPS = (
    ("today", Text("工作台", "Today"), "home"),
    ("collect", Text("采集", "Collect"), "database-plus"),
    ("measure", Text("目标", "Measure"), "target"),
    ("control", Text("过程", "Control"), "adjustments"),
    ("motivate", Text("激励", "Motivate"), "trophy"),
    ("improve", Text("复盘", "Improve"), "refresh"),
    ("setup", Text("设置", "Setup"), "settings"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation. ``may`` decides who sees it; everybody, where it is None.

    ``also``: other addresses under which it is lit.
    """

    step: str
    label: Text
    url: str
    icon: str
    may: Callable[[Policy], bool] | None = None
    position: int = 50
    also: tuple[str, ...] = ()
