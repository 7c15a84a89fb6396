"""The filter of a list: built by hand and typed, side by side. The typed text is what counts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import of_tree, parse, to_tree
from wubu.kernel.formula.types import Formula
from wubu.kernel.people import queries as people
from wubu.kernel.records import queries
from wubu.kernel.types import Problem, Refused, Text
from wubu.web import list_state
from wubu.web.ui import Ask, PageRequest, Raw

BOOL = ValueType("bool")
LONGEST = 20_000  # characters of a tree
# Days as people say them, by the name that the builder gives them; {d} is the field.
RELATIVE: dict[str, tuple[Text, str]] = {
    "today": (Text("是今天", "is today"), "{d} = TODAY()"),
    "this_week": (
        Text("在本周", "is this week"),
        "{d} BETWEEN WEEKSTART(TODAY()) AND ADDDAYS(WEEKSTART(TODAY()), 6)",
    ),
    "this_month": (
        Text("在本月", "is this month"),
        "{d} BETWEEN MONTHSTART(TODAY()) AND MONTHEND(TODAY())",
    ),
    "last_month": (
        Text("在上月", "was last month"),
        "{d} BETWEEN ADDMONTHS(MONTHSTART(TODAY()), -1) AND ADDDAYS(MONTHSTART(TODAY()), -1)",
    ),
    "this_quarter": (
        Text("在本季度", "is this quarter"),
        "{d} BETWEEN QUARTERSTART(TODAY()) AND ADDDAYS(ADDMONTHS(QUARTERSTART(TODAY()), 3), -1)",
    ),
    "this_year": (
        Text("在今年", "is this year"),
        "{d} BETWEEN YEARSTART(TODAY()) AND ADDDAYS(ADDMONTHS(YEARSTART(TODAY()), 12), -1)",
    ),
    "last_7": (
        Text("在最近 7 天", "is in the last 7 days"),
        "{d} BETWEEN ADDDAYS(TODAY(), -6) AND TODAY()",
    ),
    "last_30": (
        Text("在最近 30 天", "is in the last 30 days"),
        "{d} BETWEEN ADDDAYS(TODAY(), -29) AND TODAY()",
    ),
    "next_7": (
        Text("在未来 7 天", "is in the next 7 days"),
        "{d} BETWEEN TODAY() AND ADDDAYS(TODAY(), 6)",
    ),
    "next_30": (
        Text("在未来 30 天", "is in the next 30 days"),
        "{d} BETWEEN TODAY() AND ADDDAYS(TODAY(), 29)",
    ),
    "past": (Text("早于今天", "is before today"), "{d} < TODAY()"),
    "future": (Text("晚于今天", "is after today"), "{d} > TODAY()"),
}


def filter_bar(request: PageRequest, now: list_state.ListState) -> Raw:
    """Search, what is asked for every day, and the filter's two sides."""
    spec = now.spec
    fields = [
        _to_view(f)
        for f in spec.live_fields
        if FIELD_TYPES[f.type].filterable and request.policy.readable(spec.key, (f.key,))
    ]
    day = next((f["key"] for f in fields if f["kind"] in ("date", "datetime")), None)
    entered = request.GET.get("f") if "f" in request.GET else None
    current = list_state.canonical(request, spec.key, now.where)
    shown = entered if entered is not None else list_state.spoken(request, spec.key, now.where)
    return Raw(
        "parts/lists/filter.html",
        spec=spec,
        now=now,
        q=now.search,
        fields={"fields": fields, "relative": _relative(spec, day) if day else []},
        f=shown,
        typed=Ask("f", "", "formula", shown, object=spec.key, expect="bool", own=True, plain=True),
        action=list_state.address(spec.key, now.kind),
        searches=now.kind in ("list", "gallery"),
        carried=[
            (k, request.GET[k])
            for k in ("view", "sort", "columns", "group", "on", "span", "date", "until", "place")
            if k in request.GET
        ],
        presets=[{**p, "on": current in (p["f"], p["keyed"])} for p in _presets(request, spec)],
        example=_example(request, spec),
    )


def _to_view(f: FieldSpec) -> dict[str, Any]:
    """A field as the builder needs it."""
    type_ = FIELD_TYPES[f.type].type_of(f)
    computed = f.kind.calculated or f.kind.aggregates
    return {
        "key": f.key,
        "label": str(f.label),
        "kind": type_.kind,
        "type": f.options.get("result", f.type) if computed else f.type,
        "target": f.target or ("member" if type_.names_member else ""),
        "choices": [{"key": c.key, "label": str(c.label)} for c in f.choices if not c.retired][
            :500
        ],
    }


def _relative(spec: ObjectSpec, day: str) -> list[dict[str, Any]]:
    """The trees of the days that people say, with ``$`` in place of the field."""
    found = []
    for name, (label, text) in RELATIVE.items():
        written = text.replace("{d}", f"{{{day}}}")
        tree = to_tree(parse(written, snapshot=snapshot(), object_key=spec.key, expect=BOOL))
        placed = json.loads(json.dumps(tree).replace(json.dumps({"field": day}), '{"field": "$"}'))
        found.append({"op": name, "label": str(label), "tree": placed})
    return found


