"""Somebody leaves: their work goes to others, by object or by customer group, and back again."""

from datetime import timedelta

import pytest

from tests.cast import acting
from wubu.improve.handover import actions, queries, responsibilities
from wubu.improve.handover.types import Plan
from wubu.kernel.audit.queries import changes
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs.queries import waiting
from wubu.kernel.people import actions as people_actions
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import queries as rights
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as found
from wubu.kernel.types import SYSTEM, Forbidden, Refused
from wubu.kernel.workspace import forget


@pytest.fixture
def work(cast):
    """张伟 has two customers of different grades.

    A deal under way, a lost one, a plan done and a plan to do, and a visit that took place.
    """
    me = cast.zhang_wei.id

    def make(key, **values):
        return records.create(actor=SYSTEM, object_key=key, values={**values, "owner": me})

    big = make("customer", name="大客户", grade="A", pool=False)
    small = make("customer", name="小客户", grade="B", pool=False)
    day = today() + timedelta(days=9)
    deal = {"customer": big.id, "amount": "100", "expected_close": day}
    make("opportunity", name="进行中", **deal)
    lost = make("opportunity", name="丢了的", **{**deal, "customer": small.id})
    stage = next(
        c.key for c in snapshot().object("opportunity").role("stage").choices if c.outcome == "lost"
    )
    records.update(
        actor=SYSTEM,
        object_key="opportunity",
        id=lost.id,
        values={"stage": stage, **_reasons()},
    )
    make("follow_plan", subject="要做的", customer=small.id, due_at=now(), done=False)
    make("follow_plan", subject="做完的", customer=small.id, due_at=now(), done=True)
    make("visit", purpose="去过", customer=big.id, planned_at=now())
    forget()
    return cast


def _reasons():
    spec = snapshot().object("opportunity")
    return {
        f.key: next(c.key for c in f.choices if not c.retired)
        for f in spec.live_fields
        if f.type == "choice" and "lost" in f.key
    }


def owned(person):
    forget()
    return {
        (spec.key, r.title)
        for spec in queries.objects()
        for r in found.present(
            SYSTEM,
            spec.key,
            found.visible(SYSTEM, spec.key).filter(**{spec.roles["owner"]: person.id}),
        )
    }


def run(actor, plan):
    job = actions.start(actor=actor, plan=plan)
    done = actions.run(actor=actor, plan=plan, batch=job.kwargs["batch"], progress=lambda *_: None)
    return job, done


def test_it_works(work):
    boss = acting(work.wang_li)
    lines = {line.object_key: line for line in queries.lines(boss, work.zhang_wei.id)}
    told = {k: (line.total, line.open, line.suggested) for k, line in lines.items()}
    assert told == {
        "customer": (2, None, "all"),
        "opportunity": (2, 1, "open"),
        "follow_plan": (2, 1, "open"),
        "visit": (1, None, ""),
    }
    plan = Plan(
        work.zhang_wei.id,
        which={k: line.suggested for k, line in lines.items() if line.suggested},
        to=dict.fromkeys(lines, work.liu_yang.id),
    )
    steps = {s.object_key: s.count for s in queries.steps(boss, plan)}
    assert steps == {"customer": 2, "opportunity": 1, "follow_plan": 1}
    job, done = run(boss, plan)
    assert [j.id for j in waiting([actions.JOB])] == [job.id]
    assert done["counts"] == steps
    assert done["failed"] == 0
    assert owned(work.liu_yang) == {
        ("customer", "大客户"),
        ("customer", "小客户"),
        ("opportunity", "进行中"),
        ("follow_plan", "要做的"),
    }
    assert ("visit", "去过") in owned(work.zhang_wei)
    logged = changes(object_key="_member", record_ids=[work.zhang_wei.id], limit=1)[0]
    assert logged.action == "handover"


def test_by_customer_group(work):
    """Big customers and what belongs to them go to one, the rest to another."""
    boss = acting(work.wang_li)
    groups = queries.groups(boss, work.zhang_wei.id, "grade")
    assert [(g.value, g.customers) for g in groups] == [("a", 1), ("b", 1)]
    plan = Plan(
        work.zhang_wei.id,
        which={"customer": "all", "opportunity": "all", "follow_plan": "all"},
        to=dict.fromkeys(("customer", "opportunity", "follow_plan"), work.liu_yang.id),
        by="grade",
        groups={"a": work.li_qiang.id},
    )
    run(boss, plan)
    assert owned(work.li_qiang) == {("customer", "大客户"), ("opportunity", "进行中")}
    assert owned(work.liu_yang) == {
        ("customer", "小客户"),
        ("opportunity", "丢了的"),
        ("follow_plan", "要做的"),
        ("follow_plan", "做完的"),
    }


