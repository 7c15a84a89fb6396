"""What the rules that judge records find, within what a reader may see.

A rule is a condition in the one language: it is asked of the database when somebody looks, so it
follows every change at once and nothing is kept. A rule about a field that the reader may not read
finds nothing for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerField, Value

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.definitions.kinds import DatedKind, Fault, in_use, kinds
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Page
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Actor, Refused

MOST = 200  # rules that one record is held against; SQLite joins up to 500 questions in one


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is not content with a record."""

    rule: Rule
    fault: Fault


def on_record(actor: Actor, object_key: str, record_id: int) -> tuple[Finding, ...]:
    """What is wrong with one record or with its parts, of today's rules.

    One query, however many rules there are. The caller has already been shown the record.
    """
    held = [(f, where) for f in _faults() if (where := _rows_of(f.fault.object_key, object_key))]
    asked = []
    for number, (found, column) in enumerate(held[:MOST]):
        try:
            rows = records.matching(actor, found.fault.object_key, found.fault.where)
        except Refused:  # of a field that the reader may not read, or that is gone
            continue
        number_of = Value(number, output_field=IntegerField())
        rows = rows.filter(**{column: record_id}).order_by()
        asked.append(rows.values_list(number_of).distinct())
    if not asked:
        return ()
    first, *others = asked
    broken: list[Any] = sorted(first.union(*others, all=True) if others else first)
    return tuple(held[row[0]][0] for row in broken)


def _rows_of(judged: str, object_key: str) -> str:
    """The column by which the judged records belong to a record of an object; "" for none."""
    if judged == object_key:
        return "pk"
    spec = snapshot().objects[judged]
    part = spec.fields.get(spec.part_of)
    return f"{part.key}_id" if part is not None and part.target == object_key else ""


def of_rule(
    actor: Actor, kind: DatedKind[Any], key: str, *, limit: int = 50, cursor: str = ""
) -> Page:
    """The records that a rule objects to, the newest first.

    Only those that the actor may see. Raises Missing, and Refused where the actor may not read what
    the rule looks at.
    """
    rule = dated.rule(kind.name, key)
    if kind.fault is None:
        return Page(())
    fault = kind.fault(kind.read(rule))
    query = Query(filter=fault.where, sort=("-created_at",), limit=limit, cursor=cursor)
    return records.page(actor, fault.object_key, query)


def _faults() -> Iterator[Finding]:
    for kind in kinds():
        if kind.fault is None:
            continue
        for rule in dated.rules(kind.name):
            if in_use(rule):
                yield Finding(rule, kind.fault(kind.read(rule)))
