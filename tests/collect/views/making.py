"""Deals and views of the cast."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast, acting
from wubu.collect.views import actions
from wubu.collect.views.types import ViewInfo
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people.types import Person
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import forget


def make(owner: Person, name: str, **values: Any) -> Record:
    given = {"name": name, "owner": owner.id, "stage": "prospecting", **values}
    return records.create(actor=SYSTEM, object_key="opportunity", values=given)


def keep(person: Person, **more: Any) -> ViewInfo:
    given = {"object_key": "opportunity", "name": "大单", **more}
    return actions.create(actor=acting(person), **given)


def blind(cast: Cast, person: Person) -> None:
    """A rep from whom amounts are hidden."""
    definition = {
        "label": {"zh": "不看金额", "en": "No amounts"},
        "grants": [{"object": "opportunity", "actions": ["view", "edit"], "rows": "own"}],
        "fields": {"opportunity": {"amount": "hidden"}},
    }
    define_role(actor=SYSTEM, key="blind", definition=definition)
    set_roles(actor=SYSTEM, member_id=person.id, roles=["blind"])
    forget()


def _spec() -> Any:

    return snapshot().object("opportunity")
