"""Dated rules of every kind: listed, with their versions, added and changed from a day on."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import Field, create_model

from wubu.kernel import hooks
from wubu.kernel.definitions.kinds import DatedKind, kinds
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.web.api import times
from wubu.web.api.answers import responses, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.setup.definitions import body as definition_body
from wubu.web.api.values import Strict
from wubu.web.api.wire import Day, many, model

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class PutRule(Strict):
    """It holds from ``valid_from`` on, today without one."""

    valid_from: Day | None = None
    active: bool = True
    reason: str = Field("", max_length=400)


def router() -> Router:
    made = Router(tags=["设置 Setup"])
    for kind in kinds():
        _routes(made, kind)
    return made


def put_body(kind: DatedKind[Any]) -> Any:
    """What is sent to set a rule of a kind."""
    stem = "".join(word.capitalize() for word in singular(kind).split("_"))
    definition = definition_body(kind.definition, f"{stem}Definition")
    return create_model(f"Put{stem}", __base__=PutRule, definition=(definition, ...))


def singular(kind: DatedKind[Any]) -> str:
    """How one rule of a kind is called in operations: alert, collection, reminder."""
    return kind.name.removesuffix("s")


def _routes(made: Router, kind: DatedKind[Any]) -> None:
    name, one, body_type = kind.name, singular(kind), put_body(kind)

    @made.get(
        f"/rules/{name}",
        response=responses(many(Rule)),
        operation_id=f"{one}_rules",
        summary="The rules that hold today, disabled ones included",
    )
    def listing(request: HttpRequest) -> HttpResponse:
        hooks.require_setup(actor_of(request), kind.area)
        return send_of(dated.rules(name, resting=True))

    @made.get(
        f"/rules/{name}/{{key}}",
        response=responses(many(Rule)),
        operation_id=f"{one}_rule_history",
        summary="Every version of a rule, the newest first",
    )
    def history(request: HttpRequest, key: Key) -> HttpResponse:
        hooks.require_setup(actor_of(request), kind.area)
        dated.rule(name, key)
        return send_of(dated.history(name, key))

    def put(request: HttpRequest, key: Key, body: Any) -> HttpResponse:
        kind.set_rule(
            key,
            body.definition.model_dump(exclude_unset=True),
            actor=actor_of(request),
            active=body.active,
            valid_from=times.day(body.valid_from),
            reason=body.reason,
        )
        return send_of(dated.history(name, key)[0])

    put.__annotations__["body"] = body_type
    made.add_api_operation(
        f"/rules/{name}/{{key}}",
        ["PUT"],
        put,
        response=responses(model(Rule)),
        operation_id=f"put_{one}_rule",
        summary="Add a rule or change it from a day on",
    )
