"""A view's limits are the same for callers, pages and packs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast, acting
from wubu.collect.views import actions, packing
from wubu.collect.views.definition import VIEW, VIEWS
from wubu.kernel.packs.content.sections import section_named
from wubu.kernel.types import SYSTEM, Refused
from wubu.web.api.lists.views import Definition

pytestmark = pytest.mark.django_db
COLORS = {"when": "{amount} > 1", "color": "red"}


def test_it_works() -> None:
    section = section_named("views")
    assert section is not None
    assert section.definition is VIEWS
    assert tuple(Definition.model_json_schema()["properties"]) == VIEW.keys
    assert set(VIEW.keys) < set(VIEWS.keys)


@pytest.mark.parametrize(
    ("field", "most", "over"),
    [
        ("frozen", 5, 6),
        ("colors", [COLORS] * 8, [COLORS] * 9),
        ("sort", ["name"], ["name"] * 6),
        ("columns", ["name"] * 100, ["name"] * 101),
        ("search", "x" * 200, "x" * 201),
        ("height", "tall", "huge"),
        ("widths", {"name": 10_000}, {"name": 10_001}),
        ("widths", {"name": 0}, {"name": "100"}),
        ("colors", [COLORS], [{"when": "{amount} > 1"}]),
        ("colors", [COLORS], [{**COLORS, "size": "big"}]),
    ],
)
def test_one_limit_at_every_entrance(cast: Cast, field: str, most: Any, over: Any) -> None:
    actor = acting(cast.wang_li)
    made = {"actor": actor, "object_key": "opportunity", "kind": "list", "audience": "shared"}
    actions.create(name="甲", definition={field: most}, **made)
    packing.install({"good": {"object": "opportunity", "label": "甲", field: most}}, actor=SYSTEM)
    with pytest.raises(Refused) as refused:
        actions.create(name="乙", definition={field: over}, **made)
    first = [(p.field, str(p.hint)) for p in refused.value.problems]
    with pytest.raises(Refused) as refused:
        packing.install(
            {"bad": {"object": "opportunity", "label": "乙", field: over}}, actor=SYSTEM
        )
    assert [(p.field, str(p.hint)) for p in refused.value.problems] == first
    assert {f for f, _ in first} == {field}
    assert all(hint.startswith("应为") for _, hint in first)
