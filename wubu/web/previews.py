"""What stands in Word documents, to be looked at in place: words and tables, nothing that runs."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

MOST_XML = 8_000_000  # bytes of a document unpacked
MOST_BLOCKS = 400  # paragraphs and rows shown
DOCUMENT = "word/document.xml"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading or a table of a document."""

    kind: str  # p, h or table
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


class Unreadable(Exception):
    """The file is not what its name says, or is locked."""


@dataclass
class _Reader:
    """Goes through the body of a Word document; what is nested in a table becomes its text."""

    blocks: list[Block] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    tables: int = 0
    inside: bool = False
    heading: bool = False

    def start(self, name: str, raw: dict[str, str]) -> None:
        if name == "w:tbl":
            self.tables += 1
        elif name == "w:t":
            self.inside = True
        elif name in ("w:tab", "w:br"):
            self.words.append("\t" if name == "w:tab" else "\n")
        elif name == "w:pStyle":
            style = raw.get("w:val", "").lower()
            self.heading = style.startswith(("heading", "title")) or style.isdigit()

    def text(self, data: str) -> None:
        if self.inside:
            self.words.append(data)

    def end(self, name: str) -> None:
        if name == "w:t":
            self.inside = False
        elif name == "w:p":
            said = "".join(self.words).strip()
            self.words.clear()
            if self.tables:
                self.cell.append(said)
            elif said:
                self.blocks.append(Block("h" if self.heading else "p", said))
            self.heading = False
        elif name == "w:tc" and self.tables == 1:
            self.cells.append("\n".join(filter(None, self.cell)))
            self.cell.clear()
        elif name == "w:tr" and self.tables == 1:
            self.rows.append(tuple(self.cells))
            self.cells.clear()
        elif name == "w:tbl":
            self.tables -= 1
            if not self.tables and self.rows:
                self.blocks.append(Block("table", rows=tuple(self.rows)))
                self.rows.clear()


def document(where: Path) -> tuple[tuple[Block, ...], bool]:
    """The words of a Word document in their order, and whether it was cut. Raises Unreadable."""
    try:
        with zipfile.ZipFile(where) as packed, packed.open(DOCUMENT) as inner:
            raw = inner.read(MOST_XML + 1)
    except (OSError, KeyError, RuntimeError, zipfile.BadZipFile, NotImplementedError) as error:
        raise Unreadable from error
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = _refuse
    cut = len(raw) > MOST_XML
    try:
        parser.Parse(raw[:MOST_XML], not cut)
    except expat.ExpatError as error:
        if not cut:
            raise Unreadable from error
    found = reader.blocks
    return tuple(found[:MOST_BLOCKS]), cut or len(found) > MOST_BLOCKS


def _refuse(*_declared: Any) -> None:
    raise Unreadable  # a document declares no entities of its own
