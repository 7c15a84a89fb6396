"""What holds for a field of every type on its whole way.

Created, changed, filtered, sorted, exported and imported again, told by the history, put back, and
read by formulas.
"""

from __future__ import annotations

import csv
import io
import random
from datetime import timedelta
from typing import Any

import pytest

from tests.batteries.fields.thing import KINDS, TYPED, sample, samples, spec
from wubu.collect.imports import actions as imports
from wubu.collect.imports import queries as import_queries
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields import FIELD_TYPES, show, to_json
from wubu.kernel.formula.queries import parse
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM, Refused, speaking
from wubu.web import exporting

pytestmark = pytest.mark.django_db(transaction=True)
World = dict[str, Any]


def create(world: World, seed: int = 1) -> Any:
    values = samples(random.Random(seed), world)
    return actions.create(actor=SYSTEM, object_key="thing", values=values), values


def test_it_works(world: World) -> None:
    made, _ = create(world)
    there = queries.get(SYSTEM, "thing", made.id)
    assert {k for k in TYPED if there.values[k] is None} == set()
    assert {k: there.values[k] for k in TYPED} == {k: made.values[k] for k in TYPED}


def test_a_second_value_replaces_the_first_and_nothing_given_empties_it(world: World) -> None:
    made, _ = create(world)
    for kind in TYPED:
        value = sample(kind, random.Random(2), world)
        after = actions.update(actor=SYSTEM, object_key="thing", id=made.id, values={kind: value})
        assert after.values[kind] is not None, kind
        assert queries.get(SYSTEM, "thing", made.id).values[kind] == after.values[kind]
    emptied = actions.update(
        actor=SYSTEM, object_key="thing", id=made.id, values=dict.fromkeys(TYPED)
    )
    assert {k for k in TYPED if emptied.values[k] is not None} <= {"serial"}


def test_a_record_sent_back_as_it_was_is_no_change(world: World) -> None:
    made, _ = create(world)
    there = queries.get(SYSTEM, "thing", made.id)
    values = {k: to_json(spec().fields[k], there.values[k]) for k in TYPED}
    after = actions.update(actor=SYSTEM, object_key="thing", id=made.id, values=values)
    assert after.version == made.version


def test_each_is_filtered_by_its_value_and_by_having_one(world: World) -> None:
    made, _ = create(world)
    actions.create(actor=SYSTEM, object_key="thing", values={})
    wrong: dict[str, Any] = {}
    for kind in KINDS:
        f = spec().fields[kind]
        there = queries.get(SYSTEM, "thing", made.id).values[kind]
        if not FIELD_TYPES[kind].filterable or there is None:
            continue
        found = [
            r.id
            for r in queries.page(SYSTEM, "thing", Query(filter=f"NOT ISBLANK({{{kind}}})")).records
        ]
        if made.id not in found:
            wrong[kind] = ("has one", found)
        value = to_json(f, there)
        if isinstance(value, list):
            value = value[0]
        if isinstance(value, dict) or kind in ("richtext", "longtext", "datetime"):
            continue
        found = [r.id for r in queries.page(SYSTEM, "thing", Query(quick={kind: value})).records]
        if made.id not in found:
            wrong[kind] = (value, found)
    assert wrong == {}


def test_each_sorts_or_says_that_it_cannot(world: World) -> None:
    ids = {create(world, seed)[0].id for seed in range(4)}
    for kind in KINDS:
        for name in (kind, f"-{kind}"):
            if _sorts(kind):
                page = queries.page(SYSTEM, "thing", Query(sort=(name,)))
                assert {r.id for r in page.records} == ids
            else:
                with pytest.raises(Refused, match=r"排序|sorted"):
                    queries.page(SYSTEM, "thing", Query(sort=(name,)))


def _sorts(kind: str) -> bool:
    """A link sorts by what it points at."""
    one = FIELD_TYPES[kind].refers_to(spec().fields[kind]) and not FIELD_TYPES[kind].many
    return bool(FIELD_TYPES[kind].sortable or one)


