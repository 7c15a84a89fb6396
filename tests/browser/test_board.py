"""A card moved on one screen moves on the other, and the change is on record."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.driver import Visitor


def test_a_moved_card_is_seen_by_the_other_within_a_second(visitor: Visit) -> None:
    rep, manager = visitor("zhang_wei"), visitor("li_qiang")
    for person in (rep, manager):
        person.page.goto("/o/opportunity/board")
        person.page.wait_for_selector("#board [data-id]")
    card = first_card(rep, "prospecting")
    manager.page.wait_for_timeout(600)  # the stream is open before anything moves
    with rep.page.expect_response(lambda r: f"{card}/stage" in r.url) as moved:
        drag(rep, card, "proposal")
    assert moved.value.status < 300
    began = time.monotonic()
    manager.page.wait_for_selector(f"[data-stage=proposal] [data-id='{card}']", timeout=5000)
    assert time.monotonic() - began < 2.5  # a second on a machine with nothing else to do
    rep.page.goto(f"/o/opportunity/{card}")
    newest = rep.page.locator(".w-timeline .is-change").first
    for said in ("张伟", "修改", "阶段", "初步接洽", "方案报价"):
        expect(newest).to_contain_text(said)


def test_a_lost_deal_asks_for_the_reason(visitor: Visit) -> None:
    rep = visitor("liu_yang")
    page = rep.page
    page.goto("/o/opportunity/board")
    card = first_card(rep, "negotiation")
    to_lost(rep, card)
    page.locator("#loss").get_by_role("button", name="取消").click()
    expect(page.locator(f"[data-stage=negotiation] [data-id='{card}']")).to_be_visible()
    to_lost(rep, card)
    page.locator("#loss").get_by_role("button", name="确定").click()
    expect(page.locator("#loss")).to_be_visible()  # not without a reason
    page.locator("#loss label", has_text="交期太长").click()
    with page.expect_response(lambda r: f"{card}/stage" in r.url):
        page.locator("#loss").get_by_role("button", name="确定").click()
    expect(page.locator(f"[data-stage=lost] [data-id='{card}']")).to_be_visible()
    page.goto(f"/o/opportunity/{card}")
    expect(page.locator(".w-timeline .is-change").first).to_contain_text("交期太长")


def test_a_card_goes_by_keyboard_and_keeps_the_focus(visitor: Visit) -> None:
    rep = visitor("liu_yang")
    page = rep.page
    page.goto("/o/opportunity/board")
    card = first_card(rep, "prospecting")
    title = page.locator(f"#card-{card} .w-card-title")
    title.focus()
    with page.expect_response(lambda r: f"{card}/stage" in r.url):
        page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(f"[data-stage=engaging] [data-id='{card}']")).to_be_visible()
    expect(title).to_be_focused()
    with page.expect_response(lambda r: f"{card}/stage" in r.url):
        page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator(f"[data-stage=prospecting] [data-id='{card}']")).to_be_visible()


def first_card(person: Visitor, stage: str) -> str:
    found = person.page.locator(f"#board [data-stage={stage}] [data-id]").first
    found.wait_for()
    return found.get_attribute("data-id") or ""


def to_lost(person: Visitor, card: str) -> None:
    """By the card's menu, as on a phone or with the keyboard."""
    person.page.locator(f"#card-{card} [data-card-menu]").click()
    person.page.locator("#moves [data-move=lost]").click()
    expect(person.page.locator("#loss")).to_be_visible()


def drag(person: Visitor, card: str, stage: str) -> None:
    """By the mouse, in steps, as SortableJS wants it."""
    page = person.page
    handle = page.locator(f"#board [data-id='{card}']").first
    handle.scroll_into_view_if_needed()
    start = handle.bounding_box()
    end = page.locator(f"#board [data-stage='{stage}']").first.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 14)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] / 2 + 12, start["y"] + 24, steps=6)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 90, steps=18)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 96, steps=4)
    page.wait_for_timeout(150)
    page.mouse.up()
