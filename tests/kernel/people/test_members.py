from datetime import date, timedelta

import pytest
import time_machine

from tests.cast import PASSWORD, acting
from wubu.kernel.people import actions, queries
from wubu.kernel.people.types import MembershipPeriod
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused

TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _then():
    with time_machine.travel("2026-03-10T02:00:00Z", tick=False):
        yield


def codes(refused):
    return {(p.code, p.field) for p in refused.value.problems}


def test_it_works(cast):
    assert cast.zhang_wei.name == "张伟"
    assert (cast.zhang_wei.pinyin, cast.zhang_wei.initials) == ("zhangwei", "zw")
    assert queries.team_on([cast.zhang_wei.id, cast.wu_xia.id], TODAY) == {
        cast.zhang_wei.id: cast.east.id,
        cast.wu_xia.id: cast.finance.id,
    }
    assert cast.east.path == ("明华传感", "销售部", "华东一组")
    assert cast.east.leader_id == cast.li_qiang.id


def test_every_problem_at_once(cast):
    with pytest.raises(Refused) as refused:
        actions.create_member(
            actor=SYSTEM,
            login=" Zhang_Wei ",
            name=" ",
            password="short",
            email="nowhere",
            language="fr",
            employee_no="MH001",
        )
    assert codes(refused) == {
        ("duplicate", "login"),
        ("required", "name"),
        ("weak_password", "password"),
        ("not_an_email", "email"),
        ("not_a_language", "language"),
        ("duplicate", "employee_no"),
    }


def test_nobody_without_the_right_sets_up_people(cast):
    rep = acting(cast.zhang_wei)
    with pytest.raises(Forbidden):
        actions.create_member(actor=rep, login="x", name="X")
    with pytest.raises(Forbidden):
        actions.move_member(
            actor=rep, member_id=cast.zhang_wei.id, team_id=cast.south.id, from_day=TODAY
        )
    with pytest.raises(Forbidden):
        actions.update_team(actor=rep, team_id=cast.east.id, name="x")
    assert actions.update_member(actor=rep, member_id=rep.member_id, language="en").language == "en"
    with pytest.raises(Forbidden):
        actions.update_member(actor=rep, member_id=rep.member_id, name="张总")
    with pytest.raises(Forbidden):
        actions.update_member(actor=rep, member_id=rep.member_id, is_owner=True)


def test_a_move_closes_one_stay_and_opens_another(cast):
    me = cast.zhang_wei.id
    actions.move_member(actor=SYSTEM, member_id=me, team_id=cast.south.id, from_day=TODAY)
    was, now = queries.membership_history(me)
    assert was == MembershipPeriod(was.id, me, cast.east.id, date(2023, 5, 8), TODAY, True)
    assert now == MembershipPeriod(now.id, me, cast.south.id, TODAY, None, True)
    yesterday = TODAY - timedelta(days=1)
    assert queries.teams_on([(me, yesterday), (me, TODAY), (me, date(2020, 1, 1))]) == {
        (me, yesterday): cast.east.id,
        (me, TODAY): cast.south.id,
    }
    assert me in queries.members_of([cast.south.id])
    assert me in queries.members_of([cast.east.id], yesterday)


def test_many_pairs_are_one_query(cast, django_assert_num_queries):
    pairs = [(p.id, TODAY - timedelta(days=n)) for p in cast.people for n in range(200)]
    with django_assert_num_queries(1):
        assert len(queries.teams_on(pairs)) == len(pairs)


def test_a_second_team_beside_the_first(cast):
    me = cast.zhang_wei.id
    actions.join_team(actor=SYSTEM, member_id=me, team_id=cast.south.id, from_day=TODAY)
    assert queries.team_on([me], TODAY) == {me: cast.east.id}
    assert me in queries.members_of([cast.south.id])
    assert me not in queries.members_of([cast.south.id], primary=True)
    actions.leave_team(actor=SYSTEM, member_id=me, team_id=cast.south.id, from_day=TODAY)
    assert me not in queries.members_of([cast.south.id])


