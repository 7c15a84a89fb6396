"""What holds for every field type."""

from __future__ import annotations

import json
import random
import time

import pytest

from tests.kernel.fields.support import field
from wubu.kernel.fields import FIELD_TYPES, FieldError, from_json, parser, show, shower, to_json
from wubu.kernel.fields.computed import with_result

# The time zone is the workspace's, and so in the database.
pytestmark = pytest.mark.usefixtures("unit")
KINDS = sorted(FIELD_TYPES)
UNTIDY = [None, "", "x", "\ud7ff", "0", 0, -1, 1.5, True, [], ["a"], {}, object(), "9" * 400, b"x"]


@pytest.mark.parametrize("kind", KINDS)
def test_samples_parse_show_and_survive_json(kind: str) -> None:
    spec, rnd = field(kind), random.Random(7)
    for _ in range(50):
        value = parser(spec)(FIELD_TYPES[kind].sample(spec, rnd))
        assert isinstance(show(spec, value, "zh"), str)
        assert isinstance(show(spec, value, "en"), str)
        assert from_json(spec, json.loads(json.dumps(to_json(spec, value)))) == value


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_given_is_none(kind: str) -> None:
    for raw in (None, "", "   "):
        assert parser(field(kind))(raw) is None
    assert show(field(kind), None) == ""
    assert to_json(field(kind), None) is None
    assert from_json(field(kind), None) is None


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_given_is_taken_or_refused_with_words(kind: str) -> None:
    for raw in UNTIDY:
        try:
            parser(field(kind))(raw)
        except FieldError as error:
            refused = error.problem(field(kind), raw)
        else:
            continue
        assert refused.message.zh
        assert refused.message.en


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_names_itself_and_its_column(kind: str) -> None:
    of = FIELD_TYPES[kind]
    assert of.key == kind
    assert of.label.zh
    assert of.label.en
    assert of.type_of(field(kind)).kind
    column = of.column(field(kind))
    made_by_catalog = bool(of.refers_to(field(kind)))
    assert (column is None) == (of.virtual or made_by_catalog)
    assert column is None or column.null


def test_a_rollup_takes_the_type_of_what_it_sums() -> None:
    rollup = field("rollup", agg="sum", field="f")
    assert with_result(rollup, field("money")).options["result"] == "money"
    summed = with_result(rollup, field("number", decimals=2))
    assert (summed.options["result"], summed.options["decimals"]) == ("number", 2)
    counted = with_result(field("rollup", agg="count"), None)
    assert counted.options["result"] == "number"
    latest = with_result(field("rollup", agg="max"), field("datetime"))
    assert FIELD_TYPES["rollup"].type_of(latest).kind == "datetime"
    of_formula = with_result(rollup, field("formula", result="money"))
    assert of_formula.options["result"] == "money"


def test_a_page_of_a_list_is_shown_within_milliseconds() -> None:
    rnd = random.Random(7)
    kinds = ["text", "money", "date", "datetime", "choice", "percent", "number", "phone", "bool"]
    columns = []
    for kind in [*kinds, "stage"]:
        spec = field(kind)
        read = parser(spec)
        values = [read(FIELD_TYPES[kind].sample(spec, rnd)) for _ in range(50)]
        columns.append((spec, values))
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        for spec, values in columns:
            say = shower(spec)
            for value in values:
                say(value)
        best = min(best, time.perf_counter() - start)
    assert best < 0.005
