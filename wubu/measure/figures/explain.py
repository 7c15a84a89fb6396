"""The glass box: how a figure came about, from its rule in words down to the records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core import signing
from django.db.models import Q

from wubu.kernel.calendar.queries import today
from wubu.kernel.calendar.types import Period
from wubu.kernel.formula import queries as formulas
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.measure.figures import access
from wubu.measure.figures.cells import bases
from wubu.measure.figures.totals import ALL, NOBODY, figures
from wubu.measure.ledger import queries as ledger
from wubu.measure.ledger.queries import Scope
from wubu.measure.ledger.types import Posted, Total
from wubu.measure.metrics.compiler import STOCK_DAY
from wubu.measure.metrics.dictionary import Dictionary, dictionary
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.types import EntryView, Explanation, MetricInfo, Part

SALT = "wubu.measure.entries"
LATE = Text(
    "{d} 已关账，后来的更改记在此处",
    "{d} was closed: a later change is booked here",
)


def explain(
    actor: Actor,
    metric: str,
    period: Period,
    *,
    member: int | None = None,
    team: int | None = None,
    cursor: str = "",
    limit: int = 50,
) -> Explanation:
    """Why a metric's figure of a member, a team (with teams below) or everybody is what it is.

    Entries come newest day first, a page at a time; those whose records the actor may not open have
    no title. Raises Missing for an unknown metric, Refused for a cursor that was not made here.
    """
    book = dictionary()
    info = book.metric(metric)
    members = None if member is None else [member]
    teams = None if team is None else [team]
    found = figures(actor, [metric], period, "company", members=members, teams=teams)
    scope = access.scope(actor, members, teams)
    parts = bases(book, [info], period.last)
    start, end = _days(info, period)
    posted = ledger.entries(list(parts), start, end, scope, after=_read(cursor), limit=limit + 1)
    page = posted[:limit]
    counted, hidden = _counts(actor, list(parts), start, end, scope)
    return Explanation(
        metric=info,
        period=period,
        who=_who(member, team),
        figure=found.total.cells[metric],
        rule=sentence(book, info, period.last),
        rules=tuple(
            (r.valid_from, KINDS[info.kind].sentence(r.definition, book.context))
            for r in info.rules
        ),
        parts=_parts(parts, start, end, scope),
        members=_members(info, parts, start, end, scope) if member is None else (),
        entries=_views(actor, parts, page),
        next_cursor=_write(page[-1]) if len(posted) > limit else "",
        total_entries=counted,
        hidden=hidden,
        undated=sum(_undated(actor, book, m, period.last) for m in parts.values()),
        closed=ledger.is_closed(period.last),
    )


def sentence(book: Dictionary, info: MetricInfo, on: date) -> Text:
    """The rule that holds on a day, in plain words; one that no longer fits says so."""
    try:
        return KINDS[info.kind].sentence(info.rule_on(on).definition, book.context)
    except Refused as refused:
        return Text(
            "此规则引用的字段已停用：" + "；".join(p.message.zh for p in refused.problems),
            "This rule refers to something that is gone: "
            + "; ".join(p.message.en for p in refused.problems),
        )


def _days(info: MetricInfo, period: Period) -> tuple[date, date]:
    if not KINDS[info.kind].stock:
        return period.start, period.end
    if period.last < today():  # a photograph keeps sums, not records
        return STOCK_DAY.replace(day=2), STOCK_DAY.replace(day=3)
    return STOCK_DAY, STOCK_DAY.replace(day=2)


def _who(member: int | None, team: int | None) -> Text:
    if member == 0:
        return NOBODY
    if member is not None:
        name = people.names([member]).get(member, "?")
        return Text(name, name)
    if team is not None:
        name = people.team(team).name
        return Text(name, name)
    return ALL


def _parts(
    parts: Mapping[int, MetricInfo], start: date, end: date, scope: Scope
) -> tuple[Part, ...]:
    """Each posted metric, and how much of it are corrections of closed days."""
    sums = ledger.totals(list(parts), start, end, "none", scope)
    late = ledger.adjusted(list(parts), start, end, scope)
    made = []
    for metric_id, info in parts.items():
        total = sums.get((metric_id, None), Total())
        made.append(_part(info.key, info.label, info, total))
        if metric_id in late:
            label = Text(
                f"其中：对已关账日期的更正（{info.label.zh}）",
                f"of which corrections of closed days ({info.label.en})",
            )
            made.append(_part(f"{info.key}:adjusting", label, info, late[metric_id]))
    return tuple(made)


def _part(key: str, label: Text, info: MetricInfo, total: Total) -> Part:
    return Part(key, label, info.key, total.value, total.count, info.unit, info.scale)


def _members(
    info: MetricInfo, parts: Mapping[int, MetricInfo], start: date, end: date, scope: Scope
) -> tuple[Part, ...]:
    """What each member brought to each part, the largest first."""
    sums = ledger.totals(list(parts), start, end, "member_id", scope)
    names = people.names(m for _, m in sums if m)
    made = [
        _part(str(member), Text(n, n) if (n := names.get(member)) else NOBODY, parts[mid], total)
        for (mid, member), total in sums.items()
        if total.count
    ]
    return tuple(sorted(made, key=lambda p: (p.metric != info.key, p.metric, -p.value, p.key)))


def _counts(
    actor: Actor, metric_ids: Sequence[int], start: date, end: date, scope: Scope
) -> tuple[int, int]:
    """Entries behind the figure, and how many are of records that the actor may not open."""
    rows = ledger.record_ids(metric_ids, start, end, scope)
    counted, hidden = rows.count(), 0
    for object_key in rows.values_list("object_key", flat=True).distinct():
        if policy(actor).owner_ids("view", object_key) == "all":
            continue
        seen = records.visible(actor, object_key, archived=None).values("pk")
        hidden += rows.filter(object_key=object_key).exclude(record_id__in=seen).count()
    return counted, hidden


def _views(
    actor: Actor, parts: Mapping[int, MetricInfo], page: Sequence[Posted]
) -> tuple[EntryView, ...]:
    titles: dict[str, dict[int, str]] = {}
    for object_key in {e.object_key for e in page}:
        ids = [e.record_id for e in page if e.object_key == object_key]
        titles[object_key] = _titles(actor, object_key, ids)
    told = {m: access.reads_value(actor, info, today()) for m, info in parts.items()}
    return tuple(
        EntryView(
            id=e.id,
            metric=parts[e.metric_id].key,
            object_key=e.object_key,
            record_id=e.record_id,
            title=titles[e.object_key].get(e.record_id),
            part=e.part,
            day=e.day,
            member_id=e.member_id,
            team_id=e.team_id,
            value=e.value if told[e.metric_id] else None,
            kind=e.kind,
            of_day=e.of_day,
            note=LATE.format(d=e.of_day.isoformat()) if e.of_day else None,
            posted_at=e.posted_at,
        )
        for e in page
    )


def _titles(actor: Actor, object_key: str, ids: Iterable[int]) -> dict[int, str]:
    """Titles of those records that the actor may open, archived ones too."""
    if not policy(actor).may("view", object_key):
        return {}
    return records.titles(actor, object_key, set(ids))


def _undated(actor: Actor, book: Dictionary, info: MetricInfo, on: date) -> int:
    """Records that meet the condition but have no day or no value: they count nowhere.

    Told to whoever may read all that this looks at.
    """
    d = info.rule_on(on).definition
    if d.kind == "reached" or info.key in book.broken or not policy(actor).may("view", d.object):
        return 0
    if not access.reads_rule(actor, info, on):
        return 0
    lacks = Q()
    if d.when and d.kind != "stock":
        lacks |= Q(**{"__".join(d.when) + "__isnull": True})
    catalog = book.context.snapshot
    rows: Any = records.visible(actor, d.object)
    if d.value:
        value = formulas.parse(d.value, snapshot=catalog, object_key=d.object)
        rows = rows.annotate(_measured=value.expression())
        lacks |= Q(_measured__isnull=True)
    if not lacks:
        return 0
    if d.filter:
        rows = rows.filter(
            formulas.parse(d.filter, snapshot=catalog, object_key=d.object).expression()
        )
    return int(rows.filter(lacks).count())


def _write(last: Posted) -> str:
    return signing.dumps([last.day.isoformat(), last.id], salt=SALT)


def _read(cursor: str) -> tuple[date, int] | None:
    if not cursor:
        return None
    try:
        day, entry_id = signing.loads(cursor, salt=SALT)
    except signing.BadSignature as error:
        said = Text("翻页标记无效，请从第一页开始。", "This cursor is not valid: start over.")
        raise Refused(Problem("bad_cursor", said, field="cursor")) from error
    return date.fromisoformat(day), int(entry_id)
