"""Membership over time: random moves never overlap, and every way of asking agrees."""

from datetime import date, timedelta
from itertools import pairwise

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import DateField, F, Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import acting
from wubu.kernel.audit.models import Change
from wubu.kernel.people import actions, queries
from wubu.kernel.people.models import Membership
from wubu.kernel.types import SYSTEM

EPOCH = date(2026, 1, 1)
moves = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 30), st.one_of(st.none(), st.integers(1, 10))),
    max_size=8,
)


def day(n):
    return EPOCH + timedelta(days=n)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=moves)
def test_it_works(cast, steps):
    me = cast.zhou_tao.id
    Membership.objects.filter(member_id=me).delete()
    teams = [None, cast.east.id, cast.south.id, cast.ops.id]
    days = {}
    for team, start, length in steps:
        before = sorted((s.from_day, s.to_day or date.max) for s in queries.membership_history(me))
        until = day(start + length) if length else None
        actions.move_member(
            actor=SYSTEM,
            member_id=me,
            team_id=teams[team],
            from_day=day(start),
            until=until,
        )
        edges = [edge for stay in before for edge in stay if edge > day(start)]
        last = until or min(edges, default=date.max)
        days |= {n: teams[team] for n in range(start, 50) if day(n) < last}
    stays = queries.membership_history(me)
    assert all(a.to_day is not None and a.to_day <= b.from_day for a, b in pairwise(stays))
    for n in range(50):
        assert queries.team_on([me], day(n)).get(me) == days.get(n)
    pairs = {(me, day(n)) for n in range(50)}
    asked = queries.teams_on(pairs)
    assert {n: asked.get((me, day(n))) for n in range(50)} == {n: days.get(n) for n in range(50)}
    assert by_sql(pairs) == asked


def by_sql(pairs):
    """The join that the ledger uses, over a list of (member, day)."""
    kind = "date" if connection.vendor == "postgresql" else "text"
    rows = " UNION ALL ".join(f"SELECT {m} AS who, CAST('{d}' AS {kind}) AS day" for m, d in pairs)
    sql = f"SELECT e.who, e.day, stay.team_id FROM ({rows}) e "
    with connection.cursor() as cursor:
        cursor.execute(sql + queries.team_join_sql("e.who", "e.day"))
        found = [(who, date.fromisoformat(str(when)), team) for who, when, team in cursor]
    assert len(found) == len(pairs)
    return {(who, when): team for who, when, team in found if team is not None}


def test_the_same_in_a_queryset(cast):
    actions.move_member(
        actor=SYSTEM, member_id=cast.zhou_tao.id, team_id=cast.east.id, from_day=day(5)
    )
    rows = get_user_model().objects.filter(id=cast.zhou_tao.id).annotate(me=F("id"))
    for n, team in ((4, cast.south.id), (5, cast.east.id)):
        on_day = rows.annotate(day=Value(day(n), DateField()))
        assert on_day.annotate(team=queries.team_subquery("me", "day")).get().team == team


def test_every_change_is_in_the_log(cast):
    boss = acting(cast.wang_li)
    actions.update_member(actor=boss, member_id=cast.zhou_tao.id, name="周大涛", language="zh")
    actions.move_member(
        actor=boss, member_id=cast.zhou_tao.id, team_id=cast.east.id, from_day=day(5)
    )
    actions.set_password(actor=boss, member_id=cast.zhou_tao.id, password="brand-new-secret")
    named, moved, password = Change.objects.filter(actor_id=cast.wang_li.id).order_by("id")
    assert (named.object_key, named.record_id) == ("_member", cast.zhou_tao.id)
    assert (named.before, named.after) == ({"name": "周涛"}, {"name": "周大涛"})
    assert moved.after["intervals"][-1] == ["2026-01-06", None, str(cast.east.id)]
    assert "brand-new-secret" not in f"{password.before}{password.after}"
