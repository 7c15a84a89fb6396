"""Boards and funnels: stages with their totals and cards, within what the actor may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Sum

from wubu.control.boards.models import StageTotal
from wubu.control.boards.totals import amount_field
from wubu.control.boards.types import Board, Column, StageFigure
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor, Forbidden, Missing, Problem, Text

CARDS = 20
NO_STAGE = "_none"  # no choice has such a key: keys begin with a letter


def stage_field(object_key: str) -> tuple[ObjectSpec, FieldSpec]:
    """The object and its stage field. Raises Missing when it has none."""
    spec = snapshot().object(object_key)
    field = spec.role("stage")
    if field is None:
        raise Missing(
            Problem(
                "no_stages",
                Text(
                    "“{o}”没有阶段字段，不能显示看板。", "“{o}” has no stages to show as a board."
                ).format(o=spec.label),
                Text(
                    "可在“对象与字段”中为它加一个阶段字段。",
                    "A stage field can be added to it under “Objects and fields”.",
                ),
                object=object_key,
            )
        )
    return spec, field


def figures(
    actor: Actor, object_key: str, where: str = "", *, mine: bool = False
) -> dict[str, StageFigure]:
    """Count and sum per stage.

    From the kept totals when the actor's rows are a set of owners and there is no filter; counted
    from the records otherwise. ``mine``: only what the actor owns.
    """
    spec, stage = stage_field(object_key)
    rights = policy(actor)
    if not rights.clear(object_key, stage.key):
        raise Forbidden(
            Problem(
                "stage_hidden",
                Text("您不能查看“{o}”的阶段。", "You may not see the stages of “{o}”.").format(
                    o=spec.label
                ),
                object=object_key,
            )
        )
    amount = amount_field(spec)
    if amount and not rights.clear(object_key, amount):
        amount = None
    owners = rights.owner_ids("view", object_key)
    if mine and spec.role("owner") is not None:
        me = frozenset({actor.member_id or 0})
        owners = me if owners == "all" else me & owners if owners is not None else None
        where = where if owners is not None else _own(spec, where)
    if where or owners is None:
        found = _counted(actor, spec, stage, amount, where)
    else:
        found = _kept(object_key, owners, with_amount=amount is not None)
    return found


def _own(spec: ObjectSpec, where: str) -> str:
    own = f"{{{spec.roles['owner']}}} = ME()"
    return f"({where}) AND {own}" if where else own


def board(
    actor: Actor,
    object_key: str,
    where: str = "",
    *,
    cards: int = CARDS,
    columns: tuple[str, ...] = (),
) -> Board:
    """What has no stage, if anything, then every live stage in order: totals and newest cards.

    Together they are all that the list shows under the same condition.
    """
    spec, stage = stage_field(object_key)
    totals = figures(actor, object_key, where)
    made = _without(actor, spec, stage, where, cards, columns)
    made += [
        _column(actor, spec, stage, choice, totals, where, cards, columns)
        for choice in stage.choices
        if not choice.retired or choice.key in totals
    ]
    return Board(object_key, tuple(made), amount_field(spec))


def cards(
    actor: Actor,
    object_key: str,
    stage_key: str,
    where: str = "",
    *,
    cursor: str = "",
    limit: int = CARDS,
    columns: tuple[str, ...] = (),
) -> Any:
    """One page of the cards of one stage (NO_STAGE: of none), the newest first."""
    _, stage = stage_field(object_key)
    blank = f"ISBLANK({{{stage.key}}})"
    condition = blank if stage_key == NO_STAGE else f'{{{stage.key}}} = "{stage_key}"'
    text = f"({where}) AND {condition}" if where else condition
    query = Query(filter=text, columns=columns, limit=limit, cursor=cursor)
    return records.page(actor, object_key, query)


def _without(
    actor: Actor,
    spec: ObjectSpec,
    stage: FieldSpec,
    where: str,
    limit: int,
    columns: tuple[str, ...],
) -> list[Column]:
    """The records that are in no stage: counted when asked, by the index of the stage."""
    amount = amount_field(spec)
    if amount and not policy(actor).clear(spec.key, amount):
        amount = None
    rows = records.matching(actor, spec.key, where).filter(**{f"{stage.key}__isnull": True})
    measures: dict[str, Any] = {"n": Count("id")} | ({"a": Sum(amount)} if amount else {})
    found = rows.order_by().aggregate(**measures)
    if not found["n"]:
        return []
    page = cards(actor, spec.key, NO_STAGE, where, limit=limit, columns=columns)
    return [Column(None, found["n"], found.get("a"), None, page)]


def _column(
    actor: Actor,
    spec: ObjectSpec,
    stage: FieldSpec,
    choice: Choice,
    totals: Mapping[str, StageFigure],
    where: str,
    limit: int,
    columns: tuple[str, ...],
) -> Column:
    total = totals.get(choice.key) or StageFigure(choice.key, 0, None)
    weighted = None
    if total.amount is not None and choice.probability is not None:
        weighted = (total.amount * round(choice.probability * 10000) * 2 + 10000) // 20000
    page = cards(actor, spec.key, choice.key, where, limit=limit, columns=columns)
    return Column(choice, total.count, total.amount, weighted, page)


def _kept(
    object_key: str, owners: str | frozenset[int], *, with_amount: bool
) -> dict[str, StageFigure]:
    rows = StageTotal.objects.filter(object_key=object_key)
    if not isinstance(owners, str):
        rows = rows.filter(owner_id__in=owners)
    summed = rows.values("stage").annotate(n=Sum("count"), p=Sum("priced"), a=Sum("amount"))
    return {
        r["stage"]: StageFigure(r["stage"], r["n"], r["a"] if with_amount and r["p"] else None)
        for r in summed
        if r["n"]
    }


def _counted(
    actor: Actor, spec: ObjectSpec, stage: FieldSpec, amount: str | None, where: str
) -> dict[str, StageFigure]:
    rows = records.matching(actor, spec.key, where).filter(**{f"{stage.key}__isnull": False})
    measures: dict[str, Any] = {"n": Count("id")}
    if amount:
        measures |= {"p": Count(amount), "a": Sum(amount)}
    return {
        r[stage.key]: StageFigure(r[stage.key], r["n"], r["a"] if r.get("p") else None)
        for r in rows.order_by().values(stage.key).annotate(**measures)
    }
