"""Closing and reopening months, rebuilding, photographing stocks.

Posting itself follows the records, see ``posting``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from wubu.collect.practice import queries as practice
from wubu.kernel import hooks
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.calendar.types import Period, add_months
from wubu.kernel.people.events import PeopleChange
from wubu.kernel.schema.events import SchemaChange
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.kernel.workspace import forget, rehearsing
from wubu.measure.ledger import events, posting, store
from wubu.measure.ledger.models import (
    ADJUSTING,
    DayBalance,
    Entry,
    MonthBalance,
    PeriodClose,
    PeriodSnapshot,
    StockPhoto,
)
from wubu.measure.ledger.queries import OPENED, closing
from wubu.measure.ledger.rebuild import rebuild_metric
from wubu.measure.ledger.types import Closing
from wubu.measure.metrics.compiler import STOCK_DAY, Select
from wubu.measure.metrics.dictionary import Dictionary, build, dictionary
from wubu.measure.metrics.uses import touched

Progress = Callable[[int, int, str], None]  # done, total, what


def rebuild(metric: str | None = None, progress: Progress | None = None) -> int:
    """Make the open days of one metric, or of all, anew from the records.

    Returns the number of entries.

    Closed days are not touched: where the records now say otherwise, the difference stands as
    adjusting entries on the first open day. Metrics that were retired keep what they have.
    """
    if rehearsing():
        return 0
    book = dictionary()
    by_metric: dict[str, list[Select]] = defaultdict(list)
    for select in book.selects:
        if metric in (None, select.spec.metric):
            by_metric[select.spec.metric].append(select)
    if metric is not None:
        book.metric(metric)
    done = 0
    with transaction.atomic():
        store.acquire_lock(against_posting=True)
        opened, at = store.open_from(), now()
        for number, (key, selects) in enumerate(by_metric.items()):
            if progress:
                progress(number, len(by_metric), str(book.metric(key).label))
            done += rebuild_metric(selects, opened, at)
    if progress:
        progress(len(by_metric), len(by_metric), "")
    return done


def close_month(*, actor: Actor, month: Period, note: str = "") -> Closing:
    """Close a month.

    Its entries and balances are never rewritten from then on, and are kept as they stand, beside
    them scores, points and ranks.

    Later changes of its records become adjusting entries in the open period. Earlier months that
    were never closed are closed with it. Raises Refused when the month is not over or already
    closed, Forbidden without the right to set up periods.
    """
    hooks.require_setup(actor, "periods")
    first = month.start
    if month.kind != "month":
        raise _refused("not_a_month", "只能按月关账。", "Only whole months are closed.")
    if month.end > today():
        raise _refused(
            "month_not_over",
            "{m}还没有结束，不能关账。",
            "{m} is not over yet and cannot be closed.",
            month,
        )
    if practice.is_there():
        raise _refused(
            "practice_there",
            "工作区里还有练习数据，关账会把它固定下来；请先清空。",
            "There is practice data, which closing would keep for ever: empty it first.",
        )
    with transaction.atomic():
        store.acquire_lock(against_posting=True)
        opened = store.open_from()
        if opened and first < opened:
            raise _refused("already_closed", "{m}已经关账。", "{m} is already closed.", month)
        months = _months_up_to(first, opened)
        row = PeriodClose.objects.create(
            month=first, closed_at=now(), closed_by=actor.member_id, note=note or None
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {PeriodSnapshot._meta.db_table} "  # noqa: S608
                "(close_id, month, metric_id, member_id, team_id, value, count) "
                f"SELECT {row.pk}, month, metric_id, member_id, team_id, value, count "
                f"FROM {MonthBalance._meta.db_table} WHERE month >= %s AND month <= %s",
                [store.as_date(months[0].start), store.as_date(first)],
            )
        forget(OPENED)
        closed = replace(closing(row), months=months)
        hooks.record(
            actor, "period", row.pk, "close", {}, {"month": first.isoformat(), "note": note}
        )
        events.emit(closed, actor)
    return closed


def reopen_month(*, actor: Actor, month: Period, reason: str) -> Closing:
    """Open the last closed month again, with a reason on record.

    Corrections made meanwhile move back to their own days.

    Raises Refused without a reason, or when a later month is still closed; Forbidden without the
    right.
    """
    hooks.require_setup(actor, "periods")
    if not reason.strip():
        raise _refused("reason_needed", "请写明重新打开的原因。", "Say why it is reopened.")
    with transaction.atomic():
        store.acquire_lock(against_posting=True)
        row = PeriodClose.objects.filter(reopened_at__isnull=True).order_by("-month").first()
        if row is None or row.month != month.start:
            raise _refused(
                "not_the_last_closed",
                "只能重新打开最后关账的月份；{m}不是。",
                "Only the month closed last can be reopened; {m} is not.",
                month,
            )
        row.reopened_at, row.reopened_by = now(), actor.member_id
        row.reason = reason.strip()[:500]
        row.save(update_fields=["reopened_at", "reopened_by", "reason"])
        forget(OPENED)
        end = add_months(row.month, 1)
        _settle(end)
        opened = replace(closing(row), months=_months_up_to(row.month, store.open_from()))
        hooks.record(
            actor,
            "period",
            row.pk,
            "reopen",
            {},
            {"month": row.month.isoformat(), "reason": row.reason},
        )
        events.emit(opened, actor)
    return opened


def _months_up_to(last: date, opened: date | None) -> tuple[Period, ...]:
    """The months with figures that a closing of ``last`` closes, and ``last``."""
    rows = MonthBalance.objects.filter(month__lt=last, month__gt=STOCK_DAY)
    if opened:
        rows = rows.filter(month__gte=opened)
    months = sorted({*rows.values_list("month", flat=True).distinct(), last})
    return tuple(Period.month(m.year, m.month) for m in months)


def _settle(end: date) -> None:
    """Adjusting entries that now stand in open days are worked out again.

    So are records of the reopened days, which are before ``end``, whose value is 0: a late one of
    these had nothing to correct.
    """
    opened = store.open_from()
    late = Entry.objects.filter(kind=ADJUSTING)
    if opened:
        late = late.filter(day__gte=opened)
    records: dict[int, set[int]] = defaultdict(set)
    for metric_id, record_id in late.values_list("metric_id", "record_id"):
        records[metric_id].add(record_id)
    for select in dictionary().selects:
        if select.spec.value and not select.spec.stock:
            records[select.spec.metric_id] |= _of_nothing(select, opened, end)
    posting.repost_records(records, opened, now())


def _of_nothing(select: Select, start: date | None, end: date) -> set[int]:
    """The records that a SELECT yields with the value 0 on these days."""
    sql, params = select.prepared(None)
    sql = f"SELECT record_id FROM ({sql}) x WHERE value = 0 AND day < %s"  # noqa: S608
    params.append(store.as_date(end))
    if start:
        sql += " AND day >= %s"
        params.append(store.as_date(start))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {row[0] for row in cursor.fetchall()}


def photograph(day: date | None = None) -> int:
    """Keep the stock figures as they stand now as those of ``day`` (yesterday unless given).

    Run once a day.

    Taking the picture again replaces it. Returns the number of rows.
    """
    day = day or today() - timedelta(days=1)
    stocks = [s.spec.metric_id for s in dictionary().selects if s.spec.stock]
    with transaction.atomic():
        StockPhoto.objects.filter(day=day, metric_id__in=stocks).delete()
        made = [
            StockPhoto(
                metric_id=b.metric_id,
                day=day,
                member_id=b.member_id,
                team_id=b.team_id,
                value=b.value,
                count=b.count,
            )
            for b in DayBalance.objects.filter(metric_id__in=stocks, day=STOCK_DAY).exclude(count=0)
        ]
        StockPhoto.objects.bulk_create(made, batch_size=1000)
    return len(made)


def on_people(change: PeopleChange) -> None:
    """Subscriber of people: who moved between teams takes the entries of those days along."""
    if change.kind != "moved" or change.member_id is None or change.from_day is None:
        return
    rows = Entry.objects.filter(member_id=change.member_id).filter(
        Q(day__gte=change.from_day) | Q(of_day__gte=change.from_day)
    )
    records: dict[int, set[int]] = defaultdict(set)
    for metric_id, record_id in rows.values_list("metric_id", "record_id"):
        records[metric_id].add(record_id)
    if records:
        store.acquire_lock()
        posting.repost_records(records, store.open_from(), now())


def on_schema(change: SchemaChange) -> None:
    """Subscriber of the schema: metrics that the new catalog reads otherwise are made anew.

    A formula that means something else, a stage at another place, values that were written anew.
    """
    was = _asked(build(change.before))
    now = _asked(dictionary())
    reads = touched(change.after) if change.moved else {}
    for key, requested in now.items():
        if was.get(key) != requested or reads.get(key, frozenset()) & change.moved:
            rebuild(key)


def _asked(book: Dictionary) -> dict[str, list[tuple[str, tuple[Any, ...]]]]:
    found: dict[str, list[tuple[str, tuple[Any, ...]]]] = defaultdict(list)
    for select in book.selects:
        found[select.spec.metric].append((select.sql, select.params))
    return found


def first_open_month() -> Period:
    """The month to close next: the one after the last closed.

    Where none was ever closed it is the last one that is over, if there are figures up to then (the
    months before close with it), else the current one.
    """
    opened = store.open_from()
    if opened is None:
        this = today().replace(day=1)
        has_past = MonthBalance.objects.filter(month__lt=this).exists()
        opened = add_months(this, -1) if has_past else this
    return Period(opened, add_months(opened, 1), "month")


def _refused(code: str, zh: str, en: str, month: Period | None = None) -> Refused:
    said = Text(zh, en)
    if month:
        said = said.format(m=Text(month.label("zh"), month.label("en")))
    return Refused(Problem(code, said, field="month"))
