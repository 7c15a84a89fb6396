"""Views: kept, shared, and never more than their reader may see."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.cast import Cast, acting
from wubu.collect.views import actions, editing, packing, placing, queries
from wubu.collect.views.models import View
from wubu.collect.views.types import Color, Look, ViewInfo
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs.models import Job
from wubu.kernel.people.types import Person
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as seen
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM, Conflict, Forbidden, Missing, Refused
from wubu.kernel.workspace import forget, unit_of_work


@pytest.fixture(autouse=True)
def none_of_the_pack(cast: Cast) -> None:
    """The views that the pack brings would stand among those made here."""
    View.objects.all().delete()
    forget()


def make(owner: Person, name: str, **values: Any) -> Record:
    given = {"name": name, "owner": owner.id, "stage": "prospecting", **values}
    return records.create(actor=SYSTEM, object_key="opportunity", values=given)


def keep(person: Person, **more: Any) -> ViewInfo:
    given = {"object_key": "opportunity", "name": "大单", **more}
    return actions.create(actor=acting(person), **given)


def blind(cast: Cast, person: Person) -> None:
    """A rep from whom amounts are hidden."""
    definition = {
        "label": {"zh": "不看金额", "en": "No amounts"},
        "grants": [{"object": "opportunity", "actions": ["view", "edit"], "rows": "own"}],
        "fields": {"opportunity": {"amount": "hidden"}},
    }
    define_role(actor=SYSTEM, key="blind", definition=definition)
    set_roles(actor=SYSTEM, member_id=person.id, roles=["blind"])
    forget()


def test_it_works(cast: Cast) -> None:
    made = keep(
        cast.zhang_wei,
        definition={
            "filter": "{商机金额} > 100",
            "sort": ["-amount"],
            "columns": ["name", "amount"],
        },
    )
    (found,) = queries.views(acting(cast.zhang_wei), "opportunity")
    assert found == made
    assert found.look.filter == "{amount} > 100"  # with keys: labels may be renamed
    assert found.may_edit
    assert queries.views(acting(cast.liu_yang), "opportunity") == ()
    assert queries.view(acting(cast.zhang_wei), made.slug).name.zh == "大单"


def test_everything_wrong_is_told_at_once(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        keep(
            cast.zhang_wei,
            name=" ",
            kind="pie",
            audience="world",
            definition={
                "filter": "{nothing} = 1",
                "sort": ["nowhere"],
                "columns": ["name", "ghost"],
                "group": "amount",
                "start": "name",
                "frozen": 99,
                "colors": [{"when": "", "color": "red"}, {"when": "TRUE", "color": "beige"}],
                "widths": {"name": "wide"},
                "shape": "round",
            },
        )
    told = {p.field for p in refused.value.problems}
    expected = {"name", "kind", "audience", "filter", "sort", "columns", "group", "start"}
    assert expected | {"frozen", "colors", "widths", "shape"} <= told
    assert View.objects.count() == 0


def test_who_may_arrange_for_whom(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        keep(cast.zhang_wei, audience="shared")
    with pytest.raises(Forbidden):
        keep(cast.zhang_wei, audience="team", team_id=cast.east.id)
    with pytest.raises(Forbidden):
        keep(cast.li_qiang, audience="team", team_id=cast.south.id)
    east = keep(cast.li_qiang, audience="team", team_id=cast.east.id, name="华东的")
    keep(cast.chen_jing, audience="team", team_id=cast.south.id, name="华南的")  # leads above
    keep(cast.wang_li, audience="shared", name="大家的")

    def names(person: Person) -> list[str]:
        return [v.name.zh for v in queries.views(acting(person), "opportunity")]

    assert names(cast.zhang_wei) == ["大家的", "华东的"]
    assert names(cast.sun_yue) == ["大家的", "华南的"]
    with pytest.raises(Forbidden):
        actions.update(east.id, actor=acting(cast.zhang_wei), name="我的")
    with pytest.raises(Missing):
        actions.remove(east.id, actor=acting(cast.sun_yue))


def test_a_link_shows_only_what_the_receiver_may_see(cast: Cast) -> None:
    make(cast.sun_yue, "藏着的", amount=900)
    make(cast.zhang_wei, "小单", amount=1)
    made = keep(
        cast.wang_li,
        definition={
            "filter": "{amount} > 500",
            "sort": ["-amount", "name"],
            "group": "stage",
            "columns": ["name", "amount", "stage"],
            "widths": {"amount": 120},
            "card": ["amount"],
            "colors": [
                {"when": "{amount} > 500", "color": "red"},
                {"when": "TRUE", "color": "blue", "field": "amount"},
                {"when": '{stage} = "won"', "color": "green"},
            ],
        },
    )
    blind(cast, cast.zhang_wei)
    found = queries.view(acting(cast.zhang_wei), made.slug, "opportunity")
    assert found.look == Look(
        sort=("name",),
        group="stage",
        columns=("name", "stage"),
        colors=(Color('{stage} = "won"', "green"),),
    )
    assert len(found.left_out) == 2
    said = " ".join(t.zh + t.en for t in found.left_out) + str(found.look.as_json())
    assert "amount" not in said
    assert "500" not in said
    assert "金额" not in said
    # By its number it is nobody's who has not found it among the tabs.
    with pytest.raises(Missing):
        queries.view(acting(cast.zhang_wei), str(made.id), "opportunity")
    with pytest.raises(Missing):
        queries.view(acting(cast.zhang_wei), "v" + "x" * 10, "opportunity")


def test_who_sees_only_part_of_a_view_cannot_overwrite_it(cast: Cast) -> None:
    team = keep(
        cast.li_qiang,
        audience="team",
        team_id=cast.east.id,
        definition={"filter": "{amount} > 5"},
    )
    blind(cast, cast.li_qiang)
    with pytest.raises(Refused) as refused:
        actions.update(team.id, actor=acting(cast.li_qiang), definition={"sort": ["name"]})
    assert refused.value.problems[0].code == "partly_hidden"


def test_two_people_changing_one_view(cast: Cast) -> None:
    made = keep(cast.wang_li, audience="shared")
    after = actions.update(made.id, actor=acting(cast.wang_li), version=made.version, name="新名")
    assert after.version == made.version + 1
    with pytest.raises(Conflict):
        actions.update(made.id, actor=acting(cast.wang_li), version=made.version, name="旧名")


def test_a_view_goes_and_comes_back(cast: Cast) -> None:
    made = keep(cast.zhang_wei)
    actions.prefer(actor=acting(cast.zhang_wei), object_key="opportunity", slug=made.slug)
    assert queries.default_slug(acting(cast.zhang_wei), "opportunity") == made.slug
    actions.remove(made.id, actor=acting(cast.zhang_wei))
    assert queries.views(acting(cast.zhang_wei), "opportunity") == ()
    with pytest.raises(Missing):
        actions.restore(made.id, actor=acting(cast.liu_yang))
    assert actions.restore(made.id, actor=acting(cast.zhang_wei)).slug == made.slug


def test_a_field_that_is_gone_is_told_not_applied(cast: Cast) -> None:
    made = keep(cast.zhang_wei)
    View.objects.filter(id=made.id).update(definition={"filter": "{gone} = 1", "sort": ["gone"]})
    found = queries.view(acting(cast.zhang_wei), made.slug)
    assert found.look == Look()
    assert len(found.left_out) == 2


def test_the_first_rule_that_holds_gives_the_colour(cast: Cast) -> None:
    small, large = make(cast.zhang_wei, "小", amount=1), make(cast.zhang_wei, "大", amount=900)
    rules = (
        Color("{amount} > 500", "red"),
        Color("{amount} > 0", "blue"),
        Color("{amount} < 5", "green", "amount"),
    )
    ids = [small.id, large.id]
    found = queries.colors(acting(cast.zhang_wei), "opportunity", rules, ids)
    assert found == {small.id: {"": "blue", "amount": "green"}, large.id: {"": "red"}}
    assert queries.colors(acting(cast.sun_yue), "opportunity", rules, ids) == {}


def test_a_pack_brings_views_and_leaves_changed_ones_alone(cast: Cast) -> None:
    said = {
        "open_deals": {
            "object": "opportunity",
            "label": {"zh": "进行中", "en": "Open"},
            "kind": "timeline",
            "start": "opened_on",
            "end": "expected_close",
            "filter": '{stage} <> "won"',
        }
    }
    packing.install(said, actor=SYSTEM)
    (made,) = (
        v for v in queries.views(acting(cast.wang_li), "opportunity") if v.key == "open_deals"
    )
    actions.update(made.id, actor=acting(cast.wang_li), name="改过")
    packing.install(said, actor=SYSTEM)
    exported = packing.export()["open_deals"]
    assert exported["label"]["zh"] == "改过"
    assert exported["start"] == "opened_on"
    assert View.objects.filter(key="open_deals").count() == 1
    packing.put(said, actor=SYSTEM)
    assert packing.export()["open_deals"] == packing.normal(said, None)["open_deals"]
    packing.retire(["open_deals"], actor=SYSTEM)
    assert "open_deals" not in packing.export()
    with pytest.raises(Refused):
        packing.install({"bad": {**said["open_deals"], "filter": "{x} = 1"}}, actor=SYSTEM)


# Many cells


def test_one_value_for_many_and_back(cast: Cast) -> None:
    ids = [make(cast.zhang_wei, f"单{n}").id for n in range(3)]
    done = editing.edit(
        actor=acting(cast.li_qiang),
        object_key="opportunity",
        ids=ids,
        field="source",
        value="website",
    )
    assert (done.updated, done.unchanged) == (3, 0)
    records.undo_batch(actor=acting(cast.li_qiang), batch=done.batch)
    found = [seen.get(SYSTEM, "opportunity", i).values["source"] for i in ids]
    assert found == [None, None, None]


def test_what_one_may_not_change_is_refused_as_a_whole(cast: Cast) -> None:
    mine, other = make(cast.zhang_wei, "我的"), make(cast.sun_yue, "别人的")
    with pytest.raises((Refused, Missing)):
        editing.edit(
            actor=acting(cast.zhang_wei),
            object_key="opportunity",
            ids=[mine.id, other.id],
            field="source",
            value="website",
        )
    assert seen.get(SYSTEM, "opportunity", mine.id).values["source"] is None
    part = editing.edit_some(
        actor=acting(cast.zhang_wei),
        object_key="opportunity",
        ids=[mine.id, other.id],
        field="source",
        value="website",
        batch=editing.start(acting(cast.zhang_wei), "opportunity", "source"),
    )
    assert (part.updated, part.refused) == (1, 1)
    assert seen.get(SYSTEM, "opportunity", other.id).values["source"] is None


def test_fields_that_cannot_be_typed(cast: Cast) -> None:
    one = make(cast.zhang_wei, "单")
    for field, error in (("last_follow_up", Forbidden), ("nothing", Refused)):
        with pytest.raises(error):
            editing.edit(
                actor=acting(cast.zhang_wei),
                object_key="opportunity",
                ids=[one.id],
                field=field,
                value="1",
            )
    blind(cast, cast.zhang_wei)
    with pytest.raises(Refused) as hidden:
        editing.writable(acting(cast.zhang_wei), _spec(), "amount")
    with pytest.raises(Refused) as absent:
        editing.writable(acting(cast.zhang_wei), _spec(), "nothing")
    assert hidden.value.problems[0].code == absent.value.problems[0].code


def _spec() -> Any:
    from wubu.kernel.catalog.queries import snapshot

    return snapshot().object("opportunity")


def test_counting_what_a_filter_finds(cast: Cast) -> None:
    for n in range(4):
        make(cast.zhang_wei, f"单{n}", amount=n)
    query = Query(filter="{amount} > 1")
    assert editing.count(acting(cast.zhang_wei), "opportunity", query) == (2, 2)
    assert editing.count(acting(cast.sun_yue), "opportunity", query) == (0, 0)
    assert [len(c) for c in editing.ids_of(acting(cast.li_qiang), "opportunity", query)] == [2]


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


@pytest.mark.django_db(transaction=True)
def test_in_the_background_with_progress(cast: Cast) -> None:
    from wubu.kernel.jobs import actions as jobs
    from wubu.kernel.jobs.running import execute

    for n in range(5):
        make(cast.zhang_wei, f"单{n}", amount=n)
    actor = acting(cast.li_qiang)
    batch = editing.start(actor, "opportunity", "source")
    kwargs = {
        "object_key": "opportunity",
        "field": "source",
        "value": "website",
        "batch": batch,
        "filter": "{amount} > 1",
    }
    job = jobs.enqueue(editing.JOB, kwargs, actor=actor)
    Job.objects.filter(id=job.id).update(state="running", attempts=1)
    execute(job.id)
    row = Job.objects.get(id=job.id)
    assert row.state == "done", row.error
    assert (row.result["updated"], row.result["refused"]) == (3, 0)
    assert row.total == 3
    undone = records.undo_batch(actor=actor, batch=batch)
    assert undone.put_back == 3


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a\tb\nc\td", [["a", "b"], ["c", "d"]]),
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ('"x\ny"\t"say ""hi"""', [["x\ny", 'say "hi"']]),
        ("", [[""]]),
        ("\t\n\t", [["", ""], ["", ""]]),
        ('"open', [["open"]]),
        ('5" pipe\tb', [['5" pipe', "b"]]),
    ],
)
def test_cells_of_a_spreadsheet(text: str, cells: list[list[str]]) -> None:
    assert editing.table(text) == cells


