"""Importing end to end: stage, check, settle, run, resume, undo."""

import csv
from contextlib import contextmanager
from dataclasses import replace

import pytest

from wubu.collect.imports import actions, queries, running
from wubu.collect.imports.models import Batch, Import
from wubu.kernel.records import queries as records
from wubu.kernel.records.actions import update
from wubu.kernel.types import SYSTEM, Actor, Forbidden, Missing, Refused

pytestmark = pytest.mark.usefixtures("unit")


def upload(*files, actor=SYSTEM):
    """Stage files given as (name, text)."""
    given = [(name, [text.encode() if isinstance(text, str) else text]) for name, text in files]
    return actions.stage(actor=actor, files=given)


def rows_of(object_key):
    return records.visible(SYSTEM, object_key).order_by("id")


def checked(view, actor=SYSTEM):
    actions.check(actor=actor, import_id=view.id)
    return queries.get(actor, view.id)


def run(view, actor=SYSTEM):
    return actions.run(actor=actor, import_id=view.id)


CUSTOMERS = "客户名称,行业,地区\n甲公司,机械装备,上海\n乙公司,化工,北京\n丙公司,,\n"


def test_it_works():
    view = checked(upload(("客户.csv", CUSTOMERS)))
    [batch] = view.batches
    assert (batch.object, batch.checked.created, batch.checked.bad_rows) == ("customer", 3, 0)
    assert rows_of("customer").count() == 0  # checking writes nothing
    done = run(view)
    assert done.created == 3
    assert list(rows_of("customer").values_list("name", "industry", "region")) == [
        ("甲公司", "machinery", "上海"),
        ("乙公司", "chemicals", "北京"),
        ("丙公司", None, None),
    ]


def test_every_value_knows_its_line():
    view = upload(("客户.csv", CUSTOMERS))
    run(view)
    record = rows_of("customer").get(name="乙公司")
    [change] = records.history(SYSTEM, "customer", record.pk)
    assert (change.file, change.line, change.batch_id) == ("客户.csv", 3, view.batches[0].id)
    line = queries.line(SYSTEM, change.batch_id, change.line)
    assert line.cells == ("乙公司", "化工", "北京")


def test_a_second_import_changes_nothing():
    run(upload(("客户.csv", CUSTOMERS)))
    before = list(rows_of("customer").values())
    again = run(upload(("客户.csv", CUSTOMERS)))
    assert (again.created, again.updated) == (0, 0)
    assert list(rows_of("customer").values()) == before


def test_empty_cells_leave_what_is_there():
    run(upload(("客户.csv", CUSTOMERS)))
    run(upload(("客户.csv", "客户名称,行业,地区\n甲公司,,广州\n")))
    record = rows_of("customer").get(name="甲公司")
    assert (record.industry, record.region) == ("machinery", "广州")


def test_unknown_columns_are_listed():
    view = upload(("客户.csv", "客户名称,神秘列\n甲,1\n乙,2\n"))
    assert [c.header for c in view.batches[0].mapping.unmapped] == ["神秘列"]


def test_problems_come_all_together_with_their_lines():
    text = (
        "合同编号,合同名称,客户,合同金额,签订日期\n"
        "HT1,一,甲公司,一百多,2024-02-30\n"
        "HT2,二,没有这家,12.5万,2024/3/1\n"
        ",三,甲公司,1,2024-03-01\n"
    )
    run(upload(("客户.csv", CUSTOMERS)))
    view = checked(upload(("合同.csv", text)))
    found = {(g.code, g.field): g for g in view.batches[0].checked.groups}
    assert found["not_a_number", "amount"].lines == (2,)
    assert any(f == "signed_on" and g.lines == (2,) for (_, f), g in found.items())
    assert found["unknown_link", "customer"].lines == (3,)
    assert all(g.message.zh and g.message.en for g in found.values())
    assert view.batches[0].checked.bad_rows >= 2
    with pytest.raises(Refused):
        run(view)
    assert rows_of("contract").count() == 0


def test_one_answer_settles_every_row_with_the_same_wrong_value():
    run(upload(("products.csv", "产品名称,标准价\nGTX Pro,100\nMG,5\n")))
    text = "商机编号,商机名称,产品\n" + "".join(f"D{n},d{n},GTXPro\n" for n in range(40))
    view = checked(upload(("商机.csv", text)))
    [group] = view.batches[0].checked.groups
    assert (group.value, group.suggestion, group.rows) == ("GTXPro", "GTX Pro", 40)
    actions.resolve(
        actor=SYSTEM,
        batch_id=view.batches[0].id,
        field="product",
        value="GTXPro",
        remedy="accept",
    )
    assert queries.get(SYSTEM, view.id).bad_rows == 0
    run(view)
    assert rows_of("opportunity").filter(product__name="GTX Pro").count() == 40
    # It is remembered for the next file of this kind.
    assert checked(upload(("商机.csv", text))).bad_rows == 0


