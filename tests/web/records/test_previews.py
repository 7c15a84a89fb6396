"""Word documents are looked at in place: their words, and nothing else of them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from wubu.web import previews

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(tmp_path: Path, body: str, name: str = previews.DOCUMENT, head: str = "") -> Path:
    where = tmp_path / "a.docx"
    with zipfile.ZipFile(where, "w") as packed:
        packed.writestr(name, f'<?xml version="1.0"?>{head}<w:document {NS}><w:body>{body}')
    return where


def whole(body: str) -> str:
    return f"{body}</w:body></w:document>"


def p(text: str, style: str = "") -> str:
    pr = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{pr}<w:r><w:t>{text}</w:t></w:r></w:p>"


def test_it_works(tmp_path: Path) -> None:
    cells = "".join(f"<w:tc>{p(c)}</w:tc>" for c in ("付款", "30%"))
    table = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    where = docx(tmp_path, whole(p("会议纪要", "Heading1") + p("第一段") + table + p("")))
    blocks, cut = previews.document(where)
    assert [(b.kind, b.text, b.rows) for b in blocks] == [
        ("h", "会议纪要", ()),
        ("p", "第一段", ()),
        ("table", "", (("付款", "30%"),)),
    ]
    assert not cut


def test_a_table_in_a_table_is_the_text_of_its_cell(tmp_path: Path) -> None:
    inner = f"<w:tbl><w:tr><w:tc>{p('里')}</w:tc></w:tr></w:tbl>"
    outer = f"<w:tbl><w:tr><w:tc>{p('外')}{inner}</w:tc></w:tr></w:tbl>"
    assert previews.document(docx(tmp_path, whole(outer)))[0][0].rows == (("外\n里",),)


def test_long_ones_are_cut(tmp_path: Path) -> None:
    where = docx(tmp_path, whole(p("x") * (previews.MOST_BLOCKS + 1)))
    blocks, cut = previews.document(where)
    assert (len(blocks), cut) == (previews.MOST_BLOCKS, True)


def test_what_is_no_document_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    broken = tmp_path / "b.docx"
    broken.write_bytes(b"PK\x03\x04 no archive")
    named = tmp_path / "none.docx"
    for body, name, head in (
        (whole(p("&b;")), previews.DOCUMENT, bomb),
        (p("not closed"), previews.DOCUMENT, ""),
        (whole(p("x")), "word/other.xml", ""),
    ):
        with pytest.raises(previews.Unreadable):
            previews.document(docx(tmp_path, body, name, head))
    for where in (broken, named):
        with pytest.raises(previews.Unreadable):
            previews.document(where)
