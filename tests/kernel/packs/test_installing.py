"""Installing, installing again, and taking over a newer version without losing one's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wubu.kernel.audit import queries as audit
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs import actions, queries
from wubu.kernel.packs.content import sections
from wubu.kernel.permissions.queries import roles
from wubu.kernel.records import actions as records
from wubu.kernel.schema.actions import add_field, relabel
from wubu.kernel.types import SYSTEM, Actor, Forbidden, Missing, Refused, Text
from wubu.kernel.workspace import unit_of_work

CLUB = """\
pack: club
version: 1
label: {zh: 俱乐部, en: Club}
objects:
  guest:
    label: {zh: 来宾, en: Guest}
    icon: user
    fields:
      name: {type: text, label: {zh: 姓名, en: Name}, required: true}
      level:
        type: choice
        label: {zh: 级别, en: Level}
        choices:
          gold: {label: {zh: 金卡, en: Gold}, color: yellow}
          silver: {label: {zh: 银卡, en: Silver}, color: secondary}
      tags:
        type: multichoice
        label: {zh: 标签, en: Tags}
        choices: {vip: {label: {zh: 重要, en: VIP}}, new: {label: {zh: 新, en: New}}}
      host: {type: link, target: guest, label: {zh: 接待人, en: Host}}
      number: {type: serial, label: {zh: 编号, en: Number}}
    roles: {title: name}
    list: [name, level]
games:
  chess: {players: 2}
"""
NEWER = (
    CLUB.replace("version: 1", "version: 2")
    .replace("{zh: 来宾, en: Guest}", "{zh: 贵宾, en: Honoured guest}")
    .replace("{zh: 金卡, en: Gold}", "{zh: 黑金卡, en: Black}")
    .replace("color: secondary}", "color: cyan}")
    .replace("list: [name, level]", "list: [name, level, birthday]")
    .replace(
        "      host:", "      birthday: {type: date, label: {zh: 生日, en: Birthday}}\n      host:"
    )
)


@pytest.fixture
def club(tmp_path: Path, games: list[Any]) -> Path:
    (tmp_path / "club.yaml").write_text(CLUB, encoding="utf-8")
    return tmp_path


@pytest.fixture
def games() -> Iterator[list[Any]]:
    """A room that installs games, once each."""
    seen: list[Any] = []
    actions.register("games", lambda definitions, *, actor: seen.append(dict(definitions)))
    yield seen
    del sections._sections["games"]


def test_the_sales_pack_is_installed_with_its_roles(unit: None) -> None:
    (pack,) = queries.installed()
    assert (pack.key, pack.version, pack.label.en) == ("sales", 1, "Sales")
    assert {"boss", "sales_director", "sales_manager", "sales_rep", "sales_ops", "finance"} <= {
        r.key for r in roles()
    }
    assert len(snapshot().live) >= 16
    assert "sales_signed" in queries.section("metrics")
    assert queries.section("no such section") == {}


def test_installing_again_changes_nothing(unit: None) -> None:
    before, token = audit.latest_id(), snapshot().token
    assert actions.install("sales", actor=SYSTEM) is False
    assert audit.latest_id() == before
    assert snapshot().token == token


def test_a_newer_pack_of_the_same_content_proposes_nothing(unit: None) -> None:
    proposal = queries.upgrade("sales")
    assert proposal.plan.is_empty
    assert proposal.is_empty
    assert proposal.differences == ()


@pytest.mark.django_db(transaction=True)
def test_a_pack_of_ones_own(club: Path, games: list[Any]) -> None:
    with unit_of_work():
        assert actions.install("club", actor=SYSTEM, folder=club) is True
        assert games == [{"chess": {"players": 2}}]
        made = records.create(
            actor=SYSTEM,
            object_key="guest",
            values={"name": "周涛", "level": "金卡", "tags": "新、VIP"},
        )
        assert made.values["level"] == "gold"
        rows = snapshot().model("guest").objects  # type: ignore[attr-defined]
        assert rows.get(id=made.id).tags == ("vip", "new")
        assert rows.filter(tags__contains="|new|").exists()
        assert snapshot().object("guest").fields["number"].unique
    with unit_of_work():
        assert actions.install("club", actor=SYSTEM, folder=club) is False
        assert queries.section("games") == {"chess": {"players": 2}}


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_takes_what_is_new_and_keeps_what_is_ones_own(club: Path) -> None:
    with unit_of_work():
        actions.install("club", actor=SYSTEM, folder=club)
        relabel("guest", None, Text("朋友", "Friend"), actor=SYSTEM)
        spec = snapshot().object("guest")
        own = replace(
            spec.fields["name"], key="nickname", label=Text("昵称", "Nickname"), position=9
        )
        add_field(own, actor=SYSTEM)
    (club / "club.yaml").write_text(NEWER, encoding="utf-8")
    with unit_of_work():
        proposal = queries.upgrade("club", folder=club)
        assert (proposal.installed_version, proposal.shipped_version) == (1, 2)
        assert {s.id for s in proposal.conflicts} == {"objects/guest/label"}
        assert snapshot().object("guest").label.en == "Friend"
        actions.upgrade("club", actor=SYSTEM, folder=club)
    with unit_of_work():
        spec = snapshot().object("guest")
        assert spec.label.en == "Friend"
        assert {"birthday", "nickname"} <= set(spec.fields)
        choices = {c.key: c for c in spec.fields["level"].choices}
        assert choices["gold"].label.en == "Black"
        assert choices["silver"].color == "cyan"
        assert spec.options["list"] == ["name", "level", "birthday"]
        assert queries.upgrade("club", folder=club).plan.is_empty


def test_what_is_not_installed_has_no_upgrade(unit: None) -> None:
    with pytest.raises(Missing):
        queries.upgrade("nothing")


def test_no_such_pack(unit: None) -> None:
    with pytest.raises(Refused) as caught:
        actions.install("nothing", actor=SYSTEM)
    assert caught.value.problems[0].code == "no_such_pack"


def test_only_who_may_set_up_objects_installs(club: Path, cast: Any) -> None:
    with pytest.raises(Forbidden):
        actions.install("club", actor=Actor(cast.zhang_wei.id), folder=club)
    assert "guest" not in snapshot().objects
