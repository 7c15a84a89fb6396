"""Which demo companies there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from wubu.demo.industries import companies as industries
from wubu.demo.maven import maven
from wubu.demo.minghua import minghua, quietly
from wubu.demo.writing import Progress

COMPANIES: dict[str, Callable[[Progress], bool]] = {
    "demo": minghua,
    "maven": maven,
    **{key: partial(industries.build, one) for key, one in industries.COMPANIES.items()},
}


def build(company: str = "demo", progress: Progress = quietly) -> bool:
    """Fill an empty workspace with a demo company. False when somebody works there already.

    Raises Refused, saying what is missing.
    """
    return COMPANIES[company](progress)
