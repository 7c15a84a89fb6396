"""What objects there are, and changing them: planned, shown, applied."""

from dataclasses import replace
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from wubu.kernel import hooks
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.permissions.types import Policy
from wubu.kernel.schema import actions, queries
from wubu.kernel.schema.types import Plan
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text
from wubu.web.api.answers import responses, send
from wubu.web.api.records.routes import actor_of
from wubu.web.api.setup.plans import (
    EMPTY,
    PlanOut,
    RevisionOut,
    UseOut,
    plan_out,
    revision_out,
    use_out,
)
from wubu.web.api.values import Strict, is_input

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
PathKey = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


Accepted = Annotated[str, Field(pattern="^(empty|closest|into:.{1,200})$")]


class Label(Strict):
    zh: str = Field(max_length=200)
    en: str = Field("", max_length=200)

    def text(self) -> Text:
        return Text(self.zh, self.en or self.zh)


class ChoiceIn(Strict):
    key: Key
    label: Label
    color: str = Field("", max_length=20)
    retired: bool = False
    probability: float | None = Field(None, ge=0, le=1)
    outcome: str = Field("", pattern="^(won|lost)?$")
    parent: str = Field("", max_length=64, description="of the field that this one depends on")


class FieldIn(Strict):
    """A field as it shall be; what is not given stays as it is."""

    key: Key
    type: str = Field(max_length=30)
    label: Label
    required: bool = False
    unique: bool = False
    help: Label | None = None
    choices: list[ChoiceIn] | None = Field(None, max_length=10_000)
    target: str = Field("", max_length=63)
    options: dict[str, Any] | None = None

    def spec(self, object_key: str, old: FieldSpec | None, position: int) -> FieldSpec:
        kept = old or FieldSpec(object_key, self.key, self.type, self.label.text())
        return replace(
            kept,
            type=self.type,
            label=self.label.text(),
            required=self.required,
            unique=self.unique,
            help=self.help.text() if self.help else kept.help,
            choices=kept.choices if self.choices is None else tuple(map(_choice, self.choices)),
            target=self.target or kept.target,
            options=kept.options if self.options is None else self.options,
            position=kept.position or position,
        )


class ObjectIn(Strict):
    """An object as it shall be; fields that are not named stay."""

    key: Key
    label: Label
    plural: Label | None = None
    icon: str = Field("", max_length=60)
    group: str = Field("", max_length=30)
    fields: list[FieldIn] = Field(default_factory=list, max_length=1_000)
    roles: dict[str, str] | None = None
    part_of: str = Field("", max_length=63)
    options: dict[str, Any] | None = None

    def spec(self, old: ObjectSpec | None) -> ObjectSpec:
        label = self.label.text()
        kept = old or ObjectSpec(self.key, label, label)
        start = max((f.position for f in kept.fields.values()), default=0)
        fields = dict(kept.fields)
        for n, f in enumerate(self.fields, 1):
            fields[f.key] = f.spec(self.key, kept.fields.get(f.key), start + n)
        return replace(
            kept,
            label=label,
            plural=self.plural.text() if self.plural else (kept.plural if old else label),
            icon=self.icon or kept.icon,
            group=self.group or kept.group,
            fields=fields,
            roles=kept.roles if self.roles is None else self.roles,
            part_of=self.part_of or kept.part_of,
            options=kept.options if self.options is None else self.options,
        )


class Wanted(Strict):
    """``accept`` says, by ``object.field``, what becomes of values that are not carried over.

    ``empty`` or ``closest``; by ``object.field:option``, of an option that goes: ``empty`` or
    ``into:option``.
    """

    objects: list[ObjectIn] = Field(min_length=1, max_length=100)
    accept: dict[str, Accepted] = Field(default_factory=dict, max_length=1_000)
    token: str = Field("", max_length=64, description="of the plan that was looked at")


class ChoiceOut(BaseModel):
    key: str
    label: str
    color: str
    retired: bool
    probability: float | None
    outcome: str
    parent: str


class FieldOut(BaseModel):
    key: str
    type: str
    label: str
    labels: dict[str, str]
    help: str | None
    required: bool
    unique: bool
    computed: bool
    level: str
    target: str | None
    choices: list[ChoiceOut]


class ObjectOut(BaseModel):
    key: str
    label: str
    plural: str
    labels: dict[str, str]
    icon: str
    group: str
    roles: dict[str, str]
    part_of: str | None
    actions: list[str]
    fields: list[FieldOut]


def _choice(c: ChoiceIn) -> Choice:
    return Choice(c.key, c.label.text(), c.color, c.retired, c.probability, c.outcome, c.parent)


def object_out(spec: ObjectSpec, policy: Policy) -> dict[str, Any]:
    """An object as one actor may know it: hidden fields are not there."""
    seen = [f for f in spec.live_fields if policy.level(spec.key, f.key) != "hidden"]
    keys = {f.key for f in seen}
    every = ("view", "create", "edit", "delete", "export", "import", "transfer", "stage")
    return {
        "key": spec.key,
        "label": str(spec.label),
        "plural": str(spec.plural),
        "labels": spec.label.as_dict(),
        "icon": spec.icon,
        "group": spec.group,
        "roles": {role: key for role, key in spec.roles.items() if key in keys},
        "part_of": spec.part_of or None,
        "actions": [a for a in every if policy.may(a, spec.key)],
        "fields": [_field_out(f, policy) for f in seen],
    }


