"""``make docs``: the pages of docs/reference that are made from the code.

A test fails when one is stale; ``--check`` says so without writing.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
MADE = "<!-- Made by `make docs` from the code. Change the code, not this page. -->\n"


def pages() -> dict[str, str]:
    """File name → content. Needs a workspace with the sales pack, inside a unit of work."""
    from scripts.reference import (
        api,
        cli,
        definitions,
        fields,
        language,
        metrics,
        objects,
        permissions,
    )

    made: dict[str, Callable[[], str]] = {
        "api.md": api.page,
        "cli.md": cli.page,
        "definitions.md": definitions.page,
        "fields.md": fields.page,
        "language.md": language.page,
        "metrics.md": metrics.page,
        "objects.md": objects.page,
        "permissions.md": permissions.page,
    }
    return {name: MADE + make() for name, make in made.items()}


def stale(made: dict[str, str]) -> list[str]:
    """The pages that do not say what the code says."""
    return [
        name
        for name, content in made.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != content
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wubu-docs-") as home:
        os.environ["WUBU_HOME"] = home
        os.environ["DATABASE_URL"] = f"sqlite:///{home}/docs.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "wubu.settings"
        import django

        django.setup()
        from django.db import connections

        from wubu.kernel.workspace import unit_of_work
        from wubu.setup import prepare

        prepare(say=lambda zh, en: print(en, flush=True))
        with unit_of_work():
            made = pages()
        connections.close_all()
    old = stale(made)
    for name in old:
        print(f"{'stale' if options.check else 'written'}: docs/reference/{name}")
        if not options.check:
            (FOLDER / name).write_text(made[name], encoding="utf-8")
    return 1 if options.check and old else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
