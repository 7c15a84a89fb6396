"""Looking at the workspace as somebody else: everything is seen as they see it, nothing written."""

import pytest

from tests.cast import acting
from wubu.kernel.audit.queries import changes
from wubu.kernel.people import actions as people
from wubu.kernel.permissions import sharing, viewing
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.records import actions
from wubu.kernel.types import SYSTEM, Actor, Forbidden, Refused
from wubu.kernel.workspace import forget


def test_it_works(cast):
    viewing.start(actor=acting(cast.wang_li), member_id=cast.zhang_wei.id)
    row = changes(object_key="_member", limit=1)[0]
    assert (row.action, row.record_id, row.actor_id) == (
        "view_as",
        cast.zhang_wei.id,
        cast.wang_li.id,
    )


def test_it_cannot_climb(cast):
    """A right of its own; never as an owner, nor as who may set up more."""
    with pytest.raises(Forbidden):
        viewing.start(actor=acting(cast.zhang_wei), member_id=cast.sun_yue.id)
    define_role(
        actor=SYSTEM, key="helper", definition={"label": "助手", "grants": [], "setup": ["view_as"]}
    )
    set_roles(actor=SYSTEM, member_id=cast.zhang_wei.id, roles=["helper"])
    forget()
    me = acting(cast.zhang_wei)
    viewing.start(actor=me, member_id=cast.sun_yue.id)
    for above in (cast.wang_li, cast.zheng_kai, cast.li_qiang):
        with pytest.raises(Forbidden):
            viewing.start(actor=me, member_id=above.id)
    for nobody in (cast.zhang_wei,):
        with pytest.raises(Refused):
            viewing.start(actor=me, member_id=nobody.id)
    within = Actor(cast.wang_li.id, viewer_id=cast.zheng_kai.id)
    with pytest.raises(Forbidden):  # nor from within a view
        viewing.start(actor=within, member_id=cast.sun_yue.id)


def test_nothing_is_written(cast):
    me = Actor(cast.wang_li.id, viewer_id=cast.zheng_kai.id)
    made = actions.create(actor=SYSTEM, object_key="customer", values={"name": "沃尔沃"})
    for act in (
        lambda: actions.create(actor=me, object_key="customer", values={"name": "x"}),
        lambda: actions.archive(actor=me, object_key="customer", ids=[made.id]),
        lambda: people.update_member(actor=me, member_id=cast.sun_yue.id, name="x"),
        lambda: set_roles(actor=me, member_id=cast.sun_yue.id, roles=["boss"]),
        lambda: sharing.share(
            actor=me, object_key="customer", target_id=made.id, member_id=cast.sun_yue.id
        ),
    ):
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.problems[0].code == "looking_only"
