"""An aggregate over all rows of a SELECT, exact and within limits on either database."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField
from django.db.models.expressions import Func

from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.exact import LIMIT
from wubu.kernel.formula.outputs import output_field
from wubu.kernel.formula.typed import Linked

EMPTY: dict[str, Any] = {"SUM": 0, "COUNT": 0, "COUNTDISTINCT": 0, "EXISTS": False}


class Aggregate(Func):
    """Without grouping, so that there is always exactly one row."""

    def __init__(self, agg: str, type_: ValueType, value: Any, scale: int = 0) -> None:
        self.agg = agg
        self.type = type_
        self.scale = scale  # of the value
        super().__init__(*(() if value is None else (value,)), output_field=output_field(type_))

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        pg = connection.vendor == "postgresql"
        sources = self.get_source_expressions()
        text, params = compiler.compile(sources[0]) if sources else ("*", ())
        before, after = _around(self.agg, self.type, self.type.scale - self.scale, pg)
        return f"{before}{text}{after}", tuple(params)


def _around(agg: str, type_: ValueType, lift: int, pg: bool) -> tuple[str, str]:
    """What is written before and after the value; ``lift`` are the decimals that it gains."""
    match agg:
        case "COUNT":
            return "COUNT(", ")"
        case "EXISTS":
            return "(COUNT(", ") > 0)"
        case "COUNTDISTINCT":
            return "COUNT(DISTINCT ", ")"
        case "SUM":
            if pg:
                return _within("COALESCE(SUM((", ")::numeric), 0)")
            return "NULLIF(COALESCE(wubu_sum(", f"), 0), {LIMIT})"
        case "AVERAGE":
            ten = f"{10**lift}.{'0' * 24}" if lift >= 0 else f"0.{'1'.rjust(-lift, '0')}{'0' * 24}"
            times = f")::numeric * {ten}), 0)"
            return _within("ROUND(AVG((", times) if pg else ("wubu_average(", f", {lift})")
    ending = ' COLLATE "C")' if pg and type_.kind in {"text", "choice"} else ")"
    return f"{agg}((", f"){ending}"


def _within(before: str, after: str) -> tuple[str, str]:
    """NULL for what is too large to keep."""
    limits = f", {LIMIT}), {LIMIT}), {-LIMIT}), {-LIMIT})"
    return f"NULLIF(GREATEST(NULLIF(LEAST({before}", f"{after}{limits}"


class Held(Func):
    """Whether a row is one of those that a link to many of ``owner`` holds."""

    conditional = True

    def __init__(self, linked: Linked, owner: Any) -> None:
        self.linked = linked
        super().__init__("id", owner, output_field=BooleanField())

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        (id_, id_params), (owner, owner_params) = map(
            compiler.compile, self.get_source_expressions()
        )
        pairs = self.linked
        text = (
            f'{id_} IN (SELECT pairs."{pairs.there}" FROM "{pairs.table}" AS pairs '  # noqa: S608 - keys of the catalog
            f'WHERE pairs."{pairs.here}" = {owner})'
        )
        return text, (*id_params, *owner_params)
