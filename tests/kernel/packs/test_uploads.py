"""Files that people send: what is no pack is told so, and nothing unpacks without end."""

from __future__ import annotations

import io
import zipfile

import pytest

from wubu.kernel.packs.files.loading import load_files, load_text
from wubu.kernel.packs.files.uploads import LARGEST, read_upload, zipped
from wubu.kernel.types import Problem, Refused

HEAD = "pack: club\nversion: 1\nlabel: {zh: 俱乐部, en: Club}\n"
GUEST = "objects:\n  guest:\n    label: {zh: 来宾, en: Guest}\n    fields:\n"
NAME = "      name: {type: text, label: {zh: 姓名, en: Name}}\n"


def archive(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "/") + ".yaml", data)
    return out.getvalue()


def told(data: bytes, name: str = "x.yaml") -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        read_upload(data, name)
    return caught.value.problems


def wrong(text: str) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        load_text(text, "x.yaml")
    return caught.value.problems


def test_it_works() -> None:
    assert read_upload(("\ufeff" + HEAD).encode(), "x.yaml") == {"x.yaml": HEAD}
    files = read_upload(archive(pack=HEAD, objects=GUEST + NAME), "x.zip")
    assert list(load_files(files).pack.objects) == ["guest"]
    assert read_upload(zipped(files), "x.zip") == files
    assert zipped(files) == zipped(files)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (HEAD.encode("gb18030"), "not_utf8"),
        (HEAD.encode("utf-16"), "not_utf8"),
        (b"pack: \xff\xff\xff", "not_utf8"),
        (b"%PDF-1.7", "wrong_kind"),
        (b"\x89PNG\r\n", "wrong_kind"),
        (b"pack: a\0b", "wrong_kind"),
        (b"PK\x03\x04 broken", "bad_archive"),
        (b"x" * (LARGEST + 1), "too_large"),
        (archive(a=b"\0" * LARGEST * 30), "too_large"),
        (archive(a="a: 1\n" * 10, b=b" " * LARGEST), "too_large"),
        (archive(a=HEAD.encode("gb18030")), "not_utf8"),
        (archive(**{f"f{n}": "" for n in range(101)}), "too_many_files"),
        (zipped({"a.txt": "x"}), "no_yaml"),
        (zipped({"[Content_Types].xml": "x", "a.yaml": "x"}), "wrong_kind"),
    ],
    # An archive has the time in it: its bytes are no name.
    ids=[
        *("gb18030", "utf16", "bytes", "pdf", "png", "nul", "broken", "large", "bomb", "stuffed"),
        *("gb18030_inside", "many", "no_yaml", "office"),
    ],
)
def test_what_is_no_pack(data: bytes, code: str) -> None:
    (problem,) = told(data)
    assert problem.code == code
    assert problem.hint


def test_the_encoding_is_named_with_its_line() -> None:
    (problem,) = told(("pack: x\n" + HEAD).encode("gb18030"))
    assert problem.line == 4
    assert "GBK" in problem.message.zh


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("metrics: !!python/object:os.system {a: 1}\n", "yaml_tag", 4),
        ("metrics:\n  a: !!binary aGk=\n", "yaml_tag", 5),
        ("metrics: &a [*a]\n", "too_deep", 4),
        pytest.param("metrics: " + "[" * 200 + "]" * 200 + "\n", "too_deep", 4, id="brackets"),
        ("metrics: &a {b: {<<: *a}}\n", "too_deep", 4),
        ("metrics: {<<: 7}\n", "not_yaml", 4),
        ("? [a, b]\n: 1\n", "not_a_key", 4),
        ("label: {zh: 又, en: Again}\n", "double_key", 4),
        ("---\na: 1\n", "not_yaml", 4),
        ("metrics:\n\ta: 1\n", "not_yaml", 5),
    ],
)
def test_yaml_that_says_too_much(text: str, code: str, line: int) -> None:
    found = wrong(HEAD + text)
    assert {(p.code, p.line) for p in found} == {(code, line)}
    assert all(p.hint for p in found)


def test_a_bomb_of_aliases_is_small() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    assert "too_large" in {p.code for p in wrong(HEAD + bomb)}


def test_no_is_a_word_in_quotation_marks() -> None:
    (problem,) = wrong(HEAD.replace("Club", "No"))
    assert (problem.line, problem.value) == (3, "false")
    assert problem.hint
    assert "False" in problem.hint.en
