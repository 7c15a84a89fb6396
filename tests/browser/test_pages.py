"""Every page that the navigation offers opens for everybody it is offered to, at a desk and on a
phone.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.driver import Visitor

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("login", ["wangli", "liqiang", "zhangwei", "wuxia"])
def test_every_place_opens(visitor: Callable[..., Visitor], login: str) -> None:
    person = visitor(login)
    places = person.places()
    assert len(places) > 5
    for place in places:
        answer = person.page.goto(place)
        assert answer is not None
        assert answer.status == 200, place
        assert person.page.locator("h1").count() == 1, place


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_hangs_over_the_edge_of_a_phone(visitor: Callable[..., Visitor], lang: str) -> None:
    person = visitor("zhangwei", phone=True, lang=lang)
    over = {}
    for place in person.places():
        person.page.goto(place)
        beyond = person.page.evaluate(OVERFLOW)
        if beyond > 0:
            over[place] = beyond
    assert over == {}


def test_the_language_switches_and_stays(visitor: Callable[..., Visitor]) -> None:
    person = visitor("liqiang", lang="en")
    assert person.page.locator("html").get_attribute("lang") == "en"
    person.page.reload()
    assert person.page.locator("html").get_attribute("lang") == "en"
    person.speak("zh")
    assert "zh" in (person.page.locator("html").get_attribute("lang") or "")


def test_a_wrong_password_is_told_in_place(visitor: Callable[..., Visitor]) -> None:
    person = visitor()
    person.page.goto("/o/customer/")
    assert "/login" in person.page.url
    person.page.fill("input[name=login]", "zhangwei")
    person.page.fill("input[name=password]", "not this one")
    person.page.press("input[name=password]", "Enter")
    person.page.wait_for_selector("[role=alert]")
    # A refusal answers 4xx, which the browser notes in its console; that is as it should be.
    person.mistakes = [m for m in person.mistakes if "status of 4" not in m]
    person.page.fill("input[name=password]", "wubu-demo")
    person.page.press("input[name=password]", "Enter")
    person.page.wait_for_url("**/o/customer/")