def test_backwards_unknown_and_closed(cast):
    with pytest.raises(Refused):
        actions.move_member(
            actor=SYSTEM,
            member_id=cast.zhang_wei.id,
            team_id=cast.south.id,
            from_day=TODAY,
            until=TODAY,
        )
    with pytest.raises(Missing):
        actions.move_member(actor=SYSTEM, member_id=0, team_id=cast.south.id, from_day=TODAY)
    with pytest.raises(Missing):
        actions.move_member(actor=SYSTEM, member_id=cast.zhang_wei.id, team_id=0, from_day=TODAY)
    spare = actions.create_team(actor=SYSTEM, name="预备组", parent_id=cast.sales.id)
    actions.update_team(actor=SYSTEM, team_id=spare.id, is_active=False)
    with pytest.raises(Refused):
        actions.move_member(
            actor=SYSTEM, member_id=cast.zhang_wei.id, team_id=spare.id, from_day=TODAY
        )


def test_the_tree(cast):
    assert queries.subtree(cast.sales.id) == {cast.sales.id, cast.east.id, cast.south.id}
    assert queries.ancestors(cast.east.id) == (cast.east.id, cast.sales.id, cast.company.id)
    with pytest.raises(Refused) as refused:
        actions.update_team(
            actor=SYSTEM, team_id=cast.sales.id, parent_id=cast.east.id, is_active=False
        )
    assert codes(refused) == {("team_circle", "parent"), ("team_not_empty", "is_active")}
    said = " ".join(p.message.zh for p in refused.value.problems)
    assert "陈静" in said
    assert "2 个团队" in said
    assert all(p.hint for p in refused.value.problems)
    assert [t.name for t in queries.tree()][:2] == ["明华传感", "销售部"]


def test_reporting_lines(cast):
    boss, manager, rep = cast.chen_jing.id, cast.li_qiang.id, cast.zhang_wei.id
    for member, over in ((manager, boss), (rep, manager)):
        actions.set_manager(actor=SYSTEM, member_id=member, manager_id=over, from_day=TODAY)
    assert queries.subordinates(boss, TODAY) == {manager, rep}
    assert queries.subordinates(boss, TODAY - timedelta(days=1)) == frozenset()
    assert queries.manager_on([rep, boss], TODAY) == {rep: manager}
    for over in (rep, boss):
        with pytest.raises(Refused) as refused:
            actions.set_manager(actor=SYSTEM, member_id=boss, manager_id=over, from_day=TODAY)
        assert codes(refused) == {("reporting_circle", "manager")}
    later = TODAY + timedelta(days=30)
    actions.set_manager(actor=SYSTEM, member_id=rep, manager_id=None, from_day=later)
    assert queries.subordinates(boss, later) == {manager}
    assert [line.to_day for line in queries.lines(rep)] == [later]


def test_a_circle_that_would_close_later_is_refused_too(cast):
    a, b = cast.sun_yue.id, cast.zhou_tao.id
    later = TODAY + timedelta(days=30)
    actions.set_manager(actor=SYSTEM, member_id=b, manager_id=a, from_day=later)
    with pytest.raises(Refused):
        actions.set_manager(actor=SYSTEM, member_id=a, manager_id=b, from_day=TODAY)
    actions.set_manager(actor=SYSTEM, member_id=a, manager_id=b, from_day=TODAY, until=later)


def test_leaving(cast):
    me = cast.li_qiang.id
    rep = cast.zhang_wei.id
    actions.set_manager(actor=SYSTEM, member_id=rep, manager_id=me, from_day=date(2025, 1, 1))
    _, raw = actions.create_token(actor=acting(cast.li_qiang), name="脚本")
    gone = actions.deactivate(actor=SYSTEM, member_id=me, left_on=TODAY)
    assert (gone.is_active, gone.left_on) == (False, TODAY)
    assert queries.team_on([me], TODAY) == {me: cast.east.id}  # the last day is still theirs
    assert queries.team_on([me], TODAY + timedelta(days=1)) == {}
    assert queries.team(cast.east.id).leader_id is None
    assert queries.manager_on([rep], TODAY + timedelta(days=1)) == {}
    assert queries.member_for_token(raw) is None
    assert actions.sign_in("li_qiang", PASSWORD).person is None
    back = actions.reactivate(
        actor=SYSTEM, member_id=me, team_id=cast.south.id, from_day=date(2026, 5, 1)
    )
    assert back.is_active
    assert len(queries.membership_history(me)) == 2