def test_missing_linked_records_are_created_when_asked():
    view = checked(upload(("联系人.csv", "姓名,客户,手机\n张三,新公司,13800138000\n")))
    assert view.bad_rows == 1
    actions.resolve(
        actor=SYSTEM, batch_id=view.batches[0].id, field="customer", value="新公司", remedy="create"
    )
    run(view)
    assert rows_of("contact").get().customer.name == "新公司"


@pytest.mark.django_db(transaction=True)
def test_an_unknown_option_can_be_added():
    view = checked(upload(("客户.csv", "客户名称,行业\n甲,航空航天\n")))
    [group] = view.batches[0].checked.groups
    assert "option" in group.remedies
    actions.resolve(
        actor=SYSTEM,
        batch_id=view.batches[0].id,
        field="industry",
        value="航空航天",
        remedy="option",
    )


def test_a_misspelt_option_is_read_as_meant_and_told():
    view = checked(upload(("accounts.csv", "account,sector\nAcme,technolgy\nBeta,retail\n")))
    [group] = view.batches[0].checked.groups
    assert (group.code, group.blocking, group.rows) == ("read_as", False, 1)
    run(view)
    assert rows_of("customer").get(name="Acme").industry == "technology"


def test_a_suspicious_value_is_shown_and_does_not_block():
    view = checked(upload(("客户.csv", "客户名称,地区\n甲,Philipines\n乙,China\n")))
    [group] = view.batches[0].checked.groups
    assert (group.code, group.suggestion, group.blocking) == ("suspicious", "Philippines", False)
    run(view)
    assert rows_of("customer").filter(region="Philipines").count() == 1


def test_the_same_key_twice_in_a_file_is_told_with_both_lines():
    view = checked(upload(("商机.csv", "商机编号,商机名称\nA1,甲\nA1,乙\n")))
    [group] = [g for g in view.batches[0].checked.groups if g.code == "duplicate_in_file"]
    assert group.lines == (3,)
    assert "2" in group.message.en


def test_only_the_valid_rows_go_in_after_an_explicit_choice():
    text = "客户名称,年营收\n甲,100\n乙,很多\n丙,300\n"
    view = checked(upload(("客户.csv", text)))
    with pytest.raises(Refused):
        run(view)
    actions.set_options(actor=SYSTEM, import_id=view.id, only_valid=True)
    done = run(view)
    assert (done.created, done.skipped) == (2, 1)
    header, [bad] = queries.bad_rows(SYSTEM, view.batches[0].id)
    assert header == ("客户名称", "年营收")
    assert (bad.line, bad.cells) == (3, ("乙", "很多"))


def test_a_parent_may_stand_anywhere_in_its_own_file():
    view = checked(upload(("客户.csv", "客户名称,上级公司\n子公司,母公司\n母公司,\n")))
    assert view.bad_rows == 0
    run(view)
    assert rows_of("customer").get(name="子公司").parent.name == "母公司"


def test_later_files_may_point_at_what_earlier_ones_bring():
    view = upload(
        ("商机.csv", "商机编号,商机名称,客户\nA1,一,甲公司\nA2,二,甲公词\n"),
        ("客户.csv", CUSTOMERS),
    )
    assert [b.object for b in view.batches] == ["customer", "opportunity"]
    view = checked(view)
    [group] = view.batches[1].checked.groups
    assert (group.value, group.suggestion, group.lines) == ("甲公词", "甲公司", (3,))
    actions.accept_all(actor=SYSTEM, import_id=view.id)
    assert run(view).created == 5


def test_amounts_in_ten_thousands_are_read_by_their_heading():
    view = upload(("客户.csv", "客户名称,年营收（万元）\n甲,12.5\n"))
    run(view)
    assert rows_of("customer").get().revenue == 12_500_000  # fen


def test_all_dates_move_by_one_offset_to_now():
    view = upload(
        (
            "合同.csv",
            "合同编号,合同名称,客户,合同金额,签订日期\n"
            "A,a,甲公司,1,2017-11-30\nB,b,甲公司,2,2017-12-31\n",
        )
    )
    run(upload(("客户.csv", CUSTOMERS)))
    offset = actions.move_to_now(actor=SYSTEM, import_id=view.id)
    assert offset > 0
    run(view)
    first, last = rows_of("contract").values_list("signed_on", flat=True)
    assert (last - first).days == 31


