"""Which column goes where, on headings as other programs write them.

The catalog here is a small made-up one.
"""

import datetime as dt

import pytest

from wubu.collect.imports import looks, mapping, reading
from wubu.collect.imports.drafts import Drafter
from wubu.collect.imports.recipes import recipe_for
from wubu.collect.imports.suspicious import Spelling
from wubu.collect.imports.targets import PEOPLE, Target
from wubu.kernel.catalog.types import Choice, FieldSpec
from wubu.kernel.records.types import Draft
from wubu.kernel.types import Problem, Text


def field(object_key, key, type_, zh, en, **more):
    return FieldSpec(object_key, key, type_, Text(zh, en), **more)


def target(key, zh, en, title, *fields):
    made = {f[0]: field(key, *f[:4], **(f[4] if len(f) > 4 else {})) for f in fields}
    telling = tuple(k for k in ("customer", "phone") if k in made and k != key)
    return Target(key, Text(zh, en), Text(zh, en + "s"), made, title, telling)


STAGES = tuple(Choice(k, Text(k, k)) for k in ("prospecting", "engaging", "won", "lost"))
CUSTOMER = target(
    "customer",
    "客户",
    "Customer",
    "name",
    ("name", "text", "客户名称", "Name", {"required": True}),
    ("industry", "text", "行业", "Industry"),
    ("phone", "phone", "电话", "Phone"),
    ("owner", "member", "负责人", "Owner"),
    ("parent", "link", "上级客户", "Parent", {"target": "customer"}),
)
OPPORTUNITY = target(
    "opportunity",
    "商机",
    "Opportunity",
    "name",
    ("code", "text", "商机编号", "Code", {"unique": True}),
    ("name", "text", "商机名称", "Name", {"required": True}),
    ("customer", "link", "客户", "Customer", {"target": "customer"}),
    ("product", "link", "产品", "Product", {"target": "product"}),
    ("stage", "stage", "阶段", "Stage", {"choices": STAGES}),
    ("amount", "money", "金额", "Amount"),
    ("opened_on", "date", "开启日期", "Opened on"),
    ("closed_on", "date", "关闭日期", "Closed on"),
    ("owner", "member", "负责人", "Owner"),
)
ALL = (CUSTOMER, OPPORTUNITY, PEOPLE)


def source_of(tmp_path, text, name="data.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return reading.sources(path)[0]


def test_it_works(tmp_path):
    source = source_of(
        tmp_path,
        "客户名称,所属行业,联系电话,负责人,备注2\n甲公司,制造业,13800138000,张伟,x\n",
        "客户.csv",
    )
    [best, *_] = mapping.best(source, ALL)
    assert best[1].key == "customer"
    assert best[2].fields == {"name": 0, "industry": 1, "phone": 2, "owner": 3}
    assert [c.header for c in best[2].unmapped] == ["备注2"]


@pytest.mark.parametrize(
    "header",
    [
        "Deal ID,Deal Name,Account Name,Deal Stage,Amount,Close Date,Owner",
        "商机编号,商机名称,客户名称,销售阶段,商机金额,成交日期,负责人",
        "code,name,customer,stage,amount,closed_on,owner",
        "Opportunity_ID,opportunity name,Client,STAGE,Deal Value,closed date,Assigned To",
    ],
)
def test_headings_of_other_programs(tmp_path, header):
    row = "A1,Sensor deal,Acme,won,1200,2024-05-01,Anna"
    source = source_of(tmp_path, f"{header}\n{row}\n", "deals.csv")
    [best, *_] = mapping.best(source, ALL)
    assert best[1].key == "opportunity"
    keys = ["code", "name", "customer", "stage", "amount", "closed_on", "owner"]
    assert best[2].fields == {key: n for n, key in enumerate(keys)}
    assert best[2].match_on == ("code",)


def test_values_that_contradict_the_heading_lower_the_score(tmp_path):
    source = source_of(tmp_path, "name,amount\nAcme,open\nBeta,open\n")
    found = mapping.suggest(source, OPPORTUNITY)
    assert "amount" not in found.fields or found.columns[1].score < 60


def test_a_column_of_phones_is_known_by_its_values(tmp_path):
    source = source_of(tmp_path, "客户,X1\n甲,13800138000\n乙,13900139000\n")
    assert mapping.suggest(source, CUSTOMER).fields["phone"] == 1


def test_units_in_brackets_are_no_part_of_a_heading(tmp_path):
    source = source_of(tmp_path, "商机编号,商机名称,金额（万元）\nA,甲,12.5\n")
    found = mapping.suggest(source, OPPORTUNITY)
    assert found.fields["amount"] == 2
    assert found.columns[2].factor == 10_000
    [draft] = drafts(source, found, OPPORTUNITY)
    assert draft.values["amount"] == 125_000


def test_repeated_names_are_no_key(tmp_path):
    source = source_of(tmp_path, "客户名称,行业\n甲,a\n甲,b\n")
    assert mapping.suggest(source, CUSTOMER).match_on == ()


def test_long_texts_are_no_key_the_moment_and_the_customer_are(tmp_path):
    note = field("note", "text", "longtext", "内容", "Content")
    at = field("note", "at", "datetime", "时间", "At")
    whose = field("note", "customer", "link", "客户", "Customer", target="customer")
    fields = {f.key: f for f in (note, at, whose)}
    label = Text("记录", "Note")
    goal = Target("note", label, label, fields, "text", ("customer", "at"), "at")
    rows = "甲,2026-01-01 09:00,已联系\n乙,2026-01-01 09:00,已联系\n"
    source = source_of(tmp_path, f"客户,时间,内容\n{rows}")
    assert mapping.suggest(source, goal).match_on == ("at", "customer")
    source = source_of(tmp_path, f"客户,时间,内容\n{rows}甲,2026-01-01 09:00,再次联系\n")
    assert mapping.suggest(source, goal).match_on == ("at", "customer", "text")


def test_a_mapping_survives_json_and_is_laid_over_the_next_file(tmp_path):
    source = source_of(tmp_path, "客户名称,行业\n甲,a\n乙,b\n")
    found = mapping.suggest(source, CUSTOMER)
    assert mapping.from_json(mapping.to_json(found)) == found
    other = source_of(tmp_path, "行业,客户 名称,新列\na,甲,1\n", "next.csv")
    laid = mapping.carry_over(found, mapping.columns_of(other))
    assert laid.fields == {"industry": 0, "name": 1}
    assert [c.header for c in laid.unmapped] == ["新列"]


@pytest.mark.parametrize(
    ("values", "look"),
    [
        (["2024-01-31", "2024/2/1", "2024年3月5日"], "date"),
        (["15 Apr, 2021 00:02:00"], "datetime"),
        (["$22,700.00", "$1,117.10K"], "money"),
        (["1,200", "35.5"], "number"),
        (["12%", "3.5 %"], "percent"),
        (["a@b.cn"], "email"),
        (["是", "否"], "bool"),
        (["", None], "empty"),
        ([dt.date(2024, 1, 1)], "date"),
        (["甲", "乙"], "text"),
    ],
)
def test_looks(values, look):
    assert looks.looks(values) == look


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["03/04/2024", "25/04/2024"], ("dmy", True)),
        (["03/04/2024", "04/25/2024"], ("mdy", True)),
        (["03/04/2024"], ("mdy", False)),
        (["2024-03-04"], ("ymd", True)),
    ],
)
def test_the_order_of_day_and_month(values, order):
    assert looks.date_order(values) == order


