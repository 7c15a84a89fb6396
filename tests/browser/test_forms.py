"""Forms: parts in place, problems beside their fields, two who edit at once, no mouse."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit


def pick(page: Page, box: str, typed: str, label: str) -> None:
    """Choose a record by typing a part of its name."""
    page.fill(box, typed)
    page.locator(".w-combo-list [role=option]", has_text=label).first.click()


def test_a_quote_with_lines(visitor: Visit) -> None:
    person = visitor("zhang_wei")
    page = person.page
    page.goto("/o/quote/new")
    pick(page, "#f-customer", "恒力", "苏州恒力仪表有限公司")
    lines = page.locator("[data-lines=quote_line]")
    for number, (product, quantity, price) in enumerate(
        [("P200", "三个", "1200"), ("MG", "2", "1234.5")]
    ):
        if lines.locator("[data-line]").count() <= number:
            lines.get_by_role("button", name="加一行").click()
        row = lines.locator("[data-line]").nth(number)
        box = row.locator("input[role=combobox]").first
        box.fill(product)
        page.locator(".w-combo-list:not([hidden]) [role=option]", has_text=product).first.click()
        row.locator("input[name$=':quantity']").fill(quantity)
        row.locator("input[name$=':price']").fill(price)
    page.get_by_role("button", name="保存", exact=True).click()
    first = lines.locator("[data-line]").first
    expect(first.locator("td[data-label=数量] .w-wrong")).to_contain_text("三个")
    person.forgive("status of 422")
    # Nothing of what was right is lost.
    expect(page.locator("#f-customer")).to_have_value("苏州恒力仪表有限公司")
    expect(lines.locator("input[name$=':price']").nth(1)).to_have_value("1234.5")
    first.locator("input[name$=':quantity']").fill("3")
    # 3 × 1200 + 2 × 1234.50, worked out by the server while typing
    expect(lines.locator("[data-sum=amount]")).to_contain_text("6,069.00")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(re.compile(r"/o/quote/\d+$"))
    expect(page.locator(".w-facts")).to_contain_text("¥6,069.00")


def test_two_who_edit_at_once_lose_nothing(visitor: Visit) -> None:
    rep, manager = visitor("zhang_wei"), visitor("li_qiang")
    for person in (rep, manager):
        person.page.goto("/o/customer/1/edit")
    manager.page.fill("#f-region", "昆山")
    manager.page.get_by_role("button", name="保存", exact=True).click()
    manager.page.wait_for_url("**/o/customer/1")
    rep.page.fill("#f-region", "吴江")
    rep.page.get_by_role("button", name="保存", exact=True).click()
    row = rep.page.locator(".w-conflict tr", has_text="地区")
    for said in ("昆山", "吴江"):
        expect(row).to_contain_text(said)
    expect(rep.page.get_by_role("alert")).to_contain_text("李强")
    rep.forgive("status of 409")
    row.get_by_label("吴江").check()
    rep.page.get_by_role("button", name="保存所选内容").click()
    rep.page.wait_for_url("**/o/customer/1")
    changes = rep.page.locator(".w-timeline .is-change", has_text="地区")
    expect(changes.nth(0)).to_contain_text("吴江")
    expect(changes.nth(1)).to_contain_text("昆山")


def test_a_form_without_a_mouse(visitor: Visit) -> None:
    page = visitor("zhang_wei").page
    page.goto("/o/lead/new")
    typed = {"name": "孔键盘", "company": "键盘测试厂", "phone": "13811112222"}
    reached: set[str] = set()
    for _ in range(90):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || ''")
        if name in typed and name not in reached:
            page.keyboard.type(typed[name])
            reached.add(name)
        elif page.evaluate("document.activeElement.matches('.w-form-bar .btn-primary')"):
            page.keyboard.press("Enter")
            break
    assert reached == set(typed)
    page.wait_for_url(re.compile(r"/o/lead/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("孔键盘")


def test_the_focus_is_always_seen(visitor: Visit) -> None:
    page = visitor("zhang_wei").page
    page.goto("/o/lead/")
    unseen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        look = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
            return [e.outerHTML.slice(0, 90), s.outlineStyle !== 'none' || s.boxShadow !== 'none'
              || getComputedStyle(e.parentElement).boxShadow !== 'none'
              || getComputedStyle(e.parentElement).outlineStyle !== 'none']; }"""
        )
        if not look[1]:
            unseen.append(look[0])
    assert unseen == []