def test_who_left_still_belongs_where_they_last_were(cast):
    actions.deactivate(actor=SYSTEM, member_id=cast.zhang_wei.id, left_on=date(2026, 3, 1))
    assert cast.zhang_wei.id in queries.reach(cast.li_qiang.id).members
    assert cast.zhang_wei.id in queries.reach(cast.chen_jing.id).members_below


def test_reach(cast, django_assert_num_queries):
    queries.tree()
    with django_assert_num_queries(1):
        director = queries.reach(cast.chen_jing.id, TODAY)
    team = {cast.li_qiang.id, cast.zhang_wei.id, cast.liu_yang.id}
    south = {cast.zhao_min.id, cast.sun_yue.id, cast.zhou_tao.id}
    assert director.teams == {cast.sales.id}
    assert director.teams_below == {cast.sales.id, cast.east.id, cast.south.id}
    assert director.members == {cast.chen_jing.id}
    assert director.members_below == {cast.chen_jing.id} | team | south
    assert queries.reach(cast.li_qiang.id, TODAY).members == team


def test_the_last_owner_stays(cast):
    with pytest.raises(Refused):
        actions.update_member(actor=SYSTEM, member_id=cast.wang_li.id, is_owner=False)
    with pytest.raises(Refused):
        actions.deactivate(actor=SYSTEM, member_id=cast.wang_li.id)
    actions.update_member(actor=SYSTEM, member_id=cast.wu_xia.id, is_owner=True)
    with pytest.raises(Forbidden):  # nobody locks themself out
        actions.deactivate(actor=acting(cast.wang_li), member_id=cast.wang_li.id)


def test_a_team_closes_on_the_day_its_last_member_leaves(cast):
    spare = actions.create_team(actor=SYSTEM, name="预备组", parent_id=cast.sales.id)
    actions.move_member(actor=SYSTEM, member_id=cast.zhang_wei.id, team_id=spare.id, from_day=TODAY)
    with pytest.raises(Refused) as refused:
        actions.update_team(actor=SYSTEM, team_id=spare.id, is_active=False)
    assert "张伟" in refused.value.problems[0].message.zh
    actions.deactivate(actor=SYSTEM, member_id=cast.zhang_wei.id)
    assert not actions.update_team(actor=SYSTEM, team_id=spare.id, is_active=False).is_active


def test_a_circle_is_shown_all_the_way_round(cast):
    one, two, three = cast.zhang_wei.id, cast.li_qiang.id, cast.chen_jing.id
    for member, over in ((one, two), (two, three)):
        actions.set_manager(actor=SYSTEM, member_id=member, manager_id=over, from_day=TODAY)
    with pytest.raises(Refused) as refused:
        actions.set_manager(actor=SYSTEM, member_id=three, manager_id=one, from_day=TODAY)
    problem = refused.value.problems[0]
    assert "陈静 → 张伟 → 李强 → 陈静" in problem.message.zh
    assert problem.hint


def test_finding_people(cast):
    assert [p.name for p in queries.search("zw")] == ["张伟"]
    assert [p.name for p in queries.search("zhangw")] == ["张伟"]
    assert [p.name for p in queries.search("伟")] == ["张伟"]
    assert [p.name for p in queries.search("0005")] == ["张伟"]
    assert queries.search(" ") == ()
    assert [p.id for p in queries.named("MH005")] == [cast.zhang_wei.id]
    assert [p.id for p in queries.named("ZHANG_WEI")] == [cast.zhang_wei.id]
    assert queries.names([cast.wu_xia.id, 0]) == {cast.wu_xia.id: "吴霞"}
    assert len(queries.members()) == 10
