from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import customer, new, opportunity, sql
from wubu.kernel.audit import actions as audit
from wubu.kernel.audit import queries as log
from wubu.kernel.calendar.queries import now
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Origin


def imported(object_key: str, *drafts: Draft, actor=SYSTEM) -> tuple[int, tuple[int | None, ...]]:
    batch = audit.open_batch(actor=actor, kind="import", at=now())
    saved = actions.save_many(
        actor=actor, object_key=object_key, drafts=drafts, origin=Origin(batch=batch)
    )
    assert saved.problems == ()
    return batch, saved.ids


def test_a_batch_is_taken_back(cast: Cast) -> None:
    old = customer("甲", grade="A")
    other = customer("乙", grade="A")
    batch, ids = imported(
        "customer",
        Draft({"name": "丙"}),
        Draft({"name": "丁"}),
        Draft({"grade": "B", "note": "x"}, id=old.id),
        Draft({"grade": "C", "note": "y"}, id=other.id),
    )
    # Meanwhile somebody works on what came in.
    actions.update(actor=SYSTEM, object_key="customer", id=ids[1], values={"grade": "D"})
    actions.update(actor=SYSTEM, object_key="customer", id=other.id, values={"grade": "D"})
    undone = actions.undo_batch(actor=SYSTEM, batch=batch)
    assert (undone.archived, undone.put_back) == (1, 2)
    assert set(undone.kept) == {("customer", ids[1]), ("customer", other.id)}
    assert queries.get(SYSTEM, "customer", ids[0]).archived_at is not None
    assert queries.get(SYSTEM, "customer", ids[1]).archived_at is None
    assert queries.get(SYSTEM, "customer", old.id).values["grade"] == "a"
    kept = queries.get(SYSTEM, "customer", other.id).values
    assert (kept["grade"], kept["note"]) == ("d", None)


def test_taking_back_asks_the_same_rights(cast: Cast) -> None:
    batch, _ = imported("customer", Draft({"name": "丙", "owner": cast.zhou_tao.id}))
    with pytest.raises(Forbidden):
        actions.undo_batch(actor=acting(cast.zhou_tao), batch=batch)
    with pytest.raises(Missing):  # he sees nothing of it: it is like no batch
        actions.undo_batch(actor=acting(cast.zhang_wei), batch=batch)
    with pytest.raises(Missing):
        actions.undo_batch(actor=SYSTEM, batch=batch + 1000)
    assert sql("SELECT count(*) FROM o_customer WHERE archived_at IS NULL") == [(1,)]


def test_who_may_import_may_take_the_import_back(cast: Cast) -> None:
    ops = acting(cast.zheng_kai)  # may import, may not delete
    batch, ids = imported("customer", Draft({"name": "丙"}), actor=ops)
    with pytest.raises(Forbidden):
        actions.archive(actor=ops, object_key="customer", ids=list(ids))
    assert actions.undo_batch(actor=ops, batch=batch).archived == 1


def test_putting_a_value_back_tells_nothing_hidden(cast: Cast) -> None:
    """Neither which hidden fields a change touched, nor that there is such a record."""
    definition = {
        "label": "窄",
        "grants": [{"object": "customer", "actions": ["view", "edit"], "rows": "own"}],
        "fields": {"customer": {"note": "hidden", "address": "hidden"}},
    }
    define_role(actor=SYSTEM, key="narrow", definition=definition)
    set_roles(actor=SYSTEM, member_id=cast.liu_yang.id, roles=["narrow"])
    mine = customer("甲", owner=cast.liu_yang.id, pool=False)
    theirs = customer("乙", owner=cast.sun_yue.id, pool=False)
    for one in (mine, theirs):
        for values in ({"region": "华东", "note": "密"}, {"address": "某处"}):
            actions.update(actor=SYSTEM, object_key="customer", id=one.id, values=values)
    ids = [c.id for c in log.changes(object_key="customer", record_ids=[mine.id, theirs.id])]
    me = {"actor": acting(cast.liu_yang), "object_key": "customer"}
    for record in (mine, theirs):
        for change in ids:
            try:
                back = actions.restore_value(**me, id=record.id, change_id=change)
            except Missing:
                continue
            assert (record, back.values["region"]) == (mine, None)
    assert queries.get(SYSTEM, "customer", mine.id).values["note"] == "密"
    assert queries.get(SYSTEM, "customer", mine.id).values["region"] is None
    assert queries.get(SYSTEM, "customer", theirs.id).values["region"] == "华东"


