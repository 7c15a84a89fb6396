"""What a company made itself goes out as YAML and in again, the same to the last byte."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from tests.kernel.packs.emptying import empty
from wubu.collect.forms import actions as forms
from wubu.collect.plans import rules as plans
from wubu.collect.views import actions as views
from wubu.control.alerts import actions as alerts
from wubu.control.reminders import actions as reminders
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.packs import actions, queries
from wubu.kernel.packs.files.uploads import read_upload, zipped
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.metrics import actions as metrics
from wubu.measure.scorecards import actions as scorecards
from wubu.measure.scorecards.types import WeightedLine
from wubu.motivate.leaderboards import actions as boards
from wubu.motivate.points import actions as points

ODD = (
    Text("好:坏 # “引号”", "yes: no # 'quotes'"),
    Text("第一行\n第二行", "one\ntwo"),
    Text("null", "NULL"),
    Text("2026-01-01", "0012"),
    Text("😀 مرحبا", "{braces} & *stars*"),
    Text("- 列表", "[a, b]"),
    Text("100%", "~"),
)


def field(key: str, type_: str, label: Text, **more: Any) -> FieldSpec:
    return FieldSpec("site", key, type_, label, **more)


def make_own(seed: int) -> None:
    """Objects, fields of many kinds, layouts, views, roles, rules and metrics of one's own."""
    dice = random.Random(seed)

    def odd() -> Text:
        return dice.choice(ODD)

    grades = tuple(
        Choice(k, Text(f"{k}级", f"Grade {k}"), color=dice.choice(["red", ""]), retired=k == "c")
        for k in "abc"
    )
    made = [
        field("name", "text", Text("名称", "Name"), required=True, help=odd()),
        field("grade", "choice", Text("等级", "Grade"), choices=grades, default="a"),
        field("many", "multichoice", Text("标签", "Tags"), choices=grades[:2]),
        field("customer", "link", Text("客户", "Customer"), target="customer"),
        field("rent", "money", Text("租金", "Rent"), options={"min": 0}),
        field("area", "number", Text("面积", "Area"), options={"decimals": 2}),
        field("opened", "date", Text("开业日期", "Opened on")),
        field("active", "bool", Text("在用", "In use"), default=dice.choice([True, False])),
        field("keeper", "member", Text("负责人", "Keeper")),
        field("yearly", "formula", Text("年租", "A year"), options={"formula": "{rent} * 12"}),
        field("old", "text", Text("旧字段", "Old"), retired=True),
    ]
    dice.shuffle(made)
    fields = {f.key: f for f in (_placed(f, n) for n, f in enumerate(made, 1))}
    checks = [{"key": "cheap", "must": "{rent} >= 0", "message": odd().as_dict()}]
    spec = ObjectSpec(
        "site",
        Text("门店", "Site"),
        Text("门店", "Sites"),
        icon="building",
        group="collect",
        fields=fields,
        roles={"title": "name", "owner": "keeper", "customer": "customer"},
        options={"checks": checks, "list": ["name", "rent"], "card": ["rent"]},
    )
    schema.add_object(spec, actor=SYSTEM)
    schema.retire("customer", "website", actor=SYSTEM)
    total = FieldSpec(
        "customer",
        "rents",
        "rollup",
        Text("租金合计", "Rents"),
        options={"object": "site", "via": "customer", "agg": "sum", "field": "rent"},
    )
    schema.add_field(total, actor=SYSTEM)
    items = [{"field": "name", "span": 2}, {"field": "rent", "show_when": '{grade} = "a"'}]
    layout = {"label": odd().as_dict(), "sections": [{"label": odd().as_dict(), "items": items}]}
    forms.save_layout(actor=SYSTEM, object_key="site", key="mine", definition=layout)
    quick = {"use": "quick", "roles": ["sales_rep"], "sections": [{"items": [{"field": "name"}]}]}
    forms.save_layout(actor=SYSTEM, object_key="site", key="short", definition=quick)
    forms.order(actor=SYSTEM, object_key="site", keys=["short", "mine"])
    look = {"filter": "{rent} > 100", "sort": ["-rent"], "columns": ["name", "rent"]}
    for name in ("大门店", "甲"):
        views.create(actor=SYSTEM, object_key="site", name=name, audience="shared", definition=look)
    role = {
        "label": odd().as_dict(),
        "grants": [
            {
                "object": "site",
                "actions": ["view", "edit"],
                "rows": "condition",
                "condition": '{rent} < 1000 AND {grade} = "b"',
            },
            {"object": "customer", "actions": ["view"], "rows": "team_below"},
        ],
        "fields": {"site": {"rent": "masked", "area": "hidden"}},
        "setup": ["alerts"],
    }
    permissions.define_role(actor=SYSTEM, key="auditor", definition=role)
    rents = {"kind": "sum", "object": "site", "when": "opened", "value": "{rent}"}
    metrics.define(
        actor=SYSTEM, key="site_rents", label=odd(), definition=rents, unit="money", better="down"
    )
    later = {**rents, "filter": "{active} = TRUE"}
    metrics.revise(actor=SYSTEM, key="site_rents", definition=later, valid_from=today())
    metrics.retire(actor=SYSTEM, key="win_rate")
    lines = [WeightedLine("site_rents", 4_025, 15_000), WeightedLine("sales_signed", 5_975)]
    scorecards.create_card(actor=SYSTEM, key="keepers", label=odd(), lines=lines)
    alert = {
        "label": odd().as_dict(),
        "object": "site",
        "filter": "{rent} > [most]",
        "params": {"most": 5},
        "severity": "info",
    }
    alerts.set_rule("dear", alert, actor=SYSTEM)
    alerts.switch("dear", actor=SYSTEM, active=False)
    alerts.set_rule(
        "later", alert, actor=SYSTEM, valid_from=today() + timedelta(days=dice.randint(1, 40))
    )
    reminder = {"label": odd().as_dict(), "object": "site", "when": "opened", "ahead_days": 3}
    reminders.set_rule("opens", reminder, actor=SYSTEM)
    plan = {"label": odd().as_dict(), "object": "site", "fields": ["rent"], "rhythm": "monthly"}
    plans.set_rule("rents", plan, actor=SYSTEM)
    board = {
        "label": odd().as_dict(),
        "source": "metric",
        "of": "site_rents",
        "by": "team",
        "period": "quarter",
        "audience": "everyone",
    }
    boards.set_rule("rents", board, actor=SYSTEM)
    earns = {"label": odd().as_dict(), "metric": "site_rents", "per": 100_000, "points": -3}
    points.set_rule("rents", earns, actor=SYSTEM)


def _placed(f: FieldSpec, place: int) -> FieldSpec:
    return FieldSpec(**{n: getattr(f, n) for n in FieldSpec.__slots__} | {"position": place})


@pytest.mark.django_db(transaction=True)
def test_it_works() -> None:
    with unit_of_work():
        make_own(random.randint(0, 10_000))
    with unit_of_work():
        text, files = queries.export(SYSTEM), queries.export_files(SYSTEM)
        assert "site_rents" in text
        assert not queries.compare_text(text, "x.yaml").differences
    empty()
    with unit_of_work():
        assert not snapshot().objects
        assert not queries.compare_text(text, "x.yaml").problems
        actions.install_text(text, "x.yaml", actor=SYSTEM)
    with unit_of_work():
        assert queries.export(SYSTEM) == text
    empty()
    with unit_of_work():
        actions.install_files(read_upload(zipped(files), "x.zip"), actor=SYSTEM)
    with unit_of_work():
        assert queries.export(SYSTEM) == text
        assert queries.export_files(SYSTEM) == files
