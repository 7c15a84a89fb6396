"""A month ends: closed, reviewed with pinned figures, acted upon, signed."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_close_review_act_sign(visitor: Visit) -> None:
    person = visitor("wang_li")
    page = person.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/review/")
    page.locator("#p-closing").get_by_role("button", name="关账").click()
    page.wait_for_url(re.compile(r"/review/\d+$"))
    pinned = page.locator("#p-pinned")
    # 8 contracts, 30,000 + 12,500 n + 1 each
    expect(pinned.locator("tr", has_text="销售额（签约）")).to_contain_text("¥590,008.00")
    page.get_by_role("button", name="签字结束").click()
    expect(page.get_by_role("alert").first).to_be_visible()  # not without a finding
    person.forgive("status of 422")
    prose = page.locator("#p-prose")
    prose.locator("[name=findings]").fill("签约额超出目标，回款偏慢。")
    prose.locator("[name=causes]").fill("两家客户验收延期。")
    prose.locator("[name=decisions]").fill("每周跟进验收。")
    prose.get_by_role("button", name="保存").click()
    expect(page.locator("#p-prose [name=findings]")).to_have_value("签约额超出目标，回款偏慢。")
    form = page.locator("#p-new-action")
    form.locator("[name=title]").fill("每周五核对未验收合同")
    form.locator("[name=owner_id]").select_option(label="李强")
    form.locator("[name=due_on]").fill("2031-01-15")
    form.locator("[name=metric_key]").select_option(label="回款额")
    form.get_by_role("button", name="添加").click()
    expect(page.locator("#p-actions")).to_contain_text("每周五核对未验收合同")
    page.get_by_role("button", name="签字结束").click()
    expect(page.locator("main")).to_contain_text("王立 于")
    expect(page.locator("#p-new-action")).to_have_count(0)
    page.goto("/review/")
    expect(page.locator("#p-reviews")).to_contain_text("已签字")
    expect(page.locator("#p-actions")).to_contain_text("李强")
