"""Dated rules of every kind: listed, with their versions, added and changed from a day on."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field, create_model

from wubu.kernel import hooks
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.definitions import findings
from wubu.kernel.definitions.kinds import DatedKind, kinds
from wubu.kernel.records import queries as records
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.web.api import times
from wubu.web.api import values as wire
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.routes import actor_of
from wubu.web.api.setup.definitions import body as definition_body
from wubu.web.api.setup.definitions import written
from wubu.web.api.values import Strict
from wubu.web.api.wire import Day, many, model

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Id = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]


class RuleIn(Strict):
    """It holds from ``valid_from`` on, today without one."""

    valid_from: Day | None = None
    active: bool = True
    reason: str = Field("", max_length=400)


class FoundQuery(Strict):
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=2_000)


class FoundOut(BaseModel):
    """Records that a rule is not content with, the newest first."""

    records: list[dict[str, Any]]
    next_cursor: str | None


class FindingOut(BaseModel):
    """A rule that is not content with a record."""

    section: str
    rule: str
    label: str
    message: str
    severity: str


def router() -> Router:
    made = Router(tags=["设置 Setup"])
    for kind in kinds():
        _routes(made, kind)
        if kind.fault is not None:
            _found(made, kind)

    @made.get(
        "/findings/{object}/{id}",
        response=responses(list[FindingOut]),
        operation_id="findings",
        summary="What rules find wrong with one record",
    )
    def on_record(request: HttpRequest, object: Key, id: Id) -> HttpResponse:
        actor = actor_of(request)
        records.get(actor, object, id)
        found = findings.on_record(actor, object, int(id))
        return send(
            [
                {
                    "section": f.rule.section,
                    "rule": f.rule.key,
                    "label": str(f.rule.label),
                    "message": str(f.fault.message),
                    "severity": f.fault.severity,
                }
                for f in found
            ]
        )

    return made


def _found(made: Router, kind: DatedKind[Any]) -> None:
    """The records that a rule of a kind is not content with: for everybody who may see them."""

    @made.get(
        f"/rules/{kind.name}/{{key}}/records",
        response=responses(FoundOut),
        operation_id=f"{singular(kind)}_rule_records",
        summary="The records that a rule is not content with, of those one may see",
    )
    def found(request: HttpRequest, key: Key, q: Query[FoundQuery]) -> HttpResponse:
        page = findings.of_rule(actor_of(request), kind, key, limit=q.limit, cursor=q.cursor)
        object_key = str(dated.rule(kind.name, key).definition["object"])
        fields = snapshot().object(object_key).fields
        rows = [wire.record_json(r, fields) for r in page.records]
        return send({"records": rows, "next_cursor": page.next_cursor})


def rule_body(kind: DatedKind[Any]) -> Any:
    """What is sent to set a rule of a kind."""
    stem = "".join(word.capitalize() for word in singular(kind).split("_"))
    definition = definition_body(kind.definition, f"{stem}Definition")
    return create_model(f"Put{stem}", __base__=RuleIn, definition=(definition, ...))


def singular(kind: DatedKind[Any]) -> str:
    """How one rule of a kind is called in operations: alert, collection, reminder."""
    return kind.name.removesuffix("s")


def _routes(made: Router, kind: DatedKind[Any]) -> None:
    name, one, body_type = kind.name, singular(kind), rule_body(kind)

    @made.get(
        f"/rules/{name}",
        response=responses(many(Rule)),
        operation_id=f"{one}_rules",
        summary="The rules that hold today, disabled ones included",
    )
    def listing(request: HttpRequest) -> HttpResponse:
        hooks.require_setup(actor_of(request), kind.area)
        return send_of(dated.rules(name, with_disabled=True))

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
            written(body.definition),
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
