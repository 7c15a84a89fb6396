"""Everything that happened around a record, by time.

Its changes, what was said of it, and the records of every object that link to it. No object is
known here by name.

A record that links here stands at its ``when``; where the object has stages, at the day its first
stage began; without either, where it was made. Pages are cut by (moment, kind, id), so nothing is
shown twice or left out when several things bear the same moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.db.models import F, Q
from django.db.models.functions import Coalesce, TruncDate

from wubu.collect.conversations import queries
from wubu.collect.conversations.types import Entry, Timeline
from wubu.kernel.audit import queries as log
from wubu.kernel.calendar.queries import day_of, start_of, zone
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import queries as records
from wubu.kernel.records.history import stories
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor, Problem, Refused, Text

SALT = "wubu.timeline"
CHANGE, COMMENT = "change", "comment"
ROUNDS = 5  # looks for more when what was found may not be shown
ROLES = ("title", "owner", "when", "amount", "stage")
LATER = ("result", "next_")  # beginnings of the keys that say how it goes on


@dataclass(frozen=True, slots=True)
class Source:
    """The records of one object that link here."""

    spec: ObjectSpec
    links: tuple[FieldSpec, ...]
    when: FieldSpec | None


@dataclass(frozen=True, slots=True)
class Place:
    """One thing on the line; they are ordered by all three."""

    at: datetime
    kind: str
    id: int


def sources(actor: Actor, object_key: str) -> tuple[Source, ...]:
    """The objects of which the actor may see records that link here."""
    rights, found = policy(actor), []
    grouped: dict[str, list[FieldSpec]] = defaultdict(list)
    for f in snapshot().links_to(object_key):
        if not f.retired and f.kind.has_target:
            grouped[f.object].append(f)
    for key, links in grouped.items():
        spec = snapshot().object(key)
        readable = tuple(
            f for f in links if f.key != spec.part_of and rights.readable(key, (f.key,))
        )
        if spec.retired or not readable or not rights.may("view", key):
            continue
        when = _begins(spec)
        if when is None or not rights.readable(key, (when.key,)):
            when = None
        found.append(Source(spec, readable, when))
    return tuple(sorted(found, key=lambda s: (s.spec.position, s.spec.key)))


def _begins(spec: ObjectSpec) -> FieldSpec | None:
    """The date by which a record stands on the line.

    What has stages says when it will end; it stands where its first stage began.
    """
    stage = spec.role("stage")
    if stage is None or not stage.kind.staged:
        return spec.role("when")
    dates = spec.options.get("stage_dates") or {}
    return next((spec.fields.get(dates[c.key]) for c in stage.choices if c.key in dates), None)


def timeline(
    actor: Actor,
    object_key: str,
    id: int,
    *,
    kind: str = "",
    cursor: str = "",
    limit: int = 30,
) -> Timeline:
    """A page of the timeline, newest first.

    ``kind`` narrows it to changes, comments or one object. Raises Missing for a record out of
    sight, Refused for a cursor that is not ours.
    """
    record = records.get(actor, object_key, id)
    return around(actor, record, kind=kind, cursor=cursor, limit=limit)


def around(
    actor: Actor, record: Record, *, kind: str = "", cursor: str = "", limit: int = 30
) -> Timeline:
    """The same of a record that was read for the actor already."""
    object_key = record.object_key
    of = [s for s in sources(actor, object_key) if kind in ("", s.spec.key)]
    bound = f"{object_key}:{record.id}:{kind}"
    after = _decode(cursor, bound) if cursor else None
    entries: list[Entry] = []
    more = True
    for _ in range(ROUNDS):
        found: list[Place] = []
        wanted = limit + 1 - len(entries)
        if kind in ("", CHANGE):
            found += _changes(object_key, record.id, after, wanted)
        if kind in ("", COMMENT):
            found += _comments(object_key, record.id, after, wanted)
        for source in of:
            found += _linked(actor, source, record.id, after, wanted)
        found.sort(key=lambda p: (p.at, p.kind, p.id), reverse=True)
        more = len(found) >= wanted
        found = found[:wanted]
        entries += _shown(actor, found)
        if len(entries) > limit or not more:
            break
        after = found[-1]
    if len(entries) <= limit:
        last = after if more else None
    else:
        entries = entries[:limit]
        end = entries[-1]
        last = Place(end.at, end.kind, end.id)
    return Timeline(tuple(entries), _encode(last, bound) if last else None)


def _below(after: Place | None, kind: str) -> int:
    """Of the same moment: the ids of a kind that come after the cursor are below this."""
    if after is None or kind < after.kind:
        return stories.ANY_ID
    return after.id if kind == after.kind else 0


def _changes(object_key: str, id_: int, after: Place | None, limit: int) -> list[Place]:
    upto = after.at if after else None
    rows = log.story(object_key, id_, upto=upto, below=_below(after, CHANGE), limit=limit)
    return [Place(at, CHANGE, i) for at, i in rows]


def _comments(object_key: str, id_: int, after: Place | None, limit: int) -> list[Place]:
    rows = queries.of_record(object_key, id_).order_by("-at", "-id")
    if after is not None:
        below = _below(after, COMMENT)
        rows = rows.filter(Q(at__lt=after.at) | Q(at=after.at, id__lt=below))
    return [Place(at, COMMENT, i) for at, i in rows.values_list("at", "id")[:limit]]


def _linked(actor: Actor, source: Source, id_: int, after: Place | None, limit: int) -> list[Place]:
    key = source.spec.key
    here = Q()
    for f in source.links:
        here |= Q(**{f.key: id_})
    rows = records.visible(actor, key).filter(here)
    if source.links[0].target == key:
        rows = rows.exclude(id=id_)
    rows = rows.annotate(story_at=_moment(source.when))
    days = source.when is not None and source.when.kind.whole_day
    if after is not None:
        below = _below(after, key)
        at: Any = day_of(after.at) if days else after.at
        if days and start_of(at) != after.at:
            rows = rows.filter(story_at__lte=at)
        else:
            rows = rows.filter(Q(story_at__lt=at) | Q(story_at=at, id__lt=below))
    if any(f.kind.links_many for f in source.links):
        rows = rows.distinct()
    found = rows.order_by("-story_at", "-id").values_list("story_at", "id")[:limit]
    return [Place(_instant(at), key, i) for at, i in found]


def _moment(when: FieldSpec | None) -> Any:
    if when is None:
        return F("created_at")
    if when.kind.whole_day:
        return Coalesce(F(when.key), TruncDate("created_at", tzinfo=zone()))
    return Coalesce(F(when.key), F("created_at"))


def _instant(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else start_of(value)


def _shown(actor: Actor, places: Sequence[Place]) -> list[Entry]:
    """The things themselves, read in sets; what may not be seen is left out."""
    ids: dict[str, list[int]] = defaultdict(list)
    for place in places:
        ids[place.kind].append(place.id)
    told = stories.changes(actor, ids.pop(CHANGE)) if CHANGE in ids else {}
    said = {}
    if COMMENT in ids:
        rows = queries.by_ids(ids.pop(COMMENT))
        said = {v.id: v for v in queries.views(actor, rows)}
    linked = {
        (key, record.id): record for key, some in ids.items() for record in _read(actor, key, some)
    }
    found = []
    for p in places:
        entry = Entry(
            at=p.at,
            kind=p.kind,
            id=p.id,
            change=told.get(p.id) if p.kind == CHANGE else None,
            comment=said.get(p.id) if p.kind == COMMENT else None,
            record=linked.get((p.kind, p.id)),
        )
        if entry.change or entry.comment or entry.record:
            found.append(entry)
    return found


def _read(actor: Actor, key: str, ids: Iterable[int]) -> Any:
    spec = snapshot().object(key)
    columns = [spec.roles[r] for r in ROLES if spec.roles.get(r)]
    columns += [f.key for f in spec.live_fields if f.kind.classifies and f.required]
    columns += [f.key for f in spec.live_fields if f.key.startswith(LATER)]
    rows = records.visible(actor, key).filter(id__in=list(ids))
    return records.present(actor, key, rows, tuple(dict.fromkeys(columns)))


def _encode(place: Place, bound: str) -> str:
    packed = [bound, place.at.isoformat(), place.kind, place.id]
    return signing.dumps(packed, salt=SALT, compress=True)


def _decode(cursor: str, bound: str) -> Place:
    try:
        held, at, kind, id_ = signing.loads(cursor, salt=SALT)
        if held != bound:
            raise signing.BadSignature
        return Place(datetime.fromisoformat(at), kind, id_)
    except (signing.BadSignature, ValueError) as error:
        raise Refused(
            Problem(
                "bad_cursor",
                Text("翻页位置已失效。", "This page position is no longer valid."),
                Text("从第一页重新开始。", "Start again from the first page."),
                field="cursor",
            )
        ) from error
