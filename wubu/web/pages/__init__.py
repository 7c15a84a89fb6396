"""The pages of the program.

To add one: a file here with ``urlpatterns`` (and ``NAV``), and its name in ``PAGES``.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wubu.web.entries import Entry

PAGES = (
    "shell.login",
    "shell.today",
    "measure.cockpit",
    "measure.metric",
    "measure.metric_rules",
    "control.funnel",
    "measure.scorecard",
    "measure.targets",
    "control.alerts",
    "motivate.leaderboard",
    "improve.review",
    "improve.action",
    "control.alert_rules",
    "control.reminder_rules",
    "collect.collection",
    "motivate.incentive_rules",
    "shell.me",
    "setup.packs",
    "setup.packs_compare",
    "setup.setting_up",
    "collect.importing",
    "records.inputs",
    "lists.search",
    "records.form",
    "records.form_drafts",
    "records.form_quick",
    "records.form_layout",
    "setup.form_design",
    "setup.formulas",
    "lists.board",
    "lists.listing",
    "lists.filters",
    "lists.cells",
    "lists.bulk_edit",
    "lists.calendar",
    "lists.timeline",
    "lists.gallery",
    "lists.locations",
    "lists.views",
    "records.view_sharing",
    "records.record",
    "records.record_story",
    "records.record_past",
    "records.files",
    "records.bin",
    "setup.logs",
    "setup.access_log",
    "shell.notices",
    "records.access",
    "records.sharing",
    "records.merge",
    "setup.people",
    "setup.offboarding",
    "shell.view_as",
    "setup.teams",
    "setup.roles",
    "setup.object_fields",
    "setup.object_access",
    "setup.object_history",
    "setup.object_paste",
    "setup.objects",
    "setup.rule_kinds",
)


@lru_cache(maxsize=1)
def modules() -> tuple[ModuleType, ...]:
    """Every page's module, in order."""
    return tuple(importlib.import_module(f"wubu.web.pages.{name}") for name in PAGES)


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """What the pages add to the navigation."""
    return tuple(entry for module in modules() for entry in getattr(module, "NAV", ()))
