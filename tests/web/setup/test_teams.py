"""Teams on the page and by the API: the tree of a day, its history, changes that reach back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from tests.cast import Cast
from tests.measure.books import make
from tests.web.conftest import Browse
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries
from wubu.kernel.types import SYSTEM
from wubu.measure.ledger.actions import close_month

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def april(cast: Cast) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 4, 10, 4, tzinfo=UTC)):
        yield


def form(cast: Cast, **more: str) -> dict[str, str]:
    return {
        "name": "华东一组", "parent": str(cast.sales.id), "leader": str(cast.li_qiang.id),
        "is_active": "1", "from_day": "", **more,
    }  # fmt: skip


def sale(cast: Cast, day: str) -> None:
    customer = make("customer", name="客户", owner=cast.zhang_wei.id)
    make("contract", name="合同", customer=customer, signed_on=day, amount="100", status="active",
         owner=cast.zhang_wei.id)  # fmt: skip


def test_a_change_holds_from_its_day(cast: Cast, browse: Browse) -> None:
    boss = browse(cast.wang_li)
    url = f"/setup/teams/{cast.east.id}"
    answer = boss.post(url, form(cast, parent=str(cast.south.id), from_day="2026-04-20"))
    assert answer.status_code == 303
    assert queries.team(cast.east.id, date(2026, 4, 19)).parent_id == cast.sales.id
    assert queries.team(cast.east.id, date(2026, 4, 20)).parent_id == cast.south.id
    history = boss.get(url).content.decode()
    assert "2026-04-20" in history or "4月20日" in history
    assert "一开始" in history
    tree = boss.get("/setup/teams?on=2026-04-20").content.decode()
    assert tree.index("华南组") < tree.index("华东一组")
    assert "--depth:3" in tree
    assert "--depth:3" not in boss.get("/setup/teams").content.decode()


def test_what_reaches_back_is_said_first_and_typed_words_stay(cast: Cast, browse: Browse) -> None:
    sale(cast, "2026-04-05")
    boss = browse(cast.wang_li)
    url = f"/setup/teams/{cast.east.id}"
    moved = form(cast, name="东部", parent=str(cast.south.id), from_day="2026-04-05")
    first = boss.post(url, moved)
    page = first.content.decode()
    assert first.status_code == 422
    assert "未关账的" in page
    assert 'name="moves" value="1"' in page
    assert 'value="东部"' in page
    assert queries.team(cast.east.id).name == "华东一组"
    assert boss.post(url, {**moved, "moves": "1"}).status_code == 303
    assert queries.team(cast.east.id).parent_id == cast.south.id


@pytest.mark.parametrize(
    ("day", "status"), [("2026-03-31", 422), ("2026-04-01", 303), ("2026-04-02", 303)]
)
def test_closed_days_stay(cast: Cast, browse: Browse, day: str, status: int) -> None:
    close_month(actor=SYSTEM, month=Period.month(2026, 3))
    boss = browse(cast.wang_li)
    url = f"/setup/teams/{cast.east.id}"
    answer = boss.post(url, form(cast, parent=str(cast.company.id), from_day=day))
    assert answer.status_code == status
    if status == 422:
        assert "最早可从 2026-04-01 起生效" in answer.content.decode()
    page = boss.get(url).content.decode()
    assert "2026-04-01" in page or "4月1日" in page


def test_a_day_that_is_none_is_told(cast: Cast, browse: Browse) -> None:
    answer = browse(cast.wang_li).get("/setup/teams?on=soon")
    assert answer.status_code == 422
    assert "soon" in answer.content.decode()


def test_a_member_who_moves_back_in_time_is_asked_about(cast: Cast, browse: Browse) -> None:
    sale(cast, "2026-04-05")
    boss, me = browse(cast.wang_li), cast.zhang_wei.id
    url = f"/setup/people/{me}/team"
    move = {"team": str(cast.south.id), "from_day": "2026-04-01"}
    assert "未关账的" in boss.post(url, move).content.decode()
    assert queries.team_on([me], date(2026, 4, 5)) == {me: cast.east.id}
    assert boss.post(url, {**move, "moves": "1"}).status_code == 303
    assert queries.team_on([me], date(2026, 4, 5)) == {me: cast.south.id}