def test_a_block_is_all_or_nothing(cast: Cast) -> None:
    one, two = make(cast.zhang_wei, "一"), make(cast.zhang_wei, "二")
    actor = acting(cast.zhang_wei)
    where = {
        "actor": actor,
        "object_key": "opportunity",
        "rows": [(one.id, one.version), (two.id, two.version)],
        "columns": ["amount", "expected_close"],
    }
    bad = editing.block(text="10\t2026-12-01\n很多\t没有日期", **where)
    assert {(p.row, p.field) for p in editing.check(actor, "opportunity", bad).problems} == {
        (1, "amount"),
        (1, "expected_close"),
    }
    with pytest.raises(Refused):
        editing.paste(actor, "opportunity", bad)
    assert seen.get(actor, "opportunity", one.id).values["amount"] is None
    good = editing.block(text="10\t2026-12-01\tx\n1,234.5\t\n9\t9", **where)
    assert (good.cut_rows, good.cut_columns) == (1, 1)
    done = editing.paste(actor, "opportunity", good)
    assert done.updated == 2
    assert seen.get(actor, "opportunity", two.id).values["amount"] == 123450
    records.undo_batch(actor=actor, batch=done.batch)
    assert seen.get(actor, "opportunity", two.id).values["amount"] is None


# In time and space


