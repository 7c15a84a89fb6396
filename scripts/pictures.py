"""The few pictures that README and tutorial show, to docs/images: the demo company at a desk."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.browser.driver import WIDE, Site, Visitor, browsing
from wubu.boot import start_django

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "images"
# name: who looks, at what
PAGES = {
    "today": ("liqiang", "/"),
    "cockpit": ("wangli", "/cockpit"),
    "metric": ("liqiang", "/metrics/sales_signed"),
    "board": ("liqiang", "/o/opportunity/board"),
    "leaderboard": ("zhangwei", "/leaderboard"),
    "review": ("wangli", "/review/"),  # its newest review
    "list": ("liqiang", "/o/opportunity/?group=stage"),
    "object": ("wangli", "/setup/objects/opportunity"),
    "role": ("wangli", "/setup/roles/sales_rep"),
    "collection": ("liqiang", "/collection"),
}


class Served:
    """A demo company that is served already."""

    def __init__(self, address: str) -> None:
        self.address = address

    def stop(self) -> None:
        """It is somebody else's."""


def shoot(browser: Browser, site: Any, lang: str) -> None:
    """All pictures in one language."""
    from wubu.demo.staff import PASSWORD

    for login in dict.fromkeys(login for login, _ in PAGES.values()):
        person = Visitor(browser, site, WIDE, lang)
        person.login(login, PASSWORD)
        person.speak(lang)
        for name, (who, place) in PAGES.items():
            if who != login:
                continue
            person.page.goto(place, wait_until="load")
            if name == "review":
                person.page.goto(newest_review(person))
            person.page.wait_for_timeout(900)  # charts draw themselves in
            person.page.screenshot(path=OUT / f"{name}-{lang}.png")
            print(f"  {name}-{lang}", flush=True)
        person.speak("zh")
        person.close()


def newest_review(person: Visitor) -> str:
    """The address of the first review in the list."""
    links = person.page.eval_on_selector_all("main a", "all => all.map(a => a.pathname)")
    return next(link for link in links if re.fullmatch(r"/review/\d+", link))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="", help="a demo company that is served already")
    parser.add_argument("--home", type=Path, default=ROOT / "var" / "screenshots-demo")
    options = parser.parse_args()
    os.environ.setdefault("WUBU_HOME", str(options.home))
    start_django()
    OUT.mkdir(parents=True, exist_ok=True)
    site: Any = Served(options.address) if options.address else Site(options.home)
    try:
        with browsing() as browser:
            for lang in ("zh", "en"):
                shoot(browser, site, lang)
    finally:
        site.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
