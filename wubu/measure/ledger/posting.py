"""Posting.

What a write to records does to the ledger, in the same transaction, for all records at once.

The ledger of open days is a function of the records and of what stands in closed days: entries as
the SELECTs yield them, and for closed days one adjusting entry, dated on the first open day, for
each difference. Posting computes that function for the records that were touched, ``rebuild`` for
all of them; so posted = rebuilt.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from wubu.kernel.bulk import Values
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records.events import ChangeSet
from wubu.measure.ledger import store
from wubu.measure.ledger.models import ADJUSTING, NORMAL
from wubu.measure.metrics.compiler import Select
from wubu.measure.metrics.dictionary import dictionary
from wubu.measure.metrics.spec import EXISTENCE, Touch

BATCH = 5_000  # records compared at a time
Key = tuple[Any, ...]  # an entry in the order of store.COLUMNS, but for the time of posting


def on_change(change: ChangeSet) -> None:
    """Subscriber of the door: bring the ledger up to date with one written set of records."""
    touched = dictionary().touched.get(change.object_key)
    if not touched:
        return
    fresh, again = _work(change, touched)
    if not fresh and not again:
        return
    compared = _by_object((s.spec.object, ids) for some, ids in again for s in some)
    opened = store.lock_and_open_from(compared)
    if fresh:
        store.post_selected(fresh, change.ids, opened, change.at)
    for selects, ids in again:
        repost(selects, ids, opened, change.at)


def _by_object(pairs: Iterable[tuple[str, Iterable[int]]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for object_key, ids in pairs:
        found[object_key].update(ids)
    return found


def _work(
    change: ChangeSet, touched: Iterable[tuple[Select, Touch]]
) -> tuple[list[Select], list[tuple[list[Select], list[int]]]]:
    """Which SELECTs meet new records only, and which must be compared.

    Compared with what is posted, for which ids.
    """
    fresh: list[Select] = []
    ids: dict[Select, set[int]] = {}
    found: dict[tuple[Any, ...], frozenset[int]] = {}
    for select, touch in touched:
        direct = not touch.prefix and not touch.via
        if change.action == "create" and not touch.via:
            if direct:
                fresh.append(select)
            continue  # nothing can link to a record that was not there
        moved = _moved(change, touch)
        if not moved:
            continue
        if not direct:
            key = (select.spec.object, touch.prefix, touch.via, touch.fields)
            if key not in found:
                found[key] = _records(change, select, touch, moved)
            ids.setdefault(select, set()).update(found[key])
        else:
            ids.setdefault(select, set()).update(change.ids[n] for n in moved)
    groups: dict[frozenset[int], list[Select]] = defaultdict(list)
    # Versions of one metric go together: an entry may pass from one to another.
    by_metric: dict[int, set[int]] = defaultdict(set)
    for select, some in ids.items():
        by_metric[select.spec.metric_id] |= some
    for select in ids:
        some = by_metric[select.spec.metric_id]
        if some:
            groups[frozenset(some)].append(select)
    return fresh, [(selects, sorted(some)) for some, selects in groups.items()]


def _moved(change: ChangeSet, touch: Touch) -> list[int]:
    """The places in the set of records whose touched fields differ."""
    every = range(len(change.ids))
    if change.action == "create":
        return list(every)
    if change.action in ("archive", "restore"):
        return list(every) if EXISTENCE in touch.fields else []
    fields = touch.fields & change.changed
    if not fields:
        return []
    return [
        n
        for n in every
        if (before := change.before[n]) is None
        or any(before.get(f) != change.after[n].get(f) for f in fields)
    ]


def _records(
    change: ChangeSet, select: Select, touch: Touch, moved: Sequence[int]
) -> frozenset[int]:
    """The records that depend on the written ones: the formula's paths walked backwards."""
    if touch.via:
        written = {
            image[touch.via]
            for n in moved
            for image in (change.before[n], change.after[n])
            if image and image.get(touch.via)
        }
        if not touch.prefix:
            return frozenset(written)
    else:
        written = {change.ids[n] for n in moved}
    if not written:
        return frozenset()
    model: Any = snapshot().model(select.spec.object)
    rows = model.objects.order_by()
    name = "__".join(touch.prefix) + "_id__among"
    return frozenset(rows.filter(**{name: Values(written)}).values_list("pk", flat=True))


