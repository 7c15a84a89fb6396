"""CSV, TSV and other delimited text.

Encoding and delimiter are found out, line numbers stay true.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from charset_normalizer import from_bytes

from wubu.collect.imports.reading import header
from wubu.collect.imports.reading.kinds import utf16
from wubu.collect.imports.types import Row, Source
from wubu.kernel.types import Problem, Refused, Text

BLOCK = 1 << 20
csv.field_size_limit(1 << 24)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", "\t", ";", "|")
_LONELY = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_HIGH = re.compile(rb"[\x80-\xff]")


class TextReader:
    """Rows of delimited text, read as a stream: memory does not grow with the file."""

    def sources(self, path: Path, name: str) -> list[Source]:
        encoding = find_encoding(path, name)
        delimiter = _find_delimiter(path, encoding)
        bare = Source(path, name, "text", encoding=encoding, delimiter=delimiter)
        first = list(islice(_records(bare), header.LOOK_AT + header.SAMPLE))
        if not first:
            raise Refused(header.only_header(name, 0))
        line, names, notices = header.find(first)
        sample = tuple(r for r in first if r[0] > line)[: header.SAMPLE]
        if not sample:
            raise Refused(header.only_header(name, line))
        return [
            Source(
                path,
                name,
                "text",
                encoding=encoding,
                delimiter=delimiter,
                header=names,
                header_line=line,
                sample=sample,
                notices=tuple(notices),
            )
        ]

    def rows(self, source: Source, first_line: int = 0) -> Iterator[Row]:
        after = max(source.header_line, first_line - 1)
        return (row for row in _records(source) if row[0] > after)


def _records(source: Source) -> Iterator[Row]:
    """(line where the record begins, cells) of every record that is not empty."""
    with source.path.open(encoding=source.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=source.delimiter or ",", strict=False)
        before = 0
        try:
            for cells in reader:
                line, before = before + 1, reader.line_num
                if any(cells):
                    yield line, cells
        except (csv.Error, UnicodeDecodeError) as error:
            raise Refused(
                Problem(
                    "unreadable_line",
                    Text(
                        "“{f}”第 {l} 行读不出来：{e}。", "“{f}”, line {l} cannot be read: {e}."
                    ).format(f=source.file, l=before + 1, e=error),
                    Text(
                        "请检查这一行的引号和编码。",
                        "Check the quotes and the encoding of that line.",
                    ),
                    line=before + 1,
                )
            ) from error


def find_encoding(path: Path, name: str) -> str:
    """The encoding in which the whole file can be read.

    UTF-8, UTF-16, GB18030, else the most likely.

    Raises Refused when none reads it.
    """
    with path.open("rb") as file:
        head = file.read(BLOCK)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if b"\x00" in head[:4096]:
        return utf16(head[:4096])
    if _reads(path, "utf-8"):
        return "utf-8"
    high = len(_HIGH.findall(head))
    lonely = len(_LONELY.findall(head))
    # In GB18030 text high bytes come in pairs; in Western text they stand alone between letters.
    if lonely * 3 < high and _reads(path, "gb18030"):
        return "gb18030"
    best = from_bytes(head[: 64 * 1024]).best()
    for encoding in (best.encoding if best else "", "cp1252", "latin-1"):
        if encoding and _reads(path, encoding):
            return encoding
    raise Refused(
        Problem(
            "unknown_encoding",
            Text(
                "“{f}”的文字编码认不出来。", "The text encoding of “{f}” is not recognised."
            ).format(f=name),
            Text("请另存为 UTF-8 编码的 CSV，或 .xlsx。", "Save it as CSV in UTF-8, or as .xlsx."),
        )
    )


def _reads(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _find_delimiter(path: Path, encoding: str) -> str:
    """The delimiter that fits best.

    It cuts most of the first records into the same number of cells, more than one.
    """
    with path.open(encoding=encoding, newline="") as file:
        lines = list(islice(file, 60))
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(
                len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells
            )
        except csv.Error:
            continue
        width, times = max(widths.items(), key=lambda kv: (kv[1], kv[0]), default=(1, 0))
        score = times / max(1, sum(widths.values())) + min(width, 20) / 1000
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best
