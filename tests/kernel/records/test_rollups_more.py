"""Every kind of roll-up, guards over them, and many writers at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.cast import acting, build_cast
from tests.kernel.records import stock
from tests.kernel.records.world import new, sql
from wubu.kernel.audit import actions as audit
from wubu.kernel.calendar import queries as calendar
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM, Origin, Refused
from wubu.kernel.workspace import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, WRITES = 8, 6
ACTS = ("new", "new", "edit", "shift", "archive", "restore", "place", "shelf", "batch", "undo")


def move(item: int, quantity: int, kind: str = "in", **values: Any) -> Any:
    return new("z_move", name="m", item=item, quantity=quantity, kind=kind, **values)


def item(name: str = "螺丝", **values: Any) -> int:
    return new("m_item", name=name, **values).id


def at(id_: int, key: str) -> Any:
    return queries.get(SYSTEM, "m_item", id_).values[key]


def change(id_: int, **values: Any) -> None:
    actions.update(actor=SYSTEM, object_key="z_move", id=id_, values=values)


def test_it_works() -> None:
    with unit_of_work():
        stock.build()
        one = item()
        move(one, 5, price="1.00", at="2026-01-02")
        move(one, 2, "out", price="2.01", at="2026-01-03")
        move(one, 1, price=None, at="2026-01-01")
        got = {k: at(one, k) for k in stock.WANTED}
    assert (got["stock"], got["moves"], got["received"], got["kinds"]) == (4, 3, 6, 2)
    assert (got["average_price"], got["average_quantity"]) == (151, 267)  # 1.505 and 2.666…
    assert (got["first_price"], got["last_kind"]) == (None, "out")
    assert stock.wrong() == []


def test_random_operations() -> None:
    rnd = random.Random(8)
    with unit_of_work():
        stock.build()
        shelves = [new("a_shelf", name=f"架{n}").id for n in range(2)]
        items = [item(f"件{n}", shelf=rnd.choice(shelves)) for n in range(3)]
        places = [new("b_place", name=f"库{n}", zone=z).id for n, z in enumerate(("cold", "dry"))]
        for one in items:
            move(one, 900, price="3")  # enough for whatever follows
    done: list[str] = []
    for _ in range(70):
        with unit_of_work():
            act = rnd.choice(ACTS)
            some = queries.visible(SYSTEM, "z_move").filter(quantity__lt=900).order_by("?").first()
            values = {
                "quantity": rnd.randrange(1, 9),
                "kind": rnd.choice(["in", "out"]),
                "price": rnd.choice([None, "1.11", "2.5", "7"]),
                "at": rnd.choice([None, "2026-01-05", "2026-02-28", "2024-02-29"]),
                "place": rnd.choice([None, *places]),
            }
            if act == "new" or some is None:
                move(rnd.choice(items), **values)
            elif act == "edit":
                change(some.id, **values)
            elif act == "shift":
                change(some.id, item=rnd.choice([None, *items]))
            elif act == "archive":
                actions.archive(actor=SYSTEM, object_key="z_move", ids=[some.id])
            elif act == "restore":
                gone = queries.visible(SYSTEM, "z_move", archived=True).first()
                if gone:
                    actions.restore(actor=SYSTEM, object_key="z_move", ids=[gone.id])
            elif act == "place":
                zone = rnd.choice(["cold", "dry"])
                actions.update(
                    actor=SYSTEM, object_key="b_place", id=rnd.choice(places), values={"zone": zone}
                )
            elif act == "shelf":
                actions.update(
                    actor=SYSTEM,
                    object_key="m_item",
                    id=rnd.choice(items),
                    values={"shelf": rnd.choice([None, *shelves])},
                )
            else:
                drafts = [
                    Draft({**values, "name": "b", "item": i, "quantity": n + 1})
                    for n, i in enumerate(items)
                ]
                saved = actions.save_many(actor=SYSTEM, object_key="z_move", drafts=drafts)
                assert not saved.problems
            done.append(act)
        with unit_of_work():
            assert stock.wrong() == [], done[-3:]
    assert sql("SELECT COUNT(*) FROM o_z_move WHERE archived_at IS NULL")[0][0] > 10


def test_merged_items_have_the_moves_of_both() -> None:
    with unit_of_work():
        stock.build()
        one, other = item("甲"), item("乙")
        move(one, 5)
        move(other, 7, price="2")
        actions.merge(actor=SYSTEM, object_key="m_item", keep=one, drop=other)
    with unit_of_work():
        assert at(one, "stock") == 12
        assert stock.wrong() == []


def test_stock_cannot_fall_below_zero_whoever_moves_it() -> None:
    with unit_of_work():
        stock.build()
        one, other = item("螺丝"), item("螺母")
        got = move(one, 5)
        move(one, 3, "out")
    drafts = [Draft({"name": "x", "item": one, "quantity": 9, "kind": "out"})]
    acts: tuple[Callable[[], Any], ...] = (
        lambda: move(one, 6, "out"),
        lambda: change(got.id, item=other),
        lambda: change(got.id, quantity=1),
        lambda: change(got.id, kind="out"),
        lambda: actions.archive(actor=SYSTEM, object_key="z_move", ids=[got.id]),
    )
    for act in acts:
        with unit_of_work(), pytest.raises(Refused) as refused:
            act()
        (problem,) = refused.value.problems
        assert (problem.code, problem.object, problem.field) == ("check:stock", "m_item", "stock")
        assert problem.message.zh == "m_item“螺丝”：库存不足"
        assert problem.value == one
        assert problem.hint is not None
    with unit_of_work():
        saved = actions.save_many(actor=SYSTEM, object_key="z_move", drafts=drafts)
        assert [p.code for p in saved.problems] == ["check:stock"]
        assert (at(one, "stock"), stock.wrong()) == (2, [])
        move(one, 2, "out")
        assert (at(one, "stock"), stock.wrong()) == (0, [])


def test_a_batch_that_was_needed_cannot_be_taken_back() -> None:
    with unit_of_work():
        stock.build()
        one = item()
        batch = audit.open_batch(actor=SYSTEM, kind="import", at=calendar.now())
        drafts = [Draft({"name": "x", "item": one, "quantity": n, "kind": "in"}) for n in (4, 5)]
        actions.save_many(
            actor=SYSTEM, object_key="z_move", drafts=drafts, origin=Origin(batch=batch)
        )
        move(one, 7, "out")
    with unit_of_work(), pytest.raises(Refused):
        actions.undo_batch(actor=SYSTEM, batch=batch)
    with unit_of_work():
        move(one, 7)
        actions.undo_batch(actor=SYSTEM, batch=batch)
        assert (at(one, "stock"), stock.wrong()) == (0, [])


def test_what_is_short_may_come_nearer_but_not_go_further() -> None:
    with unit_of_work():
        stock.build()
        one = item()
        move(one, 5)
        with connection.cursor() as cursor:  # as if the rule were newer than the records
            cursor.execute("UPDATE o_z_move SET quantity = -3")
        actions.recompute(actor=SYSTEM, object_key="m_item")
    with unit_of_work():
        assert at(one, "stock") == -3
        move(one, 1)
    with unit_of_work(), pytest.raises(Refused):
        move(one, 1, "out")
    with unit_of_work():
        assert at(one, "stock") == -2


def test_a_sum_too_large_is_told() -> None:
    with unit_of_work():
        stock.build()
        one = item()
        first = move(one, 1)
        move(one, 1)
        move(one, 1)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE o_z_move SET quantity = 900000000000000000")
    with unit_of_work(), pytest.raises(Refused) as refused:
        change(first.id, quantity=10**15)
    assert "too_large" in [p.code for p in refused.value.problems]
    with unit_of_work(), pytest.raises(Refused) as refused:
        actions.recompute(actor=SYSTEM, object_key="m_item")
    assert [p.code for p in refused.value.problems] == ["too_large"]
    with unit_of_work():
        assert at(one, "received") == 3


def test_eight_writers_leave_what_working_it_out_anew_gives() -> None:
    """On SQLite one after the other; on PostgreSQL at once, moving from item to item as well."""
    with unit_of_work():
        stock.build()
        shelf = new("a_shelf", name="架").id
        places = [new("b_place", name=z, zone=z).id for z in ("cold", "dry")]
        items = [item(f"件{n}", shelf=shelf) for n in range(2)]
        for one in items:
            move(one, 10_000)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        rnd = random.Random(number)
        try:
            mine: list[int] = []
            for n in range(WRITES):
                with unit_of_work():
                    where = rnd.choice(items)
                    if n % 3 == 2 and mine:
                        change(rnd.choice(mine), item=where, quantity=rnd.randrange(9))
                    elif n % 5 == 4:
                        values = {"zone": rnd.choice(["cold", "dry"])}
                        actions.update(
                            actor=SYSTEM,
                            object_key="b_place",
                            id=rnd.choice(places),
                            values=values,
                        )
                    else:
                        kind = rnd.choice(["in", "out"])
                        made = move(where, rnd.randrange(9), kind, place=rnd.choice(places))
                        mine.append(made.id)
        except BaseException as error:
            failed.append(error)
        finally:
            if connection.vendor == "postgresql":
                connection.close()

    if connection.vendor == "postgresql":
        threads = [threading.Thread(target=work, args=(n,)) for n in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    else:
        for n in range(WRITERS):
            work(n)
    assert not failed, failed
    with unit_of_work():
        assert stock.wrong() == []
        assert sql("SELECT COUNT(*) FROM o_z_move")[0][0] > WRITERS * 3


def test_those_out_of_sight_are_told_as_one() -> None:
    """Whoever moves stock that they may not see learns neither which items nor how many."""
    with unit_of_work():
        stock.build()
        cast = build_cast()
        items = [item(name) for name in ("螺丝", "螺母", "垫圈")]
        got = [move(one, 5).id for one in items]
        for one in items:
            move(one, 3, "out")
        mover = {
            "label": "搬运",
            "grants": [{"object": "z_move", "actions": ["view", "delete"], "rows": "all"}],
        }
        define_role(actor=SYSTEM, key="mover", definition=mover)
        set_roles(actor=SYSTEM, member_id=cast.zhang_wei.id, roles=["mover"])
    for actor, told in ((SYSTEM, 3), (acting(cast.zhang_wei), 1)):
        with unit_of_work(), pytest.raises(Refused) as refused:
            actions.archive(actor=actor, object_key="z_move", ids=got)
        assert len(refused.value.problems) == told
        assert ("螺丝" in str(refused.value.problems)) is (told == 3)
