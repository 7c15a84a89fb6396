"""The owner shapes the program: an object of their own, the days of an alert."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_an_object_of_ones_own(visitor: Visit) -> None:
    page = visitor("wang_li").page
    page.goto("/setup/objects")
    page.get_by_role("link", name="新对象").click()
    page.fill("#f-zh", "样机借用")
    page.fill("#f-en", "Loan unit")
    page.fill("#f-key", "loan_unit")
    page.get_by_role("button", name="查看变更").click()
    expect(page.locator(".w-plan")).to_contain_text("样机借用")
    page.get_by_role("button", name="应用").click()
    page.wait_for_url("**/setup/objects/loan_unit")
    page.get_by_role("link", name="加字段").click()
    page.locator(".w-type", has=page.locator("input[value=date]")).click()
    page.fill("#f-zh", "归还日期")
    page.fill("#f-en", "Due on")
    page.locator(".w-field-form summary", has_text="说明、默认值与格式规则").click()
    page.fill("#f-key", "due_on")
    page.locator(".w-field-form").get_by_role("button", name="查看变更").click()
    expect(page.locator(".w-plan")).to_contain_text("归还日期")
    page.get_by_role("button", name="应用").click()
    page.wait_for_url("**/setup/objects/loan_unit")
    page.get_by_role("link", name="打开列表").click()
    page.get_by_role("link", name="新建样机借用").first.click()
    page.fill("#f-name", "P200 样机一号")
    page.fill("#f-due_on", "2030-05-01")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(re.compile(r"/o/loan_unit/\d+$"))
    expect(page.locator("main")).to_contain_text("2030年5月1日")
    page.goto("/o/loan_unit/")
    expect(page.locator("#rows")).to_contain_text("P200 样机一号")
    expect(page.locator("nav.w-nav a[href='/o/loan_unit/']")).to_have_count(1)


def test_the_days_of_an_alert(visitor: Visit) -> None:
    page = visitor("wang_li").page
    page.goto("/setup/alerts")
    page.locator("#p-alerts tr", has_text="未跟进").get_by_role("link").first.click()
    page.fill("#f-param_days", "45")
    page.get_by_role("button", name="保存", exact=True).first.click()
    page.wait_for_url("**/setup/alerts")
    expect(page.locator("#p-alerts")).to_contain_text("超过 45 天未跟进")


def test_a_role_is_designed_on_a_phone(visitor: Visit) -> None:
    page = visitor("wang_li", phone=True).page
    page.goto("/setup/roles/sales_rep")
    card = page.locator('.w-matrix [data-object="product"]')
    expect(card.locator("select").first).to_be_hidden()  # in words until it is opened
    page.fill("[data-find-object]", "产品")
    expect(page.locator(".w-matrix tbody:visible")).to_have_count(1)
    card.locator(".w-matrix-open").click()
    card.locator('[name="product:create"]').select_option("own")
    expect(card.locator(".w-matrix-said")).to_contain_text("新建")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".w-toast")).to_contain_text("角色已保存")
    expect(card.locator(".w-matrix-said")).to_contain_text("新建")
