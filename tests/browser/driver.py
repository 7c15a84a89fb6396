"""Debian's Chromium under Playwright, and a served company to drive it on."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
# The network flags keep Chromium from calling home; a test machine often has no way out.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


def chromium() -> str | None:
    """The installed Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """A headless browser, closed at the end."""
    path = chromium()
    if path is None:
        raise RuntimeError("Chromium is missing: sudo apt-get install chromium fonts-noto-cjk")
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            browser.close()


def fill(home: Path) -> None:
    """The small company, in a process of its own."""
    code = (
        "from wubu.boot import start_django; start_django(); "
        "from tests.browser.small import main; main()"
    )
    subprocess.run([sys.executable, "-c", code], env=_environment(home), cwd=ROOT, check=True)


def _environment(home: Path) -> dict[str, str]:
    environment = {**os.environ, "WUBU_HOME": str(home), "WUBU_LANG": "en"}
    environment.pop("DATABASE_URL", None)
    return environment


class Site:
    """A company served on a free port by the real command: ``serve`` what is there, or ``demo``."""

    def __init__(self, home: Path, command: str = "demo") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wubu.cli", command, "--port", str(self.port)],
            env=_environment(home),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said.append(line)
            if "is ready" in line:
                return
        self.stop()
        raise RuntimeError("The server did not start:\n" + "".join(said))

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


class Visitor:
    """One person at one device; notes whatever a good page never does."""

    def __init__(
        self, browser: Browser, site: Site, device: dict[str, Any], lang: str = "zh"
    ) -> None:
        self.site = site
        locale = {"zh": "zh-CN", "en": "en-GB"}[lang]
        self.context: BrowserContext = browser.new_context(
            **device, locale=locale, base_url=site.address, timezone_id="Asia/Shanghai"
        )
        self.context.set_default_timeout(30_000)
        self.page: Page = self.context.new_page()
        self.mistakes: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.mistakes.append(f"script: {error}"))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.mistakes.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        local = (self.site.address, "data:", "blob:")
        if not request.url.startswith(local):
            self.mistakes.append(f"left the house: {request.url}")

    def forgive(self, words: str) -> None:
        """What the browser notes in its console about an answer that was expected."""
        self.mistakes = [m for m in self.mistakes if words not in m]

    def login(self, login: str, password: str) -> None:
        self.page.goto("/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def speak(self, lang: str) -> None:
        """Switch the language of the signed-in member. A phone has the button in a menu."""
        if self.page.locator("html").get_attribute("data-lang") != lang:
            button = self.page.locator(f"form button[name=language][value={lang}]").first
            button.evaluate("button => button.form.requestSubmit(button)")
            self.page.wait_for_selector(f"html[data-lang={lang}]")

    def places(self) -> list[str]:
        """Every address that the navigation offers, each once."""
        links = self.page.eval_on_selector_all(
            "nav a[href^='/']", "all => all.map(a => a.pathname)"
        )
        return list(dict.fromkeys(links))

    def close(self) -> None:
        self.context.close()