def test_the_history_says_both_sides_in_words(world: World) -> None:
    made, _ = create(world)
    values = samples(random.Random(3), world)
    actions.update(actor=SYSTEM, object_key="thing", id=made.id, values=values)
    with speaking("zh"):
        newest = queries.history(SYSTEM, "thing", made.id)[0]
    said = {c.field: c for c in newest.fields}
    for kind in TYPED:
        if kind not in said:
            continue  # the same value was drawn twice
        assert said[kind].after, kind
        assert "无权" not in said[kind].after + said[kind].before, kind
    assert len(said) > len(TYPED) - 8


def test_a_change_is_taken_back(world: World) -> None:
    made, _ = create(world)
    before = queries.get(SYSTEM, "thing", made.id).values
    actions.update(
        actor=SYSTEM,
        object_key="thing",
        id=made.id,
        values={k: v for k, v in samples(random.Random(4), world).items() if k != "serial"},
    )
    change = queries.history(SYSTEM, "thing", made.id)[0]
    earlier = change.at - timedelta(microseconds=1)
    actions.restore_to(actor=SYSTEM, object_key="thing", id=made.id, moment=earlier)
    after = queries.get(SYSTEM, "thing", made.id).values
    assert {k for k in TYPED if before[k] != after[k]} == set()


def test_what_is_exported_reads_back_the_same(world: World) -> None:
    made, _ = create(world)
    there = queries.get(SYSTEM, "thing", made.id)
    keys = [k for k in TYPED if not FIELD_TYPES[k].files]
    for lang in ("zh", "en"):
        with speaking(lang):
            columns = [spec().fields[k] for k in keys]
            content = exporting.response("csv", "x", columns, [there]).content.decode("utf-8-sig")
        head, line = csv.reader(io.StringIO(content))
        row = dict(zip(keys, line, strict=True))
        again = actions.create(
            actor=SYSTEM, object_key="thing", values={k: v for k, v in row.items() if k != "serial"}
        )
        # A day without seconds, and rich text without its tags, are what a sheet can hold.
        lost = {"serial", "datetime", "richtext", "longtext"}
        different = {k: row[k] for k in keys if again.values[k] != there.values[k]}
        assert different.keys() <= lost, (lang, different)
        assert len(head) == len(keys)


def test_a_file_with_every_type_is_imported(world: World) -> None:
    made, _ = create(world)
    there = queries.get(SYSTEM, "thing", made.id)
    keys = [k for k in TYPED if not FIELD_TYPES[k].files and k != "serial"]
    with speaking("zh"):
        columns = [spec().fields[k] for k in keys]
        content = exporting.response("csv", "x", columns, [there]).content
    view = imports.stage(actor=SYSTEM, files=[("东西.csv", [content])])
    imports.check(actor=SYSTEM, import_id=view.id)
    [batch] = import_queries.get(SYSTEM, view.id).batches
    assert (batch.object, batch.checked.bad_rows) == ("thing", 0)
    imports.run(actor=SYSTEM, import_id=view.id)
    newest = queries.page(SYSTEM, "thing", Query(limit=1)).records[0]
    assert newest.values["address"] == there.values["address"]
    assert newest.values["members"] == there.values["members"]


def test_formulas_read_every_type(world: World) -> None:
    made, _ = create(world)
    for kind in KINDS:
        formula = parse(f"ISBLANK({{{kind}}})", snapshot=snapshot(), object_key="thing")
        rows = queries.visible(SYSTEM, "thing").annotate(v=formula.expression())
        image = queries.get(SYSTEM, "thing", made.id).values
        in_sql = rows.values_list("v", flat=True).get(id=made.id)
        if not FIELD_TYPES[kind].virtual:
            assert formula.value(lambda p, image=image: image[p[0]]) == bool(in_sql), kind


def test_both_languages_show_something(world: World) -> None:
    made, _ = create(world)
    there = queries.get(SYSTEM, "thing", made.id)
    for kind in TYPED:
        f = spec().fields[kind]
        if FIELD_TYPES[kind].refers_to(f):
            assert there.titles[kind], kind
        else:
            assert show(f, there.values[kind], "zh"), kind
            assert show(f, there.values[kind], "en"), kind
