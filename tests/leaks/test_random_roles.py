"""Random roles against a plain reading of them, at the door to the records."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast, acting
from tests.leaks.secrets import CONDITIONS, FIELDS, OBJECTS, TITLES, Reading, Secrets, build, share
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.query.types import Measure, Query
from wubu.kernel.records import queries
from wubu.kernel.types import SYSTEM, Missing, Refused
from wubu.kernel.workspace import forget

ACTIONS = ("view", "edit", "export", "print")
SCOPES = ("own", "team", "team_below", "all", "shared", "condition")
LEVELS = ("hidden", "masked", "read", "write")
QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def roles(draw: Any) -> dict[str, Any]:
    """A role as packs write it, over the objects of the canaries."""
    grants = []
    for key in OBJECTS:
        for _ in range(draw(st.integers(0, 2))):
            rows = draw(st.sampled_from(SCOPES))
            actions = ["view", *draw(st.lists(st.sampled_from(ACTIONS), max_size=2))]
            grant = {"object": key, "actions": list(dict.fromkeys(actions)), "rows": rows}
            if rows == "condition":
                grant["condition"] = draw(st.sampled_from([c for c, _ in CONDITIONS[key]]))
            grants.append(grant)
    if draw(st.integers(0, 5)) == 0:
        grants.append(
            {"object": "*", "actions": ["view"], "rows": draw(st.sampled_from(SCOPES[:3]))}
        )
    fields: dict[str, dict[str, str]] = {}
    for key in OBJECTS:
        names = draw(st.lists(st.sampled_from([*FIELDS[key], "*"]), max_size=4, unique=True))
        if names:
            fields[key] = {n: draw(st.sampled_from(LEVELS)) for n in names}
    return {"label": "随机", "grants": grants, "fields": fields, "performance": "own"}


shares = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from(["me", "team", "other", "over", "ended"]),
    ),
    max_size=4,
)


@pytest.fixture
def secrets(cast: Cast) -> Secrets:
    return build(cast)


def reading(secrets: Secrets, given_roles: list[dict[str, Any]], shared: Any) -> Reading:
    """The roles are defined, given to 张伟 and read anew."""
    for n, role in enumerate(given_roles):
        define_role(actor=SYSTEM, key=f"random_{n}", definition=role)
    names = [f"random_{n}" for n in range(len(given_roles))]
    set_roles(actor=SYSTEM, member_id=secrets.me, roles=names)
    counted = share(secrets, shared)
    forget()
    return Reading(secrets, given_roles, counted)


@QUICK
@given(given_roles=st.lists(roles(), min_size=1, max_size=2), shared=shares)
def test_the_door_agrees_with_a_plain_reading(
    secrets: Secrets, given_roles: list[dict[str, Any]], shared: Any
) -> None:
    said = reading(secrets, given_roles, shared)
    me = acting(secrets.cast.zhang_wei)
    for key in OBJECTS:
        _assert_rows_agree(said, me, key)
        for name, kind in FIELDS[key].items():
            _assert_field_agrees(said, me, key, name, kind)
    _assert_search_agrees(said, me)


def _assert_rows_agree(said: Reading, me: Any, key: str) -> None:
    rows = said.secrets.rows[key]
    seen = {r.id for r in rows if said.sees(r)}
    page = queries.page(me, key, Query(limit=100))
    assert {r.id for r in page.records} == seen, key
    assert queries.count(me, key).number == len(seen), key
    out = {r.id for r in queries.page(me, key, Query(limit=100), "export").records}
    assert out == {r.id for r in rows if said.sees(r, "export")}, key
    for record in page.records:
        row = next(r for r in rows if r.id == record.id)
        for name in FIELDS[key]:
            level = said.level(key, name)
            if level == "hidden":
                assert name not in record.values, (key, name)
            elif level == "masked":
                assert record.values[name] is None, (key, name)
                assert record.masked[name] not in ("", row.values[name])
            else:
                assert record.values[name] is not None, (key, name)
    for row in rows:
        if not said.sees(row):
            with pytest.raises(Missing):
                queries.get(me, key, row.id)


def _assert_field_agrees(said: Reading, me: Any, key: str, name: str, kind: str) -> None:
    if not any(said.sees(r) for r in said.secrets.rows[key]):
        return
    clear = said.clear(key, name)
    row = said.secrets.rows[key][0]
    value = row.values[name]
    literal = str(value) if kind in ("money", "number") else f'"{value}"'
    asked = f"{{{name}}} = {literal}"
    if kind == "phone":
        asked = f'CONTAINS({{{name}}}, "{value[-8:]}")'
    if not clear:
        for ask in (
            lambda: queries.page(me, key, Query(filter=asked)),
            lambda: queries.page(me, key, Query(filter=f"NOT ISBLANK({{{name}}})")),
            lambda: queries.page(me, key, Query(sort=(f"-{name}",))),
            lambda: queries.count(me, key, Query(filter=asked)),
            lambda: queries.aggregate(me, key, [name], [Measure("count")]),
            lambda: queries.aggregate(me, key, [], [Measure("max", name)]),
        ):
            with pytest.raises(Refused):
                ask()
        return
    found = {r.id for r in queries.page(me, key, Query(filter=asked, limit=100)).records}
    assert found == ({row.id} if said.sees(row) else set()), (key, name)
    far = asked.replace(f"{{{name}}}", f"{{customer.{name}}}")
    if key == "customer":
        for other in ("contact", "opportunity"):
            hits = {r.id for r in _page_or_none(me, other, far)}
            allowed = {
                r.id
                for r in said.secrets.rows[other]
                if said.sees(r) and r.customer is row and said.sees(row)
            }
            assert hits <= allowed, (other, name)


def _page_or_none(me: Any, key: str, asked: str) -> Any:
    try:
        return queries.page(me, key, Query(filter=asked, limit=100)).records
    except Refused:
        return ()


def _assert_search_agrees(said: Reading, me: Any) -> None:
    for row in said.secrets.every:
        title = TITLES[row.object_key]
        named = {(h.object_key, h.id) for h in queries.find(me, row.values[title], limit=20)}
        here = (row.object_key, row.id)
        assert here not in named or (said.sees(row) and said.clear(row.object_key, title)), here
        if "phone" in row.values:
            for words in (row.values["phone"], row.values["phone"][-4:]):
                hits = {(h.object_key, h.id) for h in queries.find(me, words, limit=20)}
                may = said.sees(row) and said.clear(row.object_key, "phone")
                assert here not in hits or may, (here, words)
