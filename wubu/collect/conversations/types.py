"""Comments, notices and the timeline as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wubu.kernel.records.types import ChangeView, Record
from wubu.kernel.types import Text

Kind = Literal["mention", "comment", "change", "share", "view"]
OF_VIEW = "view"  # a notice about a view: its id stands for the record's


@dataclass(frozen=True, slots=True)
class CommentView:
    """One comment.

    ``mentions`` maps the ids of those who are called to their names; ``mine``: the reader wrote it,
    and may change it.
    """

    id: int
    object_key: str
    record_id: int
    author_id: int
    author_name: str
    text: str
    at: datetime
    edited_at: datetime | None = None
    mentions: dict[str, str] = field(default_factory=dict)
    mine: bool = False


@dataclass(frozen=True, slots=True)
class CommentVersion:
    """What a comment said until somebody changed it.

    Newest first, the present text not among them.
    """

    text: str
    until: datetime


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice as its reader may see it now.

    ``fields`` are the labels of what changed; of the kind ``view`` the id is that of a view.
    """

    id: int
    kind: Kind
    object_key: str
    record_id: int
    title: str
    actor_id: int | None
    actor_name: str
    at: datetime
    text: str = ""
    fields: tuple[Text, ...] = ()
    read: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a timeline: a change of the record, a comment, or a linked record.

    ``kind`` is ``change``, ``comment`` or the key of the linked object.
    """

    at: datetime
    kind: str
    id: int
    change: ChangeView | None = None
    comment: CommentView | None = None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of what happened around a record, newest first; ``next_cursor`` None at its end."""

    entries: tuple[Entry, ...]
    next_cursor: str | None = None
