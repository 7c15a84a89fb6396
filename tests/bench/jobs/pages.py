"""Whole pages, from the request to the last byte of HTML, inside one process (no network)."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client

from tests.bench.bare import Bare
from tests.bench.company import customer_name, phone
from tests.bench.places import Place
from tests.bench.raw import Raw
from tests.bench.sizes import PAGE_BAR, Size
from tests.bench.staff import BOSS, MANAGER, REP
from tests.bench.timing import Busy, Result, Times, measure
from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.people.queries import members_of, team_on
from wubu.kernel.query.cursors import Position, encode, fingerprint
from wubu.kernel.query.types import Query
from wubu.kernel.records.indexing.tokens import pairs
from wubu.kernel.types import Actor
from wubu.kernel.workspace import unit_of_work
from wubu.measure.scorecards.queries import cards, score

WRITES = False
OPEN_DEALS = '{stage} NOT IN ("won", "lost")'
BY_AMOUNT = {"f": OPEN_DEALS, "sort": "-amount"}
SEARCH_BAR = 20.0
SHORT = 20.0  # ms


class Site:
    """The program as its server calls it, one reader at a time."""

    def __init__(self) -> None:
        self.application = get_wsgi_application()
        gc.collect()
        gc.freeze()  # as the server does before it serves
        gc.set_threshold(10_000, 20, 20)
        self.cookies: dict[str, str] = {}

    def sign_in(self, login: str) -> int:
        client = Client()
        member: Any = get_user_model().objects.get(login=login)
        client.force_login(member)
        self.cookies[login] = "; ".join(f"{c.key}={c.value}" for c in client.cookies.values())
        return int(member.pk)

    def get(self, login: str, address: str, *, partial: str = "") -> bytes:
        path, _, query = address.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self.cookies[login],
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if partial:
            environ |= {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": partial}
        said: list[str] = []
        response = self.application(environ, lambda status, headers: said.append(status))
        body = b"".join(response)
        response.close()  # type: ignore[attr-defined]
        if not said[0].startswith("200"):
            raise RuntimeError(f"{address} answered {said[0]}: {body[:300]!r}")
        return body


@dataclass(frozen=True)
class Asked:
    """One page, who asks for it, and the bare SQL beside it."""

    job: str
    label: str
    login: str
    address: str
    floor: Callable[[], Any] | None = None


def run(place: Place, size: Size) -> list[Result]:
    site, raw = Site(), Raw(place)
    ids = {login: site.sign_in(login) for login in (BOSS, MANAGER, REP)}
    with unit_of_work():
        month = period_of("month", today()).start
        home = team_on([ids[MANAGER]], today())[ids[MANAGER]]
        team = sorted(members_of([home], today()))
        card = cards()[0].key
    deep = _deep(raw)
    mine = [ids[REP]]
    pages = [
        Asked("cockpit", "cockpit, boss", BOSS, "/cockpit", lambda: raw.cockpit(month, 50)),
        Asked("cockpit", "cockpit, manager", MANAGER, "/cockpit", lambda: raw.cockpit(month, 10)),
        Asked("board", "board, boss", BOSS, "/o/opportunity/board", raw.board),
        Asked("board", "board, manager", MANAGER, "/o/opportunity/board", lambda: raw.board(team)),
        Asked("list", "list, first page, boss", BOSS, "/o/opportunity/", raw.newest),
        Asked(
            "list",
            "list, first page, manager",
            MANAGER,
            "/o/opportunity/",
            lambda: raw.newest(team),
        ),
        Asked("list", "list, first page, rep", REP, "/o/opportunity/", lambda: raw.newest(mine)),
        Asked(
            "list",
            "list, filtered and sorted",
            BOSS,
            f"/o/opportunity/?{urlencode(BY_AMOUNT)}",
            raw.largest,
        ),
        Asked(
            "list",
            "list, filtered and sorted, deep",
            BOSS,
            f"/o/opportunity/?{urlencode({**BY_AMOUNT, 'cursor': _cursor(deep)})}",
            lambda: raw.largest(deep),
        ),
        Asked("leaderboard", "leaderboard", REP, "/leaderboard", lambda: raw.leaders(month)),
        Asked(
            "leaderboard",
            "leaderboard of scores, boss",
            BOSS,
            "/leaderboard?board=score_month",
            lambda: raw.leaders(month),
        ),
        Asked("today", "Today, rep", REP, "/", lambda: raw.newest(mine)),
        Asked("today", "Today, manager", MANAGER, "/", lambda: raw.newest(team)),
        Asked("record", "record page, boss", BOSS, _record(raw)),
    ]
    site.get(BOSS, "/o/opportunity/")  # opens the connection whose processor time is counted
    watch = Watch(size, raw.busy())
    bare = Bare(raw, ids[BOSS], {asked.label: asked.floor for asked in pages if asked.floor})
    found = [_page(site, asked, watch, bare) for asked in pages]
    found.append(_search(site, raw, watch))
    found.append(_score(raw, card, ids[REP], month, watch))
    raw.close()
    connections.close_all()
    return found


@dataclass(frozen=True)
class Watch:
    """How to take times here."""

    size: Size
    busy: Busy

    def __call__(self, call: Callable[[int], Any]) -> Times:
        size = self.size
        return measure(call, repeats=size.repeats, rounds=size.rounds, busy=self.busy)

    def floor(self, call: Callable[[int], Any]) -> float:
        """The median of a few: bare statements vary little, and some take seconds.

        Short ones are taken as often as what is held against them.
        """
        return self._floor(call).median

    def least(self, call: Callable[[int], Any]) -> float:
        """The same in processor time."""
        return self._floor(call).busy

    def _floor(self, call: Callable[[int], Any]) -> Times:
        size, few = self.size, measure(call, repeats=5, rounds=1, busy=self.busy)
        if few.median > SHORT or size.repeats < 5:
            return few
        return measure(call, repeats=size.repeats, rounds=size.rounds, busy=self.busy)


def _page(site: Site, asked: Asked, watch: Watch, bare: Bare) -> Result:
    times = watch(lambda _: site.get(asked.login, asked.address))
    barred = asked.job in ("cockpit", "board", "list", "leaderboard")
    return Result(
        asked.job,
        asked.label,
        times.median,
        p95=times.p95,
        busy=times.busy,
        floor=watch.floor(lambda _: asked.floor()) if asked.floor else None,
        bare=watch.floor(lambda _: bare.get(asked.label)) if asked.floor else None,
        bar=PAGE_BAR if barred else None,
        judge_p95=True,
        grows=barred,
    )


def _search(site: Site, raw: Raw, watch: Watch) -> Result:
    """The search box: parts of names, initials, tails of phone numbers, each time another."""
    size = watch.size
    step = max(1, size.customers // 40)
    names = [customer_name(n) for n in range(1, size.customers, step)]
    words = [
        (name[:4], name[4:8], name[8:14], phone(n * step + 1)[-4:])[n % 4]
        for n, name in enumerate(names)
    ]
    addresses = [f"/search?{urlencode({'q': w})}" for w in words]
    times = watch(lambda n: site.get(BOSS, addresses[n % len(words)], partial="hits"))
    tokens = [pairs(w) or [w] for w in words]
    return Result(
        "search",
        "search box",
        times.median,
        p95=times.p95,
        busy=times.busy,
        floor=watch.floor(lambda n: raw.search(tokens[n % len(words)])),
        bar=SEARCH_BAR,
    )


def _score(raw: Raw, card: str, member: int, month: Any, watch: Watch) -> Result:
    def call(_: int) -> None:
        with unit_of_work():
            score(Actor(member), card, period_of("month", today()), [member])

    times = watch(call)
    return Result(
        "score",
        "scorecard of one person (query)",
        times.median,
        p95=times.p95,
        busy=times.busy,
        floor=watch.floor(lambda _: raw.score(member, month)),
    )


def _deep(raw: Raw) -> tuple[int, int]:
    """The place of a record behind two thirds of the open deals by amount."""
    where = "archived_at IS NULL AND amount IS NOT NULL AND stage NOT IN ('won', 'lost')"
    count = raw.one(f"SELECT COUNT(*) FROM o_opportunity WHERE {where}")
    rows = raw.rows(
        f"SELECT amount, id FROM o_opportunity WHERE {where} "
        f"ORDER BY amount DESC, id DESC LIMIT 1 OFFSET {count * 2 // 3}"
    )
    return int(rows[0][0]), int(rows[0][1])


def _cursor(at: tuple[int, int]) -> str:
    query = Query(filter=OPEN_DEALS, sort=("-amount",))
    return encode(Position((at[0],), at[1]), fingerprint("opportunity", query))


def _record(raw: Raw) -> str:
    return f"/o/customer/{raw.one('SELECT MIN(id) FROM o_customer')}"
