"""Random roles at every entrance: no answer holds what a plain reading of the roles forbids."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.cast import Cast
from tests.leaks.conftest import Browse
from tests.leaks.entrances import ENTRANCES, every
from tests.leaks.secrets import FIELDS, OBJECTS, TITLES, Secrets, build
from tests.leaks.test_random_roles import QUICK, reading, roles, shares
from wubu.kernel.permissions.rules import ACTIONS
from wubu.kernel.workspace import forget

EXAMPLES, ASKED = 8, 90  # of each example so many requests, drawn evenly over the entrances


@pytest.fixture
def secrets(cast: Cast) -> Secrets:
    return build(cast)


def drawn(secrets: Secrets, number: int) -> list[Any]:
    """Requests of every entrance, others with every example."""
    rnd = random.Random(number)
    by_name: dict[str, list[Any]] = {}
    for name, ask in every(secrets):
        by_name.setdefault(name, []).append(ask)
    each = -(-ASKED // len(by_name))
    return [
        (name, ask)
        for name, asks in by_name.items()
        for ask in rnd.sample(asks, min(each, len(asks)))
    ]


@settings(QUICK, max_examples=EXAMPLES, phases=[Phase.generate])  # what leaks is told at once
@given(
    given_roles=st.lists(roles(), min_size=1, max_size=2),
    shared=shares,
    number=st.integers(0, 10_000),
)
def test_no_entrance_tells_a_secret(
    secrets: Secrets,
    browse: Browse,
    given_roles: list[dict[str, Any]],
    shared: Any,
    number: int,
) -> None:
    said = reading(secrets, given_roles, shared)
    secret = said.secret()
    client = browse(secrets.cast.zhang_wei)
    leaks = []
    for name, ask in drawn(secrets, number):
        text = ask.text(client)
        told = [(c, row.object_key, row.id, key) for c, row, key in secret if c in text]
        if told:
            leaks.append((name, ask, told[:3]))
    assert leaks == []


def test_the_owner_meets_them_at_every_entrance(secrets: Secrets, browse: Browse) -> None:
    """The walk above looks in the right places."""
    client = browse(secrets.cast.wang_li)
    canaries: dict[str, set[str]] = {}
    for row in secrets.known:
        for key in row.values:
            canaries.setdefault(key, set()).update(row.canaries(key))
        canaries.setdefault("was", set()).add(row.was)
        canaries.setdefault("said", set()).add(row.said)
    canaries["view"] = {literal for _, literal in secrets.views.values()}
    missing = []
    for name, (asks, wanted) in ENTRANCES.items():
        left = set(wanted)
        for ask in asks(secrets) if left else ():
            text = ask.text(client)
            left -= {key for key in left if any(c in text for c in canaries[key])}
            if not left:
                break
        if left:
            missing.append((name, left))
    forget()
    assert missing == []


ACTING = ("conflict", "by name", "formula", "forged", "merging", "form", "cell")


@pytest.mark.parametrize("seed", [1, 2])
def test_who_may_do_everything_learns_nothing_by_doing(
    secrets: Secrets, browse: Browse, seed: int
) -> None:
    """Every right on the team's records, but half of their fields hidden or masked."""
    rnd = random.Random(seed)
    levels = {
        key: {
            name: rnd.choice(["hidden", "masked"])
            for name in FIELDS[key]
            if name != TITLES[key] and rnd.random() < 0.6
        }
        for key in OBJECTS
    }
    role = {
        "label": "能做不能看",
        "grants": [{"object": k, "actions": [*ACTIONS], "rows": "team"} for k in OBJECTS],
        "fields": levels,
        "performance": "own",
    }
    said = reading(secrets, [role], [])
    secret = said.secret()
    client = browse(secrets.cast.zhang_wei)
    leaks = []
    for name in ACTING:
        asks = list(ENTRANCES[name][0](secrets))
        for ask in rnd.sample(asks, min(len(asks), 30)):
            text = ask.text(client)
            if told := [(c, row.object_key, key) for c, row, key in secret if c in text]:
                leaks.append((name, ask, told[:3]))
    assert leaks == []
