"""A workspace of release 0.1.0 in the place of the test database; see ``releases/0.1.0.py.txt``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from tests import copies
from wubu.kernel.workspace import unit_of_work
from wubu.upgrade.plan import look
from wubu.upgrade.run import run

RELEASES = Path(__file__).parent / "releases"


def quiet(zh: str, en: str) -> None:
    """Says nothing."""


@pytest.fixture(autouse=True)
def spring() -> Iterator[None]:
    """The day on which it was last used: noon in Shanghai."""
    with time_machine.travel(datetime(2026, 3, 15, 4, tzinfo=UTC)):
        yield


@pytest.fixture
def old(transactional_db: None) -> None:
    """As the release left it. The tests' own database comes back afterwards."""
    _place_old()


@pytest.fixture
def upgraded(transactional_db: None) -> Iterator[None]:
    """Upgraded to this program, in one unit of work with the test. The upgrade itself is made once
    in a run; what follows gets a copy.
    """
    if copies.has("upgraded"):
        copies.restore("upgraded")
    else:
        _place_old()
        run(look(), say=quiet)
        copies.keep("upgraded")
    with unit_of_work():
        yield


def _place_old() -> None:
    if copies.has("release"):
        copies.restore("release")
    else:
        copies.replace(RELEASES, "0.1.0")
        copies.keep("release")
