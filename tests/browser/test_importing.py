"""A spreadsheet comes in: the trap is shown once, settled once, and everything can be undone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Visit

ROWS = 12


def test_a_file_with_a_trap_goes_in_and_out(visitor: Visit, tmp_path: Path) -> None:
    lines = ["商机编号,商机名称,产品,客户,商机金额"]
    lines += [f"T-{n},改造{n},GTXPro,无锡精测自动化有限公司,{n}00" for n in range(1, ROWS)]
    lines += ["T-99,改造99,GTX Pro,无锡精测自动化有限公司,9900"]
    file = tmp_path / "商机.csv"
    file.write_text("\n".join(lines) + "\n", encoding="gb18030")
    person = visitor("zheng_kai")
    page = person.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/import")
    page.set_input_files("#files", file)
    page.wait_for_url(re.compile(r"/import/\d+$"))
    problem = page.locator(".w-import-problems li").first
    expect(problem).to_contain_text(f"{ROWS - 1} 行")
    expect(problem).to_contain_text("GTXPro")
    problem.get_by_role("button", name="改为“GTX Pro”").click()
    expect(page.locator(".w-import-bar")).to_contain_text("有问题的行0")
    page.get_by_role("button", name=f"导入 {ROWS} 行").click()
    expect(page.locator(".w-stats, .w-stat").first).to_contain_text(f"{ROWS}", timeout=40_000)
    page.goto("/o/opportunity/?q=改造99")
    expect(page.locator("#rows a.w-title")).to_have_count(1)
    page.go_back()
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_text("这次导入已撤销。")).to_be_visible()
    page.goto("/o/opportunity/?q=改造99")
    expect(page.locator("#rows a.w-title")).to_have_count(0)


def test_what_is_no_table_is_refused_with_the_remedy(visitor: Visit, tmp_path: Path) -> None:
    file = tmp_path / "照片.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(400))
    person = visitor("zheng_kai")
    person.page.goto("/import")
    person.page.set_input_files("#files", file)
    expect(person.page.locator("[role=alert]")).to_contain_text("照片.csv")
    person.forgive("status of 422")
