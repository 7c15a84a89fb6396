"""Specs → Django's ProjectState → real models in an isolated registry, never the global one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from hashlib import blake2s
from typing import Any

from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from wubu.kernel.catalog.pieces import Piece
from wubu.kernel.catalog.types import BASE_COLUMNS, FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.lookup import path_of
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.types import Text

APP = "company"
STUBS = ("member", "team")


def table_name(object_key: str) -> str:
    return f"o_{object_key}"


class _Once(ModelState):
    """A state that is rendered once: its fields go into the model as they are, uncopied.

    Copying them would cost as much as everything else together.
    """

    def render(self, apps: Any) -> Any:
        for field in self.fields.values():
            vars(field).pop("related_model", None)  # remembered before there was a model
        meta = type("Meta", (), {"app_label": self.app_label, "apps": apps, **self.options})
        body = {**self.fields, "Meta": meta, "__module__": "__fake__"}
        return type(self.name, (models.Model,), body)


def project_state(
    objects: Iterable[ObjectSpec],
    *,
    only: Collection[str] | None = None,
    kind: type[ModelState] = ModelState,
) -> ProjectState:
    """The state that the migration autodetector compares and the registry is rendered from.

    With ``only``, the objects of these keys; of what they link to just enough to point at.
    """
    state = ProjectState()
    state.add_model(_stub("member", "wubu_people_member", models.BooleanField(), kind=kind))
    state.add_model(_stub("team", "wubu_people_team", kind=kind))
    every = tuple(objects)
    wanted = [s for s in every if only is None or s.key in only]
    for spec in wanted:
        state.add_model(_model_state(spec, kind))
    if only is not None:
        aims = {f.target for s in wanted for f in s.fields.values() if f.target}
        for key in sorted(aims - set(only)):
            state.add_model(_stub(key, table_name(key), named=False))
    return state


def render(objects: Iterable[ObjectSpec], token: str, *, like: Snapshot | None = None) -> Snapshot:
    """A Snapshot whose objects carry their models: those of ``like`` where no table differs."""
    specs = with_sources(objects)
    if like is not None and like.apps is not None and _same_tables(like, specs):
        known = {s.key: replace(s, model=like.objects[s.key].model) for s in specs}
        return Snapshot(token=token, objects=known, apps=like.apps)
    apps = project_state(specs, kind=_Once).apps
    rendered = {s.key: replace(s, model=apps.get_model(APP, s.key)) for s in specs}
    return Snapshot(token=token, objects=rendered, apps=apps)


def with_sources(objects: Iterable[ObjectSpec]) -> tuple[ObjectSpec, ...]:
    """The objects with each look-up knowing the field that it looks up."""
    specs = tuple(objects)
    known = {s.key: s for s in specs}

    def source(f: FieldSpec, seen: tuple[FieldSpec, ...] = ()) -> FieldSpec | None:
        via, key = path_of(f)
        link = known[f.object].fields.get(via)
        there = known.get(link.target) if link is not None else None
        found = there.fields.get(key) if there is not None else None
        if found is None or not found.kind.looks_up:
            return found
        return None if found in seen else source(found, (*seen, found))

    def filled(spec: ObjectSpec) -> ObjectSpec:
        if not any(f.kind.looks_up for f in spec.fields.values()):
            return spec
        fields = {
            k: replace(f, source=source(f)) if f.kind.looks_up else f
            for k, f in spec.fields.items()
        }
        return replace(spec, fields=fields)

    return tuple(filled(s) for s in specs)


def _same_tables(like: Snapshot, specs: Iterable[ObjectSpec]) -> bool:
    """Whether nothing differs but words, order, options of choices and what must be filled in."""
    every = tuple(specs)
    return like.objects.keys() == {s.key for s in every} and all(
        _plain(like.objects[s.key]) == _plain(s) for s in every
    )


NO_WORDS = Text("", "")


def _plain(spec: ObjectSpec) -> ObjectSpec:
    fields = {
        key: replace(
            f, label=NO_WORDS, help=None, choices=(), position=0, required=False, default=None
        )
        for key, f in spec.fields.items()
    }
    return replace(spec, fields=fields, label=NO_WORDS, plural=NO_WORDS, icon="", group="")


def _stub(
    name: str,
    table: str,
    active: models.Field[Any, Any] | None = None,
    *,
    named: bool = True,
    kind: type[ModelState] = ModelState,
) -> ModelState:
    """Members and teams as company data may link to them: an unmanaged view of their tables."""
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
    ]
    if named:
        fields.append(("name", models.CharField(max_length=200)))
    if active is not None:
        fields.append(("is_active", active))
    options = {"managed": False, "db_table": table, "indexes": [], "constraints": []}
    return kind(APP, name, fields, options)


def base_columns() -> list[tuple[str, models.Field[Any, Any]]]:
    """The columns that every object's table has.

    One that is added here must be nullable or have a ``db_default``: an upgrade adds it to the
    tables that exist (see ``schema.base_columns``), and rows are inserted by the columns that their
    writer knows.
    """
    return [
        ("id", models.BigAutoField(primary_key=True)),
        ("created_at", models.DateTimeField()),
        ("created_by", _member()),
        ("updated_at", models.DateTimeField()),
        ("updated_by", _member()),
        ("version", models.IntegerField(default=1)),
        ("archived_at", models.DateTimeField(null=True)),
    ]


def _model_state(spec: ObjectSpec, kind: type[ModelState]) -> ModelState:
    fields = base_columns()
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
    return kind(APP, spec.key, fields, options)


def _member() -> models.Field[Any, Any]:
    return models.ForeignKey(
        f"{APP}.member", models.PROTECT, null=True, related_name="+", db_index=False
    )


def _column(spec: ObjectSpec, field: FieldSpec) -> models.Field[Any, Any] | None:
    """The Django field.

    A link's target may not exist yet in the type's eyes, so links are made here.
    """
    related = f"{spec.key}_by_{field.key}"
    if field.kind.links_one:
        on_delete = models.CASCADE if field.key == spec.part_of else models.PROTECT
        return models.ForeignKey(
            f"{APP}.{field.target}", on_delete, null=True, related_name=related
        )
    if FIELD_TYPES[field.type].many:
        other = FIELD_TYPES[field.type].refers_to(field)
        return models.ManyToManyField(
            f"{APP}.{other}",
            related_name="+" if other in STUBS else related,
            db_table=f"{table_name(spec.key)}_{field.key}"[:63],
        )
    if field.kind.names_staff:
        return models.ForeignKey(f"{APP}.{field.type}", models.PROTECT, null=True, related_name="+")
    return FIELD_TYPES[field.type].column(field)


def indexed_alone(spec: ObjectSpec) -> frozenset[str]:
    """The fields that have an index of their own anyhow: by role, by wish, or as links."""
    linking = {k for k, f in spec.fields.items() if f.kind.links_one or f.kind.names_staff}
    return frozenset({*_asked_for(spec), *linking})


def _asked_for(spec: ObjectSpec) -> list[str]:
    keys = {spec.roles[r] for r in ("title", "when", "amount", "stage", "email") if r in spec.roles}
    keys |= {f.key for f in spec.fields.values() if f.options.get("index")}
    return [k for k in sorted(keys) if k in spec.fields and _indexable(spec.fields[k])]


def _indexes(spec: ObjectSpec) -> list[models.Index]:
    """An index for each role that lists sort and boards group by, and for fields that ask."""
    every = [[k] for k in _asked_for(spec)] + [
        list(keys) for keys in spec.options.get("indexes", ())
    ]
    known = {*BASE_COLUMNS, *spec.fields}
    pieces = [
        models.Index(Piece(f.key, f.type, key), name=_short(f"i_{spec.key}_{f.key}_{key}"))
        for f in spec.fields.values()
        if f.kind.divided and f.options.get("index")
        for key in ("province", "city")
    ]
    return pieces + [
        models.Index(fields=keys, name=_short(f"i_{spec.key}_{'_'.join(keys)}"))
        for keys in every
        if known.issuperset(keys)
    ]


def _indexable(field: FieldSpec) -> bool:
    """Whether a plain index helps; links have theirs anyway."""
    return FIELD_TYPES[field.type].indexable


def _short(name: str) -> str:
    """Index names may have 30 characters; a longer one keeps its head and a digest of the whole."""
    if len(name) <= 30:
        return name
    return f"{name[:21]}_{blake2s(name.encode(), digest_size=4).hexdigest()}"
