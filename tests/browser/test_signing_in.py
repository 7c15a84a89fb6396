"""The door: in, refused, and back in without losing what was typed."""

from __future__ import annotations

import re

from tests.browser.conftest import Visit
from tests.cast import PASSWORD


def test_a_wrong_password_is_told_in_place(visitor: Visit) -> None:
    person = visitor()
    page = person.page
    page.goto("/o/customer/")
    assert "/login" in page.url
    page.fill("input[name=login]", "zhang_wei")
    page.fill("input[name=password]", "not this one")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("[role=alert]")
    person.forgive("status of 422")  # the browser notes every refusal in its console
    assert page.input_value("input[name=login]") == "zhang_wei"
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/o/customer/")


def test_an_expired_login_keeps_what_was_typed(visitor: Visit) -> None:
    person = visitor("zhang_wei")
    page = person.page
    page.goto("/o/lead/new")
    page.fill("#f-name", "钱多多")
    page.fill("#f-company", "苏州新区检测中心")
    page.wait_for_timeout(400)  # the draft is kept a moment after the last key
    person.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url("**/login**")
    page.fill("input[name=login]", "zhang_wei")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/o/lead/new")
    page.get_by_role("button", name="恢复草稿").click()
    assert page.input_value("#f-name") == "钱多多"
    assert page.input_value("#f-company") == "苏州新区检测中心"
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(re.compile(r"/o/lead/\d+$"))
    page.get_by_role("heading", name="钱多多").wait_for()
    page.goto("/o/lead/new")
    assert page.locator("[data-draft-bar]").is_hidden()  # what is saved is no draft any more
