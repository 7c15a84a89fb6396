"""Definitions as callers write them: the same words as in packs, with their types and limits."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model

from wubu.kernel.definitions.base import Field as Declared
from wubu.kernel.definitions.definition import Definition
from wubu.web.api.setup.catalog import Label
from wubu.web.api.values import Strict

Formula = Annotated[str, Field(max_length=4_000, description="in the one language")]


class Written(Strict):
    def written(self) -> dict[str, Any]:
        """As a pack writes it: only what was given."""
        return self.model_dump(exclude_unset=True)


def written(raw: BaseModel) -> dict[str, Any]:
    """What a caller sent of a definition, as it was sent."""
    return raw.model_dump(exclude_unset=True)


def body(definition: Definition, name: str) -> type[BaseModel]:
    """What a caller sends for a definition.

    The schema tells types and limits; what does not keep to them is refused by the definition, in
    its own words and about everything at once.
    """
    made: dict[str, Any] = {}
    for one in definition.fields:
        of = getattr(one, "of", "")
        for key in one.keys:
            kind = one.schema() if key == one.name else {"type": "string", "maxLength": 63}
            said = _description(one) if key == one.name else f"the key of the {of}"
            schema = {**kind, "title": str(one.label.en), "description": said}
            if one.default is not None and key == one.name:
                schema["default"] = one.default
            made[key] = (Annotated[Any, WithJsonSchema(schema)], None)
    needed: list[Any] = [f.name for f in definition.fields if f.required]
    config = ConfigDict(
        extra="allow",
        json_schema_extra={"required": needed, "additionalProperties": False},
    )
    found: type[BaseModel] = create_model(
        name, __config__=config, __doc__=definition.help.en or None, **made
    )
    return found


def _description(one: Declared) -> str:
    parts = (one.label.en, one.help.en, one.form.en)
    return "; ".join(p for p in parts if p)


class GrantDefinition(Strict):
    object: str = Field(max_length=63, description="object key, * for every one")
    actions: list[Annotated[str, Field(max_length=20)]] = Field(max_length=20)
    rows: Literal["own", "team", "team_below", "all", "shared", "condition"]
    condition: Formula = ""
    without: list[Annotated[str, Field(max_length=20)]] = Field(
        default_factory=list,
        max_length=20,
        description="viewing brings printing, creating copying, editing bulk editing, save these",
    )


class RoleDefinition(Written):
    label: Label
    description: Label | None = None
    grants: list[GrantDefinition] = Field(default_factory=list, max_length=400)
    fields: dict[str, dict[str, Literal["hidden", "masked", "read", "write"]]] = Field(
        default_factory=dict, max_length=200
    )
    setup: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=30)
    performance: Literal["own", "team", "team_below", "all"] | None = None
