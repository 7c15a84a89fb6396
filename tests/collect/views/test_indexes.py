"""A kept order gets its index."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.collect.views.making import _spec, keep
from wubu.collect.views import actions
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs.models import Job
from wubu.kernel.workspace import unit_of_work


@pytest.mark.django_db(transaction=True)
def test_a_kept_order_gets_its_index(cast: Cast) -> None:
    from django.db import connection

    from wubu.kernel.jobs.running import execute

    postgres = connection.vendor == "postgresql"
    kept = {
        "按金额": (["-amount", "name", "customer"], ["amount", "name"]),
        "按来源": (["source"], ["source", "id"] if postgres else ["source"]),
        "按负责人": (["owner", "-amount"], ["owner", "amount"]),
        "按客户的行业": (["customer.industry"], None),
    }
    for name, (sort, _) in kept.items():
        keep(cast.zhang_wei, name=name, definition={"sort": sort})
    found = list(Job.objects.filter(name=actions.INDEX_JOB).order_by("id"))
    assert [job.kwargs["keys"] for job in found] == [keys for _, keys in kept.values() if keys]
    Job.objects.update(state="running", attempts=1)
    for job in found:
        execute(job.id)
        job.refresh_from_db()
        assert (job.state, job.result["made"]) == ("done", True), job.error
    with unit_of_work(), connection.cursor() as cursor:
        table = _spec().model._meta.db_table
        there = connection.introspection.get_constraints(cursor, table).values()
    columns = [c["columns"] for c in there if c["index"]]
    assert {("amount", "name"), ("source",), ("owner_id", "amount")} <= {
        tuple(c[:2]) if c[:1] != ["source"] else ("source",) for c in columns
    }


@pytest.mark.django_db(transaction=True)
def test_an_index_that_is_there_anyhow_is_not_made_twice(cast: Cast) -> None:
    from wubu.kernel.schema import actions as schema

    with unit_of_work():
        for there in ("amount", "stage", "owner", "customer"):
            assert not schema.ensure_index("opportunity", there)
        assert snapshot().object("opportunity").options.get("indexes", []) == []
