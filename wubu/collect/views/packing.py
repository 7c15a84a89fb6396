"""The section ``views`` of a pack: shared views by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from wubu.collect.views.actions import slug
from wubu.collect.views.checking import Checker
from wubu.collect.views.models import View
from wubu.collect.views.types import KINDS
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import SYSTEM, Actor, Problem, Refused, Text
from wubu.kernel.workspace import forget

OWN = ("object", "label", "kind", "position")


def install(definitions: Mapping[str, Any], *, actor: Actor) -> None:
    """Make the shared views of a pack that are not there yet; those that are stay as they are, also
    where somebody changed or removed them. Raises Refused with every problem.
    """
    there = set(View.objects.filter(key__in=list(definitions)).values_list("key", flat=True))
    problems: list[Problem] = []
    made: list[View] = []
    at = now()
    for place, (key, said) in enumerate(definitions.items()):
        if key in there:
            continue
        spec = snapshot().objects.get(said.get("object", ""))
        kind = said.get("kind", "list")
        if spec is None or kind not in KINDS:
            words = Text("视图“{k}”的对象或种类不对。", "View “{k}” has no such object or kind.")
            problems.append(Problem("bad_view", words.format(k=key), field=key))
            continue
        try:
            rest = {k: v for k, v in said.items() if k not in OWN}
            look = Checker(spec, policy(SYSTEM)).look(rest, kind)
        except Refused as refused:
            problems += refused.problems
            continue
        made.append(
            View(
                object_key=spec.key,
                key=key,
                slug=slug(),
                name=Text.of(said["label"]).as_dict(),
                kind=kind,
                audience="shared",
                definition=look.as_json(),
                position=said.get("position", place),
                created_at=at,
                created_by_id=actor.member_id,
                updated_at=at,
            )
        )
    if problems:
        raise Refused(*problems)
    with transaction.atomic():
        View.objects.bulk_create(made)
    forget()
