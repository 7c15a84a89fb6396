"""Against every object of the installed pack and every person of the cast.

Nobody sees or writes more than their roles say, by whichever way they ask.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.cast import Cast, acting
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused

LINKS = ("link", "links", "member", "team", "attachment")


@pytest.fixture
def company(cast: Cast) -> dict[str, dict[int, Record]]:
    """Of every object one record for each rep, filled with samples.

    Parents before what points at them.
    """
    made: dict[str, dict[int, Record]] = {}
    for key in _in_order():
        made[key] = {rep.id: _sample(key, rep.id, made) for rep in cast.reps}
    return made


def _in_order() -> list[str]:
    done: list[str] = []

    def visit(key: str) -> None:
        if key in done:
            return
        for f in snapshot().object(key).live_fields:
            if f.type == "link" and f.target != key and f.required:
                visit(f.target)
        done.append(key)

    for spec in snapshot().live:
        visit(spec.key)
    return done


def _sample(key: str, owner: int, made: dict[str, dict[int, Record]]) -> Record:
    spec = snapshot().object(key)
    rnd = random.Random(f"{key}{owner}")
    values: dict[str, Any] = {}
    for f in spec.live_fields:
        kind = FIELD_TYPES[f.type]
        if f.type == "member":
            values[f.key] = owner
        elif f.type == "link" and f.target in made and f.target != key and f.required:
            values[f.key] = made[f.target][owner].id
        elif f.type not in LINKS and not kind.computed and not f.unique and f.type != "serial":
            values[f.key] = kind.sample(f, rnd)
    for f in spec.live_fields:
        if f.unique and f.type == "text" and not f.options.get("format"):
            values[f.key] = f"{key} {owner}"
    if "pool" in spec.fields:
        values["pool"] = False
    rule = spec.options.get("children_total")
    if rule:
        values[rule["field"]] = "100%"
    return actions.create(actor=SYSTEM, object_key=key, values=values)


def test_the_company_is_complete(company: dict[str, dict[int, Record]]) -> None:
    assert {s.key for s in snapshot().live} == set(company)


def test_all_ways_of_asking_agree(cast: Cast, company: dict[str, dict[int, Record]]) -> None:
    for person in cast.people:
        me = acting(person)
        may = policy(me)
        for key, records in company.items():
            allowed = set(queries.visible(me, key).values_list("id", flat=True))
            owners = may.owner_ids("view", key)
            if owners not in (None, "all"):
                assert allowed == {r.id for o, r in records.items() if o in owners}
            listed = queries.page(me, key, Query(limit=100)).records
            assert {r.id for r in listed} == allowed
            assert queries.count(me, key).number == len(allowed)
            assert set(queries.titles(me, key, [r.id for r in records.values()])) == allowed
            found = {h.id for h in queries.find(me, key, limit=50, objects=[key])}
            assert found <= allowed
            for record in records.values():
                if record.id in allowed:
                    _readable_only(may, queries.get(me, key, record.id))
                    queries.history(me, key, record.id)
                else:
                    for ask in (queries.get, queries.history, queries.stage_history):
                        with pytest.raises(Missing):
                            ask(me, key, record.id)


def _readable_only(may: Any, record: Record) -> None:
    for key in record.values:
        assert may.level(record.object_key, key) != "hidden"


def test_nobody_writes_out_of_reach(cast: Cast, company: dict[str, dict[int, Record]]) -> None:
    for person in cast.people:
        me = acting(person)
        for key, records in company.items():
            f = _text_field(key)
            if f is None:
                continue
            editable = set(queries.visible(me, key, "edit").values_list("id", flat=True))
            writable = policy(me).level(key, f) == "write"
            for record in records.values():
                values = {f: f"by {person.login}"}
                if record.id in editable and writable:
                    after = actions.update(actor=me, object_key=key, id=record.id, values=values)
                    assert after.values[f] == values[f]
                else:
                    with pytest.raises((Missing, Forbidden, Refused)):
                        actions.update(actor=me, object_key=key, id=record.id, values=values)
            deletable = set(queries.visible(me, key, "delete").values_list("id", flat=True))
            for record in records.values():
                if record.id not in deletable:
                    with pytest.raises((Missing, Forbidden)):
                        actions.archive(actor=me, object_key=key, ids=[record.id])


def _text_field(key: str) -> str | None:
    spec = snapshot().object(key)
    for f in spec.live_fields:
        if f.type in ("longtext", "text") and not f.unique and not f.options.get("format"):
            return f.key
    return None


def test_a_hidden_field_is_like_none_at_all(
    cast: Cast, company: dict[str, dict[int, Record]]
) -> None:
    for person in cast.people:
        me = acting(person)
        for key in company:
            hidden = [
                f.key
                for f in snapshot().object(key).live_fields
                if policy(me).level(key, f.key) == "hidden"
            ]
            for field in hidden[:2]:
                for name in (field, "no_such_field_at_all"):
                    told = []
                    with pytest.raises(Refused) as refused:
                        queries.page(me, key, Query(filter=f"{{{name}}} = 1"))
                    told.append([p.code for p in refused.value.problems])
                assert len({str(t) for t in told}) == 1


def test_nobody_without_roles_sees_anything(
    cast: Cast, company: dict[str, dict[int, Record]]
) -> None:
    from wubu.kernel.permissions.actions import set_roles

    set_roles(actor=SYSTEM, member_id=cast.liu_yang.id, roles=[])
    me = acting(cast.liu_yang)
    for key in company:
        assert not queries.visible(me, key).exists()
        with pytest.raises(Forbidden):
            actions.create(actor=me, object_key=key, values={})
