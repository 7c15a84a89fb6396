"""A list as a spreadsheet: a cell changed in place, a block pasted; a day changed by dragging."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

LIST = "/o/opportunity/?f=&columns=name,stage,amount,expected_close,source&sort=name"


def cell(page: Page, row: int, column: str) -> str:
    heads = page.eval_on_selector_all(".w-sheet th[data-key]", "all => all.map(h => h.dataset.key)")
    ticks = page.locator(".w-sheet thead .w-tick").count()
    place = heads.index(column) + 1 + ticks
    return f".w-sheet tbody tr[data-id]:nth-child({row}) > td:nth-child({place})"


def test_cells_are_changed_by_keyboard_and_pasted(visitor: Visit) -> None:
    person = visitor("zhang_wei")
    page = person.page
    page.goto(LIST)
    amount = cell(page, 1, "amount")
    page.locator(amount).click()
    expect(page.locator(amount)).to_have_class("num is-active")
    page.keyboard.press("Enter")
    box = page.locator(f"{amount} .w-cell-edit input[name=amount]")
    expect(box).to_be_focused()
    box.fill("很多")
    page.keyboard.press("Enter")
    expect(page.locator(f"{amount} .w-wrong")).to_be_visible()
    box = page.locator(f"{amount} .w-cell-edit input[name=amount]")
    expect(box).to_have_value("很多")  # nothing typed is lost
    box.fill("123456")
    page.keyboard.press("Enter")
    expect(page.locator(amount)).to_have_text("¥123,456.00")
    expect(page.locator(cell(page, 2, "amount"))).to_have_class("num is-active")
    page.locator(".w-toast button", has_text="撤销").click()
    page.wait_for_load_state()
    expect(page.locator(amount)).not_to_have_text("¥123,456.00")
    # A block of two rows and two columns, as a spreadsheet copies it
    page.locator(amount).click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    paste(page, "11\t2026-12-01\n22\t2026-12-02")
    dialog = page.locator("#cells")
    expect(dialog).to_be_visible()
    expect(dialog.locator("ins", has_text="¥11.00")).to_be_visible()
    dialog.get_by_role("button", name="粘贴").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(cell(page, 2, "amount"))).to_have_text("¥22.00")
    # What cannot be is told, and nothing is written
    page.locator(amount).click()
    paste(page, "33\t不是日期")
    expect(dialog.locator(".w-wrong").first).to_be_visible()
    expect(dialog.get_by_role("button", name="粘贴")).to_have_count(0)
    dialog.get_by_role("button", name="取消").click()
    expect(page.locator(amount)).to_have_text("¥11.00")
    person.forgive("422")


def test_a_view_is_filtered_built_and_kept(visitor: Visit) -> None:
    person = visitor("zhang_wei")
    page = person.page
    page.goto("/o/opportunity/?f=")
    page.locator("[data-filter-open]").click()
    page.locator(".w-filter-row select").nth(0).select_option("stage")
    page.locator(".w-filter-row select").nth(1).select_option("=")
    page.locator(".w-filter-row select").nth(2).select_option("won")
    expect(page.locator(".w-filter [name=f]")).to_have_value('{阶段} = "赢单"')
    page.locator(".w-filter [name=f]").fill("{阶段段} = 1")
    expect(page.locator(".w-filter .w-formula.has-problem .is-wrong")).to_be_visible()
    page.locator(".w-filter [name=f]").fill("")
    page.locator(".w-filter [name=f]").press_sequentially("{阶")
    expect(page.locator(".w-filter .w-formula-menu")).to_contain_text("阶段")
    page.keyboard.press("Enter")
    expect(page.locator(".w-filter [name=f]")).to_have_value("{阶段}")
    page.locator(".w-filter [name=f]").fill('{阶段} = "输单" 或 {商机金额} > 10')
    expect(page.locator(".w-filter-row")).to_have_count(2)
    person.forgive("422")
    page.locator(".w-filter-text .btn-primary").click()
    page.wait_for_load_state()
    page.locator(".w-view-new > button").click()
    page.locator(".w-view-form input[name=name]").fill("我的大单")
    page.locator(".w-view-form .btn-primary").click()
    page.wait_for_load_state()
    expect(page.locator(".w-view-tab.is-on")).to_contain_text("我的大单")


def test_groups_are_put_in_order_by_keyboard(visitor: Visit) -> None:
    page = visitor("zhang_wei").page
    page.goto("/o/opportunity/?f=&group=stage")
    heads = page.locator(".w-group")
    first, second = (heads.nth(n).get_attribute("data-group") for n in (0, 1))
    page.locator("[data-group-open]").nth(1).focus()
    with page.expect_response(lambda r: "group-order" in r.url):
        page.keyboard.press("Alt+ArrowUp")
    page.reload()
    expect(heads.nth(0)).to_have_attribute("data-group", second or "")
    expect(heads.nth(1)).to_have_attribute("data-group", first or "")


def test_a_record_is_dragged_to_another_day(visitor: Visit) -> None:
    page = visitor("zhang_wei").page
    page.goto("/o/opportunity/calendar?date=expected_close")
    event = page.locator(".w-cal-day .w-event").first
    event.wait_for()
    record = event.get_attribute("data-id")
    from_day = event.evaluate("e => e.closest('[data-day]').dataset.day")
    days = page.eval_on_selector_all(".w-cal-day", "all => all.map(d => d.dataset.day)")
    to_day = next(d for d in days if d != from_day)
    with page.expect_response(lambda r: f"{record}/when" in r.url) as moved:
        event.drag_to(page.locator(f"[data-day='{to_day}']"))
    assert moved.value.status == 204
    expect(page.locator(f"[data-day='{to_day}'] [data-id='{record}']")).to_be_visible()
    page.locator(".w-toast button", has_text="撤销").click()
    page.wait_for_load_state()
    expect(page.locator(f"[data-day='{from_day}'] [data-id='{record}']")).to_be_visible()


def paste(page: Page, words: str) -> None:
    """As the browser tells a page that something is pasted."""
    page.evaluate(
        """words => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", words);
            const more = { clipboardData, bubbles: true, cancelable: true };
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", more));
        }""",
        words,
    )
