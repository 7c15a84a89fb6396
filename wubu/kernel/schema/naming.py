"""Which keys an object or a field may have: they become tables and columns, and stay for ever."""

from __future__ import annotations

import re

from wubu.kernel.catalog.types import BASE_COLUMNS
from wubu.kernel.types import Problem, Text

KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
LONGEST = 40
# Names that Django's models or the language use for themselves.
RESERVED = frozenset(
    {*BASE_COLUMNS, "pk", "objects", "member", "team", "save", "delete", "clean", "check", "and"}
    | {"or", "not", "in", "true", "false", "full_clean", "refresh_from_db", "from_db", "order"}
)
# Fields may be called these although objects may not: the models' own methods do not clash with
# them.
ALLOWED_FIELDS = frozenset({"member", "team", "order", "in", "and", "or", "not", "true", "false"})


def key_problem(key: str, *, object_key: str, field: str | None = None) -> Problem | None:
    """Why a key will not do, or None."""
    reserved = key in RESERVED and not (field is not None and key in ALLOWED_FIELDS)
    if reserved or key.endswith("_id"):
        message = Text("“{k}”是保留名，不能使用。", "“{k}” is a reserved name.").format(k=key)
        hint = Text("换一个名字，例如“{k}_2”。", "Choose another, such as “{k}_2”.").format(k=key)
        return Problem("reserved_key", message, hint, object=object_key, field=field, value=key)
    if len(key) > LONGEST or not KEY.match(key):
        message = Text("“{k}”不能作为标识。", "“{k}” cannot be a key.").format(k=key)
        hint = Text(
            "只用小写英文字母、数字和单个下划线，以字母开头，不超过 40 个字符。",
            "Use lower-case letters, digits and single underscores; begin with a letter; "
            "at most 40 characters.",
        )
        return Problem("bad_key", message, hint, object=object_key, field=field, value=key)
    return None
