"""Quick filters: a field and the wanted value, written in the one language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import Readable, parse

NUMBER = re.compile(r"-?\d+(\.\d+)?%?")


def quick_text(
    name: str, value: Any, snapshot: Snapshot, object_key: str, readable: Readable
) -> str:
    """The condition that a quick filter stands for. Raises Refused when there is no such field."""
    field = f"{{{name.removeprefix('{').removesuffix('}')}}}"
    kind = parse(field, snapshot=snapshot, object_key=object_key, readable=readable).type
    if value is None or value == "" or value == []:
        return f"ISBLANK({field})"
    if isinstance(value, Mapping):
        parts = [
            f"{field} {sign} {_literal(value[end], kind)}"
            for end, sign in (("from", ">="), ("to", "<="))
            if value.get(end) not in (None, "")
        ]
        return " AND ".join(parts) or "TRUE"
    if isinstance(value, list | tuple | set | frozenset):
        return f"{field} IN ({', '.join(_literal(v, kind) for v in value)})"
    if kind.several:
        return f"{field} IN ({_literal(value, kind)})"
    return f"{field} = {_literal(value, kind)}"


def _literal(value: Any, kind: ValueType) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date):
        return f'"{value.isoformat()}"'
    text = str(value).strip()
    if kind.numeric and NUMBER.fullmatch(text):
        return text
    return '"' + text.replace('"', '""') + '"'
