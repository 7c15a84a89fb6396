"""One served company and one browser for all journeys; a visitor per test."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.driver import PHONE, ROOT, WIDE, Site, Visitor, browsing, fill
from tests.cast import PASSWORD

Visit = Callable[..., Visitor]
FAILED = pytest.StashKey[bool]()
PICTURES = ROOT / "var" / "journeys"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)  # a test machine may be busy with other things
    with browsing() as made:
        yield made


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The small company, filled once and served for the whole run."""
    home = tmp_path_factory.mktemp("company")
    fill(home)
    made = Site(home, "serve")
    yield made
    made.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash.setdefault(FAILED, False)
    item.stash[FAILED] |= report.failed
    return report


@pytest.fixture
def visitor(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """``visitor("zhang_wei", phone=True, lang="en")`` is that person at that device, logged in.

    A test that failed leaves a picture of each page in var/journeys. At the end no page may have
    complained in the console or asked another machine for anything.
    """
    made: list[Visitor] = []

    def visit(login: str = "", *, phone: bool = False, lang: str = "zh") -> Visitor:
        device: dict[str, Any] = PHONE if phone else WIDE
        person = Visitor(browser, site, device, lang)
        made.append(person)
        if login:
            person.login(login, PASSWORD)
            person.speak(lang)
        return person

    yield visit
    mistakes = [mistake for person in made for mistake in person.mistakes]
    if request.node.stash.get(FAILED, False):
        PICTURES.mkdir(parents=True, exist_ok=True)
        for number, person in enumerate(made):
            name = re.sub(r"\W+", "-", request.node.name)
            person.page.screenshot(path=PICTURES / f"{name}{number}.png")
    for person in made:
        person.close()
    assert mistakes == []
