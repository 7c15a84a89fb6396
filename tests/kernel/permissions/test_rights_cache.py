from tests.kernel.permissions.test_policy import company, give, grant  # noqa: F401
from wubu.kernel.permissions import actions, queries
from wubu.kernel.types import SYSTEM, Actor
from wubu.kernel.workspace import forget


def test_it_works(company):  # noqa: F811
    """Who holds the same roles shares what follows from them, and nothing else."""
    one = give(company.zhang_wei, grants=[grant("own")])
    actions.set_roles(actor=SYSTEM, member_id=company.liu_yang.id, roles=["tested"])
    other = queries.policy(Actor(company.liu_yang.id))
    assert other.known is one.known
    assert other.scope("view", "deal") != one.scope("view", "deal")


def test_other_grants_are_known_apart(company):  # noqa: F811
    before = give(company.zhang_wei, grants=[grant("own")])
    assert before.may("view", "deal")
    assert before.readable("deal", ("amount",))
    kept = before.known
    hidden = give(company.zhang_wei, grants=[grant("own")], fields={"deal": {"amount": "hidden"}})
    assert hidden.known is not kept
    assert not hidden.readable("deal", ("amount",))
    assert hidden.level("deal", "amount") == "hidden"
    actions.set_roles(actor=SYSTEM, member_id=company.zhang_wei.id, roles=[])
    forget()
    assert not queries.policy(Actor(company.zhang_wei.id)).may("view", "deal")