def drafts(source, found, goal, offset=0):
    return list(Drafter(found, goal, offset).drafts(reading.rows(source)))


def test_rows_become_drafts_with_their_lines(tmp_path):
    source = source_of(
        tmp_path,
        "code,name,stage,amount,closed_on\nA1,甲,Closed Won,-,\nA2,乙,lost,0,2024-02-29\n",
    )
    first, second = drafts(source, mapping.suggest(source, OPPORTUNITY), OPPORTUNITY)
    # Empty cells are left out: they leave what is there as it is.
    assert first == Draft({"code": "A1", "name": "甲", "stage": "won"}, line=2)
    assert second.values["amount"] == "0"
    assert second.line == 3


def test_all_dates_move_by_one_offset(tmp_path):
    source = source_of(tmp_path, "name,closed_on\n甲,2024-02-28\n乙,29 Feb 2024\n丙,2024-02-30\n")
    found = mapping.suggest(source, OPPORTUNITY)
    days = [d.values["closed_on"] for d in drafts(source, found, OPPORTUNITY, 2)]
    assert days[:2] == [dt.date(2024, 3, 1), dt.date(2024, 3, 2)]
    assert days[2] == "2024-02-30"  # impossible: the check tells of it


def test_day_first_dates_are_read_as_the_column_proves(tmp_path):
    source = source_of(tmp_path, "name,closed_on\n甲,03/04/2024\n乙,25/12/2024\n")
    found = mapping.suggest(source, OPPORTUNITY)
    assert [d.values["closed_on"] for d in drafts(source, found, OPPORTUNITY)] == [
        "2024-04-03",
        "2024-12-25",
    ]


def test_a_row_with_surplus_cells_is_a_problem_with_its_line(tmp_path):
    source = source_of(tmp_path, "name,amount\n甲,1\n乙,2,3\n丙,4\n")
    _, odd, _ = drafts(source, mapping.suggest(source, OPPORTUNITY), OPPORTUNITY)
    assert isinstance(odd, Problem)
    assert (odd.code, odd.line) == ("too_many_cells", 3)


def test_a_recipe_knows_the_files_of_a_published_set(tmp_path):
    source = source_of(
        tmp_path,
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
        "1C1I7A6R,Moses Frase,GTX Plus Basic,,Won,2016-10-20,2017-03-01,1054\n",
        "sales_pipeline.csv",
    )
    recipe = recipe_for(source)
    found = recipe.apply(source, OPPORTUNITY)
    [draft] = drafts(source, found, OPPORTUNITY)
    assert draft.values["name"] == "GTX Plus Basic"
    assert draft.values["stage"] == "won"
    assert "customer" not in draft.values
    assert found.match_on == ("code",)


def test_a_list_of_people_in_chinese_is_recognised(tmp_path):
    source = source_of(tmp_path, "姓名,上级,部门,工号\n张伟,李娜,华东一组,007\n", "员工花名册.csv")
    found = recipe_for(source).apply(source, PEOPLE)
    assert found.fields == {"name": 0, "manager": 1, "team": 2, "employee_no": 3}


def test_misspelt_values_are_noticed_and_free_text_is_left_alone():
    watch = Spelling()
    for n, value in enumerate(["technolgy"] * 12 + ["medical"] * 9 + ["Philipines", "Kenya"]):
        watch.see(value, n + 2)
    assert watch.suspects() == {"technolgy": "technology", "Philipines": "Philippines"}
    assert watch.lines["Philipines"] == [23]
    free = Spelling()
    for n in range(400):
        free.see(f"note {n}", n)
    assert free.suspects() == {}


def test_a_rare_neighbour_of_a_frequent_value_is_noticed():
    watch = Spelling()
    for n, value in enumerate(["深圳分公司门店"] * 20 + ["深圳分公司们店"]):
        watch.see(value, n)
    assert watch.suspects() == {} or watch.suspects() == {"深圳分公司们店": "深圳分公司门店"}