class Killed(BaseException):
    """As a kill: nothing after it runs."""


@contextmanager
def killed_after(monkeypatch, chunks, together):
    """The process dies in the chunk after so many, its rows written and not committed."""
    seen = {"n": 0}
    original = running.Run._bookmark

    def bookmark(self, *args):
        seen["n"] += 1
        if seen["n"] > chunks:
            raise Killed
        original(self, *args)

    monkeypatch.setattr(running, "CHUNK", 10)
    monkeypatch.setattr(running, "TOGETHER", together)
    with monkeypatch.context() as patch:
        patch.setattr(running.Run, "_bookmark", bookmark)
        yield


@pytest.mark.parametrize(("together", "after"), [(1, 2), (2, 2)])
def test_a_killed_import_leaves_whole_chunks_and_goes_on(monkeypatch, together, after):
    text = "客户名称\n" + "".join(f"公司{n}\n" for n in range(35))
    view = upload(("客户.csv", text))
    with killed_after(monkeypatch, after, together), pytest.raises(Killed):
        run(view)
    assert rows_of("customer").count() == 20
    view = queries.get(SYSTEM, view.id)
    assert (view.state, view.done_rows) == ("running", 20)
    Import.objects.update(moved_at=None)  # no sign of life
    assert queries.silent(view)
    done = run(view)
    assert rows_of("customer").count() == 35
    assert done.created == 35
    assert queries.get(SYSTEM, view.id).state == "done"


def test_two_processes_cannot_both_move_an_import_on(monkeypatch):
    text = "客户名称\n" + "".join(f"公司{n}\n" for n in range(15))
    view = upload(("客户.csv", text))
    monkeypatch.setattr(running, "CHUNK", 10)
    plan = Import.objects.get(pk=view.id)
    first, second = (
        running.Run(plan, Batch.objects.get(), replace(SYSTEM, entrance="import")) for _ in "ab"
    )
    first.go()
    with pytest.raises(running.Elsewhere):
        second.go()
    assert rows_of("customer").count() == 15


def test_cancelling_keeps_what_is_in_and_undo_takes_it_back(monkeypatch):
    text = "客户名称,地区\n" + "".join(f"公司{n},上海\n" for n in range(25))
    run(upload(("客户.csv", "客户名称,地区\n公司3,北京\n")))
    view = upload(("客户.csv", text))
    monkeypatch.setattr(running, "CHUNK", 10)
    monkeypatch.setattr(running, "TOGETHER", 1)

    def stop(done, total, note):
        actions.cancel(actor=SYSTEM, import_id=view.id)

    actions.run(actor=SYSTEM, import_id=view.id, progress=stop)
    assert queries.get(SYSTEM, view.id).state == "cancelled"
    assert rows_of("customer").count() == 20
    run(view)
    assert rows_of("customer").count() == 25
    actions.undo(actor=SYSTEM, import_id=view.id)
    assert list(rows_of("customer").values_list("name", "region")) == [("公司3", "北京")]


@pytest.mark.parametrize("only_valid", [False, True])
def test_what_is_wrong_with_one_piece_leaves_those_before_it(monkeypatch, only_valid):
    """Pieces that share a transaction are taken back together, and go in again one by one."""
    names = [f"公司{n}" for n in range(38)]
    text = "客户名称,行业\n" + "".join(
        f"{n},{'没有的行业' if n == '公司25' else '机械装备'}\n" for n in names
    )
    view = upload(("客户.csv", text))
    Import.objects.update(only_valid=only_valid)
    monkeypatch.setattr(running, "CHUNK", 10)
    if only_valid:
        done = run(view)
        assert (done.created, done.skipped) == (37, 1)
    else:
        with pytest.raises(Refused):
            run(view)
        assert queries.get(SYSTEM, view.id).done_rows == 20
    there = set(rows_of("customer").values_list("name", flat=True))
    assert there == (set(names) - {"公司25"} if only_valid else set(names[:20]))


def test_undo_leaves_alone_what_somebody_changed_since():
    view = upload(("客户.csv", CUSTOMERS))
    run(view)
    record = rows_of("customer").get(name="甲公司")
    update(actor=SYSTEM, object_key="customer", id=record.pk, values={"region": "成都"})
    actions.undo(actor=SYSTEM, import_id=view.id)
    assert [r.name for r in rows_of("customer")] == ["甲公司"]


