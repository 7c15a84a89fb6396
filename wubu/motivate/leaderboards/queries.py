"""Who leads, with the working of each place."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM, Actor, Missing, Problem, Text
from wubu.measure.figures.queries import dictionary, sees
from wubu.measure.ledger import queries as ledger
from wubu.measure.metrics.types import UNASSIGNED
from wubu.motivate.leaderboards import keeping, rules
from wubu.motivate.leaderboards.keeping import Kept
from wubu.motivate.leaderboards.lines import Line, lines, sees_team, values
from wubu.motivate.leaderboards.ranking import ranks, share_of_best
from wubu.motivate.leaderboards.types import BoardRule, Leaderboard, Place, State


def leaderboards() -> tuple[BoardRule, ...]:
    """The leaderboards that hold today."""
    return rules.current()


def leaderboard(actor: Actor, key: str, period: Period | None = None) -> Leaderboard:
    """One leaderboard over a period (the current one unless said).

    Live from the ledger, or as it was kept when the period closed.

    A board for everyone is worked out from all figures, otherwise from those that the actor may
    see; what is behind a line opens only for those who may see that member's or team's figures.
    Raises Missing.
    """
    at = period or period_of("month", today())
    found = _board(actor, key, at)
    if period is None and found.rule.period != "month":
        at = period_of(found.rule.period, today())
        found = _board(actor, key, at)
    placed = _ranks(found)
    before = _board(actor, key, at.previous(), rule=found.rule)
    places = _places(actor, found, placed, _ranks(before))
    return Leaderboard(
        rule=found.rule,
        period=at,
        metric=dictionary().metric(found.rule.of) if found.rule.source == "metric" else None,
        places=places,
        left_out=sum(p.state == "no_figure" for p in places),
        unassigned=found.unassigned,
        closed=ledger.is_closed(at.last),
    )


def _board(actor: Actor, key: str, at: Period, rule: BoardRule | None = None) -> Kept:
    """The lines of a board that the actor may see, kept or live.

    With the ``rule`` of another period only what is ranked, by that rule where none held yet.
    Raises Missing without it.
    """
    kept = keeping.board(key, at) if ledger.is_closed(at.last) else None
    if kept is not None:
        return kept if kept.rule.audience == "everyone" else _seen(actor, kept)
    held = _rule(key, at) or rule
    if held is None:
        raise Missing(
            Problem(
                "no_such_board",
                Text("没有这个排行榜。", "There is no such leaderboard."),
                value=key,
            )
        )
    read = lines if rule is None else values
    found = read(SYSTEM if held.audience == "everyone" else actor, held, at)
    nobody = found.pop(UNASSIGNED, None)
    better = dictionary().metric(held.of).better if held.source == "metric" else "up"
    return Kept(held, better, found, nobody.value if nobody else None)


def _seen(actor: Actor, kept: Kept) -> Kept:
    """What the actor may see of a board that is not for everyone."""
    sight = sees(actor)
    whole = sight.members is None
    found = {
        i: line
        for i, line in kept.lines.items()
        if (sight.member(i, line.team) if kept.rule.by == "member" else sees_team(actor, i))
    }
    return Kept(kept.rule, kept.better, found, kept.unassigned if whole else None)


def _ranks(board: Kept) -> dict[int, int]:
    """Ranks of those who started; nobody shares a place for having done nothing."""
    values = {i: line.value for i, line in board.lines.items() if line.started}
    return ranks(values, better=board.better)


def _places(
    actor: Actor, board: Kept, placed: Mapping[int, int], were: Mapping[int, int]
) -> tuple[Place, ...]:
    sight = sees(actor)
    scored = [line.value for i, line in board.lines.items() if i in placed]
    best = Decimal(max((v for v in scored if v is not None), default=0))
    made = []
    for id_, line in board.lines.items():
        opens = sight.member(id_, line.team) if board.rule.by == "member" else sees_team(actor, id_)
        rank, was = placed.get(id_), were.get(id_)
        made.append(
            Place(
                rank=rank,
                id=id_,
                name=line.name,
                team=line.team_name,
                value=line.value,
                share=share_of_best(line.value, [best]) if rank else Decimal(0),
                moved=was - rank if rank is not None and was is not None else None,
                open=opens,
                state=_state(line),
                working=line.working if opens else {},
                target=line.target if opens else None,
                attainment=line.attainment if opens else None,
            )
        )
    made.sort(key=lambda p: (p.rank is None, p.rank or 0, p.state == "no_figure", p.name))
    return tuple(made)


def _state(line: Line) -> State:
    if line.value is None:
        return "no_figure"
    return "ranked" if line.started else "not_started"


def _rule(key: str, at: Period) -> BoardRule | None:
    """The rule as it held at the end of the period, or today."""
    held = rules.current(min(at.last, today()))
    return next((rule for rule in held if rule.key == key), None)
