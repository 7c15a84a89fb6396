"""The guided tour: five steps, by keyboard too, and it comes back from the menu."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit


@pytest.mark.parametrize("phone", [False, True])
def test_the_tour_has_five_steps_and_comes_back(visitor: Visit, phone: bool) -> None:
    page = visitor("zhang_wei", phone=phone).page
    page.locator(".w-me").click()
    page.get_by_role("link", name="五步导览").click()
    card = page.locator(".w-tour-card")
    for number in range(1, 6):
        card.get_by_text(f"{number} / 5").wait_for()
        box = card.bounding_box()
        size = page.viewport_size
        assert box
        assert size
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size["height"]
        page.keyboard.press("ArrowRight")
    card.wait_for(state="detached")
    page.goto("/?tour=1")
    card.wait_for()
    page.keyboard.press("Escape")
    card.wait_for(state="detached")
