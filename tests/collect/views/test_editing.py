"""One value for many records, and blocks of cells."""

from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.collect.views.making import _spec, blind, make
from wubu.collect.views import editing
from wubu.kernel.jobs.models import Job
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as seen
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused


def test_one_value_for_many_and_back(cast: Cast) -> None:
    ids = [make(cast.zhang_wei, f"单{n}").id for n in range(3)]
    done = editing.edit(
        actor=acting(cast.li_qiang),
        object_key="opportunity",
        ids=ids,
        field="source",
        value="website",
    )
    assert (done.updated, done.unchanged) == (3, 0)
    records.undo_batch(actor=acting(cast.li_qiang), batch=done.batch)
    found = [seen.get(SYSTEM, "opportunity", i).values["source"] for i in ids]
    assert found == [None, None, None]


def test_what_one_may_not_change_is_refused_as_a_whole(cast: Cast) -> None:
    mine, other = make(cast.zhang_wei, "我的"), make(cast.sun_yue, "别人的")
    with pytest.raises((Refused, Missing)):
        editing.edit(
            actor=acting(cast.zhang_wei),
            object_key="opportunity",
            ids=[mine.id, other.id],
            field="source",
            value="website",
        )
    assert seen.get(SYSTEM, "opportunity", mine.id).values["source"] is None
    part = editing.edit_some(
        actor=acting(cast.zhang_wei),
        object_key="opportunity",
        ids=[mine.id, other.id],
        field="source",
        value="website",
        batch=editing.start(acting(cast.zhang_wei), "opportunity", "source"),
    )
    assert (part.updated, part.refused) == (1, 1)
    assert seen.get(SYSTEM, "opportunity", other.id).values["source"] is None


def test_fields_that_cannot_be_typed(cast: Cast) -> None:
    one = make(cast.zhang_wei, "单")
    for field, error in (("last_follow_up", Forbidden), ("nothing", Refused)):
        with pytest.raises(error):
            editing.edit(
                actor=acting(cast.zhang_wei),
                object_key="opportunity",
                ids=[one.id],
                field=field,
                value="1",
            )
    blind(cast, cast.zhang_wei)
    with pytest.raises(Refused) as hidden:
        editing.writable(acting(cast.zhang_wei), _spec(), "amount")
    with pytest.raises(Refused) as absent:
        editing.writable(acting(cast.zhang_wei), _spec(), "nothing")
    assert hidden.value.problems[0].code == absent.value.problems[0].code


def test_counting_what_a_filter_finds(cast: Cast) -> None:
    for n in range(4):
        make(cast.zhang_wei, f"单{n}", amount=n)
    query = Query(filter="{amount} > 1")
    assert editing.count(acting(cast.zhang_wei), "opportunity", query) == (2, 2)
    assert editing.count(acting(cast.sun_yue), "opportunity", query) == (0, 0)
    assert [len(c) for c in editing.ids_of(acting(cast.li_qiang), "opportunity", query)] == [2]


@pytest.mark.django_db(transaction=True)
def test_in_the_background_with_progress(cast: Cast) -> None:
    from wubu.kernel.jobs import actions as jobs
    from wubu.kernel.jobs.running import execute

    for n in range(5):
        make(cast.zhang_wei, f"单{n}", amount=n)
    actor = acting(cast.li_qiang)
    batch = editing.start(actor, "opportunity", "source")
    kwargs = {
        "object_key": "opportunity",
        "field": "source",
        "value": "website",
        "batch": batch,
        "filter": "{amount} > 1",
    }
    job = jobs.enqueue(editing.JOB, kwargs, actor=actor)
    Job.objects.filter(id=job.id).update(state="running", attempts=1)
    execute(job.id)
    row = Job.objects.get(id=job.id)
    assert row.state == "done", row.error
    assert (row.result["updated"], row.result["refused"]) == (3, 0)
    assert row.total == 3
    undone = records.undo_batch(actor=actor, batch=batch)
    assert undone.put_back == 3


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a\tb\nc\td", [["a", "b"], ["c", "d"]]),
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ('"x\ny"\t"say ""hi"""', [["x\ny", 'say "hi"']]),
        ("", [[""]]),
        ("\t\n\t", [["", ""], ["", ""]]),
        ('"open', [["open"]]),
        ('5" pipe\tb', [['5" pipe', "b"]]),
    ],
)
def test_cells_of_a_spreadsheet(text: str, cells: list[list[str]]) -> None:
    assert editing.table(text) == cells


def test_a_block_is_all_or_nothing(cast: Cast) -> None:
    one, two = make(cast.zhang_wei, "一"), make(cast.zhang_wei, "二")
    actor = acting(cast.zhang_wei)
    where = {
        "actor": actor,
        "object_key": "opportunity",
        "rows": [(one.id, one.version), (two.id, two.version)],
        "columns": ["amount", "expected_close"],
    }
    bad = editing.block(text="10\t2026-12-01\n很多\t没有日期", **where)
    assert {(p.row, p.field) for p in editing.check(actor, "opportunity", bad).problems} == {
        (1, "amount"),
        (1, "expected_close"),
    }
    with pytest.raises(Refused):
        editing.paste(actor, "opportunity", bad)
    assert seen.get(actor, "opportunity", one.id).values["amount"] is None
    good = editing.block(text="10\t2026-12-01\tx\n1,234.5\t\n9\t9", **where)
    assert (good.cut_rows, good.cut_columns) == (1, 1)
    done = editing.paste(actor, "opportunity", good)
    assert done.updated == 2
    assert seen.get(actor, "opportunity", two.id).values["amount"] == 123450
    records.undo_batch(actor=actor, batch=done.batch)
    assert seen.get(actor, "opportunity", two.id).values["amount"] is None
