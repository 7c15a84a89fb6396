"""A built wheel is all there is to install: with its assets, without Node.js or the source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "wubu" / "web" / "static" / "vendor"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the tree, so that nothing is left in the tree itself."""
    copy = tmp_path_factory.mktemp("source") / "wubu"
    copy.mkdir()
    for name in ("pyproject.toml", "MANIFEST.in", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, copy)
    for name in ("requirements", "wubu"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."],
        cwd=copy,
        check=True,
        capture_output=True,
    )
    return next((copy / "dist").glob("wubu-*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the unpacked wheel and what it needs."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = next((folder / "lib").glob("python3*")) / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # A folder named in a .pth file is searched, but its own .pth files are not read: the source
    # tree stays out.
    (site / "needed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder / "bin" / "python"


def run(python: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(python.parent), "WUBU_HOME": str(home), "WUBU_LANG": "en"}
    return subprocess.run(
        [str(python), "-m", "wubu.cli", *words],
        capture_output=True,
        text=True,
        env=environment | {k: v for k, v in os.environ.items() if k in {"HOME", "TMPDIR"}},
        cwd=home,
        check=False,
    )


def test_it_holds_what_pages_load(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tree = [path for path in (ROOT / "wubu").rglob("*") if path.is_file()]
    wanted = {
        str(path.relative_to(ROOT))
        for path in tree
        if "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert VENDOR.joinpath("htmx.min.js").exists(), "run: make assets"
    assert wanted - names == set()


def test_it_holds_no_test_and_no_company_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [n for n in names if n.split("/")[0] not in {"wubu"} and ".dist-info/" not in n] == []


def test_the_command_runs_from_it(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "--help")
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


def test_it_makes_a_workspace(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "migrate")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "wubu.sqlite3").exists()
