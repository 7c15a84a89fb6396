"""The catalog as everybody sees it: immutable, one Snapshot at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wubu.kernel.fields.spec import Choice as Choice
from wubu.kernel.fields.spec import FieldSpec as FieldSpec
from wubu.kernel.types import Missing, Problem, Text

if TYPE_CHECKING:
    from django.db.models import Model

# Columns that every object has, for ever.
BASE_COLUMNS = (
    "id",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "version",
    "archived_at",
)


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One object: its fields in order, and which field plays which role.

    Roles: ``title owner when amount stage customer phone email serial``. ``part_of`` is the key of
    the link field by which this object belongs to its parent (quote line → quote): it is written,
    seen and deleted with it.
    """

    key: str
    label: Text
    plural: Text
    icon: str = ""
    group: str = ""
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    part_of: str = ""
    options: Mapping[str, Any] = field(
        default_factory=dict
    )  # list columns, form sections, search …
    position: int = 0
    retired: bool = False
    model: type[Model] | None = field(default=None, compare=False, repr=False)

    def role(self, name: str) -> FieldSpec | None:
        """The field that plays a role, or None."""
        key = self.roles.get(name)
        return self.fields.get(key) if key else None

    @property
    def live_fields(self) -> tuple[FieldSpec, ...]:
        return tuple(f for f in self.fields.values() if not f.retired)

    def field(self, key: str) -> FieldSpec:
        """A field by key. Raises Missing with the field's name."""
        found = self.fields.get(key)
        if found is None:
            raise Missing(
                Problem(
                    "no_such_field",
                    Text("“{o}”没有字段“{f}”。", "“{o}” has no field “{f}”.").format(
                        o=self.label, f=key
                    ),
                    object=self.key,
                    field=key,
                )
            )
        return found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole catalog at one version; ``token`` changes with every applied plan."""

    token: str
    objects: Mapping[str, ObjectSpec]
    apps: Any = field(default=None, compare=False, repr=False)

    def __iter__(self) -> Iterator[ObjectSpec]:
        return iter(self.objects.values())

    @property
    def live(self) -> tuple[ObjectSpec, ...]:
        return tuple(o for o in self.objects.values() if not o.retired)

    def object(self, key: str) -> ObjectSpec:
        """An object by key. Raises Missing."""
        found = self.objects.get(key)
        if found is None:
            raise Missing(
                Problem(
                    "no_such_object",
                    Text("没有对象“{k}”。", "There is no object “{k}”.").format(k=key),
                    object=key,
                )
            )
        return found

    def model(self, key: str) -> type[Model]:
        """The Django model of an object; its manager is ``objects``."""
        model = self.object(key).model
        if model is None:
            raise RuntimeError("a Snapshot that was never rendered has no models")
        return model

    def links_to(self, key: str) -> tuple[FieldSpec, ...]:
        """Every link field, of any object, that points at ``key``."""
        return tuple(f for o in self.objects.values() for f in o.fields.values() if f.target == key)

    def children(self, key: str) -> tuple[ObjectSpec, ...]:
        """The objects that are part of ``key`` (quote → quote lines)."""
        return tuple(
            o
            for o in self.objects.values()
            if o.part_of and o.fields[o.part_of].target == key and not o.retired
        )


Parts = Mapping[str, Any]  # object key → {"object": {...}, "fields": {key: {...}}}, or None


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of the catalog that was applied; ``before`` and ``after`` hold only what differs.

    ``actor_id`` is None for the system; ``undoes`` and ``undone_by`` are ids of other revisions.
    """

    id: int
    at: datetime
    actor_id: int | None
    entrance: str
    token: str
    steps: tuple[Text, ...]
    before: Parts
    after: Parts
    moved: tuple[Mapping[str, Any], ...] = ()
    undoes: int | None = None
    undone_by: int | None = None

    @property
    def objects(self) -> frozenset[str]:
        return frozenset(self.after) | frozenset(self.before)
