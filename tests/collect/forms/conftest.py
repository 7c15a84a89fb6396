"""Layouts and records for the tests of forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wubu.collect.forms import actions, queries
from wubu.collect.forms.types import Layout
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

Design = Callable[..., Layout]
Make = Callable[..., Record]


@pytest.fixture
def design(unit: None) -> Design:
    """A layout of one section: ``design("opportunity", {"field": "name"}, roles=[…])``."""

    def make(object_key: str, *items: dict[str, Any], key: str = "mine", **more: Any) -> Layout:
        section = {"label": {"zh": "一", "en": "One"}, "items": list(items)}
        definition = {"label": {"zh": "我的", "en": "Mine"}, "sections": [section], **more}
        actions.save_layout(actor=SYSTEM, object_key=object_key, key=key, definition=definition)
        use = more.get("use", "form")
        return queries.layout_for(SYSTEM, object_key, prefer=key, use=use)

    return make


@pytest.fixture
def make(unit: None) -> Make:
    def create(object_key: str, **values: Any) -> Record:
        return records.create(actor=SYSTEM, object_key=object_key, values=values)

    return create
