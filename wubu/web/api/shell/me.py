"""Who am I, my keys, my plus menu, and the search box."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.people import access
from wubu.kernel.people import queries as people
from wubu.kernel.people.types import TokenInfo
from wubu.kernel.permissions import queries as rights
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Hit
from wubu.web import plus
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.times import moment
from wubu.web.api.values import Strict
from wubu.web.api.wire import Moment, many, model, to_json


class Me(BaseModel):
    id: str
    name: str
    login: str
    language: str
    email: str | None
    phone: str | None
    is_owner: bool
    team_id: str | None
    roles: list[str]


class MakeKey(Strict):
    name: str = Field(min_length=1, max_length=120)
    expires_at: Moment | None = None


class NewKey(BaseModel):
    """The key itself is shown this once."""

    key: str
    info: model(TokenInfo)  # type: ignore[valid-type]


class ChangePassword(Strict):
    old: str = Field(max_length=200)
    new: str = Field(max_length=200)


class ChoosePlus(Strict):
    """Keys of objects in the order of the menu."""

    objects: list[Annotated[str, Field(max_length=63)]] = Field(max_length=200)


class PlusObject(BaseModel):
    key: str
    label: str


class PlusMenu(BaseModel):
    """``own``: whether it is one's own or the usual one. ``offered``: all that may stand in it."""

    own: bool
    objects: list[PlusObject]
    offered: list[PlusObject]


class FindQuery(Strict):
    q: str = Field("", max_length=200)
    limit: int = Field(8, ge=1, le=50)


def me_json(member_id: int) -> dict[str, Any]:
    person = people.person(member_id)
    team = people.team_on([member_id], today()).get(member_id)
    return {
        "id": str(person.id),
        "name": person.name,
        "login": person.login,
        "language": person.language,
        "email": person.email,
        "phone": person.phone,
        "is_owner": person.is_owner,
        "team_id": None if team is None else str(team),
        "roles": list(rights.roles_of([member_id]).get(member_id, ())),
    }


def router() -> Router:
    made = Router(tags=["我的 Me"])

    @made.get("/me", response=responses(Me), operation_id="me", summary="Who am I")
    def me(request: HttpRequest) -> HttpResponse:
        return send(me_json(_id(request)))

    @made.get(
        "/me/keys",
        response=responses(many(TokenInfo)),
        operation_id="my_keys",
    )
    def keys(request: HttpRequest) -> HttpResponse:
        return send_of(people.tokens(_id(request)))

    @made.post("/me/keys", response=responses(NewKey, 201), operation_id="make_key")
    def make_key(request: HttpRequest, body: MakeKey) -> HttpResponse:
        info, raw = access.create_token(
            actor=actor_of(request), name=body.name, expires_at=moment(body.expires_at)
        )
        return send({"key": raw, "info": to_json(info)}, 201)

    @made.delete("/me/keys/{id}", response=responses(None, 204), operation_id="revoke_key")
    def revoke(
        request: HttpRequest, id: Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]
    ) -> HttpResponse:
        access.revoke_token(actor=actor_of(request), token_id=int(id))
        return HttpResponse(status=204)

    @made.get("/me/plus", response=responses(PlusMenu), operation_id="plus_menu")
    def plus_menu(request: HttpRequest) -> HttpResponse:
        return send(_plus(request))

    @made.put("/me/plus", response=responses(PlusMenu), operation_id="choose_plus_menu")
    def choose_plus(request: HttpRequest, body: ChoosePlus) -> HttpResponse:
        plus.choose(actor=actor_of(request), rights=_rights(request), keys=body.objects)
        return send(_plus(request))

    @made.delete("/me/plus", response=responses(PlusMenu), operation_id="usual_plus_menu")
    def usual_plus(request: HttpRequest) -> HttpResponse:
        plus.choose(actor=actor_of(request), rights=_rights(request), keys=None)
        return send(_plus(request))

    @made.post("/me/password", response=responses(None, 204), operation_id="change_password")
    def password(request: HttpRequest, body: ChangePassword) -> HttpResponse:
        access.change_password(actor=actor_of(request), old=body.old, new=body.new)
        return HttpResponse(status=204)

    @made.get(
        "/search",
        response=responses(many(Hit)),
        operation_id="search",
        summary="Find anything by name, pinyin, initials, code or phone tail",
    )
    def search(request: HttpRequest, q: Query[FindQuery]) -> HttpResponse:
        return send_of(records.find(actor_of(request), q.q, q.limit))

    return made


def _id(request: HttpRequest) -> int:
    return int(request.actor.member_id)  # type: ignore[attr-defined]


def _rights(request: HttpRequest) -> rights.Policy:
    return rights.policy(actor_of(request))


def _plus(request: HttpRequest) -> dict[str, Any]:
    may, own = _rights(request), people.plus(_id(request))

    def told(specs: tuple[ObjectSpec, ...]) -> list[dict[str, str]]:
        return [{"key": o.key, "label": str(o.label)} for o in specs]

    return {
        "own": own is not None,
        "objects": told(plus.shown(may, own)),
        "offered": told(plus.offered(may)),
    }