def test_people_come_with_logins_roles_teams_and_managers(cast):
    from wubu.kernel.people import queries as people
    from wubu.kernel.permissions.queries import roles_of

    text = (
        "姓名,上级,大区,入职日期\n张三,李四,华东,2024-03-01\n"
        "李四,,华东,2023-01-01\n王五,李四,华东,\n"
    )
    view = upload(("员工名单.csv", text))
    assert view.batches[0].object == "member"
    assert checked(view).batches[0].checked.created == 3
    done = run(view)
    assert done.created == 3
    by_name = {p.name: p for p in people.members()}
    assert by_name["张三"].login == "zhangsan"
    assert roles_of([by_name["李四"].id])[by_name["李四"].id] == ("sales_manager",)
    assert roles_of([by_name["张三"].id])[by_name["张三"].id] == ("sales_rep",)
    team = people.team(
        people.team_on([by_name["王五"].id], by_name["王五"].joined_on)[by_name["王五"].id]
    )
    assert team.leader_id == by_name["李四"].id
    assert team.path[1] == "华东"
    assert run(upload(("员工名单.csv", text))).created == 0


@pytest.fixture
def cast(db):
    from tests.cast import build_cast

    return build_cast()


def test_only_who_may_import_may_import(cast):
    rep = Actor(cast.zhang_wei.id)
    with pytest.raises(Forbidden):
        upload(("客户.csv", CUSTOMERS), actor=rep)
    manager = Actor(cast.li_qiang.id)
    view = upload(("客户.csv", CUSTOMERS), actor=manager)
    assert {t.key for t in queries.targets(manager)} >= {"customer", "lead"}
    assert "member" not in {t.key for t in queries.targets(manager)}
    with pytest.raises(Missing):
        queries.get(Actor(cast.zhao_min.id), view.id)
    with pytest.raises(Missing):
        queries.line(Actor(cast.zhao_min.id), view.batches[0].id, 2)
    assert queries.get(Actor(cast.zheng_kai.id), view.id).id == view.id  # sets up imports


def test_who_may_see_a_record_may_see_the_columns_behind_it(cast):
    text = "客户名称,电话,负责人,内部备注\n甲公司,021-12345678,张伟,秘密\n乙公司,,刘洋,\n"
    view = upload(("客户.csv", text))
    run(view)
    record = rows_of("customer").get(name="甲公司")
    batch = view.batches[0].id
    mine = queries.line(Actor(cast.zhang_wei.id), batch, 2, record.pk)
    assert mine.pairs == (("客户名称", "甲公司"), ("电话", "021-12345678"), ("负责人", "张伟"))
    finance = queries.line(Actor(cast.wu_xia.id), batch, 2, record.pk)
    assert "电话" not in finance.header  # hidden from finance
    for line, actor, other in ((3, cast.zhang_wei, record.pk), (2, cast.sun_yue, record.pk)):
        with pytest.raises(Missing):
            queries.line(Actor(actor.id), batch, line, other)


def test_a_finished_import_is_not_changed_or_run_again():
    view = upload(("客户.csv", CUSTOMERS))
    run(view)
    with pytest.raises(Refused):
        run(view)
    with pytest.raises(Refused):
        actions.set_target(actor=SYSTEM, batch_id=view.batches[0].id, object_key="lead")


def test_a_full_disk_is_told_and_leaves_no_half_file(monkeypatch):
    import errno
    import os

    from wubu.collect.imports import storage

    def full(fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused) as caught:
        upload(("客户.csv", CUSTOMERS + "丁,,\n"))
    assert caught.value.problems[0].code == "disk_full"
    assert not list(storage.folder().glob("*.part"))


def test_a_command_imports_a_folder_from_end_to_end(tmp_path):
    (tmp_path / "客户.csv").write_text(CUSTOMERS, encoding="gb18030")
    with (tmp_path / "商机.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(
            [["商机编号", "商机名称", "客户"], ["A1", "一", "甲公司"], ["A2", "二", "乙公司"]]
        )
    seen = []
    done = actions.run_folder(tmp_path, actor=SYSTEM, progress=lambda *a: seen.append(a))
    assert [(b.object, b.created) for b in done.batches] == [("customer", 3), ("opportunity", 2)]
    assert seen[-1][0] == seen[-1][1] == 5


def test_problems_of_a_command_are_told_once_per_value(tmp_path):
    (tmp_path / "商机.csv").write_text("商机编号,商机名称,产品\nA,a,X1\nB,b,X1\n", encoding="utf-8")
    with pytest.raises(Refused) as caught:
        actions.run_folder(tmp_path, actor=SYSTEM)
    [problem] = caught.value.problems
    assert (problem.code, problem.value, problem.line) == ("unknown_link", "X1", 2)
    assert "2" in problem.message.zh
