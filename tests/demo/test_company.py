"""The whole company, as a newcomer meets it."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Max

from wubu.collect.forms import queries as forms
from wubu.collect.forms.entry.fitting import fitting
from wubu.demo import command, maven, shaping
from wubu.demo.build import build
from wubu.demo.staff import PASSWORD
from wubu.improve.reviews.queries import reviews
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.people.actions import sign_in
from wubu.kernel.types import Actor, Refused, Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger import queries as ledger

without_data = pytest.mark.skipif(
    not os.environ.get("WUBU_REALDATA"), reason="WUBU_REALDATA is not set"
)


def rows(object_key: str) -> Any:
    return snapshot().model(object_key).objects  # type: ignore[attr-defined]


def test_minghua_is_built_once_and_shows_everything(unit: None) -> None:
    seen: list[str] = []
    assert build("demo", lambda what, done, total: seen.append(what.en)) is True
    assert {"People", "Opportunities", "Follow-ups", "Targets"} <= set(seen)
    assert build("demo") is False

    members = {p.login: p for p in people.members(active=None)}
    assert len([p for p in members.values() if p.is_active]) == 24 + 4 + 4
    for login, _ in command.LOGINS["demo"]:
        assert sign_in(login=login, password=PASSWORD).person == members[login]

    counts = {o.key: rows(o.key).count() for o in snapshot().live}
    assert counts["customer"] > 1_100
    assert counts["contact"] > 2_200
    assert counts["lead"] == 3_000
    assert counts["opportunity"] == 4_000
    assert counts["follow_up"] > 15_000
    assert counts["contract"] > 1_100
    assert all(counts.values()), counts

    day = today()
    moved = members["linfang"].id
    before, after = (people.team_on([moved], d)[moved] for d in (day - timedelta(days=400), day))
    assert before != after
    written = Counter(rows("follow_up").values_list("owner_id", flat=True))
    assert written[members["zhufeng"].id] < 0.5 * written[members["zhangwei"].id]
    assert rows("payment_plan").filter(due_on__lt=day, paid=0).count() > 30
    assert not rows("follow_up").filter(happened_at__date__gt=day).exists()

    assert ledger.closings()
    boss = Actor(members["wangli"].id)
    states = Counter(r.state for r in reviews(boss))
    assert states["signed"] >= 3
    assert states["open"] >= 1

    # Its forms go by role and by stage, and none of them is broken.
    rep = Actor(members["zhangwei"].id)
    assert fitting(rep, "opportunity", {}).key == "rep"
    assert fitting(rep, "opportunity", {"stage": "lost"}).key == "closing"
    assert fitting(boss, "opportunity", {}).fallback
    every = [one for key in shaping.FORMS for one in forms.layouts(key)]
    assert len(every) == 4
    assert [one.broken for one in every] == [None] * 4


def test_a_house_with_people_in_it_is_left_alone(cast: Any) -> None:
    assert build("demo") is False
    assert not rows("customer").exists()


def test_maven_says_what_to_put_where(
    unit: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("WUBU_REALDATA", raising=False)
    with pytest.raises(Refused) as caught:
        build("maven")
    (problem,) = caught.value.problems
    assert "sales_pipeline.csv" in problem.message.en
    assert "WUBU_REALDATA" in problem.hint.en  # type: ignore[union-attr]
    (tmp_path / "maven_crm").mkdir()
    (tmp_path / "maven_crm" / "accounts.csv").write_text("account\n", encoding="utf-8")
    monkeypatch.setenv("WUBU_REALDATA", str(tmp_path))
    with pytest.raises(Refused) as caught:
        maven.folder()
    assert "accounts.csv" not in caught.value.problems[0].message.en
    assert not people.members()


@pytest.mark.realdata
@without_data
@pytest.mark.django_db(transaction=True)
def test_maven_as_published() -> None:
    assert build("maven") is True
    assert build("maven") is False
    assert build("demo") is False
    with unit_of_work():
        stages = Counter(rows("opportunity").values_list("stage", flat=True))
        assert (stages["won"], stages["lost"]) == (4_238, 2_473)
        assert stages["prospecting"] + stages["engaging"] == 2_089
        won = rows("opportunity").filter(stage="won").values_list("amount", flat=True)
        assert sum(won) == 10_005_534_00
        for login, _ in command.LOGINS["maven"]:
            assert sign_in(login=login, password=PASSWORD).person
        last = rows("opportunity").aggregate(last=Max("closed_on"))["last"]
        assert (last.year, last.month) == (today().year, today().month)


@pytest.mark.realdata
@without_data
@pytest.mark.django_db(transaction=True)
def test_an_interrupted_import_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def killed(what: Text, done: int, total: int) -> None:
        if total > 8_900 and done > 4_000:
            raise Killed

    with pytest.raises(Killed):
        build("maven", killed)
    with unit_of_work():
        assert rows("opportunity").count() < 8_800
        later = now() + timedelta(hours=2)
    monkeypatch.setattr("wubu.collect.imports.queries.now", lambda: later, raising=False)
    assert build("maven") is True
    with unit_of_work():
        assert rows("opportunity").count() == 8_800


def test_the_command_prepares_builds_and_introduces(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from wubu.demo import build as building

    monkeypatch.setattr(
        building, "build", lambda company, progress: progress(Text("甲", "A"), 1, 1)
    )
    options = argparse.Namespace(company="demo", no_serve=True, host="127.0.0.1", port=8000)
    assert command.demo(options) == 0
    said = capsys.readouterr().out
    assert "wangli" in said
    assert PASSWORD in said
