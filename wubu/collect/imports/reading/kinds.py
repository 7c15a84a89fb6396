"""What kind a file is: its first bytes decide, never its name."""

from __future__ import annotations

import unicodedata
import zipfile
from pathlib import Path

from wubu.kernel.types import Problem, Refused, Text

SAVE_AS = Text(
    "请用 Excel 或 WPS 打开，另存为 .xlsx 或 CSV 再上传。",
    "Open it in a spreadsheet program, save it as .xlsx or CSV, and upload that.",
)
_MAGIC = (
    (b"%PDF", Text("PDF 文档", "a PDF document")),
    (b"\x89PNG", Text("图片", "a picture")),
    (b"\xff\xd8\xff", Text("图片", "a picture")),
    (b"GIF8", Text("图片", "a picture")),
    (b"Rar!", Text("压缩包", "an archive")),
    (b"7z\xbc\xaf", Text("压缩包", "an archive")),
    (b"\x1f\x8b", Text("压缩包", "an archive")),
    (b"{\\rtf", Text("文字文档", "a text document")),
    (b"SQLite format 3", Text("数据库文件", "a database file")),
)
_IN_ZIP = (
    ("xl/", "xlsx"),
    ("word/", Text("Word 文档", "a Word document")),
    ("ppt/", Text("演示文稿", "a presentation")),
)


def detect(path: Path, name: str) -> str:
    """``text``, ``xlsx``, ``xls`` or ``ods``.

    Raises Refused for any other kind, and for an empty file.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise Refused(
            Problem(
                "empty_file",
                Text("“{f}”是空的。", "“{f}” is empty.").format(f=name),
                Text(
                    "请检查导出是否成功，或换一个文件。",
                    "Check the export, or choose another file.",
                ),
            )
        )
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(path, name)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise wrong_kind(name, what)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")):
        raise wrong_kind(
            name, Text("网页（有些系统把它存成 .xls）", "a web page, perhaps named .xls")
        )
    if start.startswith(b"<?xml"):
        raise wrong_kind(name, Text("XML 文件", "an XML file"))
    if b"\x00" in head and not utf16(head):
        raise wrong_kind(name, Text("二进制文件", "a binary file"))
    return "text"


def _zip_kind(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names and b"spreadsheet" in archive.read("mimetype"):
                return "ods"
    except (zipfile.BadZipFile, OSError) as error:
        raise damaged(name) from error
    for prefix, what in _IN_ZIP:
        if any(n.startswith(prefix) for n in names):
            if isinstance(what, str):
                return what
            raise wrong_kind(name, what)
    raise wrong_kind(name, Text("压缩包", "an archive"))


def utf16(head: bytes) -> str:
    """``utf-16-le`` or ``utf-16-be`` when the bytes read as text that way, else empty.

    No BOM needed.
    """
    for encoding in ("utf-16-le", "utf-16-be"):
        text = head[: len(head) // 2 * 2].decode(encoding, "ignore").lstrip("\ufeff")
        odd = sum(unicodedata.category(c)[0] == "C" and c not in "\r\n\t" for c in text)
        if "\n" in text and odd * 100 <= len(text):
            return encoding
    return ""


def wrong_kind(name: str, what: Text) -> Refused:
    return Refused(
        Problem(
            "wrong_file_kind",
            Text("“{f}”是{w}，不是表格。", "“{f}” is {w}, not a table.").format(f=name, w=what),
            SAVE_AS,
        )
    )


def damaged(name: str) -> Refused:
    return Refused(
        Problem(
            "damaged_file",
            Text("“{f}”已损坏或没有传完整。", "“{f}” is damaged or incomplete.").format(f=name),
            SAVE_AS,
        )
    )
