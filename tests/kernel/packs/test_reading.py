"""A pack is read whole: every mistake at once, each with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from wubu.kernel.packs.content.build import objects
from wubu.kernel.packs.content.check import check
from wubu.kernel.packs.content.source import SHIPPED, plain, read_source
from wubu.kernel.types import Problem, Refused

PACK = """\
pack: club
version: 1
label: {zh: 俱乐部, en: Club}
objects:
  guest:
    label: {zh: 来宾, en: Guest}
    fields:
      name: {type: text, label: {zh: 姓名, en: Name}}
      host: {type: link, target: guest, label: {zh: 接待人, en: Host}}
      visits:
        type: rollup
        label: {zh: 到访, en: Visits}
        options: {object: guest, via: host, agg: count}
    roles: {title: name}
    list: [name]
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def problems(where: Path) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        check(read_source(where))
    return caught.value.problems


def test_it_works(tmp_path: Path) -> None:
    pack = check(read_source(folder(tmp_path, a=PACK)))
    (guest,) = objects(pack)
    assert guest.label.en == "Guest"
    assert guest.role("title") is guest.fields["name"]
    assert guest.fields["visits"].options["result"] == "number"
    assert guest.options["list"] == ["name"]


def test_the_sales_pack_is_complete_and_bilingual() -> None:
    specs = {s.key: s for s in objects(check(read_source(SHIPPED / "sales")))}
    assert " ".join(specs) == (
        "lead customer contact opportunity follow_up follow_plan visit quote quote_line contract "
        "contract_split payment_plan payment invoice product survey"
    )
    for spec in specs.values():
        assert spec.icon
        assert spec.options["list"]
        shown = [key for section in spec.options["form"] for key in section["fields"]]
        assert len(shown) == len(set(shown))
        typed = {f.key for f in spec.fields.values() if f.type not in {"rollup", "formula"}}
        assert set(shown) == typed - {spec.part_of}, spec.key
        for field in spec.fields.values():
            assert field.label.zh != field.label.en
    assert specs["customer"].fields["last_follow_up"].options["result"] == "datetime"
    assert specs["quote"].fields["amount"].options["result"] == "money"
    assert specs["opportunity"].fields["stage"].choice("won").outcome == "won"  # type: ignore[union-attr]


def test_files_of_a_folder_are_one_pack(tmp_path: Path) -> None:
    bar = "objects:\n  bar: {label: {zh: 吧台, en: Bar}, fields: {}}\n"
    more = "metrics:\n  guests: {kind: count, label: {zh: 来宾, en: Guests}}\n" + bar
    source = read_source(folder(tmp_path, a=PACK, b=more))
    assert [o.key for o in objects(check(source))] == ["guest", "bar"]
    assert plain(source.data)["metrics"]["guests"]["kind"] == "count"


def test_every_mistake_at_once_with_its_line(tmp_path: Path) -> None:
    text = (
        PACK.replace("type: text", "type: texd")
        .replace("target: guest", "target: gest")
        .replace("list: [name]", "list: [name, nane]")
        .replace("agg: count", "agg: cuont")
        .replace("title: name", "title: host")
    )
    found = problems(folder(tmp_path, a=text))
    assert {p.line for p in found} == {8, 9, 13, 14, 15}
    said = {p.line: (p.message.en, p.hint.en if p.hint else "") for p in found}
    assert "texd" in said[8][0]
    assert "text" in said[8][1]
    assert "guest" in said[9][1]
    assert "“host” is of type link" in said[14][0]
    assert "name" in said[15][1]
    assert all(p.message.zh.startswith("a.yaml 第") for p in found)


def test_options_name_what_is_there(tmp_path: Path) -> None:
    text = PACK + "    options: {card: [nane], stage_dates: {won: name}}\n"
    said = [p.message.en for p in problems(folder(tmp_path, a=text))]
    assert len(said) == 3
    assert any("“nane”" in words for words in said)
    assert any("no stage “won”" in words for words in said)
    assert any("no date field “name”" in words for words in said)


def test_shape_mistakes(tmp_path: Path) -> None:
    text = (
        PACK.replace("version: 1", "version: one")
        .replace("roles: {title: name}", "rolls: {title: name}")
        .replace("label: {zh: 来宾, en: Guest}", "label: {zh: 来宾}")
    )
    found = problems(folder(tmp_path, a=text))
    assert {p.line for p in found} == {2, 6, 14}
    said = {p.line: (p.message, p.hint) for p in found}
    assert (
        said[14][0].en == "a.yaml, line 14: objects › guest › rolls: the key “rolls” is not known."
    )
    assert said[14][1].en.startswith("Did you mean “roles”? What may stand here: label,")  # type: ignore[union-attr]
    assert "现在是“one”，应为整数" in said[2][0].zh
    assert all(p.hint for p in found)


def test_shape_and_references_in_one_go(tmp_path: Path) -> None:
    text = (
        PACK.replace("list: [name]", "list: nane")
        .replace("required", "x")
        .replace("title: name", "title: nam")
        .replace("agg: count", "agg: total")
        .replace("type: text,", "type: text, requird: true, unique: 7,")
    ) + (
        "metrcs: {}\n"
        "alerts:\n  late: {labl: x, object: guest, filter: 'TRUE', severity: 3}\n"
        "scorecards: [1]\nmetrics:\n  a: 7\n  b: {label: x}\n"
    )
    found = problems(folder(tmp_path, a=text))
    assert {p.line for p in found} == {8, 13, 14, 15, 16, 18, 19, 21, 22}
    assert sum(p.line == 8 for p in found) == 2
    assert {p.value for p in found if p.line == 18} == {"labl", "3", None}
    assert all(p.hint or "应为" in p.message.zh for p in found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pack: [", "not_yaml"),
        ("- a\n- b\n", "not_a_mapping"),
        (PACK + "version: 2\n", "double_key"),
        ("", "pack_shape"),
    ],
)
def test_files_that_are_no_pack(tmp_path: Path, text: str, code: str) -> None:
    assert code in {p.code for p in problems(folder(tmp_path, a=text))}


def test_a_key_in_two_files_is_named_with_both(tmp_path: Path) -> None:
    twice = "objects:\n  guest: {label: {zh: 又, en: Again}, fields: {}}\n"
    (problem,) = problems(folder(tmp_path, a=PACK, b=twice))
    assert problem.code == "double_key"
    assert "b.yaml, line 2" in problem.message.en
    assert "a.yaml, line 5" in problem.message.en


def test_no_such_pack_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read_source(SHIPPED / "nothing")
    assert "sales" in caught.value.problems[0].hint.en  # type: ignore[union-attr]


def test_latin_1_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("pack: é".encode("latin-1"))
    assert problems(tmp_path)[0].code == "not_readable"


def test_merge_keys_may_be_overridden(tmp_path: Path) -> None:
    merged = (
        "metrics:\n  a: &a {kind: sum, unit: money}\n"
        "  b: &b {<<: *a, unit: number}\n  c: {<<: *b}\n"
    )
    source = read_source(folder(tmp_path, a=PACK, b=merged))
    assert source.data["metrics"]["b"] == {"kind": "sum", "unit": "number"}
    assert source.data["metrics"]["c"] == source.data["metrics"]["b"]
