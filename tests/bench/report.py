"""The table: what was reached beside the bar, the floor, and the cost at M beside that at S."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence

from tests.bench.sizes import GROWTH_BAR
from tests.bench.timing import Result

COLUMNS = ("job", "median", "p95", "cpu", "floor", "ratio", "bare", "ratio", "bar", "÷ S")
HEAD = "{:<44} {:>10} {:>9} {:>9} {:>9} {:>7} {:>9} {:>7} {:>9} {:>6}  {}"


def machine() -> str:
    """The machine in one line."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            model = next(x.split(":")[1].strip() for x in lines if x.startswith("model name"))
        with open("/proc/meminfo", encoding="ascii") as lines:
            memory = f", {int(next(lines).split()[1]) / 2**20:.0f} GiB"
    except (OSError, StopIteration):
        memory = ""
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return (
        f"{os.cpu_count()} × {model}{memory}, {platform.system()}, "
        f"Python {platform.python_version()}; load {load}"
    )


def table(title: str, results: Sequence[Result], smaller: Sequence[Result]) -> str:
    """One database at one size; ``smaller`` are the results at S, for the growth."""
    before = {r.label: r for r in smaller}
    lines = [
        "",
        title,
        HEAD.format(
            "job", "median", "p95", "cpu", "floor", "ratio", "bare", "ratio", "bar", "÷ S", ""
        ),
    ]
    for r in results:
        was = before.get(r.label)
        growth = r.value / was.value if was and was.value and not r.unit.endswith("/s") else None
        lines.append(
            HEAD.format(
                r.label[:44],
                number(r.value, r.unit),
                number(r.p95),
                number(r.busy),
                number(r.floor),
                f"×{r.ratio:.1f}" if r.ratio else "",
                number(r.bare),
                f"×{r.to_bare:.1f}" if r.to_bare else "",
                _bar(r),
                f"{growth:.2f}" if growth else "",
                _verdict(r, growth),
            )
        )
    return "\n".join(lines)


def _bar(r: Result) -> str:
    if r.ratio_bar is not None:
        return f"≤ ×{r.ratio_bar:.0f}"
    return ("≥" if r.at_least else "≤") + number(r.bar) if r.bar else ""


def _verdict(r: Result, growth: float | None) -> str:
    said = []
    if r.reached is not None:
        said.append("ok" if r.reached else "SHORT")
    if r.grows and growth is not None and growth > GROWTH_BAR:
        said.append(f"grows > {GROWTH_BAR}")
    if r.note:
        said.append(r.note)
    return ", ".join(said)


def number(value: float | None, unit: str = "ms") -> str:
    """Three digits or so; the unit where it is not milliseconds."""
    if value is None:
        return ""
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
    return shown if unit == "ms" else f"{shown} {unit}"
