"""DATABASE_URL to Django's connection settings. A workspace is what the connection points at."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

# WAL lets readers and one writer work at once; NORMAL is durable against a crash of the program.
# No memory map: each connection has its own, and made the web process large without being quicker.
SQLITE_INIT = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
    "PRAGMA temp_store=MEMORY;"
)
SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)  # else it would need quoting everywhere


def from_url(url: str) -> dict[str, Any]:
    """``sqlite:///path/file.sqlite3`` or ``postgres://user:password@host:port/name?schema=workspace``.

    Raises ValueError naming the schemes that are understood.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "wubu.sqlite",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
            "CONN_MAX_AGE": 60,  # seconds; opening one costs a millisecond
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": SQLITE_INIT,
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
        schema = query.pop("schema", "public")
        if not SCHEMA.fullmatch(schema):
            raise ValueError(
                f"DATABASE_URL names the schema “{schema}”; use small letters, digits and _, "
                "beginning with a letter"
            )
        return {
            "ENGINE": "wubu.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or query.pop("host", ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 16, "timeout": 20}, **query},
            "WUBU_SCHEMA": schema,
        }
    raise ValueError(
        f"DATABASE_URL starts with “{parts.scheme}://”; "
        "use sqlite:///path/to/file or postgres://user:password@host:port/database?schema=name"
    )
