"""What a pack may say, as typed models. Sections of the rooms above are theirs to check."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from wubu.kernel.fields.base import FIELD_TYPES, FieldType

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Scope = Literal["own", "team", "team_below", "all", "shared", "condition"]
Action = Literal[
    "view",
    "create",
    "edit",
    "delete",
    "copy",
    "import",
    "export",
    "print",
    "bulk_edit",
    "share",
    "transfer",
    "stage",
    "approve",
]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Words(Strict):
    """The same words in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class ChoiceDef(Strict):
    label: Words
    color: str = ""
    retired: bool = False
    probability: float | int | None = Field(default=None, ge=0, le=1)
    outcome: Literal["", "won", "lost"] = ""
    parent: str = ""
    options: dict[str, Any] = Field(default_factory=dict)


class FieldDef(Strict):
    type: str
    label: Words
    required: bool = False
    unique: bool = False
    help: Words | None = None
    default: Any = None
    choices: dict[Key, ChoiceDef] = Field(default_factory=dict)
    target: str = ""
    options: dict[str, Any] = Field(default_factory=dict)
    retired: bool = False

    @property
    def kind(self) -> FieldType:
        """As ``FieldSpec.kind``; an unknown type is refused by the check."""
        return FIELD_TYPES.get(self.type) or FIELD_TYPES["text"]


class SectionDef(Strict):
    """One section of the form."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    label: Words
    fields: list[str] = Field(min_length=1)


class PanelDef(Strict):
    """One list of related records on the record page."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    object: str
    via: str
    columns: list[str] = Field(default_factory=list)


class ObjectDef(Strict):
    label: Words
    plural: Words | None = None
    icon: str = ""
    group: str = ""
    position: int | None = None
    roles: dict[str, str] = Field(default_factory=dict)
    part_of: str = ""
    fields: dict[Key, FieldDef]
    columns: list[str] = Field(default_factory=list, alias="list")
    form: list[SectionDef] = Field(default_factory=list)
    panels: list[PanelDef] = Field(default_factory=list)
    options: dict[str, Any] = Field(default_factory=dict)
    retired: bool = False


class GrantDef(Strict):
    """Actions on an object (or ``*``) for some rows."""

    object: str
    actions: list[Action] = Field(min_length=1)
    rows: Scope = "own"
    condition: str = ""
    without: list[Action] = Field(default_factory=list)  # of what these actions bring along


class RoleDef(Strict):
    label: Words
    description: Words | None = None
    grants: list[GrantDef] = Field(default_factory=list)
    fields: dict[str, dict[str, Literal["hidden", "masked", "read", "write"]]] = Field(
        default_factory=dict
    )
    setup: list[str] = Field(default_factory=list)
    performance: Literal["", "own", "team", "team_below", "all"] = ""


class PackDef(BaseModel):
    """The parts that the kernel installs; other sections pass through."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    pack: Key
    version: int = Field(ge=1)
    label: Words
    description: Words | None = None
    extends: str = ""
    based_on: dict[Key, int] = Field(default_factory=dict)
    objects: dict[Key, ObjectDef] = Field(default_factory=dict)
    roles: dict[Key, RoleDef] = Field(default_factory=dict)
