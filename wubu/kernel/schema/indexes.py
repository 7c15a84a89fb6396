"""Indexes that saved views ask for: kept with the object, so that every change keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wubu.kernel.catalog.render import indexed_alone
from wubu.kernel.catalog.types import BASE_COLUMNS, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.types import Problem, Refused, Text

MOST = 20  # each of them makes every write a little slower
MOST_COLUMNS = 4


def with_index(spec: ObjectSpec, keys: Sequence[str]) -> ObjectSpec | None:
    """The object with the index, None where one begins with these columns already.

    Raises Refused.
    """
    wanted = list(keys)
    there = [list(i) for i in spec.options.get("indexes", ())]
    if any(i[: len(wanted)] == wanted for i in there):
        return None
    if len(wanted) == 1 and wanted[0] in indexed_alone(spec):
        return None
    problems = [p for key in wanted if (p := _problem(spec, key)) is not None]
    if not wanted or len(wanted) > MOST_COLUMNS or len(there) >= MOST:
        problems.append(
            Problem(
                "too_many_indexes",
                Text(
                    "“{o}”最多 {n} 个排序索引，每个 1 到 {m} 列。",
                    "“{o}” has {n} indexes at most, each of 1 to {m} columns.",
                ).format(o=spec.label, n=MOST, m=MOST_COLUMNS),
                object=spec.key,
            )
        )
    if problems:
        raise Refused(*problems)
    return replace(spec, options={**spec.options, "indexes": [*there, wanted]})


def without_index(spec: ObjectSpec, keys: Sequence[str]) -> ObjectSpec | None:
    """The object without the index, None where it has no such."""
    there = [list(i) for i in spec.options.get("indexes", ())]
    rest = [i for i in there if i != list(keys)]
    if len(rest) == len(there):
        return None
    return replace(spec, options={**spec.options, "indexes": rest})


def _problem(spec: ObjectSpec, key: str) -> Problem | None:
    if key in BASE_COLUMNS:
        return None
    f = spec.fields.get(key)
    kind = FIELD_TYPES[f.type] if f else None
    stored = kind is not None and not kind.virtual and not kind.many
    if f is not None and stored and not f.kind.lengthy:
        return None
    return Problem(
        "no_index",
        Text("“{k}”不能建排序索引。", "“{k}” cannot be indexed.").format(k=f.label if f else key),
        Text("选择一个存有值的字段。", "Choose a field that holds values of its own."),
        object=spec.key,
        field=key,
    )
