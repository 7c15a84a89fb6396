"""Members, teams, roles: who is here, and who answers for whom."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from wubu.kernel.calendar.queries import today
from wubu.kernel.people import actions, queries
from wubu.kernel.people.types import (
    Line,
    MembershipPeriod,
    Person,
    PositionInfo,
    TeamNode,
    TeamPeriod,
)
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.permissions import queries as rights
from wubu.kernel.permissions.types import Policy, RoleInfo
from wubu.kernel.types import Forbidden, Missing, Problem, Text
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.times import IdIn, day
from wubu.web.api.values import Strict
from wubu.web.api.wire import Day, many, model

Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
Short = Annotated[str, Field(max_length=150)]


class MemberOut(BaseModel):
    """A colleague. How to reach them is told to who sets up people, and to themselves."""

    id: str
    name: str
    is_active: bool
    team_id: str | None
    roles: list[str]
    login: str | None = None
    email: str | None = None
    phone: str | None = None
    employee_no: str | None = None
    position_id: str | None = None
    joined_on: str | None = None
    left_on: str | None = None
    language: str | None = None
    is_owner: bool | None = None


class MembersQuery(Strict):
    q: str = Field("", max_length=100, description="name, pinyin or login")
    team: str = Field("", pattern=r"^[0-9]{0,18}$", description="a team and those below")
    inactive: bool = False


class CreateMember(Strict):
    login: Short
    name: Short
    password: str | None = Field(None, max_length=200)
    team_id: IdIn | None = None
    joined_on: Day | None = None
    email: str | None = Field(None, max_length=254)
    phone: str | None = Field(None, max_length=32)
    employee_no: str | None = Field(None, max_length=64)
    language: str = Field("zh", pattern="^(zh|en)$")
    position_id: IdIn | None = None


class ChangeMember(Strict):
    login: Short | None = None
    name: Short | None = None
    email: str | None = Field(None, max_length=254)
    phone: str | None = Field(None, max_length=32)
    employee_no: str | None = Field(None, max_length=64)
    language: str | None = Field(None, pattern="^(zh|en)$")
    position_id: IdIn | None = None
    joined_on: Day | None = None


class Leave(Strict):
    left_on: Day | None = None


class Back(Strict):
    team_id: IdIn | None = None
    from_day: Day | None = None


class Move(Strict):
    """From a day on (today without one); ``team_id`` null leaves them without a team."""

    team_id: IdIn | None
    from_day: Day | None = None


class Report(Strict):
    manager_id: IdIn | None
    from_day: Day | None = None


class Roles(Strict):
    roles: list[Short] = Field(max_length=50)


class NewPosition(Strict):
    name: str = Field(min_length=1, max_length=120)
    rank: int = Field(0, ge=0, le=10_000)


class Password(Strict):
    password: str = Field(max_length=200)


class Also(Strict):
    """Beside the primary team, from a day on (today without one); ``leaves`` ends it."""

    team_id: IdIn
    from_day: Day | None = None
    leaves: bool = False


class CreateTeam(Strict):
    name: Short
    parent_id: IdIn | None = None
    leader_id: IdIn | None = None


class ChangeTeam(Strict):
    """It holds from ``from_day`` on, today unless given."""

    from_day: Day | None = None
    name: Short | None = None
    parent_id: IdIn | None = None
    leader_id: IdIn | None = None
    position: int | None = Field(None, ge=0, le=100_000)
    is_active: bool | None = None


class TreeQuery(Strict):
    day: str = Field("", max_length=10, description="the tree of this day; today without")


def _policy(request: HttpRequest) -> Policy:
    return request.policy  # type: ignore[attr-defined, no-any-return]


def _number(value: str | None) -> int | None:
    return None if value is None else int(value)


def member_json(request: HttpRequest, persons: list[Person]) -> list[dict[str, Any]]:
    """Members as one actor may know them."""
    ids = [p.id for p in persons]
    teams, roles = queries.team_on(ids, today()), rights.roles_of(ids)
    keeper, me = _policy(request).may_setup("people"), actor_of(request).member_id
    out = []
    for p in persons:
        one: dict[str, Any] = {
            "id": str(p.id),
            "name": p.name,
            "is_active": p.is_active,
            "team_id": str(teams[p.id]) if p.id in teams else None,
            "roles": list(roles.get(p.id, ())) if keeper or p.id == me else [],
        }
        if keeper or p.id == me:
            one |= {
                "login": p.login,
                "email": p.email,
                "phone": p.phone,
                "employee_no": p.employee_no,
                "position_id": None if p.position_id is None else str(p.position_id),
                "joined_on": p.joined_on.isoformat() if p.joined_on else None,
                "left_on": p.left_on.isoformat() if p.left_on else None,
                "language": p.language,
                "is_owner": p.is_owner,
            }
        out.append(one)
    return out


def _send_member(request: HttpRequest, member_id: int, status: int = 200) -> HttpResponse:
    return send(member_json(request, [queries.person(member_id)])[0], status)


def _keeper_or_self(request: HttpRequest, member_id: int) -> None:
    if actor_of(request).member_id != member_id and not _policy(request).may_setup("people"):
        raise Forbidden(Problem("forbidden", Text("您无权查看此内容。", "You may not see this.")))


def router() -> Router:
    made = Router(tags=["人员 People"])
    _members(made)
    _moves(made)
    _teams(made)
    _roles(made)
    return made


def _members(made: Router) -> None:
    @made.get("/members", response=responses(list[MemberOut]), operation_id="members")
    def members(request: HttpRequest, q: Query[MembersQuery]) -> HttpResponse:
        active = None if q.inactive else True
        found = queries.search(q.q, 50) if q.q else queries.members(active=active)
        if q.team:
            inside = queries.members_of(queries.subtree(int(q.team)), today())
            found = tuple(p for p in found if p.id in inside)
        return send(member_json(request, [p for p in found if p.is_active or q.inactive]))

    @made.get("/members/{id}", response=responses(MemberOut), operation_id="member")
    def member(request: HttpRequest, id: Id) -> HttpResponse:
        return _send_member(request, int(id))

    @made.post("/members", response=responses(MemberOut, 201), operation_id="add_member")
    def create(request: HttpRequest, body: CreateMember) -> HttpResponse:
        raw = body.model_dump(exclude_unset=True)
        for key in ("team_id", "position_id"):
            if raw.get(key) is not None:
                raw[key] = int(raw[key])
        raw["joined_on"] = day(raw.get("joined_on"))
        person = actions.create_member(actor=actor_of(request), **raw)
        return _send_member(request, person.id, 201)

    @made.patch("/members/{id}", response=responses(MemberOut), operation_id="change_member")
    def change(request: HttpRequest, id: Id, body: ChangeMember) -> HttpResponse:
        raw = body.model_dump(exclude_unset=True)
        if "position_id" in raw:
            raw["position_id"] = _number(raw["position_id"])
        if "joined_on" in raw:
            raw["joined_on"] = day(raw["joined_on"])
        for key in ("login", "name", "language"):
            if key in raw and raw[key] is None:
                del raw[key]
        actions.update_member(actor=actor_of(request), member_id=int(id), **raw)
        return _send_member(request, int(id))

    @made.post(
        "/members/{id}/leave",
        response=responses(MemberOut),
        operation_id="member_leaves",
    )
    def leave(request: HttpRequest, id: Id, body: Leave) -> HttpResponse:
        actions.deactivate(actor=actor_of(request), member_id=int(id), left_on=day(body.left_on))
        return _send_member(request, int(id))

    @made.post(
        "/members/{id}/back",
        response=responses(MemberOut),
        operation_id="member_is_back",
    )
    def back(request: HttpRequest, id: Id, body: Back) -> HttpResponse:
        actions.reactivate(
            actor=actor_of(request),
            member_id=int(id),
            team_id=_number(body.team_id),
            from_day=day(body.from_day),
        )
        return _send_member(request, int(id))

    @made.put("/members/{id}/password", response=responses(None, 204), operation_id="set_password")
    def password(request: HttpRequest, id: Id, body: Password) -> HttpResponse:
        actions.set_password(actor=actor_of(request), member_id=int(id), password=body.password)
        return HttpResponse(status=204)


def _moves(made: Router) -> None:
    @made.post(
        "/members/{id}/also",
        response=responses(many(MembershipPeriod)),
        operation_id="also_in_team",
    )
    def also(request: HttpRequest, id: Id, body: Also) -> HttpResponse:
        act = actions.leave_team if body.leaves else actions.join_team
        act(
            actor=actor_of(request),
            member_id=int(id),
            team_id=int(body.team_id),
            from_day=day(body.from_day) or today(),
        )
        return send_of(queries.membership_history(int(id)))

    @made.get(
        "/members/{id}/stays",
        response=responses(many(MembershipPeriod)),
        operation_id="member_stays",
        summary="In which team a member was when",
    )
    def memberships(request: HttpRequest, id: Id) -> HttpResponse:
        queries.person(int(id))
        return send_of(queries.membership_history(int(id)))

    @made.get(
        "/members/{id}/managers",
        response=responses(many(Line)),
        operation_id="member_managers",
    )
    def lines(request: HttpRequest, id: Id) -> HttpResponse:
        queries.person(int(id))
        return send_of(queries.lines(int(id)))

    @made.post("/members/{id}/team", response=responses(MemberOut), operation_id="move_member")
    def move(request: HttpRequest, id: Id, body: Move) -> HttpResponse:
        actions.move_member(
            actor=actor_of(request),
            member_id=int(id),
            team_id=_number(body.team_id),
            from_day=day(body.from_day) or today(),
        )
        return _send_member(request, int(id))

    @made.post(
        "/members/{id}/manager",
        response=responses(MemberOut),
        operation_id="set_manager",
    )
    def manager(request: HttpRequest, id: Id, body: Report) -> HttpResponse:
        actions.set_manager(
            actor=actor_of(request),
            member_id=int(id),
            manager_id=_number(body.manager_id),
            from_day=day(body.from_day) or today(),
        )
        return _send_member(request, int(id))

    @made.put("/members/{id}/roles", response=responses(list[str]), operation_id="set_roles")
    def roles(request: HttpRequest, id: Id, body: Roles) -> HttpResponse:
        return send(
            list(
                permissions.set_roles(actor=actor_of(request), member_id=int(id), roles=body.roles)
            )
        )


def _teams(made: Router) -> None:
    @made.get(
        "/teams",
        response=responses(many(TeamNode)),
        operation_id="teams",
        summary="The tree of teams, parents before children",
    )
    def teams(request: HttpRequest, q: Query[TreeQuery]) -> HttpResponse:
        return send_of(queries.tree(day=day(q.day) if q.day else None))

    @made.get(
        "/teams/{id}/history",
        response=responses(many(TeamPeriod)),
        operation_id="team_history",
        summary="What a team has been and will be, in order",
    )
    def history(request: HttpRequest, id: Id) -> HttpResponse:
        queries.team(int(id))
        return send_of(queries.team_history(int(id)))

    @made.post("/teams", response=responses(model(TeamNode), 201), operation_id="add_team")
    def create(request: HttpRequest, body: CreateTeam) -> HttpResponse:
        team = actions.create_team(
            actor=actor_of(request),
            name=body.name,
            parent_id=_number(body.parent_id),
            leader_id=_number(body.leader_id),
        )
        return send_of(team, 201)

    @made.patch("/teams/{id}", response=responses(model(TeamNode)), operation_id="change_team")
    def change(request: HttpRequest, id: Id, body: ChangeTeam) -> HttpResponse:
        raw = body.model_dump(exclude_unset=True)
        for key in ("parent_id", "leader_id"):
            if key in raw:
                raw[key] = _number(raw[key])
        for key in ("name", "position", "is_active", "from_day"):
            if key in raw and raw[key] is None:
                del raw[key]
        if "from_day" in raw:
            raw["from_day"] = day(body.from_day)
        return send_of(actions.update_team(actor=actor_of(request), team_id=int(id), **raw))

    @made.get(
        "/positions",
        response=responses(many(PositionInfo)),
        operation_id="positions",
    )
    def positions(request: HttpRequest) -> HttpResponse:
        return send_of(queries.positions())

    @made.post(
        "/positions", response=responses(model(PositionInfo), 201), operation_id="add_position"
    )
    def add_position(request: HttpRequest, body: NewPosition) -> HttpResponse:
        made_position = actions.create_position(
            actor=actor_of(request), name=body.name, rank=body.rank
        )
        return send_of(made_position, 201)


def _roles(made: Router) -> None:
    @made.get("/roles", response=responses(many(RoleInfo)), operation_id="roles")
    def roles(request: HttpRequest) -> HttpResponse:
        if not _policy(request).may_setup("roles"):
            raise Forbidden(
                Problem("forbidden", Text("您无权查看角色。", "You may not see the roles."))
            )
        return send_of(rights.roles())

    class Explained(BaseModel):
        text: str

    @made.get(
        "/objects/{key}/access",
        response=responses(Explained),
        operation_id="explain_access",
        summary="What you may do with an object, in plain words",
    )
    def explain(
        request: HttpRequest, key: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    ) -> HttpResponse:
        if not _policy(request).may("view", key):
            said = Text("没有对象“{k}”。", "There is no object “{k}”.").format(k=key)
            raise Missing(Problem("no_such_object", said, object=key))
        return send({"text": str(rights.explain_access(actor_of(request), key))})
