"""Pieces of a value, put in by the checker: the city of an address, the words of a rich text.

And the way between two locations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.kernel.fields.base import FIELD_TYPES, Part
from wubu.kernel.fields.location import EARTH, HEAD, distance, point
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import Checking, Function, plain
from wubu.kernel.formula.sql import Rendering, Sql, fill
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import Node, literal, make
from wubu.kernel.types import Lang, Text

KILOMETRES = ValueType("number", 3)


def piece(node: Node) -> Part:
    """The part that a ``part`` node stands for; its data are a field type and the part's key."""
    kind, key = node.data
    found = FIELD_TYPES[kind].part(key)
    if found is None:
        raise AssertionError("the checker makes parts of what there is")
    return found


def _bind(node: Node, _context: Context) -> Callable[..., Any]:
    take = piece(node).take
    return lambda value: None if value is None else take(value)


def _sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    part = piece(node)
    return fill(part.postgresql if r.pg else part.sqlite, args[0])


def _say(node: Node, parts: Sequence[str], lang: Lang) -> str:
    label = piece(node).label.say(lang)
    if not label:
        return parts[0]
    if lang == "zh":
        return f"{parts[0]}的{label}"
    return f"the {parts[0].removeprefix('the ')}’s {piece(node).label.inside.en}"


def _distance(check: Checking, tree: Tree) -> Node:
    at = (tree.start, tree.end)
    if len(tree.args) != 2:
        return check.refuse(
            "wrong_arguments",
            Text("DISTANCE 要有两个位置。", "DISTANCE needs two locations."),
            tree,
            Text(
                '例如 DISTANCE({位置}, "31.23,121.47")。',
                'As in DISTANCE({Location}, "31.23,121.47").',
            ),
        )
    return make("DISTANCE", KILOMETRES, tuple(_place(check, a) for a in tree.args), at=at)


def _place(check: Checking, tree: Tree) -> Node:
    """A location field, or a point written out."""
    node = check.typed(tree)
    if node.op == "part" and node.data == ("location", ""):
        return node.args[0]
    if node.is_bad or node.is_blank:
        return node
    if node.op == "lit" and node.type.kind == "text":
        place = point(str(node.data))
        if place is not None:
            return literal(f"{place[0]:+010.6f}{place[1]:+011.6f}/", node.type, node.at)
    return check.refuse(
        "not_a_location",
        Text("这里应是位置。", "A location belongs here."),
        node,
        Text(
            '填一个位置字段，或写 "纬度,经度"。',
            'Name a location field, or write "latitude,longitude".',
        ),
    )


def _far_sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    if not r.pg:
        return fill("wubu_distance({0}, {1})", *args)
    lat = [f"RADIANS(SUBSTR({{{n}}}, 1, 10)::float8)" for n in (0, 1)]
    lng = [f"RADIANS(SUBSTR({{{n}}}, 11, {HEAD - 10})::float8)" for n in (0, 1)]
    across = f"POWER(SIN(({lat[1]} - {lat[0]}) / 2), 2)"
    along = f"POWER(SIN(({lng[1]} - {lng[0]}) / 2), 2)"
    chord = f"LEAST(1, SQRT({across} + COS({lat[0]}) * COS({lat[1]}) * {along}))"
    far = f"ROUND({2 * EARTH} * ASIN({chord}))::bigint"
    # LEAST passes over what is missing.
    return fill(f"CASE WHEN {{0}} IS NULL OR {{1}} IS NULL THEN NULL ELSE {far} END", *args)


FUNCTIONS = (
    Function(key="part", group="operator", bind=_bind, sql=_sql, say=_say),
    Function(
        key="DISTANCE",
        names=("距离",),
        group="number",
        usage=Text("DISTANCE(位置, 位置)", "DISTANCE(location, location)"),
        help=Text(
            '两个位置之间的直线距离，单位公里；位置也可写成 "31.23,121.47"。',
            "The way between two locations as the crow flies, in kilometres; a location may be "
            'written "31.23,121.47".',
        ),
        check=_distance,
        bind=plain(distance),
        sql=_far_sql,
        say=Text("{0}到{1}的距离", "the distance from {0} to {1}"),
    ),
)
