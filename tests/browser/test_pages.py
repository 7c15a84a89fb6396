"""Every page that the navigation offers, for everybody it is offered to.

At a desk and on a phone, in both languages, light and dark.
"""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Marks of a page that is not finished. “None” is a word in English.
BROKEN = dict.fromkeys(("zh", "en"), ("{{", "{%", "undefined", "[object", "Text(", "NaN"))
BROKEN["zh"] += ("None", "False")
MORE = ("/o/opportunity/board", "/o/customer/1", "/o/opportunity/1", "/o/contract/1", "/me")
SETUP = ("/setup/objects/customer", "/setup/roles/sales_rep", "/setup/people/5", "/setup/teams")


@pytest.mark.parametrize(
    ("login", "lang", "phone"),
    [
        ("wang_li", "zh", False),
        ("wang_li", "en", True),
        ("zhang_wei", "en", False),
        ("zhang_wei", "zh", True),
    ],
)
def test_every_place_opens_and_fits(visitor: Visit, login: str, lang: str, phone: bool) -> None:
    person = visitor(login, phone=phone, lang=lang)
    places = [*person.places(), *MORE, *(SETUP if login == "wang_li" else ())]
    assert len(places) > 30
    wrong = []
    for place in places:
        answer = person.page.goto(place)
        assert answer is not None
        if answer.status != 200:
            wrong.append(f"{place}: {answer.status}")
        if person.page.locator("h1").count() != 1:
            wrong.append(f"{place}: not one heading")
        if (beyond := person.page.evaluate(OVERFLOW)) > 0:
            wrong.append(f"{place}: {beyond} px over the edge")
        wrong += [f"{place}: two have the id {i}" for i in person.page.evaluate(TWICE)]
        said = person.page.locator("body").inner_text()
        wrong += [f"{place}: says {mark}" for mark in BROKEN[lang] if mark in said]
        if lang == "en":
            wrong += untranslated(place, person.page.evaluate(CHINESE))
    assert not wrong, "\n".join(wrong)


# An id that two elements bear leads a label or a screen reader astray.
TWICE = """() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  return [...new Set(ids.filter((id, n) => ids.indexOf(id) !== n))]; }"""
# What the program itself says on an English page: headings, labels, buttons, menus. Names, titles
# and what people wrote are theirs, in their own language.
CHINESE = """() => [...document.querySelectorAll(
  'label, button, th, summary, h2, .btn, nav a, [role=tab], dt, option, .w-empty, .w-help')]
  .filter(e => !e.closest('[lang^=zh], .w-me, .w-card, .w-hit, tbody td, .w-rank, option'))
  .map(e => e.innerText.trim()).filter(t => /[\\u4e00-\\u9fff]/.test(t))"""
NAMES = ("五步", "中文", "中")


def untranslated(place: str, texts: list[str]) -> list[str]:
    return [f"{place}: not in English: {t[:40]}" for t in texts if t not in NAMES]


def test_the_language_switches_and_stays(visitor: Visit) -> None:
    person = visitor("zhao_min", lang="en")
    page = person.page
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/o/customer/")
    assert page.locator("html").get_attribute("lang") == "en"
    person.speak("zh")
    assert page.url.endswith("/o/customer/")  # the same page, in the other language
    assert "zh" in (page.locator("html").get_attribute("lang") or "")


def test_light_and_dark(visitor: Visit) -> None:
    page = visitor("zhao_min").page
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.locator(".w-theme").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    dark = page.evaluate(paper)
    assert brightness(dark) < 60 < 200 < brightness(light)


def brightness(colour: str) -> float:
    numbers = [float(n) for n in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3]]
    return sum(numbers) / 3
