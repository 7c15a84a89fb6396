import pytest

from tests.kernel.permissions.test_policy import company, give, grant, seen  # noqa: F401
from wubu.kernel.catalog.render import render
from wubu.kernel.permissions import actions, queries
from wubu.kernel.types import SYSTEM, Refused
from wubu.kernel.workspace import forget, remember

CARS = grant("condition", condition='{行业} = "汽车"')


def test_it_works(company):  # noqa: F811
    policy = give(company.zhang_wei, grants=[CARS])
    assert seen(policy) == ["chen_jing", "liu_yang", "zhao_min", "zheng_kai", "zhou_tao"]
    assert policy.owner_ids("view", "deal") is None
    assert queries.definition("tested")["grants"] == [
        {
            "object": "deal",
            "actions": ["view"],
            "rows": "condition",
            "condition": queries.role("tested").grants[0].condition,
        }
    ]


def test_conditions_add_to_owners(company):  # noqa: F811
    policy = give(
        company.zhang_wei,
        grants=[grant("own"), grant("condition", condition="{amount} >= 9 AND {owner} = ME()")],
    )
    assert seen(policy) == ["zhang_wei"]
    policy = give(company.zhang_wei, "more", grants=[grant("condition", condition="{金额} > 8")])
    assert seen(policy) == ["zhang_wei", "zheng_kai"]


def test_a_part_obeys_the_condition_of_its_whole(company):  # noqa: F811
    policy = give(company.zhang_wei, grants=[CARS])
    names = seen(policy, "view", "deal_line", "deal__name")
    assert names == seen(policy)


def test_what_is_not_known_is_not_granted(company):  # noqa: F811
    policy = give(company.zhang_wei, grants=[grant("condition", condition='{phone} <> "1"')])
    assert seen(policy) == []


def test_the_filter_is_kept_in_permanent_keys(company):  # noqa: F811
    give(company.zhang_wei, grants=[CARS])
    assert "行业" not in queries.role("tested").grants[0].condition


def test_nonsense_is_refused_with_its_place(company):  # noqa: F811
    with pytest.raises(Refused) as refused:
        give(company.zhang_wei, grants=[grant("condition", condition="{颜色} = 1")])
    assert refused.value.problems[0].start is not None


def test_a_condition_on_a_field_that_is_gone_grants_nothing(company, caplog):  # noqa: F811
    from wubu.kernel.catalog.queries import snapshot

    policy = give(company.zhang_wei, grants=[CARS])
    assert len(seen(policy)) == 5
    deal = snapshot().objects["deal"]
    fields = {k: f for k, f in deal.fields.items() if k != "industry"}
    objects = {**snapshot().objects}
    objects["deal"] = type(deal)("deal", deal.label, deal.plural, fields=fields, roles=deal.roles)
    forget()
    remember("snapshot", lambda: render(objects.values(), "later"))
    policy = queries.policy(policy.actor)
    assert seen(policy) == []
    assert "can no longer be read" in caplog.text
    assert "deal.industry" not in str(queries.explain_access(policy.actor, "deal"))


def test_explained(company):  # noqa: F811
    actor = give(
        company.zhang_wei,
        label={"zh": "销售代表", "en": "Sales rep"},
        grants=[grant("own", "view", "create", "edit"), grant("team", "export"), CARS],
        fields={"deal": {"phone": "hidden", "amount": "read"}},
    ).actor
    said = queries.explain_access(actor, "deal")
    assert "查看" in said.zh
    assert "角色：销售代表" in said.zh
    assert "隐藏：手机。" in said.zh
    assert "只读：金额。" in said.zh
    assert "Sales rep" in said.en
    assert "create, edit" in said.en
    assert queries.explain_access(actor, "memo").en == "May not see memos."
    assert "as part of its deal" in queries.explain_access(actor, "deal_line").en
    assert "所有者" in queries.explain_access(SYSTEM, "deal").zh


def test_every_problem_of_a_role_at_once(company):  # noqa: F811
    with pytest.raises(Refused) as refused:
        actions.define_role(
            actor=SYSTEM,
            key="bad key",
            definition={
                "grants": [
                    {"object": "ghost", "actions": ["fly"], "rows": "mine"},
                    {"object": "deal", "actions": [], "rows": "condition"},
                    {"object": "*", "actions": ["view"], "condition": "1 = 1"},
                ],
                "fields": {"ghost": {"x": "read"}, "deal": {"colour": "secret"}},
                "setup": ["moon"],
                "performance": "condition",
            },
        )
    assert sorted({p.field for p in refused.value.problems}) == [
        "fields.deal.colour",
        "fields.ghost",
        "grants.0.actions",
        "grants.0.object",
        "grants.0.rows",
        "grants.1.actions",
        "grants.1.condition",
        "grants.2.condition",
        "key",
        "label",
        "performance",
        "setup",
    ]


def test_roles_come_and_go(company):  # noqa: F811
    roles = {"rep": {"label": {"zh": "代表", "en": "Rep"}, "grants": [grant("own")]}}
    assert actions.install(actor=SYSTEM, roles=roles) == 1
    assert actions.install(actor=SYSTEM, roles=roles) == 0
    give(company.zhang_wei, "mine", grants=[grant("all")])
    assert actions.set_roles(
        actor=SYSTEM, member_id=company.zhang_wei.id, roles=["rep", "mine"]
    ) == ("rep", "mine")
    assert queries.holders("rep") == {company.zhang_wei.id}
    with pytest.raises(Refused):
        actions.delete_role(actor=SYSTEM, key="rep")
    assert actions.set_roles(actor=SYSTEM, member_id=company.zhang_wei.id, roles=[]) == ()
    actions.delete_role(actor=SYSTEM, key="rep")
    assert "rep" not in {r.key for r in queries.roles()}


def test_a_definition_reads_back_as_it_was_written(company):  # noqa: F811
    given = {
        "label": {"zh": "经理", "en": "Manager"},
        "description": {"zh": "带队", "en": "Leads"},
        "grants": [
            {"object": "deal", "actions": ["view", "edit"], "rows": "team_below"},
            {"object": "*", "actions": ["export"], "rows": "own"},
        ],
        "fields": {"deal": {"phone": "read"}},
        "setup": ["metrics"],
        "performance": "team_below",
    }
    actions.define_role(actor=SYSTEM, key="manager", definition=given)
    assert queries.definition("manager") == given
    again = actions.define_role(actor=SYSTEM, key="manager", definition=given)
    assert again == queries.role("manager")
