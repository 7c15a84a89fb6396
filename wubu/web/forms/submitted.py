"""What a form sent: the fields that it held, and the lines of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.permissions.queries import Policy
from wubu.web.forms.raws import default, raw_value
from wubu.web.ui import values

Parts = dict[str, list[tuple[str, dict[str, Any]]]]  # by part: numbers of lines, and raw values


def writable(spec: ObjectSpec, rights: Policy) -> list[FieldSpec]:
    """The fields this reader may fill in."""
    return [
        f
        for f in spec.live_fields
        if values.is_typed(f) and not f.kind.numbered and rights.level(spec.key, f.key) == "write"
    ]


def read(spec: ObjectSpec, post: QueryDict, rights: Policy, prefix: str = "") -> dict[str, Any]:
    """The raw values of the fields that the form held; a field that was not there is left alone."""
    return {
        f.key: raw_value(f, post, prefix + f.key)
        for f in writable(spec, rights)
        if prefix + f.key in post or f"{prefix}{f.key}:here" in post
    }


def read_parts(
    spec: ObjectSpec, post: QueryDict, rights: Policy
) -> dict[str, list[dict[str, Any]]]:
    """The lines of every part that the form showed, without those left empty."""
    return {k: [line for _, line in v] for k, v in read_lines(spec, post, rights).items()}


def read_lines(spec: ObjectSpec, post: QueryDict, rights: Policy) -> Parts:
    """The same with the number that each line has in the form."""
    found: Parts = {}
    for child in snapshot().children(spec.key):
        if f"parts:{child.key}" not in post:
            continue
        rows = []
        for number in post.getlist(f"parts:{child.key}:row"):
            prefix = f"{child.key}:{number}:"
            line = read(child, post, rights, prefix)
            line_id = post.get(f"{prefix}id", "")
            if line_id or _is_filled(child, line):
                rows.append((number, {**line, **({"id": line_id} if line_id else {})}))
        found[child.key] = rows
    return found


def _is_filled(child: ObjectSpec, line: Mapping[str, Any]) -> bool:
    """Somebody typed into a line: what stands in it is more than what it begins with."""
    return any(
        value not in ("", [], None, "false")
        and str(value).removesuffix("%") != str(default(child.fields[key]))
        for key, value in line.items()
    )
