"""Deals, and pages as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.web.conftest import HTMX
from wubu.kernel.records.types import Record

Make = Callable[..., Record]


PLACED = {**HTMX, "HX-Target": "div#placed"}


def deal(make: Make, owner: Any, name: str, **values: Any) -> Record:
    given = {"name": name, "owner": owner.id, "stage": "prospecting", **values}
    return make("opportunity", **given)


def text(client: Client, url: str, **data: Any) -> str:
    return client.get(url, data or None).content.decode()
