"""What a member owns, by object and by customer group, and what a plan would hand over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet

from wubu.improve.actions import queries as improvement
from wubu.improve.handover import responsibilities
from wubu.improve.handover.types import Group, Line, Plan, Step
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor, Forbidden, Problem, Refused, Text

ACTIONS = "_actions"
POOL_LABEL = Text("公海", "the pool")
ACTION_LABEL = Text("进行中的改进行动", "Open improvement actions")


def must_set_up(actor: Actor) -> None:
    """Raises Forbidden for who does not set up people."""
    policy(actor).require_setup("people")


def objects() -> Iterator[ObjectSpec]:
    """The objects whose records have an owner of their own; parts go with their whole."""
    for spec in snapshot().live:
        owner = spec.role("owner")
        if not spec.part_of and owner is not None and owner.kind.names_member:
            yield spec


def lines(actor: Actor, member_id: int) -> tuple[Line, ...]:
    """What the member owns of each object, as far as the actor may hand it over."""
    must_set_up(actor)
    made = []
    for spec in objects():
        rows = owned(actor, spec, member_id)
        total = rows.count()
        if not total:
            continue
        under_way = open_rows(actor, spec, rows)
        still = None if under_way is None else under_way.count()
        made.append(Line(spec.key, spec.plural, total, still, _suggested(spec, still)))
    return tuple(made)


def _suggested(spec: ObjectSpec, still: int | None) -> str:
    """What happened stays with whom it happened to; what goes on goes on with somebody else."""
    if still is not None:
        return "open"
    return "" if spec.role("when") is not None else "all"


def owned(actor: Actor, spec: ObjectSpec, member_id: int) -> QuerySet[Any]:
    """The member's records that the actor may hand over."""
    owner = spec.roles["owner"]
    return records.visible(actor, spec.key, "transfer").filter(**{owner: member_id}).order_by("id")


def open_rows(actor: Actor, spec: ObjectSpec, rows: QuerySet[Any]) -> QuerySet[Any] | None:
    """Those still under way.

    The option ``open`` says so, or a stage that is neither won nor lost, or a task that is not
    done. None where nothing says.
    """
    condition = str(spec.options.get("open") or "")
    if condition:
        inside = records.matching(actor, spec.key, condition).order_by().values("id")
        return rows.filter(id__in=inside)
    stage = spec.role("stage")
    if stage is not None:
        ended = [c.key for c in stage.choices if c.outcome]
        return rows.exclude(**{f"{stage.key}__in": ended})
    done = spec.fields.get("done")
    if done is not None and done.kind.yes_no and not done.retired:
        return rows.exclude(**{done.key: True})
    return None


# By customer


def customer() -> ObjectSpec | None:
    """The object that others call their customer."""
    for spec in snapshot().live:
        link = spec.role("customer")
        if link is not None and link.kind.links_one and link.target != spec.key:
            return snapshot().objects.get(link.target)
    return None


def groupings(actor: Actor) -> tuple[FieldSpec, ...]:
    """The fields of a customer by which a portfolio can be split: its choices."""
    spec = customer()
    if spec is None or spec.role("owner") is None:
        return ()
    clear = policy(actor).clear
    return tuple(f for f in spec.live_fields if f.kind.classifies and clear(spec.key, f.key))


def groups(actor: Actor, member_id: int, by: str) -> tuple[Group, ...]:
    """The member's customers by the values of a field; without a value comes last."""
    spec = customer()
    f = None if spec is None else next((f for f in groupings(actor) if f.key == by), None)
    if spec is None or f is None:
        return ()
    rows = owned(actor, spec, member_id).order_by().values_list(f.key)
    counted = dict(rows.annotate(n=Count("id")).values_list(f.key, "n"))
    known = [(c.key, c.label) for c in f.choices if counted.get(c.key)]
    rest = [("", Text("（未填）", "(empty)"))] if counted.get(None) else []
    return tuple(Group(k, label, counted.get(k or None, 0)) for k, label in [*known, *rest])


# What a plan would do


def steps(actor: Actor, plan: Plan) -> tuple[Step, ...]:
    """What every receiver gets. Raises Refused when the plan does not fit, Forbidden."""
    check(actor, plan)
    names = people.names({*plan.to.values(), *plan.groups.values(), plan.actions_to or 0})
    made = []
    for spec in objects():
        for receiver, ids in selected(actor, plan, spec).items():
            name = names.get(receiver, "") if receiver else str(POOL_LABEL)
            made.append(Step(spec.key, spec.plural, receiver, name, len(ids)))
    if plan.actions_to:
        count = len(open_actions(actor, plan.member_id))
        if count:
            name = names.get(plan.actions_to, "")
            made.append(Step(ACTIONS, ACTION_LABEL, plan.actions_to, name, count))
    return (*made, *responsibilities.steps(actor, plan.member_id, plan.duties))


