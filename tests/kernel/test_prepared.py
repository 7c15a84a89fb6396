"""Statements that are put together once and asked again and again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import CharField, DateField, DateTimeField, Value
from django.test.utils import CaptureQueriesContext

from wubu.kernel.bulk import ArrayParam, Values
from wubu.kernel.calendar.models import DayOverride
from wubu.kernel.calendar.queries import now
from wubu.kernel.people.models import Member, Token
from wubu.kernel.prepared import Param, PreparedQuery, compiled

pytestmark = pytest.mark.django_db


def _people() -> list[Member]:
    return [
        Member.objects.create(login=f"p{n}", name=f"甲{n}", joined_on=date(2026, 1, 1 + n))
        for n in range(4)
    ]


def test_it_works() -> None:
    people = _people()
    asked = PreparedQuery(
        Member.objects.filter(id__among=ArrayParam("ids")).order_by("-id").values_list("id", "name")
    )
    assert asked.rows(ids=[people[0].pk, people[2].pk]) == [
        (people[2].pk, "甲2"),
        (people[0].pk, "甲0"),
    ]
    assert asked.rows(ids=[people[1].pk]) == [(people[1].pk, "甲1")]
    assert asked.rows(ids=[]) == []


def test_values_come_as_the_orm_reads_them() -> None:
    """Days, moments, yes and no, JSON: converted alike, also where there is nothing."""
    people = _people()
    at = now()
    Token.objects.create(member=people[0], name="a", digest="d", expires_at=at)
    Token.objects.create(member=people[1], name="b", digest="e")
    for rows in (
        Member.objects.order_by("id").values_list("id", "joined_on", "left_on", "is_active"),
        Token.objects.order_by("id").values_list("id", "expires_at", "name", "revoked_at"),
    ):
        assert PreparedQuery(rows).rows() == list(rows)


def test_places_are_typed_by_their_kind() -> None:
    people = _people()
    since = PreparedQuery(
        Member.objects.filter(joined_on__gte=Param("day", DateField())).values_list("id")
    )
    assert len(since.rows(day=date(2026, 1, 3))) == 2
    assert len(since.rows(day=date(2026, 1, 4))) == 1
    Token.objects.create(member=people[0], name="a", digest="d", expires_at=now())
    valid = PreparedQuery(
        Token.objects.filter(expires_at__gt=Param("at", DateTimeField())).values_list("id")
    )
    assert len(valid.rows(at=now() - timedelta(hours=1))) == 1
    assert valid.rows(at=now() + timedelta(hours=1)) == []


def test_unions_nothing_and_sorts_by_what_is_not_asked() -> None:
    people = _people()
    kind: CharField[str, str] = CharField()
    one = Member.objects.filter(id=Param("one")).values_list(Value("one", kind), "name")
    many = Member.objects.filter(id__among=ArrayParam("ids")).values_list(
        Value("many", kind), "name"
    )
    both = PreparedQuery(one.union(many, all=True))
    found = both.rows(one=people[0].pk, ids=[people[1].pk, people[3].pk])
    assert sorted(found) == [("many", "甲1"), ("many", "甲3"), ("one", "甲0")]
    assert PreparedQuery(Member.objects.filter(id__in=[]).values_list("id")).rows() == []


def test_it_is_put_together_once_and_still_counted() -> None:
    made: list[int] = []

    def make() -> Any:
        made.append(1)
        return DayOverride.objects.filter(day__among=Values([])).values_list("day")

    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            assert compiled(DayOverride, "of this test", make).rows() == []
    assert (len(made), len(asked)) == (1, 3)
    assert compiled(Member, "of this test", lambda: Member.objects.values_list("id")).rows() == []
