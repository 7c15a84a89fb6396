"""What caused a change: the change before it and the rule or consumer that answered it.

A change that a person makes has no cause and depth 0. What a consumer writes while it handles a
change is one deeper. Rules that trigger each other without end are stopped at ``DEEPEST``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from wubu.kernel.audit.models import Change
from wubu.kernel.types import Problem, Refused, Text

DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Cause:
    """The change that is being answered, by whom (a rule or a consumer), and how deep that is."""

    change_id: int
    by: str
    depth: int


_current: ContextVar[Cause | None] = ContextVar("wubu_cause", default=None)


@contextlib.contextmanager
def caused_by(change_id: int, by: str, depth: int) -> Iterator[None]:
    """What is written inside is logged as caused by this change. ``depth``: that of the change."""
    token = _current.set(Cause(change_id, by[:100], depth + 1))
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Cause | None:
    """The cause of what is written now, None for a person's own doing.

    Raises Refused, naming the chain, when it is deeper than any sensible set of rules goes.
    """
    cause = _current.get()
    if cause is not None and cause.depth > DEEPEST:
        chain = " → ".join([*names_before(cause.change_id), cause.by])
        raise Refused(
            Problem(
                "rules_in_a_circle",
                Text(
                    "规则互相触发，已在第 {n} 层停止：{chain}。",
                    "Rules trigger each other; stopped at depth {n}: {chain}.",
                ).format(n=DEEPEST, chain=chain),
                Text(
                    "请修改其中一条规则的条件，使它不再触发下一条。",
                    "Change one of these rules so that it no longer triggers the next.",
                ),
            )
        )
    return cause


def names_before(change_id: int) -> list[str]:
    """Who caused a change, and what caused that: the first cause first. One query per step."""
    names: list[str] = []
    following: int | None = change_id
    while following is not None and len(names) <= DEEPEST:
        rows = Change.objects.order_by("id").filter(pk=following)
        row = rows.values_list("cause_id", "caused_by").first()
        following, by = row or (None, "")
        if by:
            names.append(by)
    return names[::-1]
