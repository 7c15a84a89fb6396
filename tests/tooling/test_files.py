"""What the repository promises about its own files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("path", [*LOCKS, ROOT / "package-lock.json"], ids=lambda p: p.name)
def test_no_lock_names_the_address_of_a_registry(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"index-url|find-links|registry\.|\"resolved\"|files\.pythonhosted", text)


@pytest.mark.parametrize("path", LOCKS, ids=lambda p: p.name)
def test_every_pinned_package_has_a_hash(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
    packages = [entry for entry in entries if "==" in entry]
    assert packages
    assert [entry.split()[0] for entry in packages if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.in")), ids=lambda p: p.name)
def test_every_wanted_package_is_locked(path: Path) -> None:
    lock = path.with_suffix(".txt").read_text(encoding="utf-8").lower().replace("_", "-")
    for line in path.read_text(encoding="utf-8").splitlines():
        wanted = re.match(r"[A-Za-z][\w.-]*", line)
        if wanted:
            name = wanted.group().lower().replace("_", "-")
            assert re.search(rf"^{re.escape(name)}==", lock, re.M), f"{name}: run make lock"


def test_the_npm_lock_fits_package_json() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"][""]
    for part in ("dependencies", "devDependencies"):
        assert locked[part] == wanted[part]


def test_the_licence_is_the_whole_apache_licence() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
