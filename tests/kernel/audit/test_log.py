from __future__ import annotations

import pytest

from wubu.kernel.audit import actions, queries
from wubu.kernel.calendar.queries import now
from wubu.kernel.types import Actor, Origin

ZHANG = Actor(7, "import")


def append(count: int, origin: Origin | None = None) -> None:
    rows = [(n, None, {"name": f"甲{n}"}, n + 2) for n in range(count)]
    actions.append(
        actor=ZHANG, at=now(), object_key="thing", action="create", rows=rows, origin=origin
    )


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("count", [1, 3, 200])
def test_it_works(count: int) -> None:
    before = queries.latest_id()
    append(count, Origin(batch=4, file="a.csv", line=9))
    rows = queries.changes(object_key="thing", after_id=before, newest_first=False, limit=None)
    assert [r.record_id for r in rows] == list(range(count))
    first = rows[0]
    assert (first.actor_id, first.entrance, first.action) == (7, "import", "create")
    assert (first.before, first.after, first.line) == (None, {"name": "甲0"}, 2)
    assert (first.batch_id, first.file) == (4, "a.csv")
    assert queries.latest_id() == rows[-1].id
    assert len(list(queries.batch_changes(4))) == count


@pytest.mark.usefixtures("db")
def test_newest_first_and_narrowed() -> None:
    append(5)
    newest, second, *_ = queries.changes(object_key="thing")
    assert newest.id > second.id
    assert queries.changes(object_key="thing", record_ids=[3], actor_id=7)[0].record_id == 3
    assert queries.changes(object_key="thing", actor_id=8) == []
    assert queries.changes(object_key="thing", before_id=newest.id, limit=1) == [second]


@pytest.mark.usefixtures("db")
def test_batches_have_one_numbering() -> None:
    one = actions.open_batch(actor=ZHANG, kind="import", at=now(), note="客户.xlsx")
    two = actions.open_batch(actor=ZHANG, kind="merge", at=now())
    assert one != two
    assert (queries.kind_of(one), queries.kind_of(two), queries.kind_of(0)) == (
        "import",
        "merge",
        "",
    )
    assert not queries.is_undone(one)
    actions.mark_undone(batch_id=one, at=now())
    assert queries.is_undone(one)
