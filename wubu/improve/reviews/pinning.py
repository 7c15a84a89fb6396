"""Freezing the figures of a month into a review, and reading them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from wubu.improve.reviews.types import Pinned, PinnedRow
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM, Text
from wubu.measure.figures.queries import compare, dictionary, figures
from wubu.measure.metrics.types import Compared, Figures, MetricInfo
from wubu.measure.targets.queries import attainment
from wubu.measure.targets.types import Attained


def pin(month: Period, team_id: int) -> dict[str, Any]:
    """All shown metrics of the month for the company (team 0) or a team.

    Itself, its teams and its people.

    Pinned figures are whole-company truth, so they are read as the system; who may open a review is
    decided by the review.
    """
    metrics = [m for m in dictionary().metrics.values() if not (m.hidden or m.retired)]
    keys = [m.key for m in metrics]
    teams = (team_id,) if team_id else None
    wanted = attainment(SYSTEM, keys, month, "company", teams=teams).total.lines
    found = compare(SYSTEM, keys, month, teams=teams, as_of=month.last)
    return {
        "month": month.key,
        "figures": [_figure(c, wanted[c.metric.key]) for c in found],
        "teams": _rows(metrics, figures(SYSTEM, keys, month, "team", teams=teams)),
        "members": _rows(metrics, figures(SYSTEM, keys, month, "member", teams=teams)),
    }


def read(pinned: Mapping[str, Any]) -> tuple[Pinned, ...]:
    """The pinned figures, exact."""
    return tuple(
        Pinned(
            metric=f["metric"],
            label=Text.of(f["label"]),
            unit=f["unit"],
            scale=f["scale"],
            better=f["better"],
            count=f["count"],
            **{name: _exact(f[name]) for name in _NUMBERS},
        )
        for f in pinned["figures"]
    )


def read_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[PinnedRow, ...]:
    """The pinned figures of teams or members, exact."""
    return tuple(
        PinnedRow(r["id"], r["name"], {k: _exact(v) for k, v in r["values"].items()}) for r in rows
    )


_NUMBERS = (
    "value",
    "previous",
    "previous_change",
    "year_ago",
    "year_ago_change",
    "target",
    "attainment",
)


def _figure(found: Compared, wanted: Attained) -> dict[str, Any]:
    metric = found.metric
    return {
        "metric": metric.key,
        "label": metric.label.as_dict(),
        "unit": metric.unit,
        "scale": metric.scale,
        "better": metric.better,
        "value": _text(found.now.value),
        "count": found.now.count,
        "previous": _text(found.previous.value),
        "previous_change": _text(found.previous_change),
        "year_ago": _text(found.year_ago.value),
        "year_ago_change": _text(found.year_ago_change),
        "target": _text(wanted.target),
        "attainment": _text(wanted.attainment),
    }


def _rows(metrics: Sequence[MetricInfo], found: Figures) -> list[dict[str, Any]]:
    return [
        {
            "id": row.key,
            "name": row.label.zh,
            "values": {m.key: _text(row.cells[m.key].value) for m in metrics},
        }
        for row in found.rows
    ]


def _text(value: int | Decimal | None) -> str | None:
    return None if value is None else str(value)


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
