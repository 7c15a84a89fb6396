"""Settling what the check found: one answer for every row with the same value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wubu.collect.imports import mapping as mappings
from wubu.collect.imports import queries, rows_of, staging
from wubu.collect.imports.models import (
    Batch,
)
from wubu.collect.imports.planning import no_field, open_batch
from wubu.collect.imports.targets import target
from wubu.collect.imports.views import ImportView
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import Actor, Problem, Refused, Text


def resolve(
    *, actor: Actor, batch_id: int, field: str, value: str, remedy: str, use: Any = None
) -> ImportView:
    """Settle one value of a field for all its rows.

    ``remedy``: ``accept`` the suggestion or ``choose`` another (``use``), leave it ``empty``,
    ``create`` the missing records of that field, add it as an ``option``. Raises Refused.
    """
    row = open_batch(actor, batch_id)
    old = rows_of.mapping(row)
    goal = target(snapshot(), old.object)
    if field not in goal.fields:
        raise Refused(no_field(goal.label, field))
    if remedy in {"accept", "choose"}:
        new = alias(old, field, value, use if use is not None else _suggestion(row, field, value))
    elif remedy == "empty":
        new = alias(old, field, value, None)
    elif remedy == "create":
        staging.require(actor, goal.fields[field].target)
        new = replace(old, create=old.create | {field})
    elif remedy == "option":
        key = add_option(actor=actor, object_key=goal.key, field=field, label=value)
        new = alias(old, field, value, key)
    else:
        raise Refused(
            Problem("no_such_remedy", Text("没有这种处理方式。", "There is no such option."))
        )
    checked = row.check_result
    row.mapping = mappings.to_json(new)
    row.save(update_fields=["mapping"])
    if checked:  # settled problems leave the list; the next check says what is left
        _settle(row, checked, field, None if remedy == "create" else value)
    return queries.get(actor, row.plan_id)


def alias(old: Any, field: str, value: str, meant: Any) -> Any:
    aliases = {k: dict(v) for k, v in old.aliases.items()}
    aliases.setdefault(field, {})[value] = meant
    return replace(old, aliases=aliases)


def _suggestion(row: Batch, field: str, value: str) -> Any:
    groups = (row.check_result or {}).get("groups", [])
    for group in groups:
        if group["field"] == field and group["value"] == value and group["suggestion"] is not None:
            return group["suggestion"]
    raise Refused(
        Problem(
            "no_suggestion",
            Text("“{v}”没有建议值。", "There is no suggestion for “{v}”.").format(v=value),
            Text("请指定要用的值。", "Say which value to use."),
            field=field,
            value=value,
        )
    )


def _settle(row: Batch, checked: dict[str, Any], field: str, value: str | None) -> None:
    """Take settled groups off the kept result.

    Their lines count as good unless others blame them.
    """
    gone = [
        g
        for g in checked["groups"]
        if g["field"] == field
        and (g["value"] == value or (value is None and g["code"] == "unknown_link"))
    ]
    checked["groups"] = [g for g in checked["groups"] if g not in gone]
    settled = sum(g["rows"] for g in gone if g["blocking"])
    left = any(g["blocking"] for g in checked["groups"])
    checked["created"] += settled
    checked["bad_rows"] = max(1, checked["bad_rows"] - settled) if left else 0
    row.check_result = checked
    row.save(update_fields=["check_result"])


def accept_all(*, actor: Actor, import_id: int, suspicious: bool = False) -> int:
    """Accept every suggestion that the check made, each once for all its rows; how many rows.

    ``suspicious`` includes values that merely look misspelt.
    """
    view, rows = queries.get(actor, import_id), 0
    for batch in view.batches:
        for group in batch.checked.groups if batch.checked else ():
            if group.suggestion is None or not (group.blocking or suspicious):
                continue
            resolve(
                actor=actor,
                batch_id=batch.id,
                field=group.field,
                value=group.value,
                remedy="accept",
            )
            rows += group.rows
    return rows


def add_option(*, actor: Actor, object_key: str, field: str, label: str) -> str:
    """A new option of a choice field, called ``label``; its key.

    Needs the right to change objects.
    """
    found = snapshot().object(object_key).field(field)
    keys = {c.key for c in found.choices}
    key = _free_key(label, keys)
    option = Choice(key, Text(label, label))
    schema.change_field(replace(found, choices=(*found.choices, option)), actor=actor)
    return key


def _free_key(label: str, taken: set[str]) -> str:
    base = "".join(c if c.isascii() and c.isalnum() else "_" for c in label.lower()).strip("_")
    base = base[:40] or "option"
    key, n = base, 1
    while key in taken:
        n += 1
        key = f"{base}_{n}"
    return key
