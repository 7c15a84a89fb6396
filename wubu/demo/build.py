"""Which demo companies there are, and building one where nobody works yet."""

from __future__ import annotations

from collections.abc import Callable

from wubu.demo.maven import maven
from wubu.demo.minghua import minghua, quietly
from wubu.demo.writing import Progress
from wubu.kernel.people.queries import members
from wubu.kernel.workspace import unit_of_work

COMPANIES: dict[str, Callable[[Progress], None]] = {"demo": minghua, "maven": maven}


def build(company: str = "demo", progress: Progress = quietly) -> bool:
    """Fill an empty workspace with a demo company. False when somebody works there already.

    Raises Refused, saying what is missing.
    """
    with unit_of_work():
        if members():
            return False
    COMPANIES[company](progress)
    return True
