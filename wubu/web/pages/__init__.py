"""The pages. To add one:

A file here with ``urlpatterns`` (and ``NAV``), and its name in ``PAGES``.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wubu.web.nav import Entry

PAGES = (
    "login",
    "today",
    "cockpit",
    "metric",
    "metric_rules",
    "funnel",
    "scorecard",
    "targets",
    "alerts",
    "leaderboard",
    "review",
    "action",
    "alert_rules",
    "reminder_rules",
    "collection",
    "incentive_rules",
    "me",
    "packs",
    "packs_compare",
    "setting_up",
    "importing",
    "inputs",
    "search",
    "form",
    "form_drafts",
    "form_quick",
    "form_layout",
    "form_design",
    "formulas",
    "board",
    "listing",
    "filters",
    "cells",
    "bulk_edit",
    "calendar",
    "timeline",
    "gallery",
    "locations",
    "views",
    "view_sharing",
    "record",
    "record_story",
    "record_past",
    "files",
    "bin",
    "logs",
    "access_log",
    "notices",
    "access",
    "sharing",
    "merge",
    "people",
    "leaving",
    "view_as",
    "teams",
    "roles",
    "object_fields",
    "object_access",
    "object_history",
    "object_paste",
    "objects",
    "rule_kinds",
)


@lru_cache(maxsize=1)
def modules() -> tuple[ModuleType, ...]:
    """Every page's module, in order."""
    return tuple(importlib.import_module(f"wubu.web.pages.{name}") for name in PAGES)


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """What the pages add to the navigation."""
    return tuple(entry for module in modules() for entry in getattr(module, "NAV", ()))
