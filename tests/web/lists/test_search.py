"""One box that finds anything."""

from __future__ import annotations

from collections.abc import Callable

from tests.cast import Cast
from tests.web.conftest import HTMX, Browse
from wubu.kernel.records.types import Record

Make = Callable[..., Record]


def test_it_works(browse: Browse, cast: Cast, make: Make) -> None:
    make("customer", name="明远精工", phone="13812345678", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    for words in ("明远", "myjg", "5678"):
        said = client.get("/search", {"q": words}).content.decode()
        assert "明远精工" in said, words


def test_while_typing_only_the_list_comes(browse: Browse, cast: Cast, make: Make) -> None:
    make("customer", name="明远精工", owner=cast.zhang_wei.id)
    said = browse(cast.zhang_wei).get("/search", {"q": "明"}, headers=HTMX).content.decode()
    assert "<html" not in said
    assert 'role="option"' in said or "没有找到" in said


def test_others_are_not_found(browse: Browse, cast: Cast, make: Make) -> None:
    make("customer", name="别人的客户", owner=cast.sun_yue.id)
    said = browse(cast.zhang_wei).get("/search", {"q": "别人的客户"}).content.decode()
    assert "没有找到" in said


def test_nothing_asked_nothing_answered(browse: Browse, cast: Cast) -> None:
    assert browse(cast.zhang_wei).get("/search").status_code == 200
