"""How a command begins: the language of the terminal, and Django when the data is needed."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from wubu.kernel.types import Lang, Refused, Text


def shell_language() -> Lang:
    """The terminal's language: ``WUBU_LANG``, else the locale; English unless that is Chinese."""
    said = os.environ.get("WUBU_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "zh" if said.lower().startswith("zh") else "en"


def say(zh: str, en: str) -> None:
    print(Text(zh, en), flush=True)


def stop(zh: str, en: str) -> NoReturn:
    """End with a message on stderr and exit code 1."""
    print(Text(zh, en), file=sys.stderr)
    raise SystemExit(1)


def print_problems(refused: Refused) -> None:
    """Every problem on its line, with the hint."""
    for problem in refused.problems:
        hint = f" {problem.hint}" if problem.hint else ""
        print(f"✗ {problem.message}{hint}", file=sys.stderr, flush=True)


def start_django() -> None:
    """Settings and apps; half a second, so only verbs that touch the data do it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wubu.settings")
    django.setup()
