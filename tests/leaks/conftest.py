"""The world of the leak tests, and clients of its people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.cast import Cast
from tests.leaks.world import World, build
from wubu.kernel.people.types import Person

Browse = Callable[[Person], Client]


@pytest.fixture
def world(cast: Cast) -> World:
    return build(cast)


@pytest.fixture
def browse(db: None) -> Browse:
    def sign_in(person: Person) -> Client:
        client = Client(headers={"Accept-Language": "zh"}, raise_request_exception=False)
        client.force_login(get_user_model().objects.get(pk=person.id))
        return client

    return sign_in
