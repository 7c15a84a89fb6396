"""A piece of a value as a database expression, for the index that serves a search by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from wubu.kernel.fields.base import FIELD_TYPES

if TYPE_CHECKING:
    from django.db.models.expressions import Func as Base
else:
    Base = models.Func


class Piece(Base):
    """What formulas write for ``{address.city}``; the index must hold the very same expression."""

    def __init__(self, column: str, kind: str, key: str) -> None:
        super().__init__(column, output_field=models.TextField())
        self.kind, self.key = kind, key

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        part = FIELD_TYPES[self.kind].part(self.key)
        if part is None:
            raise AssertionError("an index is made of pieces that there are")
        text, params = compiler.compile(self.get_source_expressions()[0])
        template = part.postgresql if connection.vendor == "postgresql" else part.sqlite
        return template.replace("{0}", text), tuple(params)
