"""Sharing records, who can see one and why, roles in bulk, and handing over somebody's work."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from wubu.collect.views import queries as views
from wubu.collect.views import sharing as view_sharing
from wubu.collect.views.types import ViewInfo
from wubu.improve.handover import actions as handover
from wubu.improve.handover import queries as handovers
from wubu.improve.handover import responsibilities
from wubu.improve.handover.types import Group, Line, Plan, Step
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs import queries as jobs
from wubu.kernel.jobs.types import JobView
from wubu.kernel.permissions import access, designing, presets, sharing
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.permissions import queries as rights
from wubu.kernel.permissions.types import RoleInfo, ShareInfo
from wubu.kernel.records import queries as records
from wubu.kernel.types import Missing, Problem, Text
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.times import IdIn, day
from wubu.web.api.values import Strict
from wubu.web.api.wire import Day, many, model, to_json

Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Slug = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,16}$", description="slug or id of the view")]
Short = Annotated[str, Field(max_length=60)]


class NewViewShare(Strict):
    """With one member or one team (and those below it), up to and with ``until``."""

    member_id: IdIn | None = None
    team_id: IdIn | None = None
    until: Day | None = None
    note: str = Field("", max_length=255)


class NewShare(NewViewShare):
    """The same for a record, to view or to edit."""

    level: Literal["view", "edit"] = "view"


class AccessQuery(Strict):
    field: str = Field("", max_length=63, description="also tell who reads this field")


class AccessOut(BaseModel):
    """Somebody who sees the record; ``level`` is theirs for the field that was asked about."""

    member_id: str
    name: str
    actions: list[str]
    reasons: list[str]
    level: str | None


class CompareQuery(Strict):
    one: Short
    other: Short


class DifferenceOut(BaseModel):
    about: str
    what: str
    one: str
    other: str


class SummaryOut(BaseModel):
    object: str
    text: str


class CopyRole(Strict):
    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    label: dict[Literal["zh", "en"], Short]


class Assign(Strict):
    """Give roles to many, or take them away; their other roles stay."""

    roles: list[Short] = Field(max_length=50)
    member_ids: list[IdIn] = Field(max_length=5_000)
    take: bool = False


class Changed(BaseModel):
    changed: int


class RolesOut(BaseModel):
    """The roles that changed."""

    roles: list[str]


class RoleEffectsQuery(Strict):
    member: str = Field(pattern=r"^[0-9]{1,18}$", description="as whom")


class PlanIn(Strict):
    """Who takes over what: by object, or by a value of the field ``by`` of the customer."""

    which: dict[Short, Literal["open", "all", "pool"]] = Field(default_factory=dict)
    to: dict[Short, IdIn] = Field(default_factory=dict)
    by: Short = ""
    groups: dict[Short, IdIn] = Field(default_factory=dict)
    actions_to: IdIn | None = None
    duties: dict[Literal["_teams", "_reports", "_roles"], IdIn] = Field(default_factory=dict)

    def plan(self, member_id: int) -> Plan:
        return Plan(
            member_id,
            dict(self.which),
            {k: int(v) for k, v in self.to.items()},
            self.by,
            {k: int(v) for k, v in self.groups.items()},
            None if self.actions_to is None else int(self.actions_to),
            {k: int(v) for k, v in self.duties.items()},
        )


class GroupQuery(Strict):
    by: Short = ""


class Owned(BaseModel):
    lines: list[model(Line)]  # type: ignore[valid-type]
    groups: list[model(Group)]  # type: ignore[valid-type]
    duties: list[model(Line)]  # type: ignore[valid-type]


def router() -> Router:
    made = Router(tags=["权限 Permissions"])
    _shares(made)
    _roles(made)
    _handover(made)
    return made


def _object(request: HttpRequest, key: str) -> str:
    """The key of an object that the caller may know of."""
    spec = snapshot().objects.get(key)
    if spec is None or not rights.policy(actor_of(request)).may("view", key):
        said = Text("没有对象“{k}”。", "There is no object “{k}”.").format(k=key)
        raise Missing(Problem("no_such_object", said, object=key))
    return spec.key


def _view(request: HttpRequest, key: str, slug: str) -> ViewInfo:
    snapshot().object(key)
    return views.view(actor_of(request), slug, key)


def _shares(made: Router) -> None:
    @made.get("/shares", response=responses(many(ShareInfo)), operation_id="shared_with_me")
    def mine(request: HttpRequest) -> HttpResponse:
        return send_of(view_sharing.shared_with(actor_of(request)))

    @made.get("/shares/given", response=responses(many(ShareInfo)), operation_id="shared_by_me")
    def given(request: HttpRequest) -> HttpResponse:
        return send_of(sharing.shared_by(actor_of(request)))

    @made.delete("/shares/{id}", response=responses(None, 204), operation_id="end_share")
    def end(request: HttpRequest, id: Id) -> HttpResponse:
        sharing.end_share(actor=actor_of(request), share_id=int(id))
        return HttpResponse(status=204)

    @made.post(
        "/shares/{id}/resume",
        response=responses(model(ShareInfo)),
        operation_id="resume_share",
        summary="Undo that a share was taken back",
    )
    def resume(request: HttpRequest, id: Id) -> HttpResponse:
        return send_of(sharing.resume_share(actor=actor_of(request), share_id=int(id)))

    @made.get(
        "/views/{object}/{slug}/shares",
        response=responses(many(ShareInfo)),
        operation_id="view_shares",
    )
    def of_view(request: HttpRequest, object: Key, slug: Slug) -> HttpResponse:
        found = _view(request, object, slug)
        return send_of(view_sharing.shares_of(actor_of(request), object, found.id))

    @made.post(
        "/views/{object}/{slug}/shares",
        response=responses(model(ShareInfo), 201),
        operation_id="share_view",
        summary="Share a view: it stands among the receiver's tabs until the day ends",
    )
    def share_view(
        request: HttpRequest, object: Key, slug: Slug, body: NewViewShare
    ) -> HttpResponse:
        made_share = view_sharing.share(
            actor=actor_of(request),
            view_id=_view(request, object, slug).id,
            member_id=None if body.member_id is None else int(body.member_id),
            team_id=None if body.team_id is None else int(body.team_id),
            until=day(body.until),
            note=body.note,
        )
        return send_of(made_share, 201)

    @made.get(
        "/objects/{key}/records/{id}/shares",
        response=responses(many(ShareInfo)),
        operation_id="record_shares",
    )
    def of_record(request: HttpRequest, key: Key, id: Id) -> HttpResponse:
        found = records.get(actor_of(request), _object(request, key), int(id))
        return send_of(sharing.shares_of(key, found.id))

    @made.post(
        "/objects/{key}/records/{id}/shares",
        response=responses(model(ShareInfo), 201),
        operation_id="share_record",
    )
    def share(request: HttpRequest, key: Key, id: Id, body: NewShare) -> HttpResponse:
        made_share = sharing.share(
            actor=actor_of(request),
            object_key=_object(request, key),
            target_id=int(id),
            member_id=None if body.member_id is None else int(body.member_id),
            team_id=None if body.team_id is None else int(body.team_id),
            level=body.level,
            until=day(body.until),
            note=body.note,
        )
        return send_of(made_share, 201)

    @made.get(
        "/objects/{key}/records/{id}/access",
        response=responses(list[AccessOut]),
        operation_id="record_access",
        summary="Who can see a record, and why",
    )
    def who(request: HttpRequest, key: Key, id: Id, q: Query[AccessQuery]) -> HttpResponse:
        object_key = _object(request, key)
        found = access.who_can(actor_of(request), object_key, int(id), q.field or None)
        return send(
            [
                {
                    "member_id": str(one.person.id),
                    "name": one.person.name,
                    "actions": list(one.actions),
                    "reasons": [str(r) for r in one.reasons],
                    "level": one.level,
                }
                for one in found
            ]
        )


def _roles(made: Router) -> None:
    def must(request: HttpRequest) -> None:
        rights.policy(actor_of(request)).require_setup("roles")

    @made.get(
        "/role-differences",
        response=responses(list[DifferenceOut]),
        operation_id="compare_roles",
    )
    def compare(request: HttpRequest, q: Query[CompareQuery]) -> HttpResponse:
        must(request)
        return send_of(designing.compare(q.one, q.other))

    @made.post("/role-holders", response=responses(Changed), operation_id="assign_roles")
    def assign(request: HttpRequest, body: Assign) -> HttpResponse:
        changed = permissions.give_roles(
            actor=actor_of(request),
            roles=body.roles,
            member_ids=[int(i) for i in body.member_ids],
            take=body.take,
        )
        return send({"changed": changed})

    @made.get(
        "/roles/{key}/summary",
        response=responses(list[SummaryOut]),
        operation_id="role_summary",
    )
    def summary(request: HttpRequest, key: Key) -> HttpResponse:
        must(request)
        said = designing.summary(key)
        return send([{"object": str(o), "text": str(t)} for o, t in said])

    @made.get(
        "/roles/{key}/sights",
        response=responses(many(designing.RoleEffect)),
        operation_id="role_sights",
        summary="What a member would see with this role: counts by object",
    )
    def sights(request: HttpRequest, key: Key, q: Query[RoleEffectsQuery]) -> HttpResponse:
        must(request)
        return send_of(designing.role_effects([key], int(q.member)))

    @made.post(
        "/roles/{key}/copy", response=responses(model(RoleInfo), 201), operation_id="copy_role"
    )
    def copy(request: HttpRequest, key: Key, body: CopyRole) -> HttpResponse:
        label = {str(k): v for k, v in body.label.items()}
        made_role = permissions.copy_role(
            actor=actor_of(request), key=key, new_key=body.key, label=label
        )
        return send_of(made_role, 201)

    class Granted(Strict):
        preset: str = Field(max_length=20, description="own, team, open, like or none")
        like: str = Field("", max_length=63, description="the object that it shall be like")

    @made.put(
        "/objects/{key}/access",
        response=responses(RolesOut),
        operation_id="grant_object",
        summary="Rights of every role on an object at once: by a preset, like another, or none",
    )
    def grant(request: HttpRequest, key: Key, body: Granted) -> HttpResponse:
        changed = presets.grant_object(
            actor=actor_of(request), object_key=key, preset=body.preset, like=body.like
        )
        return send({"roles": list(changed)})

    class Roles(Strict):
        roles: list[str] = Field(max_length=500)

    @made.post(
        "/objects/{key}/access/undo",
        response=responses(RolesOut),
        operation_id="take_back_object",
        summary="What roles said of an object before their last change of it",
    )
    def take_back(request: HttpRequest, key: Key, body: Roles) -> HttpResponse:
        changed = presets.take_back(actor=actor_of(request), object_key=key, roles=body.roles)
        return send({"roles": list(changed)})

    @made.post("/roles/{key}/undo", response=responses(model(RoleInfo)), operation_id="undo_role")
    def undo(request: HttpRequest, key: Key) -> HttpResponse:
        return send_of(permissions.undo_role(actor=actor_of(request), key=key))


def _handover(made: Router) -> None:
    @made.get(
        "/members/{id}/owned",
        response=responses(Owned),
        operation_id="member_owned",
        summary="What somebody owns, to be handed over",
    )
    def owned(request: HttpRequest, id: Id, q: Query[GroupQuery]) -> HttpResponse:
        actor = actor_of(request)
        lines = handovers.lines(actor, int(id))
        groups = handovers.groups(actor, int(id), q.by)
        posts = responsibilities.lines(actor, int(id))
        told = {"lines": lines, "groups": groups, "duties": posts}
        return send({k: to_json(v) for k, v in told.items()})

    @made.post(
        "/members/{id}/handover/preview",
        response=responses(many(Step)),
        operation_id="preview_handover",
    )
    def preview(request: HttpRequest, id: Id, body: PlanIn) -> HttpResponse:
        return send_of(handovers.steps(actor_of(request), body.plan(int(id))))

    @made.post(
        "/members/{id}/handover",
        response=responses(model(JobView), 202),
        operation_id="start_handover",
    )
    def start(request: HttpRequest, id: Id, body: PlanIn) -> HttpResponse:
        return send_of(handover.start(actor=actor_of(request), plan=body.plan(int(id))), 202)

    @made.post(
        "/members/{id}/handover/{job}/undo",
        response=responses(model(JobView), 202),
        operation_id="undo_handover",
    )
    def undo(request: HttpRequest, id: Id, job: Id) -> HttpResponse:
        actor = actor_of(request)
        handovers.must_set_up(actor)
        found: Any = handover_job(int(id), int(job))
        return send_of(handover.start_undo(actor=actor, job=found), 202)


def handover_job(member_id: int, job_id: int) -> JobView:
    """A handover of this member by its job. Raises Missing."""
    job = jobs.get(job_id)
    plan = job.kwargs.get("plan") or {}
    if job.name != handover.JOB or plan.get("member_id") != member_id:
        raise Missing(
            Problem("no_such_handover", Text("没有这次交接。", "There is no such handover."))
        )
    return job
