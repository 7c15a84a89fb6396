"""The published data, imported once for all tests here.

Where the folder is absent they did not run.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import copies
from wubu.collect.imports import actions
from wubu.kernel.types import SYSTEM

ROOT = Path(__file__).resolve().parents[2]
REALDATA = Path(os.environ.get("WUBU_REALDATA") or ROOT.parent / "shared" / "data")
MAVEN = REALDATA / "maven_crm"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the data."""
    here = Path(__file__).parent
    absent = pytest.mark.skip(reason=f"not run: no data in {REALDATA} (see WUBU_REALDATA)")
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.realdata)
            if not MAVEN.is_dir():
                item.add_marker(absent)


def read(name: str) -> list[dict[str, str]]:
    """A file as the csv module reads it: the reference, nothing of ours in between."""
    with (MAVEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def pipeline() -> list[dict[str, str]]:
    return read("sales_pipeline")


@pytest.fixture(scope="module")
def maven(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The whole folder, imported as the command does it; the database is put back afterwards."""
    with django_db_blocker.unblock():
        actions.run_folder(MAVEN, actor=SYSTEM, accept_suggestions=True)
        yield
        copies.restore()
