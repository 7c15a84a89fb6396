"""Refusals as problem details (RFC 9457), in the language the caller asked for."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from wubu.kernel.types import Conflict, Problem, Refused, Text

MEDIA = "application/problem+json"
TITLES = {
    400: Text("请求格式不正确", "The request is not valid"),
    401: Text("需要登录", "Sign in first"),
    403: Text("没有权限", "Not allowed"),
    404: Text("没有找到", "Not found"),
    405: Text("此地址不支持这种方法", "This address does not take that method"),
    409: Text("有人先保存了", "Someone else saved first"),
    413: Text("内容太大", "Too much content"),
    415: Text("内容类型不支持", "This content type is not supported"),
    422: Text("内容有问题", "Something in the content is wrong"),
    500: Text("程序出错了", "Something went wrong"),
    503: Text("请稍后再试", "Try again in a moment"),
}


def plain(value: Any) -> Any:
    """Values of problems and conflicts as JSON can hold them."""
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        return str(value)
    return str(value)[:200]


def error_of(p: Problem) -> dict[str, Any]:
    """One problem: what is wrong, where, and how to mend it; without the parts it has not."""
    every = {
        "code": p.code,
        "message": str(p.message),
        "hint": str(p.hint) if p.hint else None,
        "object": p.object,
        "field": p.field,
        "row": p.row,
        "line": p.line,
        "start": p.start,
        "end": p.end,
        "value": plain(p.value),
        "suggestion": plain(p.suggestion),
    }
    return {k: v for k, v in every.items() if v is not None}


def problem(
    request: HttpRequest, status: int, problems: Iterable[Problem] = (), **more: Any
) -> HttpResponse:
    """A response of problem details; nothing of a failed request is kept."""
    request.failed = True  # type: ignore[attr-defined]
    errors = [error_of(p) for p in problems]
    title = TITLES.get(status)
    code = errors[0]["code"] if errors else HTTPStatus(status).name.lower()
    body = {
        "type": f"urn:wubu:problem:{code}",
        "title": str(title) if title else HTTPStatus(status).phrase,
        "status": status,
        "detail": " ".join(e["message"] for e in errors[:3]),
        "instance": request.path,
        "errors": errors,
        **more,
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="wubu"'
    return response


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """What an action or a question refused."""
    more: dict[str, Any] = {}
    if isinstance(error, Conflict):
        more = {"theirs": plain(error.theirs), "yours": plain(error.yours)}
    return problem(request, error.status, error.problems, **more)


_WRONG: dict[str, Text] = {
    "missing": Text("缺少必填项。", "This is required."),
    "extra_forbidden": Text("没有这个字段。", "There is no such field."),
    "string_type": Text("应为文本。", "This must be a text."),
    "bool_type": Text("应为 true 或 false。", "This must be true or false."),
    "int_type": Text("应为整数。", "This must be a whole number."),
    "int_parsing": Text("应为整数。", "This must be a whole number."),
    "list_type": Text("应为列表。", "This must be a list."),
    "dict_type": Text("应为对象。", "This must be an object."),
    "model_type": Text("应为对象。", "This must be an object."),
    "model_attributes_type": Text("应为对象。", "This must be an object."),
    "date_from_datetime_parsing": Text("应为日期，如 2026-03-01。", "This must be a date."),
    "date_parsing": Text("应为日期，如 2026-03-01。", "This must be a date."),
}
# What a value must keep to; filled in from what pydantic says of it.
_BOUNDS: dict[str, Text] = {
    "string_pattern_mismatch": Text("格式应为 {pattern}。", "It must match {pattern}."),
    "string_too_long": Text("最多 {max_length} 个字符。", "At most {max_length} characters."),
    "string_too_short": Text("至少 {min_length} 个字符。", "At least {min_length} characters."),
    "too_long": Text("最多 {max_length} 项。", "At most {max_length} of them."),
    "too_short": Text("至少 {min_length} 项。", "At least {min_length} of them."),
    "greater_than_equal": Text("不能小于 {ge}。", "It must be {ge} or more."),
    "less_than_equal": Text("不能大于 {le}。", "It must be {le} or less."),
    "literal_error": Text("只能是 {expected} 之一。", "It must be {expected}."),
}
_CODES = {"missing": "required", "extra_forbidden": "no_such_field"}
_GENERAL = Text("这个值不能用。", "This value is not valid.")


def malformed(request: HttpRequest, errors: Sequence[Mapping[str, Any]]) -> HttpResponse:
    """What the shape of a request got wrong, field by field."""
    found: dict[tuple[Any, ...], Problem] = {}
    for e in errors:
        where = [str(part) for part in e.get("loc", ()) if not _of_union(part)]
        named = where[2:] if where[:1] == ["body"] else where[1:]
        rows = [int(p) for p in named if p.isdecimal()]
        words = [p for p in named if not p.isdecimal() and p not in {"values", "records"}]
        kind = e["type"]
        code = _CODES.get(kind, "wrong_type" if kind in _WRONG else kind)
        if kind in _WRONG:
            message = _WRONG[kind]
        elif kind in _BOUNDS:
            message = _BOUNDS[kind].format(**e.get("ctx", {}))
        else:
            message = Text(_GENERAL.zh, f"{e.get('msg', _GENERAL.en)}.")
        field = words[-1] if words else None
        # A union complains once per member: one of them is enough.
        found.setdefault(
            (tuple(named), field),
            Problem(code, message, field=field, row=rows[0] if rows else None),
        )
    return problem(request, 422, found.values())


def _of_union(part: Any) -> bool:
    """Whether a piece of a place only names a member of a union, not a field."""
    return isinstance(part, str) and (
        "[" in part or part in {"str", "int", "float", "decimal", "bool", "constrained-str"}
    )
