"""Applying a change: tables, catalog rows and log move together or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Refused, Text
from wubu.kernel.workspace import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)
SENSOR = ObjectSpec(
    "sensor",
    Text("传感器", "Sensor"),
    Text("传感器", "Sensors"),
    fields={
        "name": FieldSpec("sensor", "name", "text", Text("型号", "Model"), required=True),
        "customer": FieldSpec(
            "sensor", "customer", "link", Text("客户", "Customer"), target="customer"
        ),
        "installed": FieldSpec("sensor", "installed", "date", Text("安装日期", "Installed on")),
        "sites": FieldSpec("sensor", "sites", "links", Text("现场", "Sites"), target="customer"),
    },
    roles={"title": "name", "customer": "customer"},
)


def tables() -> set[str]:
    return set(connection.introspection.table_names())


def test_it_works() -> None:
    with unit_of_work():
        before = snapshot().token
        after = schema.add_object(SENSOR, actor=SYSTEM)
        assert after.token != before
        assert {"o_sensor", "o_sensor_sites"} <= tables()
        made = records.create(
            actor=SYSTEM, object_key="sensor", values={"name": "MH-200", "installed": "2026-03-01"}
        )
        assert queries.get(SYSTEM, "sensor", made.id).title == "MH-200"


def test_another_unit_of_work_sees_the_change() -> None:
    with unit_of_work():
        schema.add_object(SENSOR, actor=SYSTEM)
    with unit_of_work():
        assert snapshot().object("sensor").fields["name"].label.en == "Model"


def test_a_field_comes_with_a_column_and_keeps_the_rows() -> None:
    with unit_of_work():
        one = records.create(actor=SYSTEM, object_key="customer", values={"name": "恒通"})
        schema.add_field(
            FieldSpec("customer", "nickname", "text", Text("简称", "Nickname")), actor=SYSTEM
        )
        records.update(actor=SYSTEM, object_key="customer", id=one.id, values={"nickname": "恒"})
        assert queries.get(SYSTEM, "customer", one.id).values["nickname"] == "恒"
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, nickname FROM o_customer WHERE id = %s", [one.id])
            assert cursor.fetchone() == ("恒通", "恒")


def test_renaming_touches_no_table() -> None:
    with unit_of_work():
        label = Text("单位名称", "Company")
        spec = snapshot().object("customer")
        made = schema.plan(
            [
                replace(
                    spec, fields={**spec.fields, "name": replace(spec.fields["name"], label=label)}
                )
            ]
        )
        assert not made.operations
        schema.apply(made, actor=SYSTEM)
        assert snapshot().object("customer").fields["name"].label == label


def test_retiring_hides_and_restoring_brings_the_values_back() -> None:
    with unit_of_work():
        one = records.create(
            actor=SYSTEM, object_key="customer", values={"name": "恒通", "grade": "a"}
        )
        schema.retire("customer", "grade", actor=SYSTEM)
        assert "grade" not in {f.key for f in snapshot().object("customer").live_fields}
        schema.restore("customer", "grade", actor=SYSTEM)
        assert queries.get(SYSTEM, "customer", one.id).values["grade"] == "a"


def test_the_second_of_two_planners_is_told() -> None:
    with unit_of_work():
        first = schema.plan([SENSOR])
        schema.relabel("customer", None, Text("客户单位", "Account"), actor=SYSTEM)
        with pytest.raises(Refused) as refused:
            schema.apply(first, actor=SYSTEM)
    assert refused.value.problems[0].code == "catalog_moved"


def test_what_fails_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    with unit_of_work():
        token, there = snapshot().token, tables()
    monkeypatch.setattr("wubu.kernel.catalog.actions.store", fail)
    with pytest.raises(RuntimeError), unit_of_work():
        schema.add_object(SENSOR, actor=SYSTEM)
    with unit_of_work():
        assert snapshot().token == token
        assert tables() == there


def test_keys_to_other_tables_hold() -> None:
    with unit_of_work():
        schema.add_object(SENSOR, actor=SYSTEM)
        sql = (
            "INSERT INTO o_sensor (created_at, updated_at, version, name, customer_id) "
            "VALUES ('2026-01-01', '2026-01-01', 1, 'x', 999999)"
        )
        with pytest.raises(IntegrityError):
            run(sql)


def run(sql: str) -> None:
    """SQLite looks at keys when the transaction ends, PostgreSQL at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        connection.check_constraints()


def test_the_log_says_what_was_done() -> None:
    with unit_of_work():
        schema.add_object(SENSOR, actor=SYSTEM)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT action FROM wubu_audit_change WHERE object_key = 'sensor' AND record_id = 0"
            )
            assert cursor.fetchall() == [("schema",)]
