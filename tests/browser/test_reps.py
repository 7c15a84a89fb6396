"""What a rep does on a phone between two customers: find, note, move on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

HITS = "#search-results [role=option]"


def test_a_follow_up_takes_three_taps(visitor: Visit) -> None:
    page = visitor("zhang_wei", phone=True).page
    page.goto("/o/customer/")
    page.get_by_role("link", name="苏州恒力仪表有限公司").first.tap()
    page.wait_for_url(re.compile(r"/o/customer/\d+$"))
    page.locator("#note label", has_text="微信").tap()  # 1: how
    page.locator("#note label", has_text="3 天后").tap()  # 2: when next
    page.locator("#note textarea").focus()
    page.keyboard.type("样机已收到，下周安排联调。")
    page.locator("#note").get_by_role("button", name="记录").tap()  # 3: done
    note = page.locator(".w-timeline .is-note", has_text="样机已收到").first
    expect(note).to_contain_text("微信")
    expect(note).to_contain_text("下次跟进时间")
    expect(note).to_contain_text("张伟")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("恒力", "苏州恒力仪表有限公司"),  # part of the name
        ("szhl", "苏州恒力仪表有限公司"),  # pinyin initials
        ("5678", "陈建国"),  # the tail of a phone number
    ],
)
def test_the_search_box_finds_anybody(visitor: Visit, typed: str, found: str) -> None:
    page = visitor("zhang_wei").page
    page.keyboard.press("/")
    page.keyboard.type(typed)
    expect(page.locator(HITS, has_text=found).first).to_be_visible()
    choose(page, found)
    expect(page.get_by_role("heading", level=1)).to_have_text(found)


def choose(page: Page, found: str) -> None:
    """By arrows and Enter."""
    for _ in range(8):
        page.keyboard.press("ArrowDown")
        if page.locator(f"{HITS}[aria-selected=true]", has_text=found).count():
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_search_shows_nobody_elses(visitor: Visit) -> None:
    page = visitor("zhang_wei").page
    page.keyboard.press("/")
    page.keyboard.type("szqh")  # 深圳前海机器人, somebody else's
    expect(page.locator("#search-results")).to_contain_text("没有找到")
    assert page.locator(HITS).count() == 0
