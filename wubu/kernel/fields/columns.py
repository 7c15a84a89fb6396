"""Database columns that Django does not have: several keys or file ids in one cell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    TextColumn = models.TextField[Any, Any]
else:
    TextColumn = models.TextField


class KeysColumn(TextColumn):
    """A tuple of choice keys, stored as ``|a|b|`` so that ``LIKE '%|a|%'`` finds one."""

    def from_db_value(self, value: str | None, *_: Any) -> tuple[str, ...] | None:
        return None if value is None else tuple(value.strip("|").split("|"))

    def to_python(self, value: Any) -> Any:
        return self.from_db_value(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return f"|{'|'.join(value)}|" if value else None
        return value


class IdsColumn(models.JSONField):
    """A tuple of file ids, stored as a JSON list."""

    def from_db_value(
        self, value: str | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> tuple[int, ...] | None:
        if value is None:
            return None
        found = json.loads(value) if isinstance(value, str) else value
        return tuple(found) or None

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        if isinstance(value, tuple):
            value = list(value) or None
        return super().get_db_prep_value(value, connection, prepared)
