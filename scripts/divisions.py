"""Makes ``wubu/kernel/fields/divisions.json`` from ``node_modules/@vant/area-data``.

Run it after that package was updated. The file is a list of provinces, each ``[name, initials,
cities]``, each city ``[name, initials, districts]``, each district ``[name, initials]``; the
initials are those of the pinyin. Counties that a province governs itself stand among its cities.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pypinyin import Style, lazy_pinyin

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "wubu" / "kernel" / "fields" / "divisions.json"
PRINT = 'process.stdout.write(JSON.stringify(require("@vant/area-data").areaList))'
DIRECT = ("直辖县", "直辖县级行政区划")


def initials(name: str) -> str:
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))


def tree(areas: dict[str, dict[str, str]]) -> list[Any]:
    """Provinces with their cities with their districts, in the order of the official codes."""
    made = []
    for code, province in sorted(areas["province_list"].items()):
        cities: dict[str, list[str]] = {}
        for city_code, city in sorted(areas["city_list"].items()):
            if city_code[:2] != code[:2]:
                continue
            below = [
                name
                for district_code, name in sorted(areas["county_list"].items())
                if district_code[:4] == city_code[:4]
            ]
            if city.endswith(DIRECT):
                cities.update({name: [] for name in below})
            else:  # the counties of 重庆 stand under “县” there
                name = province if city == "县" else city
                cities.setdefault(name, []).extend(d for d in below if d != name)
        made.append(
            [
                province,
                initials(province),
                [[c, initials(c), [[d, initials(d)] for d in ds]] for c, ds in cities.items()],
            ]
        )
    return made


def main() -> int:
    out = subprocess.run(
        ["node", "-e", PRINT],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    text = json.dumps(tree(json.loads(out)), ensure_ascii=False, separators=(",", ":"))
    TARGET.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
