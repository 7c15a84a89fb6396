"""Which object plays which part in the company, told by the roles of fields: never by a key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from wubu.kernel.catalog.types import ObjectSpec


def customers(objects: Sequence[ObjectSpec]) -> ObjectSpec | None:
    """The object of customers: to which most others link by the role ``customer``."""
    targets = Counter(
        field.target for o in objects if not o.part_of and (field := o.role("customer"))
    )
    by_key = {o.key: o for o in objects}
    return next((by_key[key] for key, _ in targets.most_common() if key in by_key), None)


def deals(objects: Sequence[ObjectSpec]) -> ObjectSpec | None:
    """What goes through stages and is worth money, as opportunities do; else what has stages."""
    staged = [o for o in objects if o.role("stage") and not o.part_of]
    return next((o for o in staged if o.role("amount")), staged[0] if staged else None)


def activities(objects: Sequence[ObjectSpec]) -> tuple[ObjectSpec, ...]:
    """What is done with customers on a day by somebody: follow-ups, visits."""
    return tuple(
        o
        for o in objects
        if not o.part_of
        and all(o.role(r) for r in ("customer", "when", "owner"))
        and not (o.role("stage") or o.role("amount"))
    )
