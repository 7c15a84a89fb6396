"""The object with a field of every type, and people and places to fill it with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.batteries.fields.thing import install, place
from wubu.kernel.people import actions as people
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work


@pytest.fixture
def world() -> Iterator[dict[str, Any]]:
    """The ids of what there is to link to."""
    with unit_of_work():
        install()
        company = people.create_team(actor=SYSTEM, name="公司", parent_id=None)
        teams = [company.id] + [
            people.create_team(actor=SYSTEM, name=n, parent_id=company.id).id
            for n in ("甲组", "乙组")
        ]
        members = [
            people.create_member(actor=SYSTEM, login=login, name=name, password="sensors-of-x").id
            for login, name in (("zhang", "张三"), ("li", "李四"), ("wang", "王五"))
        ]
        places = [place(name).id for name in ("上海", "北京", "广州")]
        yield {"teams": teams, "members": members, "places": places}
