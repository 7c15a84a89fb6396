"""What the catalog says of one field. It stands beside the contract, as a field knows its type."""

from __future__ import annotations

from wubu.kernel.fields.base import Choice, FieldSpec

__all__ = ["Choice", "FieldSpec"]
