"""Choices that were made while comparing are remembered until the pack is taken over."""

from __future__ import annotations

import hashlib
import json

from django.db import transaction

from wubu.kernel.calendar.queries import now
from wubu.kernel.packs.content.compare import GONE, Difference
from wubu.kernel.packs.differences.comparing import Choices, Compared
from wubu.kernel.packs.models import PackChoice
from wubu.kernel.types import Actor


def with_remembered(found: Compared, choices: Choices) -> Choices:
    """What is chosen now over what was chosen earlier for the same version of the part."""
    by_id = {d.id: d for d in found.differences}
    kept = {
        row.part: "theirs" if row.side == "theirs" else "ours"
        for row in PackChoice.objects.filter(pack=found.loaded.pack.pack)
        if row.part in by_id and row.digest == _digest(by_id[row.part])
    }
    return {**kept, **choices}  # type: ignore[dict-item]


def keep(found: Compared, choices: Choices, *, actor: Actor) -> None:
    """Remember what was chosen, where it is not what is done anyway."""
    pack = found.loaded.pack.pack
    by_id = {d.id: d for d in found.differences}
    some = {i: side for i, side in choices.items() if i in by_id and len(i) <= 400}
    with transaction.atomic():
        PackChoice.objects.filter(pack=pack).delete()
        PackChoice.objects.bulk_create(
            PackChoice(
                pack=pack,
                part=part,
                digest=_digest(by_id[part]),
                side=side,
                chosen_at=now(),
                chosen_by_id=actor.member_id,
            )
            for part, side in some.items()
            if side != by_id[part].takes
        )


def forget_all(pack: str) -> None:
    """The pack was taken over: its version is the base of the next compare."""
    PackChoice.objects.filter(pack=pack).delete()


def _digest(one: Difference) -> str:
    said = None if one.now is GONE else one.now
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
