"""What the catalog says of one field. Field types read it without the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wubu.kernel.types import Text

if TYPE_CHECKING:
    from wubu.kernel.fields.base import FieldType

FIELD_TYPES: dict[str, FieldType] = {}  # by key; filled by the registry


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a choice or stage field.

    For a stage, ``probability`` is a ratio 0–1 and ``outcome`` says how the record ended there
    (``won``, ``lost``) or is empty while it is open.
    """

    key: str
    label: Text
    color: str = ""
    retired: bool = False
    probability: float | None = None
    outcome: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of one object. ``key`` is permanent and is the column; the label is free."""

    object: str
    key: str
    type: str
    label: Text
    required: bool = False
    unique: bool = False
    position: int = 0
    help: Text | None = None
    default: Any = None
    choices: tuple[Choice, ...] = ()
    target: str = ""  # the object a link points at
    options: Mapping[str, Any] = field(default_factory=dict)  # type-specific, see the field types
    retired: bool = False
    source: FieldSpec | None = field(default=None, compare=False, repr=False)  # of a look-up

    @property
    def kind(self) -> FieldType:
        """Its field type, which knows how it behaves. Ask that, never for the name of the type.

        A type that does not exist is refused by the check of the schema; until then it is a text.
        """
        return FIELD_TYPES.get(self.type) or FIELD_TYPES["text"]

    def choice(self, key: str | None) -> Choice | None:
        return next((c for c in self.choices if c.key == key), None)
