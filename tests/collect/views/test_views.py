"""Views: kept, shared, and never more than their reader may see."""

from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.collect.views.making import blind, keep, make
from wubu.collect.views import actions, packing, queries
from wubu.collect.views.models import View
from wubu.collect.views.types import Color, Look
from wubu.kernel.people.types import Person
from wubu.kernel.types import SYSTEM, Conflict, Forbidden, Missing, Refused


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
    packing.apply(said, actor=SYSTEM)
    assert packing.export()["open_deals"] == packing.normal(said, None)["open_deals"]
    packing.retire(["open_deals"], actor=SYSTEM)
    assert "open_deals" not in packing.export()
    with pytest.raises(Refused):
        packing.install({"bad": {**said["open_deals"], "filter": "{x} = 1"}}, actor=SYSTEM)
