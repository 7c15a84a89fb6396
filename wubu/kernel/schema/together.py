"""Changes of the catalog in which rules of upper rooms move along, and trying them out."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from wubu.kernel.catalog import actions as catalog
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.schema import actions, operations
from wubu.kernel.schema.types import Plan
from wubu.kernel.types import Actor
from wubu.kernel.workspace import forget, rehearsal

Do = Callable[[], None]


def apply(
    make: Callable[[], Plan], *, actor: Actor, first: Do, then: Do, tables: bool = True
) -> Snapshot:
    """Like ``actions.apply``, with ``first`` in the same transaction.

    ``first`` runs before the plan is made: what still reads a field that goes can be changed
    there. ``tables`` false says that the plan is known to be empty.

    Raises what ``actions.apply`` raises; then nothing was done.
    """
    try:
        with operations.editing() if tables else transaction.atomic():
            first()
            forget()
            actions.apply(make(), actor=actor, then=then)
    finally:
        forget()
    return snapshot()


def rehearse(make: Callable[[], Plan], *, first: Do, then: Callable[[Plan], None]) -> Plan:
    """Go the same way on the catalog's rows alone and take all of it back: no table is touched.

    ``then`` gets the plan, and finds the new catalog unless the plan has problems with its shape.
    """
    with rehearsal():
        first()
        forget()
        made = make()
        if not any(p.code in SHAPELESS for p in made.problems):
            known = snapshot().objects
            catalog.store(made.wanted, known=known, dropped=made.dropped)
        then(made)
    return made


# With these the catalog cannot even be read.
SHAPELESS = frozenset(
    {
        "no_such_type",
        "no_such_target",
        "double_choice",
        "role_without_field",
        "too_many_fields",
        "too_many_choices",
        "bad_key",
        "key_taken",
        "reserved_key",
    }
)
