"""Nothing of the pack stands among the views that are made here."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from wubu.collect.views.models import View
from wubu.kernel.workspace import forget


@pytest.fixture(autouse=True)
def none_of_the_pack(cast: Cast) -> None:
    """The views that the pack brings would stand among those made here."""
    View.objects.all().delete()
    forget()