def _field_out(f: FieldSpec, policy: Policy) -> dict[str, Any]:
    return {
        "key": f.key,
        "type": f.type,
        "label": str(f.label),
        "labels": f.label.as_dict(),
        "help": str(f.help) if f.help else None,
        "required": f.required,
        "unique": f.unique,
        "computed": not is_input(f),
        "level": policy.level(f.object, f.key),
        "target": f.target or None,
        "choices": [
            {
                "key": c.key,
                "label": str(c.label),
                "color": c.color,
                "retired": c.retired,
                "probability": c.probability,
                "outcome": c.outcome,
                "parent": c.parent,
            }
            for c in f.choices
        ],
    }


def _plan(body: Wanted, actor: Actor) -> Plan:
    now = snapshot()
    wanted = [w.spec(now.objects.get(w.key)) for w in body.objects]
    return actions.plan(wanted, accept=body.accept, actor=actor)


def router() -> Router:
    made = Router(tags=["目录 Catalog"])

    @made.get(
        "/objects",
        response=responses(list[ObjectOut]),
        operation_id="objects",
        summary="Objects that you may see",
    )
    def objects(request: HttpRequest) -> HttpResponse:
        policy: Policy = request.policy  # type: ignore[attr-defined]
        return send([object_out(o, policy) for o in snapshot().live if policy.may("view", o.key)])

    @made.get("/objects/{key}", response=responses(ObjectOut), operation_id="object")
    def one(request: HttpRequest, key: PathKey) -> HttpResponse:
        policy: Policy = request.policy  # type: ignore[attr-defined]
        spec = snapshot().objects.get(key)
        if spec is None or spec.retired or not policy.may("view", key):
            raise Missing(
                Problem(
                    "no_such_object",
                    Text("没有对象“{k}”。", "There is no object “{k}”.").format(k=key),
                    object=key,
                )
            )
        return send(object_out(spec, policy))

    @made.post(
        "/schema/plan",
        response=responses(PlanOut),
        operation_id="schema_plan",
        summary="What a change of objects and fields would do; nothing is changed",
    )
    def plan(request: HttpRequest, body: Wanted) -> HttpResponse:
        actor = actor_of(request)
        hooks.require_setup(actor, "objects")
        return send(plan_out(_plan(body, actor)))

    @made.post(
        "/schema/apply",
        response=responses(PlanOut),
        operation_id="schema_apply",
        summary="Change objects and fields, all of it or nothing",
    )
    def apply(request: HttpRequest, body: Wanted) -> HttpResponse:
        actor = actor_of(request)
        hooks.require_setup(actor, "objects")
        made_plan = _plan(body, actor)
        if body.token and body.token != made_plan.token:
            raise Refused(
                Problem(
                    "catalog_moved",
                    Text("对象设置已被修改。", "The objects were changed meanwhile."),
                    Text("请重新查看变更后再应用。", "Review the changes again, then apply them."),
                )
            )
        actions.apply(made_plan, actor=actor)
        return send(plan_out(made_plan))

    class Retire(Strict):
        object: Key
        field: Key | None = None
        back: bool = False

    @made.post(
        "/schema/retire",
        response=responses(PlanOut),
        operation_id="schema_retire",
        summary="Hide an object or a field, or bring it back; values stay",
    )
    def retire(request: HttpRequest, body: Retire) -> HttpResponse:
        actions.retire(body.object, body.field, actor=actor_of(request), back=body.back)
        return send({"token": snapshot().token, **EMPTY})

    class Indexed(Strict):
        object: Key
        fields: list[Key] = Field(min_length=1, max_length=4)

    @made.post(
        "/schema/indexes",
        response=responses(PlanOut),
        operation_id="schema_index",
        summary="An index for a sort by these fields",
    )
    def index(request: HttpRequest, body: Indexed) -> HttpResponse:
        actor = actor_of(request)
        hooks.require_setup(actor, "objects")
        actions.ensure_index(body.object, body.fields, actor=actor)
        return send({"token": snapshot().token, **EMPTY})

    @made.get(
        "/schema/uses",
        response=responses(list[UseOut]),
        operation_id="schema_uses",
        summary="What reads an object or a field: formulas, metrics, rules, roles, pages",
    )
    def uses(
        request: HttpRequest,
        object: Annotated[str, Query(max_length=63)],
        field: Annotated[str, Query(max_length=63)] = "",
    ) -> HttpResponse:
        hooks.require_setup(actor_of(request), "objects")
        return send([use_out(u) for u in queries.uses(object, field or None)])

    @made.get(
        "/schema/history",
        response=responses(list[RevisionOut]),
        operation_id="schema_history",
        summary="Changes of objects and fields, newest first",
    )
    def history(
        request: HttpRequest,
        object: Annotated[str, Query(max_length=63)] = "",
        before: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    ) -> HttpResponse:
        hooks.require_setup(actor_of(request), "objects")
        found = queries.revisions(object_key=object or None, before_id=before or None)
        names = queries.authors(found)
        return send([revision_out(r, names) for r in found])

    @made.post(
        "/schema/history/{id}/undo",
        response=responses(PlanOut),
        operation_id="schema_undo",
        summary="Take a change back while nothing newer depends on it",
    )
    def undo(request: HttpRequest, id: Annotated[int, Path(ge=1, lt=2**63)]) -> HttpResponse:
        actor = actor_of(request)
        hooks.require_setup(actor, "objects")
        made_plan = queries.undoing(id)
        actions.apply(made_plan, actor=actor)
        return send(plan_out(made_plan))

    return made
