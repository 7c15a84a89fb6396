"""A form that follows its stage, and the richer boxes filled in and saved in one go."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.batteries.fields.thing import PIXEL
from tests.browser.conftest import Visit

PASTED = "<p>贴<b>粗</b><script>alert(1)</script><img src='/nothing' onerror='alert(2)'></p>"


def ask(page: Page, method: str, path: str, body: dict[str, Any]) -> None:
    """Ask the API as the visitor."""
    cookies = {c.get("name"): c.get("value") for c in page.context.cookies()}
    headers = {"X-CSRFToken": str(cookies["csrftoken"]), "Referer": page.url}
    url = re.sub(r"(//[^/]+).*", r"\1", page.url) + f"/api/v1{path}"
    answer = page.request.fetch(url, method=method, data=body, headers=headers)
    assert answer.ok, answer.text()


def lay_out(page: Page, key: str, *fields: str, **more: Any) -> None:
    items = [{"field": name} for name in fields]
    definition = {"label": f"布局{key}", "sections": [{"items": items}], **more}
    ask(page, "PUT", f"/setup/forms/lead/{key}", {"definition": definition})


def test_the_form_follows_the_stage_by_keyboard(visitor: Visit) -> None:
    boss = visitor("wang_li").page
    boss.goto("/")
    lay_out(boss, "bad", "name", "company", "status", "invalid_reason", stages=["invalid"])
    lay_out(boss, "all", "name", "company", "status", "interest", "note")
    page = visitor("zhang_wei").page
    page.goto("/o/lead/new")
    page.fill("#f-name", "孔先生")
    page.fill("#f-company", "测试厂")
    page.fill("#f-interest", "压力变送器")
    page.locator("#f-status").focus()
    page.keyboard.press("End")
    expect(page.locator("#f-invalid_reason")).to_be_visible()
    expect(page.locator("[data-laid-said]")).to_contain_text("布局bad")
    expect(page.locator("#f-status")).to_be_focused()
    expect(page.locator("#f-name")).to_have_value("孔先生")
    parked = page.locator("[data-parked]")
    expect(parked).to_contain_text("压力变送器")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#f-interest")).to_have_value("压力变送器")
    expect(parked).to_have_count(0)
    page.keyboard.press("End")
    expect(parked).to_contain_text("压力变送器")
    page.select_option("#f-invalid_reason", index=1)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/o/lead/\d+$"))
    page.goto(f"{page.url}/edit")
    expect(page.locator("#f-invalid_reason")).to_be_visible()
    for key in ("bad", "all"):
        ask(boss, "POST", f"/setup/forms/lead/{key}/rest", {})


def test_richer_boxes_are_filled_in_and_saved(visitor: Visit) -> None:
    """A signature, a picture, stars by keyboard, a duration in words, rich text pasted."""
    person = visitor("wang_li")
    page = person.page
    page.goto("/")
    kinds = {"signed": "signature", "shot": "image", "stars": "rating", "took": "duration"}
    fields = [
        {"key": key, "type": kind, "label": {"zh": key, "en": key}}
        for key, kind in {"name": "text", **kinds, "story": "richtext"}.items()
    ]
    made = {"key": "round", "label": {"zh": "巡检", "en": "Round"}, "fields": fields}
    ask(page, "POST", "/schema/apply", {"objects": [{**made, "roles": {"title": "name"}}]})
    page.goto("/o/round/new")
    page.fill("#f-name", "一号泵房")
    page.fill("#f-took", "1小时30分")
    page.locator("[data-rating] input[type=radio]").first.focus()
    for key in ("Space", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    page.set_input_files("#f-shot", {"name": "a.png", "mimeType": "image/png", "buffer": PIXEL})
    expect(page.locator(".w-picture img")).to_have_count(1)
    page.locator("[data-sign]").click()
    pad = page.locator(".w-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 20, steps=6)
    page.mouse.up()
    page.locator("[data-sign-done]").click()
    expect(page.locator(".w-signed img")).to_have_count(1)
    page.locator("trix-editor").click()
    page.keyboard.press("Control+b")
    page.keyboard.type("粗体")
    page.keyboard.press("Control+b")
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(
        """async html => { const one = (type, text) => new Blob([text], {type});
        const item = {'text/html': one('text/html', html), 'text/plain': one('text/plain', '贴')};
        await navigator.clipboard.write([new ClipboardItem(item)]); }""",
        PASTED,
    )
    page.keyboard.press("Control+v")
    expect(page.locator("trix-editor")).to_contain_text("贴粗")
    expect(page.locator("trix-editor img")).to_have_count(0)
    person.forgive("inline event handler")  # said when the clipboard is written, and blocked
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(re.compile(r"/o/round/\d+$"))
    main = page.locator("main")
    expect(main).to_contain_text("1 小时 30 分")
    expect(main.locator(".w-rich strong").first).to_contain_text("粗体")
    expect(main.locator("img")).to_have_count(2)
    expect(main.locator("[aria-label*='3'], .w-stars").first).to_be_visible()
