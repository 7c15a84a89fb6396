"""A card moved on one screen moves on the other, and the change is on record."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.browser.driver import Visitor

CARD = "#board [data-stage='{stage}'] [data-id]"


def test_a_moved_card_is_seen_by_the_other_within_a_second(
    visitor: Callable[..., Visitor],
) -> None:
    rep, manager = visitor("zhangwei"), visitor("liqiang")
    for person in (rep, manager):
        person.page.goto("/o/opportunity/board")
        person.page.wait_for_selector("#board [data-id]")
    mine = rep.page.eval_on_selector_all(
        "#board [data-stage] [data-id]", "c => c.map(e => e.dataset.id)"
    )
    theirs = manager.page.eval_on_selector_all(
        "#board [data-stage] [data-id]", "c => c.map(e => e.dataset.id)"
    )
    card = next(one for one in mine if one in theirs)
    stages = rep.page.eval_on_selector_all(
        "#board [data-stage]", "c => c.map(e => e.dataset.stage)"
    )
    now = stage_of(rep, card)
    target = next(s for s in stages if s not in {now, "won", "lost"})
    with rep.page.expect_response(lambda r: f"{card}/stage" in r.url) as moved:
        drag(rep, card, target)
    assert moved.value.status < 300
    began = time.monotonic()
    manager.page.wait_for_selector(
        f"#board [data-stage='{target}'] [data-id='{card}']", timeout=5000
    )
    assert time.monotonic() - began < 3  # one second on a machine with nothing else to do
    rep.page.goto(f"/o/opportunity/{card}")
    assert rep.page.get_by_text("张伟").count() > 0


def stage_of(person: Visitor, card: str) -> str:
    return str(
        person.page.eval_on_selector(
            f"#board [data-id='{card}']", "e => e.closest('[data-stage]').dataset.stage"
        )
    )


def drag(person: Visitor, card: str, stage: str) -> None:
    """By the mouse, in steps, as SortableJS wants it."""
    page = person.page
    handle = page.locator(f"#board [data-id='{card}']").first
    handle.scroll_into_view_if_needed()
    start = handle.bounding_box()
    column = page.locator(f"#board [data-stage='{stage}']").first
    end = column.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 14)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] / 2 + 12, start["y"] + 24, steps=6)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 90, steps=18)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 96, steps=4)
    page.wait_for_timeout(150)
    page.mouse.up()
