"""Browsers of the cast: ``browse(cast.zhang_wei)`` is a client that has signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from wubu.kernel.people.types import Person
from wubu.kernel.records import actions
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

Browse = Callable[[Person], Client]
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": "http://testserver/"}


@pytest.fixture
def browse(db: None) -> Browse:
    def sign_in(person: Person) -> Client:
        client = Client()
        client.force_login(get_user_model().objects.get(pk=person.id))
        return client

    return sign_in


@pytest.fixture
def make(db: None) -> Callable[..., Record]:
    """A record made by the system: ``make("customer", name="…", owner=person.id)``."""

    def create(object_key: str, **values: Any) -> Record:
        return actions.create(actor=SYSTEM, object_key=object_key, values=values)

    return create
