"""What is published is published, and no more.

Ranks and figures on a board for everybody, and of a closed month each one's own part.
"""

from __future__ import annotations

import json

import pytest

from tests.cast import acting
from tests.leaks.conftest import Browse
from tests.leaks.world import World
from wubu.improve.reviews import queries as reviews
from wubu.kernel.calendar.queries import today
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM, Missing
from wubu.measure.ledger.actions import close_month
from wubu.measure.targets.actions import set_targets
from wubu.measure.targets.types import TargetDraft
from wubu.motivate.leaderboards.queries import leaderboard, leaderboards

TARGET = 4_321_987_65


@pytest.fixture
def aimed(world: World) -> World:
    """孙悦 has a target that nobody else's figure resembles."""
    month = Period.of("month", today())
    drafts = [
        TargetDraft("sales_signed", m, world.cast.sun_yue.id, TARGET)
        for m in (month, month.previous())
    ]
    set_targets(actor=SYSTEM, drafts=drafts)
    return world


def test_a_board_for_everybody_shows_rank_and_figure_only(aimed: World, browse: Browse) -> None:
    me, sun = acting(aimed.cast.zhang_wei), aimed.cast.sun_yue.id
    for rule in leaderboards():
        if rule.by != "member":
            continue
        for place in leaderboard(me, rule.key).places:
            if place.id == me.member_id:
                continue
            assert rule.audience == "everyone", rule.key  # nobody else on a board of one's own
            assert not place.open
            assert not place.working
            assert (place.target, place.attainment) == (None, None)
    client = browse(aimed.cast.zhang_wei)
    pages = ["/leaderboard", "/targets", "/scorecard", "/cockpit", f"/scorecard?member={sun}"]
    pages += [f"/api/v1/leaderboards/{r.key}" for r in leaderboards()]
    for page in pages:
        text = client.get(page).content.decode()
        assert "4,321,987" not in text, page
        assert "4321987" not in text, page
        assert "432.2" not in text, page


def test_the_board_is_seen_at_all(aimed: World, browse: Browse) -> None:
    """The figure that is published is there, so the test above read the right pages."""
    key = next(r.key for r in leaderboards() if r.of == "sales_signed" and r.by == "member")
    answer = browse(aimed.cast.zhang_wei).get(f"/api/v1/leaderboards/{key}")
    assert answer.status_code == 200
    assert str(aimed.cast.sun_yue.id) in json.dumps(json.loads(answer.content))
    assert "4,321,987" in browse(aimed.cast.wang_li).get("/targets").content.decode()


def test_a_review_shows_a_rep_nobody_else(aimed: World, browse: Browse) -> None:
    month = Period.of("month", today()).previous()
    close_month(actor=SYSTEM, month=month)
    opened = reviews.reviews(acting(aimed.cast.wang_li), month=month.start)
    assert opened
    client = browse(aimed.cast.zhang_wei)
    assert "4,321,987" not in client.get("/review/").content.decode()
    for line in opened:
        answer = client.get(f"/review/{line.id}")
        assert answer.status_code in (200, 403, 404)
        text = answer.content.decode()
        assert "4,321,987" not in text
        try:
            seen = reviews.review(acting(aimed.cast.zhang_wei), line.id)
        except Missing:
            continue
        assert aimed.cast.sun_yue.id not in {r.id for r in seen.members}
        for verb in ("write", "sign", "action"):
            refused = client.post(f"/review/{line.id}/{verb}", {"findings": "x", "title": "x"})
            assert refused.status_code in (303, 403, 404, 422)
    owner = acting(aimed.cast.wang_li)
    for line in opened:
        assert reviews.review(owner, line.id).findings in ("", None)
