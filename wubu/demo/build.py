"""Which demo companies there are."""

from __future__ import annotations

from collections.abc import Callable

from wubu.demo.maven import maven
from wubu.demo.minghua import minghua, quietly
from wubu.demo.writing import Progress

COMPANIES: dict[str, Callable[[Progress], bool]] = {"demo": minghua, "maven": maven}


def build(company: str = "demo", progress: Progress = quietly) -> bool:
    """Fill an empty workspace with a demo company. False when somebody works there already.

    Raises Refused, saying what is missing.
    """
    return COMPANIES[company](progress)
