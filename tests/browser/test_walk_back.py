"""From a line of the leaderboard to the line of the spreadsheet, by clicking only."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_from_a_rank_to_the_line_of_the_file(visitor: Visit) -> None:
    page = visitor("li_qiang").page
    page.get_by_text("激励", exact=True).first.click()
    page.get_by_role("link", name="排行榜").first.click()
    page.get_by_role("link", name="综合得分榜").click()
    page.locator("a.w-rank", has_text="张伟").click()
    score = page.locator("details[open]", has_text="张伟")
    line = score.locator("tbody tr", has_text="销售额（签约）")
    expect(line).to_contain_text("¥80,000.00")  # the target
    figure = line.locator("a").inner_text()
    line.locator("a").click()
    expect(page.locator("main")).to_contain_text("张伟")
    expect(page.locator("#p-rule")).to_contain_text("签约")
    entries = page.locator("#p-entries tbody tr")
    expect(entries).to_have_count(2)
    total = sum(money(entries.nth(n).inner_text()) for n in range(2))
    assert total == money(figure)  # the parts are the figure
    entry = entries.filter(has_text="苏州供货")
    amount = money(entry.inner_text())
    entry.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/o/contract/\d+$"))
    born = page.locator(".w-timeline .is-change", has_text="合同台账.csv")
    expect(born).to_contain_text("郑凯")
    expect(born).to_contain_text("导入")
    born.get_by_role("link", name=re.compile(r"第 \d+ 行")).click()
    page.wait_for_url("**/import/line/**")
    expect(page.locator("#p-line")).to_contain_text("苏州恒力仪表有限公司")
    cells = page.locator("#p-line .w-attr", has_text="合同金额")
    assert float(cells.locator("dd").inner_text().replace(",", "")) == amount


def money(text: str) -> float:
    return float(re.findall(r"¥([\d,]+\.\d\d)", text)[0].replace(",", ""))
