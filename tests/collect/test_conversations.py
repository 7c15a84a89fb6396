"""What is said about a record, who is called, who is told."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, acting
from tests.kernel.records.world import customer, opportunity
from wubu.collect.conversations import actions, mentions, queries
from wubu.collect.conversations.models import Comment, Notice, Subscription
from wubu.kernel.audit.models import Change
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.permissions.queries import definition
from wubu.kernel.records import actions as records
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused


def test_it_works(cast: Cast) -> None:
    zhang, li = acting(cast.zhang_wei), acting(cast.li_qiang)
    record = customer(owner=cast.zhang_wei.id)
    said = actions.comment(actor=li, object_key="customer", id=record.id, text="@张伟 周五前报价")
    assert said.author_name == "李强"
    assert said.mentions == {str(cast.zhang_wei.id): "张伟"}
    assert [c.text for c in queries.comments(zhang, "customer", record.id)] == ["@张伟 周五前报价"]
    (notice,) = queries.notices(zhang)
    assert (notice.kind, notice.actor_name, notice.title) == ("mention", "李强", record.title)
    assert queries.unread(zhang) == 1
    assert queries.unread(li) == 0
    assert actions.mark_read(actor=zhang) == 1
    assert queries.unread(zhang) == 0


def test_the_owner_and_those_who_take_part_hear_of_it(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    li, chen = acting(cast.li_qiang), acting(cast.chen_jing)
    actions.comment(actor=li, object_key="customer", id=record.id, text="看看")
    assert [n.kind for n in queries.notices(acting(cast.zhang_wei))] == ["comment"]
    actions.comment(actor=chen, object_key="customer", id=record.id, text="好")
    assert [n.text for n in queries.notices(li)] == ["好"]
    actions.subscribe(actor=li, object_key="customer", id=record.id, active=False)
    actions.comment(actor=li, object_key="customer", id=record.id, text="我说完了")
    actions.comment(actor=chen, object_key="customer", id=record.id, text="再说")
    assert len(queries.notices(li)) == 1
    assert not queries.follows(li, "customer", record.id)


def test_only_those_who_see_the_record_are_called(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    zhang = acting(cast.zhang_wei)
    with pytest.raises(Refused) as refused:
        actions.comment(actor=zhang, object_key="customer", id=record.id, text="@孙悦 你看")
    assert [(p.code, p.value) for p in refused.value.problems] == [("cannot_see", "孙悦")]
    assert not Comment.objects.exists()
    found = mentions.candidates(zhang, "customer", record.id, "")
    assert cast.li_qiang.id in {p.id for p in found}
    assert not {p.id for p in found} & {cast.sun_yue.id, cast.zhang_wei.id}


def test_out_of_sight(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    said = actions.comment(
        actor=acting(cast.zhang_wei), object_key="customer", id=record.id, text="机密"
    )
    sun = acting(cast.sun_yue)
    for wrong in (
        lambda: actions.comment(actor=sun, object_key="customer", id=record.id, text="x"),
        lambda: queries.comments(sun, "customer", record.id),
        lambda: queries.comment(sun, said.id),
        lambda: actions.edit_comment(actor=sun, comment_id=said.id, text="x"),
        lambda: actions.delete_comment(actor=sun, comment_id=said.id),
        lambda: actions.subscribe(actor=sun, object_key="customer", id=record.id),
        lambda: mentions.candidates(sun, "customer", record.id, ""),
    ):
        with pytest.raises(Missing):
            wrong()


def test_one_changes_ones_own_words_and_the_log_keeps_the_old(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    zhang, li = acting(cast.zhang_wei), acting(cast.li_qiang)
    said = actions.comment(actor=zhang, object_key="customer", id=record.id, text="十万")
    actions.edit_comment(actor=zhang, comment_id=said.id, text="十二万，@李强 请批")
    now = queries.comment(li, said.id)
    assert now.text == "十二万，@李强 请批"
    assert now.edited_at is not None
    assert [v.text for v in queries.versions(li, said.id)] == ["十万"]
    assert [n.kind for n in queries.notices(li)] == ["mention"]
    with pytest.raises(Forbidden):
        actions.edit_comment(actor=li, comment_id=said.id, text="x")
    with pytest.raises(Forbidden):
        actions.delete_comment(actor=li, comment_id=said.id)
    actions.delete_comment(actor=zhang, comment_id=said.id)
    assert queries.comments(li, "customer", record.id) == []
    assert queries.notices(li) == []
    logged = Change.objects.filter(object_key="_comment:customer", record_id=record.id)
    assert [c.action for c in logged.order_by("id")] == ["create", "update", "delete"]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 10_001, "a\x00b"])
def test_odd_words(cast: Cast, text: str) -> None:
    record = customer(owner=cast.zhang_wei.id)
    with pytest.raises(Refused):
        actions.comment(
            actor=acting(cast.zhang_wei), object_key="customer", id=record.id, text=text
        )
    kept = actions.comment(
        actor=acting(cast.zhang_wei),
        object_key="customer",
        id=record.id,
        text="😀 <b>מודגש</b> @nobody @ ＠李强",
    )
    assert kept.mentions == {str(cast.li_qiang.id): "李强"}


def test_two_of_one_name_are_called_by_choice(cast: Cast) -> None:
    from wubu.kernel.people.actions import create_member

    other = create_member(
        actor=SYSTEM, login="zhang_wei_2", name="张伟", password="long-enough-word", is_owner=True
    )
    assert mentions.called("@张伟 请看") == {}
    assert mentions.called("@张伟 请看", [other.id]) == {other.id: "张伟"}


def test_a_follower_hears_of_changes_they_may_see(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    li = acting(cast.li_qiang)
    actions.subscribe(actor=li, object_key="customer", id=record.id)

    def change(**values: object) -> None:
        records.update(
            actor=acting(cast.zhang_wei), object_key="customer", id=record.id, values=values
        )

    change(region="上海")
    change(address="浦东")
    (notice,) = queries.notices(li)
    assert notice.kind == "change"
    assert [f.zh for f in notice.fields] == ["地区", "地址"]
    assert queries.notices(acting(cast.zhang_wei)) == []
    actions.mark_read(actor=li)
    role = definition("sales_manager")
    role["fields"] = {**(role.get("fields") or {}), "customer": {"revenue": "hidden"}}
    define_role(actor=SYSTEM, key="sales_manager", definition=role)
    change(revenue="5000")
    from wubu.kernel.workspace import forget

    forget()
    assert queries.notices(li, unread=True) == []
    assert queries.unread(li) == 0


def test_who_loses_sight_reads_no_more(cast: Cast) -> None:
    record = customer(owner=cast.zhang_wei.id)
    liu = acting(cast.liu_yang)
    records.transfer(actor=SYSTEM, object_key="customer", ids=[record.id], owner=cast.liu_yang.id)
    actions.subscribe(actor=liu, object_key="customer", id=record.id)
    actions.comment(
        actor=acting(cast.li_qiang), object_key="customer", id=record.id, text="@刘洋 机密"
    )
    assert queries.unread(liu) == 1
    records.transfer(actor=SYSTEM, object_key="customer", ids=[record.id], owner=cast.sun_yue.id)
    assert queries.unread(liu) == 0
    assert queries.notices(liu) == []


def test_many_followers_cost_no_more_queries(cast: Cast) -> None:
    deals = [opportunity(customer(f"客户{n}", owner=cast.zhang_wei.id)) for n in range(2)]
    counts = []
    for n, deal in enumerate(deals):
        for person in cast.people[: 1 + 6 * n]:
            Subscription.objects.create(
                member_id=person.id, object_key="opportunity", record_id=deal.id, at=deal.created_at
            )
        with CaptureQueriesContext(connection) as captured:
            records.update(actor=SYSTEM, object_key="opportunity", id=deal.id, values={"name": "x"})
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Notice.objects.count() == 8