def test_one_change_is_taken_back(cast: Cast) -> None:
    made = opportunity(customer(), amount="1000")
    for amount in ("2000", "3000"):
        actions.update(
            actor=SYSTEM,
            object_key="opportunity",
            id=made.id,
            values={"amount": amount, "note": amount},
        )
    newest, middle, _ = log.changes(object_key="opportunity", record_ids=[made.id])
    after = actions.restore_value(
        actor=SYSTEM, object_key="opportunity", id=made.id, change_id=middle.id, fields=["amount"]
    )
    assert (after.values["amount"], after.values["note"]) == (100000, "3000")
    with pytest.raises(Missing):
        actions.restore_value(
            actor=SYSTEM, object_key="opportunity", id=made.id + 1, change_id=newest.id
        )


def test_the_bin_takes_parts_along_and_gives_them_back(cast: Cast) -> None:
    sensor = new("product", name="传感器")
    line = {"product": sensor.id, "quantity": 1, "price": 5}
    made = actions.create(
        actor=SYSTEM,
        object_key="quote",
        values={"customer": customer().id},
        children={"quote_line": [line, line]},
    )
    loose = queries.visible(SYSTEM, "quote_line").first()
    actions.archive(actor=SYSTEM, object_key="quote_line", ids=[loose.id])
    assert actions.archive(actor=SYSTEM, object_key="quote", ids=[made.id, made.id]) == 1
    assert queries.visible(SYSTEM, "quote_line").count() == 0
    assert actions.archive(actor=SYSTEM, object_key="quote", ids=[made.id]) == 0
    assert actions.restore(actor=SYSTEM, object_key="quote", ids=[made.id]) == 1
    # What was deleted before stays deleted.
    assert queries.visible(SYSTEM, "quote_line").count() == 1
    assert queries.get(SYSTEM, "quote", made.id).values["amount"] == 500


def test_history_shows_only_what_may_be_read(cast: Cast) -> None:
    from wubu.kernel.permissions.actions import define_role, set_roles

    made = customer(revenue="100", grade="A")
    actions.update(
        actor=acting(cast.wang_li), object_key="customer", id=made.id, values={"revenue": 5}
    )
    actions.update(
        actor=SYSTEM, object_key="customer", id=made.id, values={"grade": "B", "revenue": 6}
    )
    told = queries.history(SYSTEM, "customer", made.id)
    assert [(h.action, h.actor_name) for h in told] == [
        ("update", "系统"),
        ("update", "王立"),
        ("create", "系统"),
    ]
    shown = {f.field: (f.before, f.after) for f in told[0].fields}
    assert shown["grade"][0].startswith("A")
    assert shown["revenue"] == ("¥5.00", "¥6.00")
    grants = [{"object": "customer", "actions": ["view"], "rows": "all"}]
    role = {
        "label": {"zh": "客服", "en": "Care"},
        "grants": grants,
        "fields": {"customer": {"revenue": "hidden"}},
    }
    define_role(actor=SYSTEM, key="care", definition=role)
    set_roles(actor=SYSTEM, member_id=cast.wu_xia.id, roles=["care"])
    seen = queries.history(acting(cast.wu_xia), "customer", made.id)
    assert [[f.field for f in h.fields if f.field == "revenue"] for h in seen] == [[], []]
    hidden = customer("乙", owner=cast.zhou_tao.id)
    with pytest.raises(Missing):
        queries.history(acting(cast.zhang_wei), "customer", hidden.id)


def test_a_field_that_may_not_be_written_is_not_put_back(cast: Cast) -> None:
    old = customer("甲", grade="A", owner=cast.liu_yang.id)
    batch, _ = imported("customer", Draft({"grade": "B", "note": "x"}, id=old.id))
    define_role(
        actor=SYSTEM,
        key="no_grades",
        definition={
            "label": {"zh": "无级别", "en": "No grades"},
            "grants": [
                {"object": "customer", "actions": ["view", "edit", "delete"], "rows": "own"},
            ],
            "fields": {"customer": {"grade": "hidden"}},
        },
    )
    set_roles(actor=SYSTEM, member_id=cast.liu_yang.id, roles=["no_grades"])
    undone = actions.undo_batch(actor=acting(cast.liu_yang), batch=batch)
    assert undone.kept == (("customer", old.id),)
    kept = queries.get(SYSTEM, "customer", old.id).values
    assert (kept["grade"], kept["note"]) == ("b", None)