def test_days_hold_the_first_few_and_the_count(cast: Cast) -> None:
    for n in range(7):
        make(cast.zhang_wei, f"单{n}", expected_close="2026-12-03")
    make(cast.zhang_wei, "远", expected_close="2027-03-01")
    make(cast.zhang_wei, "无日期")
    make(cast.sun_yue, "别人的", expected_close="2026-12-03")
    found = placing.month(
        acting(cast.zhang_wei),
        "opportunity",
        "",
        "expected_close",
        date(2026, 11, 30),
        date(2027, 1, 4),
        per_day=4,
        columns=["expected_close"],
    )
    assert list(found.days) == [date(2026, 12, 3)]
    day = found.days[date(2026, 12, 3)]
    assert (day.count, len(day.records)) == (7, 4)
    tray = placing.unplanned(acting(cast.zhang_wei), "opportunity", "", "expected_close", ["name"])
    assert [r.title for r in tray.records] == ["无日期"]


def test_a_moment_falls_on_the_day_of_the_office_and_keeps_its_time(cast: Cast) -> None:
    one = make(cast.zhang_wei, "单", next_step_at="2026-12-03 23:30")
    actor = acting(cast.zhang_wei)
    window = (date(2026, 12, 1), date(2026, 12, 8))
    found = placing.month(
        actor, "opportunity", "", "next_step_at", *window, per_day=3, columns=["next_step_at"]
    )
    assert list(found.days) == [date(2026, 12, 3)]
    moved, batch = placing.move(
        actor=actor,
        object_key="opportunity",
        record_id=one.id,
        days={"next_step_at": date(2026, 12, 5)},
        version=one.version,
    )
    assert moved.values["next_step_at"].astimezone(placing.zone()).isoformat()[:16] == (
        "2026-12-05T23:30"
    )
    with pytest.raises(Conflict):
        placing.move(
            actor=actor,
            object_key="opportunity",
            record_id=one.id,
            days={"next_step_at": date(2026, 12, 6)},
            version=one.version,
        )
    records.undo_batch(actor=actor, batch=batch)


