"""What crosses the room: one logged change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from wubu.kernel.types import ActorKind


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One ``Change`` as it stands in the log.

    Values are in their JSON form, unfiltered by permission.
    """

    id: int
    at: datetime
    actor_id: int | None
    entrance: str
    object_key: str
    record_id: int
    action: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    batch_id: int | None
    file: str
    sheet: str
    line: int | None
    actor_kind: str = ""
    actor_name: str = ""

    @property
    def by(self) -> ActorKind:
        """Who wrote it; rows of the first release only knew members and the system."""
        if self.actor_kind:
            return cast(ActorKind, self.actor_kind)
        return "system" if self.actor_id is None else "member"


@dataclass(frozen=True, slots=True)
class Seal:
    """The newest seal: kept outside of the program, it proves the whole log up to ``last_id``."""

    number: int
    hash: str
    last_id: int
    sealed_at: datetime

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


Flaw = Literal["edited", "deleted", "inserted", "block", "chain", "seal"]


@dataclass(frozen=True, slots=True)
class Tampering:
    """The first place where the log is not as it was sealed.

    ``edited``, ``deleted`` and ``inserted`` name a change; ``block`` and ``chain`` say that a seal
    itself was altered or is gone; ``seal`` that the log does not lead to the seal kept outside.
    """

    flaw: Flaw
    block: int
    change_id: int | None = None
    object_key: str = ""
    record_id: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking the seals found. ``unsealed`` changes are too new to be under one."""

    blocks: int
    changes: int
    unsealed: int
    tampering: Tampering | None = None
    seal: Seal | None = None

    @property
    def good(self) -> bool:
        return self.tampering is None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One row of the access log; ``ids`` are the records seen, ``number`` how many."""

    id: int
    at: datetime
    actor_id: int | None
    entrance: str
    kind: str
    object_key: str
    fields: tuple[str, ...]
    ids: tuple[int, ...]
    number: int
    place: str
    filter: str
