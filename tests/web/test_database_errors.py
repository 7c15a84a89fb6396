"""What goes wrong below the pages: told plainly, and nothing half written."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection
from django.http import HttpRequest, HttpResponse  # noqa: TID251 (a page of the test)
from django.test import Client
from django.urls import path

from tests.cast import PASSWORD, build_cast
from tests.kernel.records.world import customer, sql
from wubu.kernel.types import Problem, Refused, Text
from wubu.kernel.workspace import unit_of_work
from wubu.web.database_errors import problem_of
from wubu.web.urls import urlpatterns as known

RAISED: list[Exception] = []


def writes_and_fails(request: HttpRequest) -> HttpResponse:
    customer("半途而废")
    raise RAISED[-1]


urlpatterns = [path("fails", writes_and_fails), *known]


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused(Problem("no", Text("不行", "No"))), 422),
        (OperationalError("deadlock detected"), 503),
        (IntegrityError("duplicate key"), 409),
        (DataError("value too long"), 422),
    ],
)
def test_a_page_that_fails_is_a_page_and_leaves_nothing(error: Exception, status: int) -> None:
    with unit_of_work():
        build_cast()
    client = Client()
    assert client.post("/login", {"login": "wang_li", "password": PASSWORD}).status_code == 303
    RAISED.append(error)
    response = client.get("/fails")
    assert response.status_code == status
    assert "</html>" in response.content.decode()
    left = sql("SELECT COUNT(*) FROM o_customer WHERE name = %s", "半途而废")
    # On SQLite every action is a transaction of its own.
    assert left == [(0 if connection.vendor == "postgresql" else 1,)]


@pytest.mark.parametrize("error", [ValueError("x"), OperationalError("no such table"), KeyError()])
def test_faults_of_the_program_stay_faults(error: Any) -> None:
    assert problem_of(error) is None
