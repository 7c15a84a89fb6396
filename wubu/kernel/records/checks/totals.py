"""Parts that must add up: the shares of a contract are 100 % together, or there are none."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.records.context import Context
from wubu.kernel.records.events import ChangeSet
from wubu.kernel.records.reading import images
from wubu.kernel.records.shape import Shape, shape
from wubu.kernel.types import Problem, Refused, Text

CHUNK = 2_000


def check(ctx: Context, changes: Sequence[ChangeSet]) -> None:
    """The option ``children_total: {field, equals}`` of a part's object, for every parent touched.

    Raises Refused; call before anything is committed.
    """
    problems: list[Problem] = []
    for change in changes:
        parts = shape(ctx.snapshot, change.object_key)
        rule = parts.spec.options.get("children_total")
        via = parts.spec.part_of
        if not rule or not via:
            continue
        if change.action == "update" and not {rule["field"], via, "archived_at"} & change.changed:
            continue
        every = [i for side in (change.before, change.after) for i in side if i is not None]
        parents = sorted({i[via] for i in every if i[via] is not None})
        # Two people at the parts of one whole: the second must see the first one's when it adds up.
        images.lock(shape(ctx.snapshot, parts.spec.fields[via].target), parents)
        problems += _off(parts, via, rule, parents)
    if problems:
        raise Refused(*problems)


def _off(parts: Shape, via: str, rule: Any, parents: Sequence[int]) -> list[Problem]:
    f = parts.spec.field(str(rule["field"]))
    kind = FIELD_TYPES[f.type]
    wanted = int(Decimal(str(rule["equals"])).scaleb(kind.type_of(f).scale))
    found: list[Problem] = []
    for start in range(0, len(parents), CHUNK):
        sums = (
            parts.model.objects.filter(
                **{f"{via}__in": parents[start : start + CHUNK]}, archived_at__isnull=True
            )
            .order_by()
            .values_list(via)
            .annotate(total=Sum(f.key))
            .exclude(total=wanted)
        )
        found += [
            Problem(
                "wrong_total",
                Text("“{f}”合计应为 {w}，现为 {t}。", "“{f}” must total {w}; it is {t}.").format(
                    f=f.label,
                    w=_said(kind, f, wanted),
                    t=_said(kind, f, total or 0),
                ),
                object=parts.spec.key,
                field=f.key,
                value=parent_id,
            )
            for parent_id, total in sums
        ]
    return found


def _said(kind: Any, f: Any, value: int) -> Text:
    return Text(kind.show(f, value, "zh"), kind.show(f, value, "en"))