def pool_of(spec: ObjectSpec) -> FieldSpec | None:
    """The box that says that a record lies in the pool, for anybody to claim."""
    found = spec.fields.get("pool")
    return found if found is not None and found.kind.yes_no and not found.retired else None


def values(spec: ObjectSpec, receiver: int) -> dict[str, Any]:
    """What is written into a record that changes hands; 0 is the pool."""
    pool = pool_of(spec)
    if not receiver and pool is not None:
        return {spec.roles["owner"]: None, pool.key: True}
    return {spec.roles["owner"]: receiver}


def open_actions(actor: Actor, member_id: int) -> list[int]:
    """The member's improvement actions that are not ended, as far as the actor may see."""
    rows = improvement.visible(actor).filter(owner_id=member_id, state="open")
    return list(rows.order_by("id").values_list("id", flat=True))


def selected(actor: Actor, plan: Plan, spec: ObjectSpec) -> dict[int, list[int]]:
    """The ids of one object's records by who takes them over."""
    which = plan.which.get(spec.key, "")
    if not which:
        return {}
    rows: QuerySet[Any] = owned(actor, spec, plan.member_id)
    if which == "pool":
        ids = list(rows.values_list("id", flat=True)) if pool_of(spec) is not None else []
        return {0: ids} if ids else {}
    if which == "open":
        under_way = open_rows(actor, spec, rows)
        rows = rows if under_way is None else under_way
    found: dict[int, list[int]] = defaultdict(list)
    for id_, value in rows.values_list("id", _group_column(plan, spec)):
        # Without a grouping the second column is the id again: no group is called so.
        receiver = plan.groups.get(value or "") if plan.by and _groups(spec) else None
        receiver = receiver or plan.to.get(spec.key)
        if receiver:
            found[receiver].append(id_)
    return dict(found)


def _groups(spec: ObjectSpec) -> bool:
    """Whether the records of an object go by their customer's group."""
    own = customer()
    link = spec.role("customer")
    return own is not None and (spec.key == own.key or (link is not None and link.kind.links_one))


def _group_column(plan: Plan, spec: ObjectSpec) -> str:
    own = customer()
    if not plan.by or own is None or not _groups(spec):
        return "id"
    return plan.by if spec.key == own.key else f"{spec.roles['customer']}__{plan.by}"


def check(actor: Actor, plan: Plan) -> None:
    """Raises Refused with everything that is wrong with a plan, Forbidden."""
    must_set_up(actor)
    people.person(plan.member_id)
    found: list[Problem] = []
    if plan.by and plan.by not in {f.key for f in groupings(actor)}:
        found.append(
            Problem("no_such_field", Text("不能按此字段分组。", "No such grouping."), field="by")
        )
    known = {spec.key for spec in objects()}
    found += [
        Problem("no_such_object", Text("没有此对象。", "No such object."), field=key, value=key)
        for key in plan.which
        if key not in known
    ]
    pools = {spec.key for spec in objects() if pool_of(spec) is not None}
    found += [
        Problem("no_pool", Text("此对象没有公海。", "It has no pool."), field=key, value=key)
        for key, which in plan.which.items()
        if which == "pool" and key not in pools
    ]
    found += [
        Problem("no_such_duty", Text("没有此项。", "There is no such thing."), field=k, value=k)
        for k in plan.duties
        if k not in responsibilities.LABELS
    ]
    receivers = {*plan.to.values(), *plan.groups.values(), *plan.duties.values()}
    if plan.actions_to:
        receivers.add(plan.actions_to)
    persons = people.persons(receivers)
    for receiver in sorted(receivers):
        person = persons.get(receiver)
        if person is None or not person.is_active or receiver == plan.member_id:
            name = person.name if person else str(receiver)
            found.append(
                Problem(
                    "bad_receiver",
                    Text(
                        "“{n}”不能接手：请选另一位在职成员。",
                        "“{n}” cannot take over: choose another active member.",
                    ).format(n=name),
                    value=receiver,
                )
            )
    if not receivers and "pool" not in plan.which.values():
        found.append(
            Problem(
                "no_receiver",
                Text("请至少选择一位接手人。", "Choose at least one person to take over."),
                field="to",
            )
        )
    if found:
        raise Refused(*found)


def must_be_mine(actor: Actor, kwargs_actor: int | None) -> None:
    """A handover is followed by who started it, and by who sets up people."""
    if not actor.is_member(kwargs_actor) and not policy(actor).may_setup("people"):
        raise Forbidden(Problem("forbidden", Text("您无权查看。", "You may not see this.")))