def test_spans_touch_the_window(cast: Cast) -> None:
    make(cast.zhang_wei, "跨", opened_on="2026-01-01", expected_close="2026-12-31")
    make(cast.zhang_wei, "点", opened_on="2026-06-10")
    make(cast.zhang_wei, "早", opened_on="2026-01-01", expected_close="2026-02-01")
    make(cast.zhang_wei, "晚", opened_on="2026-09-01", expected_close="2026-10-01")
    found = placing.spans(
        acting(cast.zhang_wei),
        "opportunity",
        "",
        "opened_on",
        "expected_close",
        date(2026, 6, 1),
        date(2026, 7, 1),
        columns=["name"],
    )
    assert [r.title for r in found.records] == ["跨", "点"]


def test_dates_one_may_not_see_place_nothing(cast: Cast) -> None:
    with pytest.raises(Refused):
        placing.moment(acting(cast.zhang_wei), "opportunity", "name")
    with pytest.raises(Refused):
        placing.moment(acting(cast.zhang_wei), "opportunity", "nothing")


def test_kilometres() -> None:
    shanghai, beijing = (31.2304, 121.4737), (39.9042, 116.4074)
    assert round(placing.distance(shanghai, beijing)) == 1067
    assert placing.distance(shanghai, shanghai) == 0
