"""A form is designed with a condition and a linkage, then filled in by keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit


def tab_to(page: Page, wanted: str, most: int = 60) -> None:
    """Press Tab until the focus is on what a selector names."""
    for _ in range(most):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard never came to {wanted}")


def design(page: Page) -> None:
    """Competitor shows in negotiation only; next step is the customer's region."""
    page.goto("/setup/objects/opportunity/forms")
    page.fill("[name=zh]", "键盘录入")
    page.get_by_role("button", name="开始设计").click()
    page.locator(".w-slot[aria-label=竞争对手]").click()
    box = page.locator(".w-properties .w-field", has_text="显示条件").locator("textarea")
    box.fill('{阶段} = "商务谈判"')
    page.locator(".w-slot[aria-label=下一步]").click()
    link = page.locator(".w-properties details", has_text="自动带入")
    link.locator("summary").click()
    link.locator("select").first.select_option("customer")
    link.get_by_label("取哪个字段").select_option("region")
    link.get_by_role("button", name="并且").click()
    expect(link.get_by_label("条件", exact=True)).to_have_value("{id} = {form.customer}")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-state]")).to_have_text("第 1 版")


def test_designed_and_filled_in_by_keyboard_alone(visitor: Visit) -> None:
    boss, rep = visitor("wang_li"), visitor("zhang_wei")
    design(boss.page)
    page = rep.page
    page.goto("/o/opportunity/new")
    expect(page.locator("[data-field=competitor]")).to_be_hidden()
    tab_to(page, "#f-name")
    page.keyboard.type("键盘商机")
    tab_to(page, "#f-customer")
    page.keyboard.type("恒力")
    expect(page.locator(".w-combo-list:not([hidden]) [role=option]").first).to_contain_text("恒力")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    # The linkage fills in the region of the customer.
    expect(page.locator("#f-next_step")).to_have_value(re.compile(".+"))
    tab_to(page, "#f-stage")
    for _ in range(3):  # to 商务谈判
        page.keyboard.press("ArrowDown")
    expect(page.locator("[data-field=competitor]")).to_be_visible()
    tab_to(page, "#f-competitor")
    page.keyboard.type("某同行")
    expect(page.locator("[data-kept]")).to_contain_text("草稿已保存")
    # The tab is closed, and what was typed is there again.
    page.goto("about:blank")
    page.goto("/o/opportunity/new")
    tab_to(page, "[data-draft-offer] a")
    page.keyboard.press("Enter")
    expect(page.locator("#f-competitor")).to_have_value("某同行")
    expect(page.locator("#f-name")).to_have_value("键盘商机")
    tab_to(page, "#f-amount")
    page.keyboard.type("12万")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/o/opportunity/\d+"))
    expect(page.get_by_role("heading", level=1)).to_have_text("键盘商机")
    page.goto("/o/opportunity/new")
    # What is saved is no draft any more; others that this person began may still be offered.
    expect(page.locator("[data-draft-offer]", has_text="键盘商机")).to_have_count(0)


def test_the_designer_by_keyboard(visitor: Visit) -> None:
    page = visitor("wang_li").page
    page.goto("/setup/objects/lead/forms")
    page.fill("[name=zh]", "线索")
    page.get_by_role("button", name="开始设计").click()
    first = page.locator(".w-slot").first
    name = first.get_attribute("aria-label")
    first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".w-slot").nth(1)).to_have_attribute("aria-label", name or "")
    expect(page.locator(".w-slot").nth(1)).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator(".w-slot").first).to_have_attribute("aria-label", name or "")
    page.locator(".w-slot").first.focus()
    page.keyboard.press("Delete")
    expect(page.locator(".w-palette")).to_contain_text(name or "")
    page.get_by_role("button", name="手机预览").click()
    expect(page.locator(".w-design-preview .w-field").first).to_be_visible()


def test_cells_of_a_spreadsheet_are_pasted_into_lines(visitor: Visit) -> None:
    page = visitor("zhang_wei").page
    page.goto("/o/quote/new")
    lines = page.locator("[data-lines=quote_line]")
    lines.get_by_role("button", name="加一行").click()
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste',
          {clipboardData: data, bubbles: true, cancelable: true})); }""",
        "GTX Pro\t3\t1200\nMG Advanced\t2\t1000\n",
    )
    expect(lines.locator("[data-line]")).to_have_count(2)
    expect(lines.locator("[data-sum=amount]")).to_contain_text("5,600.00")
    lines.locator("input[name$=':quantity']").first.focus()
    page.keyboard.press("ArrowDown")
    expect(lines.locator("input[name$=':quantity']").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+Delete")
    expect(lines.locator("[data-line]")).to_have_count(1)


def test_quick_create_from_a_link_field(visitor: Visit) -> None:
    page = visitor("zhang_wei").page
    page.goto("/o/opportunity/new")
    page.fill("#f-name", "新客户的商机")
    page.locator("#f-customer").press_sequentially("全新客户公司")
    page.locator(".w-combo-item.is-new").click()
    dialog = page.locator("dialog.w-quick")
    expect(dialog.locator("[name=name]")).to_have_value("全新客户公司")
    dialog.get_by_role("button", name="创建并选用").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#f-customer")).to_have_value("全新客户公司")
    expect(page.locator("input[name=customer]")).to_have_value(re.compile(r"id:\d+"))
