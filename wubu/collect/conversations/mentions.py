"""Calling somebody by name, and who may be called."""

from __future__ import annotations

from collections.abc import Iterable

from wubu.kernel.people import queries as people
from wubu.kernel.people.types import Person
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor

MOST_LOOKED_AT = 40


def called(text: str, chosen: Iterable[int] = ()) -> dict[int, str]:
    """The members whose names stand after an @.

    Those chosen, and those whose name is the only one of its kind. The longest name that fits
    counts.
    """
    if "@" not in text and "＠" not in text:
        return {}
    wanted = set(chosen)
    by_name: dict[str, list[Person]] = {}
    for person in people.members():
        by_name.setdefault(person.name, []).append(person)
    names = sorted(by_name, key=len, reverse=True)
    found: dict[int, str] = {}
    for piece in text.replace("＠", "@").split("@")[1:]:
        name = next((n for n in names if piece.startswith(n)), None)
        if name is None:
            continue
        bearers = by_name[name]
        picked = [p for p in bearers if p.id in wanted] or (bearers if len(bearers) == 1 else [])
        found.update({p.id: name for p in picked})
    return found


def sees(member_id: int, object_key: str, record_id: int) -> bool:
    """May this member see this record?"""
    rows = records.visible(Actor(member_id), object_key, archived=None)
    return rows.filter(id=record_id).exists()


def blind(object_key: str, record_id: int, members: dict[int, str]) -> list[str]:
    """The names of those who may not see the record."""
    return [name for i, name in members.items() if not sees(i, object_key, record_id)]


def candidates(
    actor: Actor, object_key: str, record_id: int, text: str, limit: int = 8
) -> list[Person]:
    """Whom the actor can call on a record: active members who fit the text and may see it.

    Raises Missing for a record out of sight.
    """
    record = records.get(actor, object_key, record_id)
    some = people.search(text, MOST_LOOKED_AT) if text else people.members()[:MOST_LOOKED_AT]
    found: list[Person] = []
    for person in some:
        if not actor.is_member(person.id) and sees(person.id, object_key, record.id):
            found.append(person)
        if len(found) == limit:
            break
    return found
