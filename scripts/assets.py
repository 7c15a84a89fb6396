"""Copies the few files that pages load from ``node_modules`` to ``wubu/web/static/vendor``.

The icons are one small style sheet that holds only those Wubu names: ``<i class="ti ti-home"></i>``
is drawn in the colour and size of the text around it. A name counts as used when it stands in
quotes, after ``ti-`` or after ``icon:`` in Wubu's sources.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "wubu" / "web" / "static" / "vendor"

FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.min.js": "htmx.org/dist/ext/hx-sse.min.js",
    "hx-alpine-compat.min.js": "htmx.org/dist/ext/hx-alpine-compat.min.js",
    "alpine.min.js": "@alpinejs/csp/dist/cdn.min.js",
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
    "sortable.min.js": "sortablejs/Sortable.min.js",
    "gridstack.min.js": "gridstack/dist/gridstack-all.js",
    "gridstack.min.css": "gridstack/dist/gridstack.min.css",
    "trix.min.js": "trix/dist/trix.umd.min.js",
    "trix.css": "trix/dist/trix.css",
    "signature_pad.min.js": "signature_pad/dist/signature_pad.umd.min.js",
}
# Provinces, cities and districts; ``scripts/divisions.py`` makes it from @vant/area-data.
DIVISIONS = ROOT / "wubu" / "kernel" / "fields" / "divisions.json"
MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
# Title to the file that holds the licence's text, or the text itself where the package brings none.
LICENCES = {
    "htmx": "htmx.org/LICENSE",
    "Alpine.js": f"Copyright Caleb Porzio and contributors\n\n{MIT}",
    "Tabler": f"Copyright The Tabler Authors, codecalm.net\n\n{MIT}",
    "Tabler Icons": "@tabler/icons/LICENSE",
    "Apache ECharts (Apache License 2.0, as Wubu's own)": "echarts/NOTICE",
    "SortableJS": "sortablejs/LICENSE",
    "GridStack": "gridstack/LICENSE",
    "Trix": "trix/LICENSE",
    "Signature Pad": "signature_pad/LICENSE",
    "Chinese administrative divisions (Vant area data)": "@vant/area-data/LICENSE",
}
NAMED = re.compile(
    r"""\bti-([a-z0-9-]+)|\bicon["']?\s*[:=]\s*["']?([a-z0-9-]+)|["']([a-z0-9]+(?:-[a-z0-9]+)*)["']"""
)
SOURCE_MAP = re.compile(rb"(?://[#@] ?sourceMappingURL=[^\n]*|/\*[#@] ?sourceMappingURL=.*?\*/)")
SOURCES = ("*.py", "*.html", "*.yaml", "*.js")
ICON = (
    ".ti{--ti:var(--ti-circle);display:inline-block;width:1em;height:1em;flex:none;"
    "vertical-align:-.125em;background-color:currentColor;"
    "-webkit-mask:var(--ti) center/contain no-repeat;mask:var(--ti) center/contain no-repeat}\n"
)


def used_names(folder: Path) -> set[str]:
    """Every word in Wubu's sources that may name an icon."""
    names: set[str] = {"circle"}
    for pattern in SOURCES:
        for path in folder.rglob(pattern):
            if VENDOR not in path.parents:
                for groups in NAMED.findall(path.read_text(encoding="utf-8")):
                    names.update(name for name in groups if name)
    return names


def picture(nodes: list[tuple[str, dict[str, str]]]) -> str:
    """One icon as a data URL that a style sheet can hold."""
    shapes = "".join(
        f"<{tag} " + " ".join(f"{key}='{value}'" for key, value in attributes.items()) + "/>"
        for tag, attributes in nodes
    )
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%23000' "
        f"stroke-width='2' stroke-linecap='round' stroke-linejoin='round'>{shapes}</svg>"
    )
    return f'url("data:image/svg+xml,{svg.replace("<", "%3C").replace(">", "%3E")}")'


def icons(names: set[str]) -> str:
    """The style sheet of the icons among ``names``; a word that names none is passed over."""
    outline = json.loads((MODULES / "@tabler/icons/tabler-nodes-outline.json").read_text())
    filled = json.loads((MODULES / "@tabler/icons/tabler-nodes-filled.json").read_text())
    lines = [f":root{{--ti-circle:{picture(outline['circle'])}}}\n", ICON]
    for name in sorted(names):
        if name in outline:
            lines.append(f".ti-{name}{{--ti:{picture(outline[name])}}}\n")
        elif name.endswith("-filled") and name.removesuffix("-filled") in filled:
            drawn = picture(filled[name.removesuffix("-filled")])
            drawn = drawn.replace("fill='none' stroke='%23000'", "fill='%23000' stroke='none'")
            lines.append(f".ti-{name}{{--ti:{drawn}}}\n")
    return "".join(lines)


def notices() -> str:
    """The licences of what is copied, as their texts ask."""
    parts = ["Third-party files in this folder and their licences.\n"]
    for title, licence in LICENCES.items():
        path = MODULES / licence if "\n" not in licence else None
        text = path.read_text(encoding="utf-8") if path else licence
        parts.append(f"\n== {title} ==\n\n{text}")
    return "".join(parts)


def write(path: Path, content: bytes) -> None:
    """The file and its compressed twin, which the app sends to browsers that take it.

    Only when something changed.
    """
    if path.exists() and path.read_bytes() == content:
        return
    path.write_bytes(content)
    if path.suffix in {".css", ".js", ".json"}:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, mtime=0))


def main() -> int:
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        # A source map is not served: browsers would ask for it in vain.
        write(VENDOR / name, SOURCE_MAP.sub(b"", (MODULES / source).read_bytes()))
    write(VENDOR / "divisions.json", DIVISIONS.read_bytes())
    write(VENDOR / "tabler-icons.min.css", icons(used_names(ROOT / "wubu")).encode())
    write(VENDOR / "LICENSES.txt", notices().encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