def repost(
    selects: Sequence[Select], ids: Sequence[int], opened: date | None, at: datetime
) -> None:
    """Compare what should stand with what stands, and write the difference."""
    for start in range(0, len(ids), BATCH):
        _repost(selects, ids[start : start + BATCH], opened, at)


def _repost(
    selects: Sequence[Select], ids: Sequence[int], opened: date | None, at: datetime
) -> None:
    metric_ids = sorted({s.spec.metric_id for s in selects})
    stocks = {s.spec.metric_id for s in selects if s.spec.stock}
    kept: list[Key] = []
    posted: dict[Key, list[int]] = defaultdict(list)
    for entry_id, *columns in store.posted(metric_ids, ids):
        row = tuple(columns)
        if opened and row[4] < opened and row[0] not in stocks:
            kept.append(row)
        else:
            posted[row].append(entry_id)
    wanted = _wanted(_yielded(selects, ids), kept, opened, stocks)
    moves: dict[store.BalanceKey, Sequence[int]] = {}
    gone: list[int] = []
    new: list[Key] = []
    for row, ids_of in posted.items():
        due = wanted.pop(row, 0)
        surplus = ids_of[due:]
        if due > len(ids_of):
            wanted[row] = due - len(ids_of)
        gone += surplus
        _move(moves, row, -len(surplus))
    for row, times in wanted.items():
        new += [row] * times
        _move(moves, row, times)
    store.delete(gone)
    store.insert_rows(new, at)
    store.add_balances(moves)


def _move(moves: dict[store.BalanceKey, Sequence[int]], row: Key, times: int) -> None:
    if times:
        key = (row[0], row[4], row[5], row[6])
        value, count = moves.get(key, (0, 0))
        moves[key] = (value + times * row[7], count + times)


def _wanted(
    rows: Iterable[Key], kept: Iterable[Key], opened: date | None, stocks: set[int]
) -> Counter[Key]:
    """What should stand in open days, given the records and what stands in closed ones."""
    wanted: Counter[Key] = Counter()
    late: dict[Key, int] = defaultdict(int)
    for metric, object_key, record, part, day, member, team, value in rows:
        if opened and day < opened and metric not in stocks:
            late[metric, object_key, record, part, member, team, day] += value
        else:
            wanted[metric, object_key, record, part, day, member, team, value, NORMAL, None] += 1
    for metric, object_key, record, part, day, member, team, value, _, of_day in kept:
        late[metric, object_key, record, part, member, team, of_day or day] -= value
    for (metric, object_key, record, part, member, team, day), value in late.items():
        if value:
            wanted[
                metric, object_key, record, part, opened, member, team, value, ADJUSTING, day
            ] += 1
    return wanted


def _yielded(selects: Sequence[Select], ids: Sequence[int]) -> Iterator[Key]:
    """What the records yield now: metric, object, record, part, day, member, team, value."""
    with connection.cursor() as cursor:
        for select in selects:
            cursor.execute(*select.prepared(ids))
            head = (select.spec.metric_id, select.spec.object)
            for record, part, day, *rest in cursor.fetchall():
                yield (*head, record, part, store.to_date(day), *rest)


def repost_records(records: Mapping[int, Iterable[int]], opened: date | None, at: datetime) -> None:
    """Compare again, by metric id, the records named."""
    by_metric: dict[int, list[Select]] = defaultdict(list)
    for select in dictionary().selects:
        by_metric[select.spec.metric_id].append(select)
    pairs = ((by_metric[m][0].spec.object, ids) for m, ids in records.items() if m in by_metric)
    store.acquire_lock(compared=_by_object(pairs))
    for metric_id, ids in records.items():
        if metric_id in by_metric:
            repost(by_metric[metric_id], sorted(set(ids)), opened, at)
