"""A small catalog for tests of permission: deals, their lines, and notes without an owner."""

from __future__ import annotations

from django.db import connection

from wubu.kernel.catalog.render import render
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.types import Text
from wubu.kernel.workspace import forget, remember


def field(object_key, key, type_, zh, **more):
    return FieldSpec(object_key, key, type_, Text(zh, key.title()), **more)


def spec(key, zh, fields, **more):
    return ObjectSpec(
        key, Text(zh, key.title()), Text(zh, f"{key.title()}s"), fields=fields, **more
    )


INDUSTRIES = (Choice("cars", Text("汽车", "Cars")), Choice("food", Text("食品", "Food")))
DEAL = spec(
    "deal",
    "商机",
    {
        "name": field("deal", "name", "text", "名称"),
        "industry": field("deal", "industry", "choice", "行业", choices=INDUSTRIES),
        "amount": field("deal", "amount", "money", "金额"),
        "phone": field("deal", "phone", "phone", "手机"),
        "owner": field("deal", "owner", "member", "负责人"),
    },
    roles={"title": "name", "owner": "owner"},
)
LINE = spec(
    "deal_line",
    "商机明细",
    {
        "deal": field("deal_line", "deal", "link", "商机", target="deal"),
        "price": field("deal_line", "price", "money", "单价"),
    },
    part_of="deal",
)
NOTE = spec(
    "memo",
    "备忘",
    {
        "text": field("memo", "text", "text", "内容"),
        "deal": field("memo", "deal", "link", "商机", target="deal"),
    },
    roles={"title": "text"},
)
OLD = spec("fax", "传真", {"text": field("fax", "text", "text", "内容")}, retired=True)
SPECS = (DEAL, LINE, NOTE, OLD)


def small_catalog():
    """The Snapshot of this unit of work, with its tables made inside the test's transaction."""
    forget("snapshot")
    catalog = remember("snapshot", lambda: render(SPECS, "small"))
    editor = connection.SchemaEditorClass(connection, collect_sql=True)
    editor.deferred_sql = []
    for key in ("deal", "deal_line", "memo"):
        editor.create_model(catalog.model(key))
    with connection.cursor() as cursor:
        for statement in (*editor.collected_sql, *editor.deferred_sql):
            cursor.execute(str(statement))
    return catalog
