"""One served demo company and one browser for all journeys; a visitor per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.driver import PHONE, WIDE, Site, Visitor, browsing
from wubu.demo.staff import PASSWORD


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with browsing() as made:
        yield made


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo company, filled once and served for the whole run."""
    made = Site(tmp_path_factory.mktemp("demo"))
    yield made
    made.stop()


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """``visitor("zhangwei", phone=True, lang="en")`` is that person at that device, logged in.

    At the end no page may have complained in the console or asked another machine for anything.
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
    for person in made:
        person.close()
    assert mistakes == []
