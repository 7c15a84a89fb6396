"""The address of the test database, as a process of its own must be told it."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.db import connection


def database_url(name: str | None = None) -> str:
    """DATABASE_URL of the test database, or of another one on the same PostgreSQL server.

    A server on a socket has a folder for a host, which an address carries as ``?host=``.
    """
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{name or settings['NAME']}"
    user = quote(settings["USER"])
    if settings["PASSWORD"]:
        user += f":{quote(settings['PASSWORD'])}"
    host, port = settings["HOST"], settings["PORT"]
    place = f"{host}:{port}".rstrip(":") if not host.startswith("/") else ""
    query = f"?{urlencode({'host': host})}" if host.startswith("/") else ""
    return f"postgres://{user}@{place}/{name or settings['NAME']}{query}"
