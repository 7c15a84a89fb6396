"""Schemathesis against our own document: nothing crashes, and answers are as documented."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Caller
from tests.cast import Cast

# Of the objects, which are much alike: one with everything, one that is part of another, one more.
OBJECTS = ("opportunity", "quote_line", "customer")
EXAMPLES = 6
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# These change the tables or the key that the calls are made with, or stream a file; they have
# tests of their own.
LEFT_OUT = {
    "schema_apply",
    "schema_retire",
    "schema_undo",
    "schema_index",
    "revoke_key",
    "open_file",
}


def wanted(path: str, operation_id: str | None) -> bool:
    if operation_id in LEFT_OUT:
        return False
    _, found, rest = path.partition("/records/")
    return not found or rest.split("/")[0] in (*OBJECTS, "{object_key}")


@pytest.fixture
def real_ids(boss: Caller, people: Cast) -> dict[str, str]:
    """An id that is there, by the beginning of a path: random ones find nothing."""
    found = {"/members/": str(people.sun_yue.id), "/teams/": str(people.south.id)}
    boss.post("/records/product", {"values": {"name": "P"}})
    for key, values in {
        "customer": {"name": "甲"},
        "opportunity": {"name": "一", "customer": "甲", "product": "P"},
    }.items():
        made = boss.post(f"/records/{key}", {"values": values})
        found[f"/records/{key}/"] = made.json()["id"]
    return found


@pytest.fixture
def schema(boss: Caller, real_ids: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    # As the test client of Django does (and undoes): no request closes the connection of the test.
    for signal in (request_started, request_finished):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()
    return schemathesis.openapi.from_wsgi(
        "/api/openapi.json", WSGIHandler(), headers={"Authorization": f"Bearer {boss.key}"}
    )


def test_answers_are_as_documented(schema, boss, real_ids):
    """Every problem found is told at the end, by operation."""
    headers = {"Authorization": f"Bearer {boss.key}", "Accept-Language": "en"}
    found: dict[str, str] = {}
    seen = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if not wanted(operation.path, operation.definition.raw.get("operationId")):
            continue
        seen += 1

        @settings(
            max_examples=EXAMPLES,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: Case) -> None:
            if "object_key" in case.path_parameters and len(case.path_parameters["object_key"]) % 4:
                case.path_parameters["object_key"] = "customer"
                if "id" in case.path_parameters:
                    case.path_parameters["id"] = real_ids["/records/customer/"]
            real = next((i for p, i in real_ids.items() if p in case.path), None)
            if real and "id" in case.path_parameters and len(case.path_parameters["id"]) % 4:
                case.path_parameters["id"] = real
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            call()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            found[f"{operation.method.upper()} {operation.path}"] = str(error)[:1500]
    assert seen > 90
    assert found == {}, "\n\n".join(f"{k}\n{v}" for k, v in found.items())
