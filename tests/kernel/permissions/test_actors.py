"""Nobody may do a thing because somebody is missing: every kind of actor at every entrance."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cast import Cast, acting
from tests.measure.books import make, rows
from wubu.collect.imports import actions as imports
from wubu.collect.views import queries as views
from wubu.improve.reviews.queries import may_edit
from wubu.kernel.calendar.types import Period
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.jobs import queries as job_queries
from wubu.kernel.jobs.models import Job
from wubu.kernel.jobs.running import _actor
from wubu.kernel.people import actions as people
from wubu.kernel.permissions.actions import set_roles
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries as seen
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM, Actor, Forbidden, Missing, Refused
from wubu.measure.figures.queries import figures
from wubu.measure.ledger.actions import close_month
from wubu.motivate.points import actions as points

pytestmark = pytest.mark.django_db
OUTSIDER = Actor.outsider()
ROLELESS = Actor.service("生产系统", role="no_such_role")
NOBODIES = {"an outsider": OUTSIDER, "a service with an unknown role": ROLELESS}


@pytest.mark.parametrize(
    "fields",
    [
        {"member_id": None},
        {"member_id": None, "entrance": "api"},
        {"member_id": 1, "kind": "system"},
        {"member_id": 1, "kind": "outsider"},
        {"member_id": None, "kind": "service", "role": "sales_rep"},  # no name
        {"member_id": None, "kind": "service", "name": "x"},  # neither role nor member
        {"member_id": 1, "kind": "service", "name": "x", "role": "sales_rep"},  # both
        {"member_id": 1, "role": "sales_rep"},
        {"member_id": None, "kind": "system", "role": "sales_rep"},
    ],
)
def test_nobody_can_be_that(fields: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="nobody can be"):
        Actor(**fields)  # type: ignore[arg-type]


def test_a_missing_id_is_nobody(cast: Cast) -> None:
    for actor in (OUTSIDER, ROLELESS, SYSTEM):
        assert not actor.is_member(None)
    assert acting(cast.zhang_wei).is_member(cast.zhang_wei.id)
    assert not acting(cast.zhang_wei).is_member(None)
    acts_for = Actor.service("机器人", member_id=cast.zhang_wei.id)
    assert not acts_for.is_member(cast.zhang_wei.id)  # it has the rights, it is not the person


def doors(cast: Cast, record: int) -> dict[str, Callable[[Actor], object]]:
    """Every way to write or to set up; each is done by the system without complaint elsewhere."""
    values = {"name": "新客户"}
    return {
        "create": lambda a: records.create(actor=a, object_key="customer", values=values),
        "update": lambda a: records.update(
            actor=a, object_key="customer", id=record, values={"name": "别名"}
        ),
        "save_many": lambda a: records.save_many(
            actor=a, object_key="customer", drafts=[Draft(values=values)]
        ),
        "archive": lambda a: records.archive(actor=a, object_key="customer", ids=[record]),
        "restore": lambda a: records.restore(actor=a, object_key="customer", ids=[record]),
        "people": lambda a: people.create_member(actor=a, login="x", name="X"),
        "teams": lambda a: people.create_team(actor=a, name="X"),
        "a move": lambda a: people.move_member(
            actor=a, member_id=cast.zhang_wei.id, team_id=cast.south.id,
            from_day=cast.zhang_wei.joined_on,  # type: ignore[arg-type]
        ),
        "a leader": lambda a: people.update_team(actor=a, team_id=cast.east.id, leader_id=None),
        "deactivate": lambda a: people.deactivate(actor=a, member_id=cast.zhang_wei.id),
        "roles": lambda a: set_roles(actor=a, member_id=cast.zhang_wei.id, roles=["boss"]),
        "a key": lambda a: people.create_token(
            actor=a, name="x", member_id=cast.wang_li.id
        ),
        "a password": lambda a: people.set_password(
            actor=a, member_id=cast.wang_li.id, password="a long enough one 1"
        ),
        "sign out": lambda a: people.sign_out_everywhere(actor=a, member_id=cast.wang_li.id),
        "closing": lambda a: close_month(actor=a, month=Period.month(2024, 1)),
        "points": lambda a: points.set_rule(
            "follow_up_points", {"metric": "follow_ups", "per": 1, "points": 9}, actor=a
        ),
        "an import": lambda a: imports.stage(actor=a, files=[("x.csv", [b"a,b\n1,2\n"])]),
    }  # fmt: skip


NAMES = [
    "create", "update", "save_many", "archive", "restore", "people", "teams", "a move", "a leader",
    "deactivate", "roles", "a key", "a password", "sign out", "closing", "points", "an import",
]  # fmt: skip


@pytest.mark.parametrize("who", NOBODIES)
@pytest.mark.parametrize("door", NAMES)
def test_who_is_nobody_writes_nothing(cast: Cast, who: str, door: str) -> None:
    record = make("customer", name="明华", owner=cast.zhang_wei.id)
    before = rows("SELECT COUNT(*) FROM wubu_audit_change")
    with pytest.raises((Forbidden, Missing)):
        doors(cast, record)[door](NOBODIES[who])
    assert rows("SELECT COUNT(*) FROM wubu_audit_change") == before


def test_every_door_is_tried(cast: Cast) -> None:
    assert list(doors(cast, 0)) == NAMES


@pytest.mark.parametrize("who", NOBODIES)
def test_who_is_nobody_reads_nothing(cast: Cast, who: str) -> None:
    actor = NOBODIES[who]
    make("customer", name="无主")  # whose owner is missing, like the actor's id
    make("customer", name="有主", owner=cast.zhang_wei.id)
    for key in snapshot().objects:
        assert not policy(actor).may("view", key)
    assert seen.visible(actor, "customer").count() == 0
    assert figures(actor, ["new_customers"], Period.year(2026), "company").total.cells[
        "new_customers"
    ].value in (0, None)
    assert not any(r.cells["new_customers"].value for r in figures(
        actor, ["new_customers"], Period.year(2026), "member").rows)  # fmt: skip
    assert not policy(actor).may_setup("people")
    assert policy(actor).members() == frozenset()
    assert policy(actor).teams() == frozenset()
    assert views.teams_to_arrange(actor) == ()
    people.update_team(actor=SYSTEM, team_id=cast.east.id, leader_id=None)
    assert not may_edit(actor, cast.east.id)  # a team without a leader has no leader of no id
    job = jobs.enqueue("ledger.rebuild", actor=SYSTEM)
    with pytest.raises(Missing):
        job_queries.get(job.id, actor)
    with pytest.raises(Forbidden):
        jobs.cancel(actor=actor, job_id=job.id)


def test_a_service_has_what_its_role_has(cast: Cast) -> None:
    owned = make("customer", name="有主", owner=cast.zhang_wei.id)
    make("customer", name="无主")
    reads_all = Actor.service("数据平台", role="boss")
    assert seen.visible(reads_all, "customer").count() == 2
    rep = Actor.service("企业微信", role="sales_rep")
    assert seen.visible(rep, "customer").count() == 0  # own rows: a service owns none
    with pytest.raises((Forbidden, Missing)):
        records.update(actor=rep, object_key="customer", id=owned, values={"name": "x"})
    as_member = Actor.service("助手", member_id=cast.zhang_wei.id)
    assert list(seen.visible(as_member, "customer").values_list("id", flat=True)) == [owned]
    records.update(actor=as_member, object_key="customer", id=owned, values={"name": "经助手"})
    assert rows(
        "SELECT actor_id, actor_kind, actor_name FROM wubu_audit_change "
        "WHERE object_key = 'customer' ORDER BY id DESC LIMIT 1"
    ) == [(cast.zhang_wei.id, "service", "助手")]
    with pytest.raises((Forbidden, Refused)):
        people.create_token(actor=as_member, name="x")  # a service mints no keys


def test_the_log_says_who(cast: Cast) -> None:
    made = make("customer", name="系统建")
    records.update(
        actor=acting(cast.wang_li), object_key="customer", id=made, values={"name": "改"}
    )
    kinds = "SELECT actor_kind FROM wubu_audit_change WHERE object_key = 'customer' ORDER BY id"
    assert [row[0] for row in rows(kinds)][-2:] == ["system", "member"]


class TestJobs:
    @pytest.fixture
    def started(self, cast: Cast) -> Job:
        job = jobs.enqueue("ledger.rebuild", actor=acting(cast.zhang_wei))
        return Job.objects.get(pk=job.id)

    def test_it_runs_as_who_started_it(self, cast: Cast, started: Job) -> None:
        actor = _actor(started)
        assert (actor.member_id, actor.kind, actor.entrance) == (cast.zhang_wei.id, "member", "job")
        assert actor.at_most == {"sales_rep"}

    def test_rights_given_later_do_not_count(self, cast: Cast, started: Job) -> None:
        set_roles(actor=SYSTEM, member_id=cast.zhang_wei.id, roles=["sales_rep", "boss"])
        assert "boss" in policy(acting(cast.zhang_wei)).roles.values()
        assert set(policy(_actor(started)).roles.values()) == {"sales_rep"}

    def test_an_owner_made_later_is_no_owner_there(self, cast: Cast, started: Job) -> None:
        people.update_member(actor=SYSTEM, member_id=cast.zhang_wei.id, is_owner=True)
        assert policy(acting(cast.zhang_wei)).everything
        assert not policy(_actor(started)).everything

    def test_rights_taken_later_are_gone(self, cast: Cast, started: Job) -> None:
        set_roles(actor=SYSTEM, member_id=cast.zhang_wei.id, roles=[])
        assert policy(_actor(started)).roles == {}

    def test_who_left_may_nothing_any_more(self, cast: Cast, started: Job) -> None:
        people.deactivate(actor=SYSTEM, member_id=cast.zhang_wei.id)
        assert not policy(_actor(started)).may("view", "customer")

    def test_the_system_stays_the_system(self, cast: Cast) -> None:
        job = jobs.enqueue("ledger.rebuild", actor=SYSTEM)
        assert _actor(Job.objects.get(pk=job.id)).is_system

    def test_a_job_of_the_first_release(self, cast: Cast, started: Job) -> None:
        Job.objects.filter(pk=started.pk).update(actor_kind="", at_most=None)
        actor = _actor(Job.objects.get(pk=started.pk))
        assert (actor.kind, actor.at_most) == ("member", None)


# Comparisons of an actor's id with something that may be missing: each with why it gives no right.
EXPLAINED = {
    "kernel/people/preferences.py": "who is no member has no preferences: refused",
    "kernel/permissions/policy.py": "one's own figures: none for who is no member",
    "kernel/permissions/queries.py": "who is no member is asked about by kind, then by role",
    "kernel/permissions/sharing.py": "nothing is shared with who is no member",
    "collect/conversations/actions.py": "who is no member takes part in nothing: refused",
    "collect/conversations/queries.py": "who is no member has no notices",
    "collect/forms/actions.py": "who is no member has no drafts: refused",
    "collect/forms/queries.py": "who is no member has no drafts",
    "collect/views/actions.py": "who is no member has no views: refused",
    "collect/views/queries.py": "who is no member is in no team",
}
ROOT = Path(__file__).parents[3] / "wubu"


def absent_ids(tree: ast.AST) -> Iterator[ast.Compare]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and "actor.member_id" in ast.unparse(node):
            yield node


def test_no_right_follows_from_an_absent_id() -> None:
    found = set()
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "actor.member_id" not in text or "migrations" in path.parts:
            continue
        for node in absent_ids(ast.parse(text)):
            words = ast.unparse(node)
            name = str(path.relative_to(ROOT))
            if name.startswith("web/"):
                continue  # whoever has a page is a member
            if " is None" in words or " is not None" in words:
                found.add(name)
                assert name in EXPLAINED, f"{name}:{node.lineno}: {words}"
            else:
                pytest.fail(f"{name}:{node.lineno}: {words}: ask actor.is_member(…)")
    assert found <= set(EXPLAINED)
