"""The plus menu: what somebody adds with one tap. Each member chooses and orders their own."""

from __future__ import annotations

from collections.abc import Sequence

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.people import actions as people
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.types import Actor, Problem, Refused, Text


def offered(rights: Policy) -> tuple[ObjectSpec, ...]:
    """Every object that the reader may create on a page of its own, in the catalog's order."""
    return tuple(
        o
        for o in snapshot().live
        if not o.part_of and rights.may("view", o.key) and rights.may("create", o.key)
    )


def shown(rights: Policy, own: Sequence[str] | None) -> tuple[ObjectSpec, ...]:
    """What stands in the menu: the reader's ``own`` keys, or as usual where that is None.

    What they may not create is left out, also where they chose it once.
    """
    can = offered(rights)
    if own is None:
        return tuple(o for o in can if o.options.get("quick"))
    by_key = {o.key: o for o in can}
    return tuple(by_key[k] for k in own if k in by_key)


def choose(*, actor: Actor, rights: Policy, keys: Sequence[str] | None) -> None:
    """Keep the actor's own menu; None: as usual.

    Raises Refused with every key that will not do, Forbidden for an actor who is no member.
    """
    known = {o.key for o in offered(rights)}
    bad = [k for k in dict.fromkeys(keys or ()) if k not in known]
    if bad:
        raise Refused(*(_unknown(k) for k in bad))
    people.choose_plus(actor=actor, keys=keys)


def _unknown(key: str) -> Problem:
    # The same for what is not there and for what they may not create: it tells nothing.
    return Problem(
        "not_creatable",
        Text("没有您可以新建的对象“{k}”。", "There is no object “{k}” that you may create.").format(
            k=key[:63]
        ),
        Text(
            "从可以新建的对象中选择；如需权限，请联系管理员。",
            "Choose among the objects that you may create, or ask an administrator for the right.",
        ),
        field="objects",
        value=key[:63],
    )
