"""A choice of very many options: its order, pages and comparisons."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.kernel.formula.conftest import STAMPS
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.spec import Choice
from wubu.kernel.query.queries import compile
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Text
from wubu.kernel.workspace import unit_of_work

OPTIONS = 300


@pytest.mark.django_db(transaction=True)
def test_it_works() -> None:
    rnd = random.Random(7)
    keys = [f"{rnd.choice('abäzÄ中')}{n:03}" for n in range(OPTIONS)]
    kind = FieldSpec(
        object="many",
        key="kind",
        type="choice",
        label=Text("类", "Kind"),
        choices=tuple(Choice(k, Text(k, k)) for k in keys),
    )
    name = FieldSpec(object="many", key="name", type="text", label=Text("名", "Name"))
    many = Text("多", "Many")
    spec = ObjectSpec(
        key="many",
        label=many,
        plural=many,
        fields={"name": name, "kind": kind},
        roles={"title": "name"},
    )
    with unit_of_work():
        snap = schema.add_object(spec, actor=SYSTEM)
        model = snap.model("many")
        given = [rnd.choice(keys) if n % 9 else None for n in range(200)]
        model.objects.bulk_create(model(kind=k, **STAMPS) for k in given)
        kinds = dict(model.objects.values_list("id", "kind"))
        query = Query(sort=("kind",), limit=30)
        rank = {key: n for n, key in enumerate(keys)} | {None: OPTIONS}
        wanted = sorted(kinds, key=lambda pk: (rank[kinds[pk]], pk))
        found, cursor = [], "begin"
        while cursor:
            page = queries.page(SYSTEM, "many", replace(query, cursor=cursor.removeprefix("begin")))
            found += [r.id for r in page.records]
            cursor = page.next_cursor or ""
        assert found == wanted
        down = compile(replace(query, sort=("-kind",)), snapshot=snap, object_key="many")
        falling = [pk for pk in reversed(wanted) if kinds[pk]] + sorted(
            (pk for pk in wanted if not kinds[pk]), reverse=True
        )
        assert list(down.apply(model.objects.all()).values_list("id", flat=True)) == falling
        half = keys[OPTIONS // 2]
        above = queries.count(SYSTEM, "many", Query(filter=f'{{kind}} > "{half}"'))
        assert above.number == sum(1 for k in given if k and rank[k] > OPTIONS // 2)
