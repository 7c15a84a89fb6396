"""A store room of its own: items with every kind of roll-up over moves at places, shelves above."""

from __future__ import annotations

from typing import Any

from tests.kernel.records.world import sql
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Text

KINDS = (Choice("in", Text("入库", "In")), Choice("out", Text("出库", "Out")))
ZONES = (Choice("cold", Text("冷库", "Cold")), Choice("dry", Text("常温", "Dry")))


def field(owner: str, key: str, kind: str, **more: Any) -> FieldSpec:
    return FieldSpec(owner, key, kind, Text(key, key), **more)


def rollup(owner: str, key: str, agg: str, **options: Any) -> FieldSpec:
    kept = {"object": "z_move", "via": "item", "agg": agg, **options}
    return field(owner, key, "rollup", options=kept)


def spec(key: str, *fields: FieldSpec, **options: Any) -> ObjectSpec:
    label = Text(key, key)
    return ObjectSpec(
        key,
        label,
        label,
        fields={f.key: f for f in fields},
        roles={"title": "name"},
        options=options,
    )


GUARD = {
    "key": "stock",
    "must": "{stock} >= 0",
    "message": {"zh": "库存不足", "en": "not enough in stock"},
    "fields": ["stock"],
}
# The shelf sorts before the item that feeds it: locks must not follow the alphabet.
SHELF = spec(
    "a_shelf",
    field("a_shelf", "name", "text"),
    field(
        "a_shelf",
        "stock",
        "rollup",
        options={"object": "m_item", "via": "shelf", "agg": "sum", "field": "stock"},
    ),
)
PLACE = spec(
    "b_place", field("b_place", "name", "text"), field("b_place", "zone", "choice", choices=ZONES)
)
ITEM = spec(
    "m_item",
    field("m_item", "name", "text"),
    field("m_item", "shelf", "link", target="a_shelf"),
    rollup("m_item", "stock", "sum", field="moved"),
    rollup("m_item", "moves", "count"),
    rollup("m_item", "received", "sum", field="quantity", filter='{kind} = "in"'),
    rollup("m_item", "average_price", "average", field="price"),
    rollup("m_item", "average_quantity", "average", field="quantity"),
    rollup("m_item", "first_price", "first", field="price", sort="at"),
    rollup("m_item", "last_kind", "last", field="kind", sort="at"),
    rollup("m_item", "kinds", "distinct", field="kind"),
    rollup("m_item", "cold", "sum", field="quantity", filter='{place.zone} = "cold"'),
    rollup("m_item", "latest", "max", field="at"),
    checks=[GUARD],
)
MOVE = spec(
    "z_move",
    field("z_move", "name", "text"),
    field("z_move", "item", "link", target="m_item"),
    field("z_move", "place", "link", target="b_place"),
    field("z_move", "kind", "choice", choices=KINDS),
    field("z_move", "quantity", "number"),
    field("z_move", "price", "money"),
    field("z_move", "at", "date"),
    field(
        "z_move",
        "moved",
        "formula",
        options={"formula": 'IF({kind} = "out", -{quantity}, {quantity})', "result": "number"},
    ),
)
OBJECTS = [SHELF, PLACE, ITEM, MOVE]


def build() -> None:
    """The four objects, in an empty workspace."""
    plan = schema.plan(OBJECTS)
    assert not plan.problems, plan.problems
    schema.apply(plan, actor=SYSTEM)


SIGNED = "CASE WHEN m.kind = 'out' THEN -m.quantity ELSE m.quantity END"
LIVE = "FROM o_z_move m WHERE m.item_id = i.id AND m.archived_at IS NULL"
HALF_UP = (
    "(SELECT CASE WHEN COUNT({x}) = 0 THEN NULL WHEN {sum} >= 0 "
    "THEN ({sum} * {lift} * 2 + COUNT({x})) / (2 * COUNT({x})) "
    "ELSE -((-{sum} * {lift} * 2 + COUNT({x})) / (2 * COUNT({x}))) END {live})"
)


def half_up(column: str, lift: int) -> str:
    """An average by whole numbers only, halves away from zero."""
    total = f"CAST(SUM({column}) AS BIGINT)"
    return HALF_UP.format(x=column, sum=total, lift=lift, live=LIVE)


WANTED = {
    "stock": f"COALESCE((SELECT SUM({SIGNED}) {LIVE}), 0)",
    "moves": f"(SELECT COUNT(*) {LIVE})",
    "received": f"COALESCE((SELECT SUM(m.quantity) {LIVE} AND m.kind = 'in'), 0)",
    "average_price": half_up("m.price", 1),
    "average_quantity": half_up("m.quantity", 100),
    "first_price": f"(SELECT m.price {LIVE} ORDER BY m.at IS NULL, m.at, m.id LIMIT 1)",
    "last_kind": f"(SELECT m.kind {LIVE} ORDER BY m.at IS NULL, m.at DESC, m.id DESC LIMIT 1)",
    "kinds": f"(SELECT COUNT(DISTINCT m.kind) {LIVE})",
    "cold": f"COALESCE((SELECT SUM(m.quantity) {LIVE} AND EXISTS (SELECT 1 FROM o_b_place p "
    "WHERE p.id = m.place_id AND p.zone = 'cold')), 0)",
    "latest": f"(SELECT MAX(m.at) {LIVE})",
}


def wrong() -> list[tuple[object, ...]]:
    """Roll-ups that are not what SQL written by hand says."""
    found = []
    for key, wanted in WANTED.items():
        for id_, kept, made in sql(f"SELECT i.id, i.{key}, {wanted} FROM o_m_item i"):
            if _plain(kept) != _plain(made):
                found.append((key, id_, kept, made))
    above = (
        "SELECT s.id, s.stock, COALESCE((SELECT SUM(i.stock) FROM o_m_item i "
        "WHERE i.shelf_id = s.id AND i.archived_at IS NULL), 0) FROM o_a_shelf s"
    )
    return found + [row for row in sql(above) if _plain(row[1]) != _plain(row[2])]


def _plain(value: Any) -> str:
    return "None" if value is None else str(value).removesuffix(".0")
