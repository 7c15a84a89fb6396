"""Keeping the stage totals: by difference with every write, and from scratch when asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from wubu.control.boards.models import StageTotal
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.records.events import ChangeSet
from wubu.kernel.schema.events import SchemaChange

TABLE = StageTotal._meta.db_table
COLUMNS = ("object_key", "stage", "owner_id", "count", "priced", "amount")
ROLES = ("stage", "owner", "amount")
Key = tuple[str, int]  # stage, owner


def amount_field(spec: ObjectSpec) -> str | None:
    """The stored number that a board sums: the amount role, unless it is computed when asked."""
    field = spec.role("amount")
    if field is None or not (field.kind.adds_up or field.kind.aggregates):
        return None
    return field.key


def on_change(change: ChangeSet) -> None:
    """Move the totals by what these records were and what they are now."""
    spec = snapshot().object(change.object_key)
    stage = spec.role("stage")
    if stage is None or (change.action == "rollup" and amount_field(spec) not in change.changed):
        return
    moved: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    place = _placer(spec, stage.key)
    for sign, images in ((-1, change.before), (1, change.after)):
        for image in images:
            found = place(image) if image else None
            if found:
                key, amount = found
                total = moved[key]
                total[0] += sign
                if amount is not None:
                    total[1] += sign
                    total[2] += sign * amount
    _add(spec.key, {k: v for k, v in moved.items() if any(v)})


def on_schema(change: SchemaChange) -> None:
    """Count again where another field tells the stage, the owner or the amount."""
    for spec in change.after.live:
        known = spec.key in change.before.objects
        read = {(spec.key, f.key) for r in ROLES for f in change.role(spec.key, r) if f}
        if known and (
            read & change.moved or any(_otherwise(*change.role(spec.key, r)) for r in ROLES)
        ):
            rebuild([spec.key])


def _otherwise(was: FieldSpec | None, now: FieldSpec | None) -> bool:
    return (was and (was.key, was.type)) != (now and (now.key, now.type))


def rebuild(object_keys: Iterable[str] | None = None) -> None:
    """Count again from the records: one statement per object."""
    catalog = snapshot()
    for key in object_keys if object_keys is not None else [o.key for o in catalog]:
        spec = catalog.object(key)
        stage = spec.role("stage")
        with transaction.atomic():
            StageTotal.objects.filter(object_key=key).delete()
            if stage is not None:
                StageTotal.objects.bulk_create(_counted(spec, stage.key))


def _counted(spec: ObjectSpec, stage: str) -> list[StageTotal]:
    rows = (
        snapshot()
        .model(spec.key)
        ._default_manager.filter(archived_at__isnull=True, **{f"{stage}__isnull": False})
    )
    owner, amount = spec.role("owner"), amount_field(spec)
    by = {"stage": stage, "owner": f"{owner.key}_id"} if owner else {"stage": stage}
    measures: dict[str, Any] = {"n": Count("id")}
    if amount:
        measures |= {"p": Count(amount), "a": Coalesce(Sum(amount), 0)}
    return [
        StageTotal(
            object_key=spec.key,
            stage=row[by["stage"]],
            owner_id=(row[by["owner"]] if owner else 0) or 0,
            count=row["n"],
            priced=row.get("p", 0),
            amount=row.get("a", 0),
        )
        for row in rows.order_by().values(*by.values()).annotate(**measures)
    ]


def _placer(
    spec: ObjectSpec, stage: str
) -> Callable[[Mapping[str, Any]], tuple[Key, int | None] | None]:
    owner, amount = spec.role("owner"), amount_field(spec)
    owner_key = owner.key if owner else ""

    def place(image: Mapping[str, Any]) -> tuple[Key, int | None] | None:
        where = image.get(stage)
        if where is None or image.get("archived_at") is not None:
            return None
        return (where, image.get(owner_key) or 0), image.get(amount) if amount else None

    return place


def _add(object_key: str, moved: Mapping[Key, list[int]]) -> None:
    if not moved:
        return
    # In one order always, so that two writers never wait for each other in a circle.
    rows: list[tuple[Any, ...]] = [(object_key, s, o, *moved[s, o]) for s, o in sorted(moved)]
    names = ", ".join(f'"{c}"' for c in COLUMNS)
    sums = ", ".join(
        f'"{c}" = {TABLE}."{c}" + excluded."{c}"' for c in ("count", "priced", "amount")
    )
    one = "(" + ", ".join(["%s"] * len(COLUMNS)) + ")"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            cursor.execute(
                f"INSERT INTO {TABLE} ({names}) VALUES {', '.join([one] * len(part))} "  # noqa: S608
                f"ON CONFLICT (object_key, stage, owner_id) DO UPDATE SET {sums}",
                [v for row in part for v in row],
            )
