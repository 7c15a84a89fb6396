"""Files as they arrive: kinds, encodings, delimiters, headings, and true line numbers."""

import datetime as dt
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from wubu.collect.imports import reading
from wubu.kernel.types import Refused


def source_of(tmp_path: Path, content: bytes, name: str = "客户.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    [source] = reading.sources(path)
    return source


def refusal(tmp_path: Path, content: bytes, name: str = "x.csv"):
    with pytest.raises(Refused) as caught:
        source_of(tmp_path, content, name)
    [problem] = caught.value.problems
    assert problem.message.zh
    assert problem.message.en
    assert problem.hint is not None
    return problem


def test_it_works(tmp_path):
    source = source_of(tmp_path, "名称,金额\n甲公司,12.50\n乙公司,3\n".encode())
    assert source.header == ("名称", "金额")
    assert list(reading.rows(source)) == [(2, ["甲公司", "12.50"]), (3, ["乙公司", "3"])]
    assert reading.count(source) == 2


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_chinese_in_every_usual_encoding(tmp_path, encoding):
    text = "客户名称\t所属行业\n" + "深圳市科陆电子有限公司\t制造业\n" * 40
    source = source_of(tmp_path, text.encode(encoding), "a.txt")
    assert source.header == ("客户名称", "所属行业")
    assert source.delimiter == "\t"
    assert [cells[0] for _, cells in reading.rows(source)] == ["深圳市科陆电子有限公司"] * 40


def test_western_accents_are_not_taken_for_chinese(tmp_path):
    text = "name;city\nMüller GmbH;Köln\nCafé Zoë;Liège\nÅngström AB;Malmö\n"
    source = source_of(tmp_path, text.encode("cp1252"))
    assert next(reading.rows(source)) == (2, ["Müller GmbH", "Köln"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path, delimiter):
    rows = [["a", "b", "c"], ["x, y", "1", "2"], ["z", "3", "4"]]
    text = "\n".join(delimiter.join(f'"{c}"' if "," in c else c for c in r) for r in rows)
    source = source_of(tmp_path, text.encode())
    assert source.delimiter == delimiter
    assert [len(cells) for _, cells in reading.rows(source)] == [3, 3]


def test_line_numbers_stay_true_with_breaks_inside_cells_and_empty_lines(tmp_path):
    text = 'name,note\nA,"one\ntwo\nthree"\n\n\nB,x\n,\nC,y\n'
    source = source_of(tmp_path, text.encode())
    assert [(line, cells[0]) for line, cells in reading.rows(source)] == [
        (2, "A"),
        (7, "B"),
        (9, "C"),
    ]
    assert reading.line(source, 7) == ["B", "x"]
    assert reading.line(source, 8) is None


def test_reading_goes_on_from_a_line(tmp_path):
    source = source_of(tmp_path, b"n\n" + b"".join(b"r%d\n" % i for i in range(100)))
    assert [line for line, _ in reading.rows(source, 99)] == [99, 100, 101]


def test_titles_above_the_headings_are_passed_over(tmp_path):
    source = source_of(tmp_path, "2024年客户清单,,\n\n名称,电话,地区\n甲,1,2\n乙,3,4\n".encode())
    assert source.header_line == 3
    assert source.header == ("名称", "电话", "地区")


def test_repeated_and_empty_headings_are_told(tmp_path):
    source = source_of(tmp_path, "名称,电话,电话,,备注\na,b,c,d,e\nf,g,h,i,j\n".encode())
    assert source.header == ("名称", "电话", "电话 (2)", "D", "备注")
    assert {n.code for n in source.notices} == {"header_repeated", "header_empty"}
    assert all(n.line == 1 for n in source.notices)


def test_a_file_without_headings_calls_its_columns_by_letter(tmp_path):
    source = source_of(tmp_path, b"1,Anna,2024-01-31,17.5\n2,Ben,2024-02-29,18.5\n")
    assert source.header == ("A", "B", "C", "D")
    assert len(list(reading.rows(source))) == 2
    assert [n.code for n in source.notices] == ["no_header"]


def test_years_and_months_may_be_headings(tmp_path):
    source = source_of(tmp_path, "姓名,2023,2024,1月,2月\n甲,1,2,3,4\n乙,1,2,3,4\n".encode())
    assert source.header == ("姓名", "2023", "2024", "1月", "2月")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty_file"),
        (b"%PDF-1.7 rubbish", "wrong_file_kind"),
        (b"\x89PNG\r\n\x1a\n", "wrong_file_kind"),
        (b"\x1f\x8b\x08\x00", "wrong_file_kind"),
        (b"<html><table><tr><td>1</td></tr></table>", "wrong_file_kind"),
        (b"abc\x00\x01\x02\x03binary\x00\x00", "wrong_file_kind"),
        (b"PK\x03\x04 broken archive", "damaged_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "damaged_file"),
        ("名称,电话\n".encode(), "no_rows"),
    ],
)
def test_what_is_no_table_is_refused_with_a_remedy(tmp_path, content, code):
    assert refusal(tmp_path, content).code == code


def workbook(path: Path, sheets: dict[str, list[list[object]]], start: int = 0) -> Path:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, cells in enumerate(rows):
            for c, cell in enumerate(cells):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(start + r, c, dt.datetime.combine(cell, dt.time()))
                elif cell is not None:
                    sheet.write(start + r, c, cell)
    book.close()
    return path


def test_workbooks_have_sheets_typed_cells_and_real_dates(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        {
            "客户": [
                ["名称", "签约", "金额"],
                ["甲", dt.date(2024, 2, 29), 12.5],
                [],
                ["乙", None, 12],
            ],
            "空": [],
            "产品": [["产品"], ["传感器"]],
        },
        start=2,
    )
    first, second = reading.sources(path)
    assert (first.sheet, first.header_line, second.sheet) == ("客户", 3, "产品")
    assert list(reading.rows(first)) == [
        (4, ["甲", dt.date(2024, 2, 29), 12.5]),
        (6, ["乙", "", 12]),
    ]


def test_the_first_bytes_decide_not_the_name(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"S": [["n", "m"], ["x", "y"]]})
    [source] = reading.sources(path.rename(tmp_path / "a.csv"))
    assert source.kind == "xlsx"


def test_an_empty_workbook_is_refused(tmp_path):
    with pytest.raises(Refused) as caught:
        reading.sources(workbook(tmp_path / "a.xlsx", {"S": []}))
    assert caught.value.problems[0].code == "no_rows"


def test_a_word_document_is_named_as_such(tmp_path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(Refused) as caught:
        reading.sources(path)
    assert "Word" in caught.value.problems[0].message.en
