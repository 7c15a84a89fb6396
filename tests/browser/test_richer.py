"""Richer inputs by hand: an address by pinyin; a visit with place, photo and signature."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.batteries.fields.thing import PIXEL
from tests.browser.conftest import Visit


def test_an_address_by_keyboard_alone(visitor: Visit) -> None:
    page = visitor("zhang_wei").page
    page.goto("/o/customer/2/edit")
    page.locator("[name='address:province']").focus()
    page.keyboard.type("gds")
    expect(page.locator("[data-suggest=province] [role=option]")).to_have_text(["广东省"])
    page.keyboard.press("Tab")  # the only one that it can be
    page.keyboard.type("深圳")
    expect(page.locator("[data-suggest=city] [role=option]")).to_have_text(["深圳市"])
    page.keyboard.press("Tab")
    page.keyboard.type("nsq")
    expect(page.locator("[data-suggest=district] [role=option]")).to_have_text(["南山区"])
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("科技园路1号")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/o/customer/2$"))
    expect(page.locator("main")).to_contain_text("广东省深圳市南山区科技园路1号")


def test_a_visit_on_a_phone(visitor: Visit) -> None:
    person = visitor("zhang_wei", phone=True)
    page = person.page
    person.context.grant_permissions(["geolocation"])
    person.context.set_geolocation({"latitude": 31.2304, "longitude": 121.4737})
    page.goto("/o/visit/new?customer=1")
    page.fill("#f-purpose", "现场调试")
    page.fill("#f-planned_at", "2026-03-02T10:00")
    page.locator("[data-here]").tap()
    expect(page.locator("[name='place:lat']")).to_have_value("31.230400")
    page.fill("[name='place:label']", "东门")
    page.set_input_files("#f-photos", {"name": "a.png", "mimeType": "image/png", "buffer": PIXEL})
    expect(page.locator(".w-picture img")).to_have_count(1)
    page.locator("[data-sign]").tap()
    pad = page.locator(".w-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 20 + step * 12, box["y"] + 60 + (20 if step % 2 else -20))
    page.mouse.up()
    page.locator("[data-sign-done]").tap()
    expect(page.locator(".w-signed img")).to_have_count(1)
    page.get_by_role("button", name="保存", exact=True).tap()
    page.wait_for_url(re.compile(r"/o/visit/\d+$"))
    expect(page.locator("main")).to_contain_text("东门")
    expect(page.locator(".w-shots img")).to_have_count(2)
    expect(page.locator(".w-shots.is-signature small")).to_contain_text("张伟")
    # Nothing is wider than the phone.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
