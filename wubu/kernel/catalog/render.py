"""Specs → Django's ProjectState → real models in an isolated registry, never the global one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2s
from typing import Any

from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.registry import FIELD_TYPES

APP = "company"


def table_name(object_key: str) -> str:
    return f"o_{object_key}"


def project_state(objects: Iterable[ObjectSpec]) -> ProjectState:
    """The state that the migration autodetector compares and the registry is rendered from."""
    state = ProjectState()
    state.add_model(_stub("member", "wubu_people_member", models.BooleanField()))
    state.add_model(_stub("team", "wubu_people_team"))
    for spec in objects:
        state.add_model(_model_state(spec))
    return state


def render(objects: Iterable[ObjectSpec], token: str) -> Snapshot:
    """A Snapshot whose objects carry their models."""
    specs = tuple(objects)
    apps = project_state(specs).apps
    rendered = {s.key: replace(s, model=apps.get_model(APP, s.key)) for s in specs}
    return Snapshot(token=token, objects=rendered, apps=apps)


def _stub(name: str, table: str, active: models.Field[Any, Any] | None = None) -> ModelState:
    """Members and teams as company data may link to them: an unmanaged view of their tables."""
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=200)),
    ]
    if active is not None:
        fields.append(("is_active", active))
    options = {"managed": False, "db_table": table, "indexes": [], "constraints": []}
    return ModelState(APP, name, fields, options)


def _model_state(spec: ObjectSpec) -> ModelState:
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("created_at", models.DateTimeField()),
        ("created_by", _member()),
        ("updated_at", models.DateTimeField()),
        ("updated_by", _member()),
        ("version", models.IntegerField(default=1)),
        ("archived_at", models.DateTimeField(null=True)),
    ]
    for field in spec.fields.values():
        column = _column(spec, field)
        if column is not None:
            fields.append((field.key, column))
    options = {
        "db_table": table_name(spec.key),
        "indexes": _indexes(spec),
        "constraints": [
            models.UniqueConstraint(
                fields=[f.key],
                condition=models.Q(archived_at__isnull=True),
                name=_short(f"u_{spec.key}_{f.key}"),
            )
            for f in spec.fields.values()
            if f.unique
        ],
    }
    return ModelState(APP, spec.key, fields, options)


def _member() -> models.Field[Any, Any]:
    return models.ForeignKey(
        f"{APP}.member", models.PROTECT, null=True, related_name="+", db_index=False
    )


def _column(spec: ObjectSpec, field: FieldSpec) -> models.Field[Any, Any] | None:
    """The Django field. A link's target may not exist yet in the type's eyes, so links are made
    here.
    """
    related = f"{spec.key}_by_{field.key}"
    if field.type == "link":
        on_delete = models.CASCADE if field.key == spec.part_of else models.PROTECT
        return models.ForeignKey(
            f"{APP}.{field.target}", on_delete, null=True, related_name=related
        )
    if field.type == "links":
        return models.ManyToManyField(
            f"{APP}.{field.target}",
            related_name=related,
            db_table=f"{table_name(spec.key)}_{field.key}"[:63],
        )
    if field.type in ("member", "team"):
        return models.ForeignKey(f"{APP}.{field.type}", models.PROTECT, null=True, related_name="+")
    return FIELD_TYPES[field.type].column(field)


def _indexes(spec: ObjectSpec) -> list[models.Index]:
    """An index for each role that lists sort and boards group by, and for fields that ask."""
    keys = {spec.roles[r] for r in ("title", "when", "amount", "stage", "email") if r in spec.roles}
    keys |= {f.key for f in spec.fields.values() if f.options.get("index")}
    plain = [
        k
        for k in sorted(keys)
        if k in spec.fields
        and spec.fields[k].type not in ("link", "links", "member", "team", "formula", "longtext")
    ]
    return [models.Index(fields=[k], name=_short(f"i_{spec.key}_{k}")) for k in plain]


def _short(name: str) -> str:
    """Index names may have 30 characters; a longer one keeps its head and a digest of the whole."""
    if len(name) <= 30:
        return name
    return f"{name[:21]}_{blake2s(name.encode(), digest_size=4).hexdigest()}"
