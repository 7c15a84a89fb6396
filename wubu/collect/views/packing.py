"""The section ``views`` of a pack: shared views by key, there and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from wubu.collect.views.actions import key_of, slug
from wubu.collect.views.checking import Checker
from wubu.collect.views.definition import written
from wubu.collect.views.models import View
from wubu.collect.views.types import KINDS
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions.queries import policy
from wubu.kernel.rules.portable import numbered
from wubu.kernel.types import SYSTEM, Actor, Problem, Refused, Text
from wubu.kernel.workspace import forget

OWN = ("object", "label", "kind", "position")
Definitions = Mapping[str, Mapping[str, Any]]


def install(definitions: Definitions, *, actor: Actor) -> None:
    """Make the shared views of a pack that are not there yet.

    Those that are stay as they are, also where somebody changed or removed them. Raises Refused
    with every problem.
    """
    there = set(View.objects.filter(key__in=list(definitions)).values_list("key", flat=True))
    _write({k: v for k, v in definitions.items() if k not in there}, actor)


def apply(definitions: Definitions, *, actor: Actor) -> None:
    """Views as a newer pack has them, whatever they were. Raises Refused with every problem."""
    _write(definitions, actor)


def retire(keys: Sequence[str], *, actor: Actor) -> None:
    """Take views of a pack away; they can be restored."""
    View.objects.filter(key__in=list(keys), removed_at__isnull=True).update(removed_at=now())
    forget()


def export() -> dict[str, dict[str, Any]]:
    """The shared views by key, as a pack holds them."""
    found: dict[str, dict[str, Any]] = {}
    rows = View.objects.filter(audience="shared", removed_at__isnull=True)
    for row in rows.order_by("object_key", "position", "id"):
        found[row.key or key_of(row.object_key, row.slug)] = {
            "object": row.object_key,
            "label": row.name,
            "kind": row.kind,
            "position": row.position,
            **row.definition,
        }
    return found


def normal(definitions: Definitions, _catalog: Any) -> dict[str, dict[str, Any]]:
    """Definitions as ``export`` would write them, to be compared with it."""
    return {
        key: {
            **said,
            "label": Text.of(said["label"]).as_dict(),
            "kind": said.get("kind", "list"),
            "position": said.get("position", place),
        }
        for place, (key, said) in enumerate(definitions.items())
    }


def _write(definitions: Definitions, actor: Actor) -> None:
    problems: list[Problem] = []
    made: list[tuple[str, dict[str, Any]]] = []
    for place, (key, said) in enumerate(definitions.items()):
        spec = snapshot().objects.get(said.get("object", ""))
        kind = said.get("kind", "list")
        if spec is None or kind not in KINDS or not said.get("label"):
            words = Text("视图“{k}”的对象、种类或名称不对。", "View “{k}”: object, kind or label.")
            problems.append(Problem("bad_view", words.format(k=key), row=place))
            continue
        try:
            rest = {k: v for k, v in said.items() if k not in OWN}
            look = Checker(spec, policy(SYSTEM)).look(rest, kind)
        except Refused as refused:
            problems += [numbered(p, place) for p in refused.problems]
            continue
        values = {
            "object_key": spec.key,
            "name": Text.of(said["label"]).as_dict(),
            "kind": kind,
            "audience": "shared",
            "definition": written(look),
            "position": said.get("position", place),
            "updated_at": now(),
            "removed_at": None,
        }
        made.append((key, values))
    if problems:
        raise Refused(*problems)
    with transaction.atomic():
        for key, values in made:
            row = View.objects.filter(key=key).order_by("id").first()
            if row is None:
                by = actor.member_id
                row = View(key=key, slug=slug(), created_at=now(), created_by_id=by, version=0)
            for name, value in values.items():
                setattr(row, name, value)
            row.version += 1
            row.save()
    forget()
