"""A batch does exactly what the same drafts do one by one.

The log alone can tell the records again.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast
from tests.kernel.records.world import customer, sql
from wubu.kernel.audit import queries as log
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import actions, events, queries
from wubu.kernel.records.reading import images
from wubu.kernel.records.shape import shape
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM, Refused

NAMES = ("甲", "乙", "丙", "没有的")
DRAFTS = st.lists(
    st.fixed_dictionaries(
        {"customer": st.sampled_from(NAMES)},
        optional={
            "name": st.sampled_from(("项目", "", "x")),
            "code": st.sampled_from(("A", "B", "C", "D", None)),
            "amount": st.sampled_from(("10", "12.34", "0.01", "abc", None, 7)),
            "stage": st.sampled_from(("prospecting", "won", "赢单", "nonsense")),
            "closed_on": st.sampled_from(("2026-01-05", "2026/2/30", None)),
            "owner": st.sampled_from(("张伟", "zhou_tao", None)),
        },
    ),
    max_size=6,
)
IGNORED = {"id", "created_at", "updated_at"}


def images_now() -> list[dict[str, Any]]:
    of = shape(snapshot(), "opportunity")
    found = images.load(of, of.model.objects.values_list("id", flat=True))
    names = queries.titles(None, "customer", {i["customer"] for i in found.values()})
    return [
        {k: v for k, v in image.items() if k not in IGNORED}
        | {"customer": names[image["customer"]]}
        for _, image in sorted(found.items())
    ]


def trail() -> list[tuple[Any, ...]]:
    return sql(
        "SELECT stage, rank, entered_on, left_on FROM wubu_records_stage_span "
        "ORDER BY record_id, id"
    )


def logged(since: int) -> list[tuple[Any, ...]]:
    rows = log.changes(object_key="opportunity", after_id=since, newest_first=False)
    # Ids are not given twice, so links are told by name.
    names = queries.titles(
        None, "customer", queries.visible(SYSTEM, "customer").values_list("id", flat=True)
    )

    def told(image: Any) -> Any:
        return image and {k: names[int(v)] if k == "customer" else v for k, v in image.items()}

    return [(r.action, told(r.before), told(r.after)) for r in rows]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(DRAFTS, st.booleans())
def test_a_batch_is_the_same_as_one_by_one(cast: Cast, drafts: list[Any], matched: bool) -> None:
    seen = []
    for together in (True, False):
        with transaction.atomic():
            point = transaction.savepoint()
            for name in NAMES[:3]:
                customer(name)
            since = log.latest_id()
            match_on = ("code",) if matched else None
            batches = [drafts] if together else [[d] for d in drafts]
            problems: list[Any] = []
            for batch in batches:
                saved = actions.save_many(
                    actor=SYSTEM,
                    object_key="opportunity",
                    drafts=[Draft(d) for d in batch],
                    match_on=match_on,
                )
                problems += [(p.code, p.field) for p in saved.problems]
            seen.append((sorted(map(str, problems)), images_now(), trail(), logged(since)))
            transaction.savepoint_rollback(point)
    one, other = seen
    if not one[0] and not other[0]:
        assert one == other
    else:
        # A batch with a problem writes nothing; one by one only the bad ones are left out.
        assert one[0]
        assert one[1] == []


def test_the_log_tells_the_record_again(cast: Cast) -> None:
    rnd = random.Random(3)
    of = [customer(n) for n in NAMES[:3]]
    made = [
        actions.create(
            actor=SYSTEM,
            object_key="opportunity",
            values={"name": f"n{n}", "customer": rnd.choice(of).id, "amount": n},
        )
        for n in range(3)
    ]
    for _ in range(30):
        values = {
            rnd.choice(("amount", "note", "closed_on", "stage", "customer", "next_step_at")): None
        }
        for key in values:
            values[key] = {
                "amount": rnd.randrange(100),
                "note": rnd.choice((None, "x", "y")),
                "closed_on": rnd.choice((None, "2026-01-01")),
                "stage": rnd.choice(("won", "lost", "proposal")),
                "customer": rnd.choice(of).id,
                "next_step_at": rnd.choice((None, "2026-01-01 10:00")),
            }[key]
        if values.get("stage") == "lost":
            values["loss_reason"] = "price"
        actions.update(
            actor=SYSTEM, object_key="opportunity", id=rnd.choice(made).id, values=values
        )
    shaped = shape(snapshot(), "opportunity")
    now = images.load(shaped, [m.id for m in made])
    for record in made:
        told: dict[str, Any] = {}
        for row in log.changes(
            object_key="opportunity", record_ids=[record.id], newest_first=False
        ):
            for key, value in (row.before or {}).items():
                assert told.get(key) == shaped.from_json(key, value)
            for key, value in (row.after or {}).items():
                told[key] = shaped.from_json(key, value)
        rolled = {f.key for f in shaped.rollups}
        for key in set(shaped.keys) - rolled:
            assert told.get(key) == now[record.id][key], key


def test_money_is_exact_to_the_fen(cast: Cast) -> None:
    rnd = random.Random(8)
    customer("甲")
    amounts = [Decimal(rnd.randrange(1, 10**9)).scaleb(-2) for _ in range(2_000)]
    saved = actions.save_many(
        actor=SYSTEM,
        object_key="opportunity",
        drafts=[Draft({"name": "x", "customer": "甲", "amount": str(a)}) for a in amounts],
    )
    assert saved.created == 2_000
    assert sql("SELECT SUM(amount) FROM o_opportunity") == [(int(sum(amounts) * 100),)]


def test_what_a_listener_refuses_leaves_nothing(cast: Cast) -> None:
    customer("甲")
    before = _everything()

    def refuse(change: events.ChangeSet) -> None:
        if change.object_key == "opportunity":
            raise Refused

    events.subscribe(refuse)
    try:
        values = {"name": "x", "customer": "甲", "stage": "won"}
        with pytest.raises(Refused):
            actions.create(actor=SYSTEM, object_key="opportunity", values=values)
        actions.save_many(actor=SYSTEM, object_key="opportunity", drafts=[Draft(values)] * 60)
    finally:
        events.unsubscribe(refuse)
    assert _everything() == before
    assert queries.find(SYSTEM, "x", objects=["opportunity"]) == []


def _everything() -> list[Any]:
    tables = (
        "o_opportunity",
        "wubu_audit_change",
        "wubu_records_stage_span",
        "wubu_records_search",
    )
    return [sql(f"SELECT count(*) FROM {t}") for t in tables]


def test_after_commit_and_only_then(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    heard: list[events.ChangeSet] = []
    events.announce(heard.append)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            made = customer("甲")
            assert heard == []
    finally:
        events.unsubscribe(heard.append)
    assert [(c.object_key, list(c.ids)) for c in heard] == [("customer", [made.id])]
