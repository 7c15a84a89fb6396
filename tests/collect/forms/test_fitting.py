"""Which layout fits what stands in a form: by stage, by condition across links, by role."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast, acting
from tests.collect.forms.conftest import Design, Make
from wubu.collect.forms.entry.fitting import fitting, may_change
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.permissions.queries import definition
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM


def fit(given: dict[str, Any], record: Record | None = None, actor: Any = SYSTEM) -> str:
    return fitting(actor, "opportunity", given, record).key


def test_it_works(design: Design, make: Make) -> None:
    design("opportunity", {"field": "name"}, key="won", stages=["won"])
    design("opportunity", {"field": "name"}, key="all")
    assert may_change(SYSTEM, "opportunity")
    assert not may_change(SYSTEM, "quote")
    assert fit({}) == "all"
    assert fit({"stage": "won"}) == "won"
    deal = make("opportunity", name="一", stage="won", customer=make("customer", name="甲").id)
    assert fit({}, deal) == "won"
    assert fit({"stage": "proposal"}, deal) == "all"


def test_a_new_record_without_a_stage_is_in_the_first(design: Design) -> None:
    stage = design("opportunity", {"field": "name"}, key="first", stages=["proposal"])
    assert stage.key == "first"
    from_start = fit({})
    assert from_start in ("first", "default")
    assert fit({"stage": "proposal"}) == "first"


def test_conditions_walk_links_within_sight(design: Design, make: Make, cast: Cast) -> None:
    when = '{customer.region} = "华东"'
    design("opportunity", {"field": "name"}, key="east", when=when)
    theirs = make("customer", name="甲", region="华东", owner=cast.zhou_tao.id)
    given = {"customer": f"id:{theirs.id}"}
    assert fit(given) == "east"
    assert fit(given, actor=acting(cast.zhou_tao)) == "east"
    assert fit(given, actor=acting(cast.zhang_wei)) == "default"
    assert fit({"customer": "id:99999"}) == "default"
    assert fit({"customer": "甲"}) == "default"  # not found out yet


def test_what_may_not_be_read_decides_nothing(design: Design, make: Make, cast: Cast) -> None:
    design("opportunity", {"field": "name"}, key="large", when="{amount} > 1000")
    customer = make("customer", name="甲", owner=cast.zhang_wei.id)
    deal = make(
        "opportunity", name="一", customer=customer.id, amount="5000", owner=cast.zhang_wei.id
    )
    rep = acting(cast.zhang_wei)
    assert fit({}, deal, rep) == "large"
    given = definition("sales_rep")
    hidden = {**given["fields"], "opportunity": {"amount": "hidden"}}
    define_role(actor=SYSTEM, key="sales_rep", definition={**given, "fields": hidden})
    assert fit({}, deal, rep) == "default"
    assert fit({"amount": "9999"}, deal, rep) == "default"