def _role(request: PageRequest, spec: ObjectSpec, name: str) -> FieldSpec | None:
    """The field of a role, if the reader may ask by it."""
    f = spec.role(name)
    return f if f and request.policy.readable(spec.key, (f.key,)) else None


def _example(request: PageRequest, spec: ObjectSpec) -> str:
    """A condition over this object's own fields, in the reader's language."""
    parts = []
    amount, stage = _role(request, spec, "amount"), _role(request, spec, "stage")
    if amount is not None:
        parts.append(str(Text("{{{f}}} > 10万", "{{{f}}} > 100k").format(f=amount.label)))
    if stage is not None and stage.choices:
        parts.append(f'{{{stage.label}}} = "{stage.choices[-1].label}"')
    elif (owner := _role(request, spec, "owner")) is not None:
        parts.append(f"{{{owner.label}}} = ME()")
    return str(Text(" 且 ", " AND ")).join(parts)


def _presets(request: PageRequest, spec: ObjectSpec) -> list[dict[str, Any]]:
    """What is asked for every day, one press away."""
    found = []
    owner, stage = _role(request, spec, "owner"), _role(request, spec, "stage")
    if owner is not None:
        found.append({"label": Text("我的", "Mine"), "f": f"{{{owner.key}}} = ME()"})
    if stage is not None:
        closed = [c.key for c in stage.choices if c.outcome]
        if closed:
            listed = ", ".join(f'"{k}"' for k in closed)
            found.append(
                {"label": Text("进行中", "Open"), "f": f"{{{stage.key}}} NOT IN ({listed})"}
            )
    for one in found:
        one["keyed"] = _keyed(spec, str(one["f"]))
    return found


def _keyed(spec: ObjectSpec, text: str) -> str:
    try:
        return parse(text, snapshot=snapshot(), object_key=spec.key, expect=BOOL).canonical()
    except Refused:
        return text


@require_POST
def step(request: HttpRequest, object_key: str) -> HttpResponse:
    """One side of the filter as the other: a text as its tree, or a tree as its text.

    Problems carry the characters that they are about. What may not be read looks like what is not
    there.
    """
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    page_request.policy.require("view", object_key)

    def readable(path: tuple[str, ...]) -> bool:
        return page_request.policy.readable(object_key, path)

    more: dict[str, Any] = {"snapshot": snapshot(), "object_key": spec.key, "expect": BOOL}
    try:
        if "tree" in request.POST:
            formula = of_tree(_tree(request.POST["tree"]), readable=readable, **more)
        else:
            text = request.POST.get("text", "")[:LONGEST].strip()
            if not text:
                return JsonResponse({"text": "", "tree": None, "sentence": "", "titles": {}})
            formula = parse(text, readable=readable, **more)
    except Refused as refused:
        return JsonResponse({"problems": [_said(p) for p in refused.problems]}, status=422)
    tree = to_tree(formula)
    return JsonResponse(
        {
            "text": list_state.spoken(page_request, object_key, formula.text),
            "tree": tree,
            "sentence": formula.sentence(),
            "titles": _titles(page_request, spec, formula, tree),
        }
    )


def _tree(text: str) -> Any:
    try:
        return json.loads(text[:LONGEST])
    except (ValueError, RecursionError) as error:
        message = Text("条件的结构不对。", "This is not the tree of a condition.")
        raise Refused(Problem("bad_tree", message)) from error


def _said(p: Problem) -> dict[str, Any]:
    return {
        "message": str(p.message),
        "hint": str(p.hint) if p.hint else "",
        "start": p.start,
        "end": p.end,
    }


def _titles(
    request: PageRequest, spec: ObjectSpec, formula: Formula, tree: Mapping[str, Any]
) -> dict[str, str]:
    """How the members and records that the condition names by id are called."""
    wanted: dict[str, set[int]] = {}
    for key, ids in _named(tree):
        f = spec.fields.get(key)
        target = "member" if f is not None and f.kind.names_member else f.target if f else ""
        if target:
            wanted.setdefault(target, set()).update(ids)
    found: dict[str, str] = {}
    for target, some in wanted.items():
        names = (
            people.names(some)
            if target == "member"
            else queries.titles(request.actor, target, sorted(some))
        )
        found |= {f"{target}:{i}": name for i, name in names.items()}
    return found


def _named(tree: Any) -> Iterator[tuple[str, list[int]]]:
    args = tree.get("args", []) if isinstance(tree, Mapping) else []
    ids = [int(a["id"]) for a in args if isinstance(a, Mapping) and "id" in a]
    if ids and isinstance(args[0], Mapping) and "field" in args[0]:
        yield str(args[0]["field"]), ids
    for arg in args:
        yield from _named(arg)


urlpatterns = [path("o/<slug:object_key>/filter", step, name="list-filter")]