def test_undone_as_one(work):
    boss = acting(work.wang_li)
    before = owned(work.zhang_wei)
    plan = Plan(work.zhang_wei.id, {"customer": "all"}, {"customer": work.liu_yang.id})
    job, _ = run(boss, plan)
    assert owned(work.zhang_wei) != before
    told = actions.undo(
        actor=boss, batch=job.kwargs["batch"], handed=[], member_id=work.zhang_wei.id
    )
    assert told["put_back"] == 2
    assert owned(work.zhang_wei) == before


def test_run_twice_is_run_once(work):
    boss = acting(work.wang_li)
    plan = Plan(work.zhang_wei.id, {"customer": "all"}, {"customer": work.liu_yang.id})
    job, _ = run(boss, plan)
    again = actions.run(actor=boss, plan=plan, batch=job.kwargs["batch"], progress=lambda *_: None)
    assert again["counts"] == {}


def test_who_and_to_whom(work):
    plan = Plan(work.zhang_wei.id, {"customer": "all"}, {"customer": work.liu_yang.id})
    with pytest.raises(Forbidden):
        actions.start(actor=acting(work.li_qiang), plan=plan)
    with pytest.raises(Refused) as refused:
        actions.start(
            actor=acting(work.wang_li),
            plan=Plan(
                work.zhang_wei.id, {"planet": "all"}, {"customer": work.zhang_wei.id}, "hair"
            ),
        )
    codes = {p.code for p in refused.value.problems}
    assert codes == {"no_such_field", "no_such_object", "bad_receiver"}
    with pytest.raises(Refused) as refused:
        queries.steps(acting(work.wang_li), Plan(work.zhang_wei.id))
    assert refused.value.problems[0].code == "no_receiver"


def test_to_the_pool_and_back(work):
    boss = acting(work.wang_li)
    plan = Plan(work.zhang_wei.id, {"customer": "pool"})
    assert [(s.receiver, s.count) for s in queries.steps(boss, plan)] == [("公海", 2)]
    job, _ = run(boss, plan)
    forget()
    rows = found.visible(SYSTEM, "customer").filter(pool=True, owner__isnull=True)
    assert {r.title for r in found.present(SYSTEM, "customer", rows)} == {"大客户", "小客户"}
    actions.undo(actor=boss, batch=job.kwargs["batch"], handed=[], member_id=work.zhang_wei.id)
    assert {t for k, t in owned(work.zhang_wei) if k == "customer"} == {"大客户", "小客户"}
    with pytest.raises(Refused) as refused:
        queries.steps(boss, Plan(work.zhang_wei.id, {"visit": "pool"}))
    assert refused.value.problems[0].code == "no_pool"


def test_teams_people_and_roles_go_along_and_come_back(work):
    """李强 leads and manages; 张伟, who reports to him, takes over."""
    boss, leaving, heir = acting(work.wang_li), work.li_qiang.id, work.zhang_wei.id

    def state():
        forget()
        everyone = [m.id for m in people.members()]
        return (
            {t.id: t.leader_id for t in people.tree()},
            people.manager_on(everyone, today()),
            rights.roles_of(everyone),
        )

    people_actions.set_manager(actor=SYSTEM, member_id=heir, manager_id=leaving, from_day=today())
    before = state()
    lines = {line.object_key: line.total for line in responsibilities.lines(boss, leaving)}
    assert lines["_teams"] == sum(i == leaving for i in before[0].values()) > 0
    assert lines["_reports"] == sum(i == leaving for i in before[1].values()) > 0
    assert lines["_roles"] == len(before[2][leaving])
    plan = Plan(leaving, duties=dict.fromkeys(responsibilities.LABELS, heir))
    assert {s.object_key for s in queries.steps(boss, plan)} == lines.keys()
    job, done = run(boss, plan)
    leaders, managers, roles = state()
    assert leaving not in leaders.values()
    assert leaving not in managers.values()
    assert managers.get(heir) == before[1].get(leaving)
    assert set(before[2][leaving]) <= set(roles[heir])
    told = actions.undo(
        actor=boss,
        batch=job.kwargs["batch"],
        handed=[],
        member_id=leaving,
        moved=done["duties"],
    )
    assert told["duties"] > 0
    assert state() == before


def test_a_duty_that_is_none_and_an_undo_too_early(work):
    boss = acting(work.wang_li)
    with pytest.raises(Refused) as refused:
        queries.steps(boss, Plan(work.li_qiang.id, duties={"_crown": work.zhang_wei.id}))
    assert refused.value.problems[0].code == "no_such_duty"
    job = actions.start(
        actor=boss, plan=Plan(work.li_qiang.id, duties={"_roles": work.zhang_wei.id})
    )
    with pytest.raises(Refused) as refused:
        actions.start_undo(actor=boss, job=job)
    assert refused.value.problems[0].code == "still_running"
