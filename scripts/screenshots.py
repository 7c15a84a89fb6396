"""Pictures of every page, for looking at: both languages, wide and phone, light and dark."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.browser.driver import PHONE, WIDE, Site, Visitor, browsing
from wubu.boot import start_django

ROOT = Path(__file__).resolve().parent.parent
LOOKS: dict[str, dict[str, Any]] = {
    "wide": WIDE,
    "wide-dark": WIDE | {"color_scheme": "dark"},
    "phone": PHONE,
    "phone-dark": PHONE | {"color_scheme": "dark"},
}
# One record of each kind is found by the first link of these lists.
RECORDS = ("customer", "opportunity", "contract")


def shoot(browser: Browser, site: Site, folder: Path, login: str, lang: str, look: str) -> int:
    """All pages of one person in one look. Returns how many pictures were made."""
    from wubu.demo.staff import PASSWORD

    person = Visitor(browser, site, LOOKS[look], lang)
    person.login(login, PASSWORD)
    person.speak(lang)
    places = person.places()
    for key in RECORDS:
        person.page.goto(f"/o/{key}/")
        links = person.page.eval_on_selector_all(
            f"main a[href^='/o/{key}/']", "all => all.map(a => a.pathname)"
        )
        found = [link for link in links if link.rstrip("/").rsplit("/", 1)[-1].isdigit()]
        places += [*found[:1], f"/o/{key}/new"]
    places.append("/o/opportunity/board")
    for place in dict.fromkeys(places):
        person.page.goto(place, wait_until="load")
        person.page.wait_for_timeout(400)  # charts draw themselves in
        name = place.strip("/").replace("/", "-") or "today"
        person.page.screenshot(path=folder / f"{lang}-{look}-{login}-{name}.png", full_page=True)
    for mistake in person.mistakes:
        print(f"  ! {lang} {look} {login}: {mistake}")
    person.close()
    return len(dict.fromkeys(places))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logins", default="wangli,liqiang,zhangwei")
    parser.add_argument("--langs", default="zh,en")
    parser.add_argument("--looks", default=",".join(LOOKS))
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "screenshots")
    parser.add_argument("--home", type=Path, default=ROOT / "var" / "screenshots-demo")
    options = parser.parse_args()
    os.environ.setdefault("WUBU_HOME", str(options.home))
    start_django()
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    site, count = Site(options.home), 0
    try:
        with browsing() as browser:
            for lang in options.langs.split(","):
                for look in options.looks.split(","):
                    for login in options.logins.split(","):
                        count += shoot(browser, site, options.out, login, lang, look)
                        print(f"  {lang} {look} {login}", flush=True)
    finally:
        site.stop()
    print(f"{count} pictures in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
