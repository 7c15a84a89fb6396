"""Sharing one view with people and teams, until a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, acting
from tests.collect.views.making import blind, keep
from wubu.collect.conversations import queries as conversations
from wubu.collect.views import actions, queries, sharing
from wubu.collect.views.types import ViewInfo
from wubu.kernel.audit import queries as audit
from wubu.kernel.calendar.queries import today
from wubu.kernel.people.types import Person
from wubu.kernel.permissions import sharing as shares
from wubu.kernel.permissions.actions import set_roles
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused
from wubu.kernel.workspace import forget


def tabs(person: Person) -> list[ViewInfo]:
    forget()
    return list(queries.views(acting(person), "opportunity"))


def give(giver: Person, view: ViewInfo, **more: object) -> shares.ShareInfo:
    return sharing.share(actor=acting(giver), view_id=view.id, **more)  # type: ignore[arg-type]


def test_it_works(cast: Cast) -> None:
    view = keep(cast.zhang_wei)
    own = keep(cast.sun_yue, name="孙悦的")
    made = give(cast.zhang_wei, view, member_id=cast.sun_yue.id, until=today(), note="请看")
    mine, found = tabs(cast.sun_yue)
    assert (mine.id, mine.given) == (own.id, None)  # what is one's own comes first
    assert (found.id, found.may_edit) == (view.id, False)
    assert found.given is not None
    assert (found.given.by, found.given.until, found.given.note) == ("张伟", today(), "请看")
    assert queries.view(acting(cast.sun_yue), str(view.id), "opportunity").slug == view.slug
    assert [s.id for s in sharing.shared_with(acting(cast.sun_yue))] == [made.id]
    assert [s.id for s in sharing.shares_of(acting(cast.zhang_wei), "opportunity", view.id)] == [
        made.id
    ]
    assert tabs(cast.zhou_tao) == []
    shares.end_share(actor=acting(cast.zhang_wei), share_id=made.id)
    assert tabs(cast.sun_yue) == [mine]
    assert sharing.shared_with(acting(cast.sun_yue)) == ()
    shares.resume_share(actor=acting(cast.zhang_wei), share_id=made.id)
    assert tabs(cast.sun_yue) == [mine, found]


def test_it_ends_by_itself(cast: Cast) -> None:
    view = keep(cast.zhang_wei)
    give(cast.zhang_wei, view, member_id=cast.sun_yue.id, until=today())
    assert [v.id for v in tabs(cast.sun_yue)] == [view.id]
    with time_machine.travel(today() + timedelta(days=2)):
        assert tabs(cast.sun_yue) == []
        assert sharing.shared_with(acting(cast.sun_yue)) == ()
        assert conversations.unread(acting(cast.sun_yue)) == 0
        with pytest.raises(Missing):
            queries.view(acting(cast.sun_yue), str(view.id), "opportunity")


def test_a_team_and_those_below(cast: Cast) -> None:
    view = keep(cast.zhang_wei)
    give(cast.zhang_wei, view, team_id=cast.south.id)
    assert [v.id for v in tabs(cast.sun_yue)] == [view.id]
    assert tabs(cast.liu_yang) == []
    give(cast.zhang_wei, view, team_id=cast.sales.id, until=today())
    give(cast.zhang_wei, view, member_id=cast.sun_yue.id, until=today())
    (found,) = tabs(cast.sun_yue)
    assert found.given is not None
    assert found.given.until is None  # the share that lasts longest
    assert [v.id for v in tabs(cast.liu_yang)] == [view.id]
    assert tabs(cast.zhang_wei)[0].given is None  # it is his anyhow


def test_its_receiver_sees_no_more_than_they_may(cast: Cast) -> None:
    """Neither what a condition is about nor its bounds, be the condition kept or coloured."""
    view = keep(
        cast.li_qiang,
        definition={
            "filter": "{amount} > 98765",
            "sort": ["-amount"],
            "columns": ["name", "amount"],
            "colors": [{"when": "{amount} > 4321", "color": "red"}],
        },
    )
    blind(cast, cast.sun_yue)
    give(cast.li_qiang, view, member_id=cast.sun_yue.id)
    (found,) = tabs(cast.sun_yue)
    said = str(found.look.as_json()) + " ".join(t.zh + t.en for t in found.left_out)
    for secret in ("amount", "金额", "98765", "4321"):
        assert secret not in said
    assert found.look.columns == ("name",)
    assert len(found.left_out) == 2
    with pytest.raises(Forbidden):
        actions.update(view.id, actor=acting(cast.sun_yue), name="我的")
    with pytest.raises(Forbidden):
        actions.remove(view.id, actor=acting(cast.sun_yue))
    copy = keep(cast.sun_yue, name="抄的", definition=found.look.as_json())
    assert copy.look.columns == ("name",)


def test_only_who_may_change_it_shares_it(cast: Cast) -> None:
    view = keep(cast.zhang_wei)
    with pytest.raises(Missing):
        give(cast.sun_yue, view, member_id=cast.zhou_tao.id)
    made = give(cast.zhang_wei, view, member_id=cast.sun_yue.id)
    forget()
    with pytest.raises(Forbidden):  # it is shared with her; sharing it on is not hers
        give(cast.sun_yue, view, member_id=cast.zhou_tao.id)
    with pytest.raises(Missing):
        sharing.shares_of(acting(cast.sun_yue), "opportunity", view.id)
    with pytest.raises(Missing):
        shares.end_share(actor=acting(cast.sun_yue), share_id=made.id)
    with pytest.raises(Missing):
        shares.share(
            actor=acting(cast.sun_yue),
            object_key="opportunity",
            target_id=view.id,
            member_id=cast.zhou_tao.id,
            kind="view",
        )
    everybodys = keep(cast.wang_li, audience="shared", name="大家的")
    with pytest.raises(Forbidden):
        give(cast.zhang_wei, everybodys, member_id=cast.sun_yue.id)


def test_every_problem_at_once(cast: Cast) -> None:
    view = keep(cast.zhang_wei)
    with pytest.raises(Refused) as refused:
        give(cast.zhang_wei, view, until=date(2020, 1, 1))
    assert {p.code for p in refused.value.problems} == {"share_with_one", "share_over"}
    set_roles(actor=SYSTEM, member_id=cast.sun_yue.id, roles=[])
    forget()
    with pytest.raises(Refused) as refused:
        give(cast.zhang_wei, view, member_id=cast.sun_yue.id)
    assert refused.value.problems[0].code == "share_needs_role"
    give(cast.zhang_wei, view, team_id=cast.south.id)
    forget()
    with pytest.raises(Forbidden):
        queries.views(acting(cast.sun_yue), "opportunity")


def test_who_loses_the_view_shares_it_no_more(cast: Cast) -> None:
    team = keep(cast.li_qiang, audience="team", team_id=cast.east.id)
    made = give(cast.li_qiang, team, member_id=cast.sun_yue.id)
    assert len(tabs(cast.sun_yue)) == 1
    actions.update(team.id, actor=acting(cast.chen_jing), audience="personal")
    assert tabs(cast.sun_yue) == []
    assert shares.shares_of("opportunity", team.id, "view") == ()
    with pytest.raises(Missing):  # nor does an undo bring it back
        shares.resume_share(actor=acting(cast.li_qiang), share_id=made.id)


def test_a_removed_view_comes_back_with_its_shares(cast: Cast) -> None:
    view = keep(cast.zhang_wei)
    give(cast.zhang_wei, view, member_id=cast.sun_yue.id)
    actions.remove(view.id, actor=acting(cast.zhang_wei))
    assert tabs(cast.sun_yue) == []
    assert sharing.shared_with(acting(cast.sun_yue)) == ()
    actions.restore(view.id, actor=acting(cast.zhang_wei))
    assert [v.id for v in tabs(cast.sun_yue)] == [view.id]


def test_its_receiver_is_told_and_it_is_logged(cast: Cast) -> None:
    view = keep(cast.zhang_wei)
    made = give(cast.zhang_wei, view, team_id=cast.south.id)
    forget()
    (told,) = conversations.notices(acting(cast.sun_yue))
    assert (told.kind, told.title, told.actor_name) == ("view", "大单", "张伟")
    assert conversations.unread(acting(cast.sun_yue)) == 1
    shares.end_share(actor=acting(cast.zhang_wei), share_id=made.id)
    forget()
    assert conversations.notices(acting(cast.sun_yue)) == []
    rows = audit.changes(object_key="_share", record_ids=[made.id])
    assert [(r.action, (r.after or r.before or {})["kind"]) for r in rows] == [
        ("end_share", "view"),
        ("share", "view"),
    ]


def test_no_query_more_while_nothing_is_shared(cast: Cast) -> None:
    view = keep(cast.zhang_wei)
    keep(cast.wang_li, audience="team", team_id=cast.east.id)
    tabs(cast.sun_yue)

    def asked() -> int:
        forget()
        with CaptureQueriesContext(
            connection,
        ) as found:
            queries.views(acting(cast.sun_yue), "opportunity")
        return sum("wubu_permissions_share" in q["sql"] for q in found.captured_queries)

    before = asked()
    give(cast.zhang_wei, view, member_id=cast.sun_yue.id)
    assert asked() == before + 1
