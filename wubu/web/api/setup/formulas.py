"""The one language over the API: its functions, what can be named, checking and trying a text."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from wubu.kernel.formula import queries as language
from wubu.kernel.permissions.types import Policy
from wubu.web import formulas
from wubu.web.api.answers import ErrorItem, responses, send
from wubu.web.api.errors import error_of
from wubu.web.api.setup.catalog import Key
from wubu.web.api.values import Strict

Expect = Literal["", "bool", "number", "text", "date", "datetime"]


class FunctionOut(BaseModel):
    key: str
    names: list[str]
    group: str
    usage: dict[str, str]
    help: dict[str, str]


class WordOut(BaseModel):
    """``written`` goes between curly brackets; ``path`` is the same in permanent keys."""

    written: str
    path: str
    labels: dict[str, str]
    kind: str
    initials: str
    links_to: str
    options: list[str]


class WordsQuery(Strict):
    object: Key
    path: str = Field("", max_length=300, description="keys of links to walk, as customer.owner")


class FormulaIn(Strict):
    object: Key
    text: str = Field(max_length=10_000)
    expect: Expect = Field("", description="the kind of value it must give")


class Tried(FormulaIn):
    record: int | None = Field(None, ge=1, lt=2**63, description="without it, the newest")


class CheckedOut(BaseModel):
    """``start`` and ``end`` of a problem count characters of the text."""

    problems: list[ErrorItem]
    kind: str
    scale: int
    canonical: str
    sentence: str


class ValueOut(CheckedOut):
    value: str | None
    record: str | None
    record_title: str
    why_no_value: str | None


def _checked(found: formulas.Looked) -> dict[str, Any]:
    return {
        "problems": [error_of(p) for p in found.problems],
        "kind": found.kind,
        "scale": found.scale,
        "canonical": found.canonical,
        "sentence": found.sentence,
    }


def router() -> Router:
    made = Router(tags=["公式 Formulas"])

    @made.get(
        "/formulas/functions",
        response=responses(list[FunctionOut]),
        operation_id="formula_functions",
        summary="Every function, with its names in both languages",
    )
    def functions(request: HttpRequest) -> HttpResponse:
        return send(
            [
                {
                    "key": f.key,
                    "names": list(f.names),
                    "group": f.group,
                    "usage": f.usage.as_dict(),
                    "help": f.help.as_dict(),
                }
                for f in language.functions()
            ]
        )

    @made.get(
        "/formulas/words",
        response=responses(list[WordOut]),
        operation_id="formula_words",
        summary="The fields that a formula on an object may name",
    )
    def words(request: HttpRequest, query: Query[WordsQuery]) -> HttpResponse:
        policy: Policy = request.policy  # type: ignore[attr-defined]
        return send(
            [
                {
                    "written": w.written,
                    "path": w.path,
                    "labels": w.label.as_dict(),
                    "kind": w.kind,
                    "initials": w.initials,
                    "links_to": w.links_to,
                    "options": [str(c.label) for c in w.options],
                }
                for w in formulas.words(policy, query.object, query.path)
            ]
        )

    @made.post(
        "/formulas/check",
        response=responses(CheckedOut),
        operation_id="formula_check",
        summary="What is wrong with a formula, or its permanent text and its meaning",
    )
    def check(request: HttpRequest, body: FormulaIn) -> HttpResponse:
        policy: Policy = request.policy  # type: ignore[attr-defined]
        found = formulas.look(policy, body.object, body.text, expect=body.expect, sample=False)
        return send(_checked(found))

    @made.post(
        "/formulas/evaluate",
        response=responses(ValueOut),
        operation_id="formula_evaluate",
        summary="What a formula gives on a record that you may see; nothing is kept",
    )
    def evaluate(request: HttpRequest, body: Tried) -> HttpResponse:
        policy: Policy = request.policy  # type: ignore[attr-defined]
        found = formulas.look(
            policy, body.object, body.text, expect=body.expect, record_id=body.record
        )
        return send(
            {
                **_checked(found),
                "value": found.value,
                "record": str(found.record_id) if found.record_id else None,
                "record_title": found.record_title,
                "why_no_value": str(found.why_no_value) if found.why_no_value else None,
            }
        )

    return made
