from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import customer, new, sql
from wubu.kernel.audit import queries as log
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft, Saved
from wubu.kernel.types import SYSTEM, Actor, Forbidden, Origin


def save(*drafts: Draft, object_key: str = "opportunity", actor: Actor = SYSTEM, **more) -> Saved:
    return actions.save_many(actor=actor, object_key=object_key, drafts=drafts, **more)


def deals(count: int) -> list[Draft]:
    return [
        Draft({"code": f"D{n}", "name": f"项目{n}", "customer": "甲", "amount": n}, line=n + 2)
        for n in range(count)
    ]


def test_it_works_and_a_second_time_changes_nothing(cast: Cast) -> None:
    customer("甲")
    origin = Origin(batch=3, file="deals.csv")
    saved = save(*deals(50), match_on=("code",), origin=origin)
    assert (saved.created, saved.updated, saved.unchanged, saved.problems) == (50, 0, 0, ())
    last = log.latest_id()
    again = save(*deals(50), match_on=("code",), origin=origin)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 50)
    assert again.ids == saved.ids
    assert log.latest_id() == last
    some = [*deals(49), Draft({"code": "D49", "amount": "7.50"}, line=51)]
    third = save(*some, match_on=("code",))
    assert (third.created, third.updated, third.unchanged) == (0, 1, 49)
    (row,) = log.changes(object_key="opportunity", after_id=last)
    assert (row.record_id, row.line, row.after) == (saved.ids[49], 51, {"amount": "7.50"})


def test_all_or_nothing_with_every_problem(cast: Cast) -> None:
    customer("甲")
    bad = [
        Draft({"code": "X", "name": "x", "customer": "乙公司", "amount": "abc"}, line=60),
        Draft({"code": "D3", "name": "again", "customer": "甲"}, line=61),
        Draft({"name": "no"}, id=424242, line=62),
    ]
    saved = save(*deals(5), *bad)
    found = {(p.line, p.code, p.field) for p in saved.problems}
    assert found == {
        (60, "unknown_link", "customer"),
        (60, "not_a_number", "amount"),
        (61, "not_unique", "code"),
        (62, "no_such_record", None),
    }
    assert saved.created == 0
    assert sql("SELECT count(*) FROM o_opportunity") == [(0,)]


def test_a_misspelt_name_is_accepted_once_for_all(cast: Cast) -> None:
    customer("甲")
    new("product", name="GTX Pro")
    drafts = [
        Draft({"name": f"n{n}", "customer": "甲", "product": "GTXPro"}, line=n) for n in range(20)
    ]
    saved = save(*drafts)
    assert len(saved.problems) == 20
    assert {p.suggestion for p in saved.problems} == {"GTX Pro"}
    assert save(*drafts, accept={"product": {"GTXPro": "GTX Pro"}}).created == 20


def test_a_parent_may_stand_in_the_same_file(cast: Cast) -> None:
    saved = save(
        Draft({"name": "子公司", "parent": "母公司"}),
        Draft({"name": "母公司"}),
        object_key="customer",
    )
    assert saved.created == 2
    child, parent = saved.ids
    assert sql("SELECT parent_id FROM o_customer WHERE id = %s", child) == [(parent,)]


def test_twice_in_one_batch(cast: Cast) -> None:
    customer("甲")
    drafts = [*deals(3), *deals(1)]
    (problem,) = save(*drafts, match_on=("code",)).problems
    assert (problem.code, problem.row) == ("twice", 3)


def test_a_dry_run_leaves_nothing(cast: Cast) -> None:
    customer("甲")
    last = log.latest_id()
    saved = save(*deals(5), dry_run=True)
    assert (saved.created, saved.ids) == (5, (None,) * 5)
    assert log.latest_id() == last
    assert sql("SELECT count(*) FROM o_opportunity") == [(0,)]


def test_check_says_the_same_without_writing(cast: Cast) -> None:
    customer("甲")
    drafts = [*deals(3), Draft({"name": "x", "customer": "没有这家"})]
    told = queries.check(actor=SYSTEM, object_key="opportunity", drafts=drafts, match_on=("code",))
    assert (told.creates, [p.code for p in told.problems]) == (3, ["unknown_link"])
    assert told.problems == save(*drafts).problems


def test_importing_is_a_right_of_its_own(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        save(*deals(1), actor=Actor(cast.zhang_wei.id, "import"))
    customer("甲")
    assert save(*deals(1), actor=Actor(cast.zheng_kai.id, "import")).created == 1


def test_of_a_batch_one_out_of_reach_takes_all_back(cast: Cast) -> None:
    me = acting(cast.zhang_wei)
    customer("甲", me)
    drafts = [*deals(3), Draft({"name": "x", "customer": "甲", "owner": "周涛"}, line=9)]
    saved = save(*drafts, actor=me)
    assert [(p.code, p.line) for p in saved.problems] == [("out_of_reach", 9)]
    assert sql("SELECT count(*) FROM o_opportunity") == [(0,)]


def test_updates_of_many_columns_at_once(cast: Cast) -> None:
    customer("甲")
    ids = save(*deals(40)).ids
    saved = save(
        *(
            Draft(
                {"amount": "1.25", "closed_on": "2026-02-03"} if n % 2 else {"name": f"新{n}"}, id=i
            )
            for n, i in enumerate(ids)
        )
    )
    assert saved.updated == 40
    assert sql("SELECT sum(amount), count(closed_on), sum(version) FROM o_opportunity") == [
        (20 * 125 + sum(n for n in range(0, 40, 2)) * 100, 20, 80)
    ]


def test_a_number_cell_is_a_key_and_not_an_id(cast: Cast) -> None:
    made = customer("甲")
    saved = save(
        Draft({"name": "x", "customer": str(made.id)}), actor=Actor(cast.zheng_kai.id, "import")
    )
    assert [p.code for p in saved.problems] == ["unknown_link"]
