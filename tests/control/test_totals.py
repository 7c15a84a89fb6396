"""Stage totals are what counting the records would give, whatever happens to them."""

from __future__ import annotations

import random

from django.db import connection

from tests.cast import Cast, acting
from wubu.control.boards import queries
from wubu.control.boards.models import StageTotal
from wubu.control.boards.totals import rebuild
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM

STAGES = ("prospecting", "engaging", "proposal", "won")
COUNTED = """
    SELECT stage, COALESCE(owner_id, 0), COUNT(*), COUNT(amount), COALESCE(SUM(amount), 0)
    FROM o_opportunity WHERE archived_at IS NULL AND stage IS NOT NULL
    GROUP BY stage, owner_id ORDER BY 1, 2
"""


def counted() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        return [tuple(int(v) if n else v for n, v in enumerate(row)) for row in cursor.fetchall()]


def kept() -> list[tuple[object, ...]]:
    rows = StageTotal.objects.filter(object_key="opportunity").exclude(count=0)
    fields = ("stage", "owner_id", "count", "priced", "amount")
    return list(rows.order_by("stage", "owner_id").values_list(*fields))


def deal(cast: Cast, n: int, owner: int | None, stage: str, amount: str | None) -> Draft:
    values = {"name": f"商机{n}", "owner": owner, "stage": stage, "amount": amount}
    if stage == "won":
        values["closed_on"] = "2026-01-05"
    return Draft({k: v for k, v in values.items() if v is not None})


def test_it_works(cast: Cast) -> None:
    drafts = [deal(cast, 1, cast.zhang_wei.id, "engaging", "1200.50")]
    records.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts)
    assert kept() == [("engaging", cast.zhang_wei.id, 1, 1, 120050)]


def test_a_deal_without_amount_is_not_a_deal_of_zero(cast: Cast) -> None:
    drafts = [deal(cast, 1, cast.zhang_wei.id, "engaging", None)]
    records.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts)
    column = next(
        c for c in queries.board(acting(cast.zhang_wei), "opportunity").columns if c.count
    )
    assert (column.count, column.amount) == (1, None)


def test_kept_is_counted_after_random_operations(cast: Cast) -> None:
    rnd = random.Random(5)
    owners = [p.id for p in cast.reps]
    ids: list[int] = []
    for step in range(60):
        move = rnd.random()
        if move < 0.4 or not ids:
            drafts = [
                deal(
                    cast,
                    step * 10 + n,
                    rnd.choice(owners),
                    rnd.choice(STAGES),
                    rnd.choice([None, "100", "2500.75"]),
                )
                for n in range(rnd.randint(1, 4))
            ]
            saved = records.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts)
            ids += [i for i in saved.ids if i]
        elif move < 0.7:
            values = {
                "stage": rnd.choice(STAGES),
                "amount": rnd.choice([None, "77.01"]),
                "owner": rnd.choice(owners),
                "closed_on": "2026-02-02",
            }
            records.update(
                actor=SYSTEM, object_key="opportunity", id=rnd.choice(ids), values=values
            )
        elif move < 0.85:
            gone = ids.pop(rnd.randrange(len(ids)))
            records.archive(actor=SYSTEM, object_key="opportunity", ids=[gone])
            if rnd.random() < 0.5:
                records.restore(actor=SYSTEM, object_key="opportunity", ids=[gone])
                ids.append(gone)
        assert kept() == counted()
    before = kept()
    rebuild(["opportunity"])
    assert kept() == before


def test_each_sees_the_totals_of_the_records_they_may_see(cast: Cast) -> None:
    drafts = [
        deal(cast, 1, cast.zhang_wei.id, "engaging", "100"),
        deal(cast, 2, cast.liu_yang.id, "engaging", "20"),
        deal(cast, 3, cast.sun_yue.id, "engaging", "3"),
    ]
    records.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts)
    seen = {
        person.name: queries.figures(acting(person), "opportunity")["engaging"].amount
        for person in (cast.zhang_wei, cast.li_qiang, cast.chen_jing, cast.wang_li)
    }
    assert seen == {"张伟": 10000, "李强": 12000, "陈静": 12300, "王立": 12300}


def test_a_filter_counts_what_it_lets_through(cast: Cast) -> None:
    drafts = [deal(cast, n, cast.zhang_wei.id, "engaging", str(n)) for n in range(1, 6)]
    records.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts)
    found = queries.figures(acting(cast.zhang_wei), "opportunity", "{amount} > 3")
    assert (found["engaging"].count, found["engaging"].amount) == (2, 900)


def test_cards_go_on_where_the_first_page_ends(cast: Cast) -> None:
    drafts = [deal(cast, n, cast.zhang_wei.id, "engaging", "1") for n in range(25)]
    records.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts)
    actor = acting(cast.zhang_wei)
    first = queries.cards(actor, "opportunity", "engaging")
    rest = queries.cards(actor, "opportunity", "engaging", cursor=first.next_cursor)
    ids = [r.id for r in (*first.records, *rest.records)]
    assert len(first.records) == 20
    assert len(set(ids)) == 25
