"""Packs that build on another: what they change, leave out, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.packs.emptying import empty
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs import actions, queries
from wubu.kernel.packs.files.loading import load, load_text, shipped_keys
from wubu.kernel.types import SYSTEM, Refused
from wubu.kernel.workspace import unit_of_work
from wubu.measure.figures.queries import dictionary

INDUSTRIES = ("finance", "internet_tob", "pharma", "saas")


def test_it_works() -> None:
    assert shipped_keys() == ("sales", *INDUSTRIES)
    pharma = load("pharma")
    objects = pharma.content["objects"]
    assert {"department", "meeting", "outflow"} <= set(objects)
    assert "lead" not in objects
    assert objects["customer"]["label"]["en"] == "Hospital"
    assert objects["follow_up"]["fields"]["content"]["type"] == "longtext"
    assert next(iter(objects["opportunity"]["fields"]["stage"]["choices"])) == "applied"
    assert "sales_paid" not in pharma.content["metrics"]
    file, line = pharma.source.place(("objects", "follow_up", "fields", "content"))
    assert (file, line > 0) == ("sales/activity.yaml", True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", INDUSTRIES)
def test_each_industry_stands_by_itself(key: str) -> None:
    empty()
    with unit_of_work():
        assert actions.install(key, actor=SYSTEM)
    with unit_of_work():
        assert not dictionary().broken
        assert queries.upgrade(key).is_empty
        text = queries.export(SYSTEM)
        assert not queries.compare_text(text, "x").differences
        for spec in snapshot().live:
            assert spec.label.zh != spec.label.en
    empty()
    with unit_of_work():
        actions.install_text(text, "x.yaml", actor=SYSTEM)
    with unit_of_work():
        assert queries.export(SYSTEM) == text


def test_the_base_reaches_the_variant(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        """
pack: mine
version: 1
extends: sales
label: {zh: 我的, en: Mine}
objects:
  visit: null
  customer:
    fields:
      industry: null
      grade: {label: {zh: 潜力, en: Potential}}
    list+: [created_at]
  opportunity:
    fields: {stage: {default: a, choices!: {a: {label: {zh: 甲, en: A}}}}}
    options: {stage_dates!: {a: opened_on}}
""",
        encoding="utf-8",
    )
    made = load("mine", tmp_path).content["objects"]
    assert made["customer"]["fields"]["grade"]["choices"]["a"]
    assert made["customer"]["list"][-1] == "created_at"
    assert "industry" not in made["customer"]["list"]
    assert not any(p["object"] == "visit" for p in made["customer"]["panels"])
    assert list(made["opportunity"]["fields"]["stage"]["choices"]) == ["a"]
    grants = load("mine", tmp_path).content["roles"]["sales_rep"]["grants"]
    assert not any(g["object"] == "visit" for g in grants)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("pack: x\nversion: 1\nlabel: {zh: x, en: x}\nextends: nothing\n", "no_such_pack", 4),
        (
            "pack: x\nversion: 1\nlabel: {zh: x, en: x}\nextends: sales\nobjects:\n  leed: null\n",
            "pack_left_out",
            6,
        ),
        ("pack: x\nversion: 1\nlabel: {zh: x\n", "not_yaml", 4),
        ("pack: x\nversion: 1\nlabel: {zh: x, en: !!python/object:os.system y}\n", "yaml_tag", 3),
        ("pack: x\nversion: one\nlabel: {zh: x, en: x}\n", "pack_shape", 2),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, code: str, line: int) -> None:
    with pytest.raises(Refused) as caught:
        load_text(text, "x.yaml")
    found = [(p.code, p.line) for p in caught.value.problems]
    assert (code, line) in found
    assert all(p.hint or code == "pack_shape" for p in caught.value.problems)


def test_aliases_of_aliases_do_not_grow_without_end() -> None:
    lines = ["pack: x", "version: 1", "label: {zh: x, en: x}", "a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 9)]
    with pytest.raises(Refused) as caught:
        load_text("\n".join(lines), "x.yaml")
    assert "too_large" in {p.code for p in caught.value.problems}
