"""Figures by member, team, month or day, from balances only.

Three or four queries however many records there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from wubu.kernel.calendar.queries import today
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.measure.figures import access
from wubu.measure.figures.cells import Sums, bases, maker
from wubu.measure.ledger import queries as ledger
from wubu.measure.ledger.queries import Axis, Scope
from wubu.measure.ledger.types import Total
from wubu.measure.metrics.compiler import STOCK_DAY
from wubu.measure.metrics.dictionary import dictionary
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.types import UNASSIGNED, By, Cell, Figures, MetricInfo, Row

NOBODY = Text("未分配", "Unassigned")
NO_TEAM = Text("无团队", "No team")
ALL = Text("合计", "Total")
MOST_DAYS = 1_100  # three years
Sheet = dict[Any, dict[int, Total | None]]  # key → metric id → sum


def figures(
    actor: Actor,
    metrics: Sequence[str],
    period: Period,
    by: By = "member",
    *,
    members: Iterable[int] | None = None,
    teams: Iterable[int] | None = None,
) -> Figures:
    """Figures of metrics over a period, within what the actor may see.

    By member: everybody asked for, else everybody active or with entries, also those without any.
    ``teams`` narrows to entries of those teams and below. By team a row is the team with all teams
    that were below it on each day, so rows overlap and the total is not their sum. Days after today
    simply have no entries yet. Raises Missing for an unknown metric, Refused for more days than
    anybody reads.
    """
    if by == "day" and period.days > MOST_DAYS:
        said = Text("按天最多看 {n} 天。", "By day, at most {n} days are shown.")
        raise Refused(Problem("too_many_days", said.format(n=MOST_DAYS), field="period"))
    book = dictionary()
    infos = tuple(book.metric(key) for key in metrics)
    scope = access.scope(actor, members, teams)
    parts = bases(book, infos, period.last)
    pieces = _pieces(parts, period, by, scope)
    sheet = _merged(piece for piece, _ in pieces)
    total = _total(sheet, parts, by)
    if by == "team":
        sheet = _merged(_with_descendants(piece, day) for piece, day in pieces)
    keys = _keys(by, period, sheet, scope, members, teams)
    labels = _labels(by, keys, day_of(period))
    makers = {info.key: maker(book, info, period.last) for info in infos}
    return Figures(
        metrics=infos,
        period=period,
        by=by,
        rows=tuple(
            _row(makers, key, labels[key], sums)
            for key, sums in zip(keys, _filled(sheet, keys, total), strict=True)
        ),
        total=_row(makers, UNASSIGNED, ALL, total),
        restricted=scope.members is not None and members is None,
    )


def _flows(parts: Mapping[int, MetricInfo], period: Period, by: By, scope: Scope) -> Sheet:
    flows = [m.id for m in parts.values() if not KINDS[m.kind].stock]
    axis: dict[By, Axis] = {
        "member": "member_id",
        "team": "team_id",
        "company": "none",
        "month": "month",
        "day": "day",
    }
    sheet: Sheet = {}
    if flows:
        found = ledger.totals(flows, period.start, period.end, axis[by], scope)
        for (metric_id, key), total in found.items():
            sheet.setdefault(key, {})[metric_id] = total
    return sheet


def _add_stocks(
    sheet: Sheet, parts: Mapping[int, MetricInfo], period: Period, by: By, scope: Scope
) -> None:
    """A stock is what stands at the end of the period.

    Live when that is today or later, else photographed.
    """
    stocks = [m.id for m in parts.values() if KINDS[m.kind].stock]
    if not stocks:
        return
    if by in ("month", "day"):
        ends = period.months() if by == "month" else [Period.day(d) for d in period.each_day()]
        for end in ends:
            key = end.start.replace(day=1) if by == "month" else end.start
            stood = _stock(stocks, end.last, scope)
            row = sheet.setdefault(key, {})
            for metric_id in stocks:
                row[metric_id] = None if stood is None else _sum(stood, metric_id)
        return
    stood = _stock(stocks, period.last, scope)
    if stood is None:
        sheet.setdefault(None, {}).update(dict.fromkeys(stocks))
        return
    homes = people.team_on({m for _, m in stood}, day_of(period)) if by == "team" else {}
    for (metric_id, member), total in stood.items():
        # kind: columns of a figure by key, not types
        place = {"member": member, "team": homes.get(member, 0)}.get(by)
        row = sheet.setdefault(place, {})
        row[metric_id] = (row.get(metric_id) or Total()) + total


def _stock(stocks: Sequence[int], on: date, scope: Scope) -> dict[tuple[int, int], Total] | None:
    """By (metric id, member), None when nobody photographed that day.

    A stock's team is the member's of that day, of today for days to come.
    """
    whose = Scope(scope.members)
    if scope.teams is not None:
        day = min(on, today())
        now_in = people.members_of(people.subtrees(scope.teams, day), day, primary=True)
        whose = Scope(now_in if scope.members is None else now_in & scope.members)
    if on >= today():
        day_after = STOCK_DAY.replace(day=2)
        found = ledger.totals(stocks, STOCK_DAY, day_after, "member_id", whose)
        return {(metric, member): total for (metric, member), total in found.items()}
    return ledger.photo(stocks, on, whose) if ledger.photographed(on) else None


def _sum(stood: Mapping[tuple[int, int], Total], metric_id: int) -> Total:
    total = Total()
    for (metric, _), one in stood.items():
        if metric == metric_id:
            total += one
    return total


def _filled(sheet: Sheet, keys: Sequence[Any], total: Sums) -> Iterator[Sums]:
    """The rows; what cannot be known for everybody cannot be known for one."""
    unknown = dict.fromkeys(k for k, v in total.items() if v is None)
    for key in keys:
        row = sheet.get(key, {})
        yield {**row, **unknown} if unknown else row


def _total(sheet: Sheet, parts: Mapping[int, MetricInfo], by: By) -> dict[int, Total | None]:
    found: dict[int, Total | None] = {}
    for metric_id, info in parts.items():
        values = [sheet[k][metric_id] for k in sorted(sheet, key=str) if metric_id in sheet[k]]
        if KINDS[info.kind].stock and by in ("month", "day"):
            found[metric_id] = values[-1] if values else Total()  # what stands at the end
        elif None in values:
            found[metric_id] = None
        else:
            known = [v for v in values if v is not None]
            found[metric_id] = Total(sum(v.value for v in known), sum(v.count for v in known))
    return found


def day_of(period: Period) -> date:
    """The day whose tree and whose names stand for a period: its last, or today."""
    return min(period.last, max(today(), period.start))


def _pieces(
    parts: Mapping[int, MetricInfo], period: Period, by: By, scope: Scope
) -> list[tuple[Sheet, date]]:
    """What is summed, with the day whose tree says what is below a team.

    By team in as many pieces as the tree had shapes.
    """
    found: list[tuple[Sheet, date]] = []
    spans = people.stretches(period.start, period.end) if by == "team" else ()
    for start, end in spans:
        found.append((_flows(parts, Period.custom(start, end), by, scope), start))
    rest: Sheet = {} if by == "team" else _flows(parts, period, by, scope)
    _add_stocks(rest, parts, period, by, scope)
    return [*found, (rest, day_of(period))]


def _merged(sheets: Iterable[Sheet]) -> Sheet:
    """The sum of sheets; what one does not know nobody does."""
    found: Sheet = {}
    for sheet in sheets:
        for key, row in sheet.items():
            whole = found.setdefault(key, {})
            for metric_id, total in row.items():
                was = whole.get(metric_id, Total())
                whole[metric_id] = None if was is None or total is None else was + total
    return found


def _with_descendants(sheet: Sheet, day: date) -> Sheet:
    """Each team with all below it on a day.

    Children come after parents in the tree: go backwards.
    """
    rolled: Sheet = {key: dict(row) for key, row in sheet.items()}
    for node in reversed(people.tree(active=None, day=day)):
        if node.parent_id is None or node.id not in rolled:
            continue
        above = rolled.setdefault(node.parent_id, {})
        for metric_id, total in rolled[node.id].items():
            if total is not None:
                above[metric_id] = (above.get(metric_id) or Total()) + total
    return rolled


def _keys(
    by: By,
    period: Period,
    sheet: Sheet,
    scope: Scope,
    members: Iterable[int] | None,
    teams: Iterable[int] | None,
) -> list[Any]:
    if by == "member":
        return _member_keys(period, sheet, scope, members)
    if by == "team":
        return _team_keys(sheet, teams, day_of(period))
    if by == "month":
        return [m.start for m in period.months()]
    if by == "day":
        return list(period.each_day())
    return []


def _member_keys(
    period: Period, sheet: Sheet, scope: Scope, members: Iterable[int] | None
) -> list[int]:
    busy = {k for k, row in sheet.items() if k and any(t and t.count for t in row.values())}
    if members is not None:
        wanted = [m for m in dict.fromkeys(members) if scope.members is None or m in scope.members]
    else:
        wanted = [
            p.id
            for p in people.members(active=None)
            if p.id in busy
            or (
                (scope.members is None or p.id in scope.members)
                and p.is_active
                and (p.joined_on is None or p.joined_on < period.end)
            )
        ]
        if scope.teams is not None:
            day = day_of(period)
            here = people.members_of(people.subtrees(scope.teams, day), day)
            wanted = [m for m in wanted if m in here or m in busy]
    nobody = sheet.get(UNASSIGNED, {})
    if any(t and t.count for t in nobody.values()):
        wanted.append(UNASSIGNED)
    return wanted


def _team_keys(sheet: Sheet, teams: Iterable[int] | None, day: date) -> list[int]:
    busy = {k for k, row in sheet.items() if k and any(t and t.count for t in row.values())}
    shown = people.subtrees(teams, day) if teams is not None else None
    keys = [
        node.id
        for node in people.tree(active=None, day=day)
        if (shown is None or node.id in shown) and (node.is_active or node.id in busy)
    ]
    if any(t and t.count for t in sheet.get(UNASSIGNED, {}).values()):
        keys.append(UNASSIGNED)
    return keys


def _labels(by: By, keys: Sequence[Any], day: date) -> dict[Any, Text]:
    if by == "member":
        names = people.names(k for k in keys if k)
        return {k: _plain(names[k]) if k in names else NOBODY for k in keys}
    if by == "team":
        teams = {node.id: node.name for node in people.tree(active=None, day=day)}
        return {k: _plain(teams[k]) if k in teams else NO_TEAM for k in keys}
    made = {}
    for key in keys:
        period = Period.day(key) if by == "day" else Period.month(key.year, key.month)
        made[key] = Text(period.label("zh"), period.label("en"))
    return made


def _plain(name: str) -> Text:
    return Text(name, name)


def _row(makers: Mapping[str, Callable[[Sums], Cell]], key: Any, label: Text, sums: Sums) -> Row:
    return Row(key, label, {name: make(sums) for name, make in makers.items()})
