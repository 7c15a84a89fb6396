"""What a company's own shapes cost.

An object of 200 fields, a roll-up that eight write to, rights that follow two links.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, connections

from tests.bench.bare import Bare, objects
from tests.bench.jobs.pages import Site, Watch
from tests.bench.places import Place
from tests.bench.raw import Raw
from tests.bench.sizes import Size
from tests.bench.staff import BOSS, REP
from tests.bench.timing import Result
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.query.types import Measure, Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Actor, Text
from wubu.kernel.workspace import unit_of_work

WRITES = True
RATIO_BAR = 3.0
FIELDS = 200
WRITERS = 8
STOCKS = 20
BATCH = 100
KINDS = ("text", "number", "money", "date", "choice", "text", "bool", "percent", "number", "text")
BASE = ("id", "version", "created_at", "created_by_id", "updated_at", "updated_by_id")
GRADE_A = '{contract.customer.grade} = "a"'
OF_GRADE_A = (
    "FROM o_payment p JOIN o_contract c ON c.id = p.contract_id "
    "JOIN o_customer k ON k.id = c.customer_id WHERE p.archived_at IS NULL AND k.grade = 'a'"
)


def run(place: Place, size: Size) -> list[Result]:
    site, raw = Site(), Raw(place)
    boss, rep = site.sign_in(BOSS), site.sign_in(REP)
    with unit_of_work():
        _shape()
    _fill(raw, size)
    site.get(BOSS, "/o/wide/")
    watch = Watch(size, raw.busy())
    found = [*_wide(site, raw, boss, watch), *_two_links(raw, rep, watch)]
    found += _rollup(place, size)
    raw.close()
    connections.close_all()
    return found


def _shape() -> None:
    """One object of 200 fields, and a stock whose level is the sum of its movements."""
    label = Text("宽表", "Wide")
    fields = {"name": FieldSpec("wide", "name", "text", Text("名称", "Name"), required=True)}
    for n in range(1, FIELDS):
        kind = KINDS[n % len(KINDS)]
        choices = tuple(Choice(f"c{k}", Text(f"选项{k}", f"Option {k}")) for k in range(5))
        fields[f"f{n}"] = FieldSpec(
            "wide",
            f"f{n}",
            kind,
            Text(f"字段{n}", f"Field {n}"),
            position=n,
            choices=choices if kind == "choice" else (),
        )
    shown = ["name", *(f"f{n}" for n in range(1, 8))]
    wide = ObjectSpec(
        "wide", label, label, fields=fields, roles={"title": "name"}, options={"list": shown}
    )
    stock, move = Text("库存", "Stock"), Text("出入库", "Movement")
    level = {"object": "movement", "via": "stock", "agg": "sum", "field": "quantity"}
    stocks = ObjectSpec(
        "stock",
        stock,
        stock,
        fields={
            "name": FieldSpec("stock", "name", "text", Text("名称", "Name")),
            "level": FieldSpec("stock", "level", "rollup", Text("存量", "Level"), options=level),
        },
        roles={"title": "name"},
    )
    moves = ObjectSpec(
        "movement",
        move,
        move,
        fields={
            "stock": FieldSpec("movement", "stock", "link", stock, target="stock"),
            "quantity": FieldSpec("movement", "quantity", "number", Text("数量", "Quantity")),
        },
    )
    schema.apply(schema.plan([wide, stocks, moves]), actor=SYSTEM)
    everybody = [{"object": "*", "actions": ["view", "create", "edit"], "rows": "all"}]
    by_grade = [
        {"object": "payment", "actions": ["view"], "rows": "condition", "condition": GRADE_A},
        {"object": "contract", "actions": ["view"], "rows": "all"},
        {"object": "customer", "actions": ["view"], "rows": "all"},
    ]
    for key, grants in (("bench_all", everybody), ("bench_grade", by_grade)):
        permissions.define_role(
            actor=SYSTEM, key=key, definition={"label": {"zh": key, "en": key}, "grants": grants}
        )


def _fill(raw: Raw, size: Size) -> None:
    """As many wide rows as there are customers, a third of their cells filled; empty stocks."""
    made: dict[str, Callable[[int, int], Any]] = {
        "text": lambda row, n: f"值{row}-{n}",
        "number": lambda row, n: row * n % 10_007,
        "money": lambda row, n: row * n % 1_000_003,
        "date": lambda row, n: f"2026-{n % 12 + 1:02}-{row % 28 + 1:02}",
        "choice": lambda row, n: f"c{(row + n) % 5}",
        "bool": lambda row, n: (row + n) % 2 == 0,
        "percent": lambda row, n: (row + n) % 10_000,
    }
    filled = [n for n in range(1, FIELDS) if n < 10 or n % 3 == 0]
    columns = " ".join(["name", *(f"f{n}" for n in filled)])
    rows = [
        (f"宽{row}", *(made[KINDS[n % len(KINDS)]](row, n) for n in filled))
        for row in range(1, min(size.customers, 20_000) + 1)
    ]
    raw.insert("o_wide", columns, rows)
    raw.insert("o_stock", "name level", [(f"仓{n}", 0) for n in range(STOCKS)])


def _wide(site: Site, raw: Raw, boss: int, watch: Watch) -> list[Result]:
    first = raw.one("SELECT MIN(id) FROM o_wide")
    listed = ("name", *(f"f{n}" for n in range(1, 8)))
    every = ("name", *(f"f{n}" for n in range(1, FIELDS)))
    newest = _select(listed, "FROM o_wide WHERE archived_at IS NULL ORDER BY id DESC LIMIT 51")
    whole = _select(every, "FROM o_wide WHERE archived_at IS NULL ORDER BY id DESC LIMIT 51")
    one = _select(every, f"FROM o_wide WHERE id = {first}")
    form = (
        "SELECT f.key, f.definition FROM wubu_catalog_field f "
        "JOIN wubu_catalog_object o ON o.id = f.object_id "
        "WHERE o.key = 'wide' AND NOT f.retired ORDER BY f.position, f.id"
    )
    answers = {
        "/list": objects(raw, (*BASE, *listed), newest),
        "/whole": objects(raw, (*BASE, *every), whole),
        "/one": objects(raw, (*BASE, *every), one),
        "/form": objects(raw, ("key", "definition"), form),
    }
    bare = Bare(raw, boss, answers)

    def list_(columns: tuple[str, ...]) -> Callable[[int], None]:
        def call(_: int) -> None:
            with unit_of_work():
                queries.page(Actor(boss), "wide", Query(columns=columns))

        return call

    def record(_: int) -> None:
        with unit_of_work():
            queries.get(Actor(boss), "wide", first)

    told = f"/api/v1/records/wide?columns={','.join(listed)}&limit=50"
    asked = [
        ("200 fields: list, data", list_(listed), newest, "/list"),
        ("200 fields: list of all 200 columns, data", list_(every), whole, "/whole"),
        ("200 fields: one record, data", record, one, "/one"),
        ("200 fields: list, API", _page(site, told), newest, "/list"),
        ("200 fields: one record, API", _page(site, f"/api/v1/records/wide/{first}"), one, "/one"),
        ("200 fields: list, page", _page(site, "/o/wide/"), newest, "/list"),
        ("200 fields: record, page", _page(site, f"/o/wide/{first}"), one, "/one"),
        ("200 fields: new form, page", _page(site, "/o/wide/new"), form, "/form"),
        ("200 fields: edit form, page", _page(site, f"/o/wide/{first}/edit"), one, "/one"),
    ]
    return [
        _timed(watch, raw, label, call, floor, bare, path) for label, call, floor, path in asked
    ]


def _select(columns: Sequence[str], rest: str) -> str:
    return f"SELECT {', '.join((*BASE, *columns))} {rest}"


def _page(site: Site, address: str) -> Callable[[int], Any]:
    return lambda _: site.get(BOSS, address)


def _two_links(raw: Raw, rep: int, watch: Watch) -> list[Result]:
    """Payments of customers of grade A: whoever has this role sees no others."""
    with unit_of_work():
        permissions.set_roles(actor=SYSTEM, member_id=rep, roles=["bench_grade"])
    by_day = Query(sort=("-paid_on",), limit=50)
    own = (*BASE, "number", "contract_id", "payment_plan_id", "customer_id")
    own = (*own, "paid_on", "amount", "method", "owner_id")
    shown = ", ".join(f"p.{name}" for name in own)
    # Whose contract and customer it is stands in the list, so a hand-written one joins their names.
    newest = (
        f"SELECT {shown}, c.name, u.name, m.name FROM o_payment p "
        "JOIN o_contract c ON c.id = p.contract_id JOIN o_customer k ON k.id = c.customer_id "
        "LEFT JOIN o_customer u ON u.id = p.customer_id "
        "LEFT JOIN wubu_people_member m ON m.id = p.owner_id "
        "WHERE p.archived_at IS NULL AND k.grade = 'a' AND p.paid_on IS NOT NULL "
        "ORDER BY p.paid_on DESC, p.id DESC LIMIT 51"
    )
    summed = f"SELECT p.method, COUNT(p.id), SUM(p.amount) {OF_GRADE_A} GROUP BY p.method"
    answers = {
        "/list": objects(raw, (*own, "contract", "customer", "owner"), newest),
        "/sums": objects(raw, ("method", "count", "amount"), summed),
    }
    bare = Bare(raw, rep, answers)

    def list_(_: int) -> None:
        with unit_of_work():
            queries.page(Actor(rep), "payment", by_day)

    def sum_(_: int) -> None:
        with unit_of_work():
            queries.aggregate(
                Actor(rep), "payment", ["method"], [Measure("count"), Measure("sum", "amount")]
            )

    asked = [
        ("rights over two links: first page", list_, newest, "/list"),
        ("rights over two links: sums", sum_, summed, "/sums"),
    ]
    return [
        _timed(watch, raw, label, call, floor, bare, path) for label, call, floor, path in asked
    ]


def _timed(
    watch: Watch,
    raw: Raw,
    label: str,
    call: Callable[[int], Any],
    floor: str,
    bare: Bare,
    path: str,
) -> Result:
    times = watch(call)
    return Result(
        "shapes",
        label,
        times.median,
        p95=times.p95,
        busy=times.busy,
        floor=watch.least(lambda _: raw.rows(floor)),
        bare=watch.least(lambda _: bare.get(path)),
        ratio_bar=RATIO_BAR,
        by_busy=True,
    )


def _rollup(place: Place, size: Size) -> list[Result]:
    """Eight writers, each with batches of movements of the same few stocks."""
    batches = max(1, size.creates // 30)
    stocks = [str(n) for n in _ids()]

    def ours(writer: int) -> None:
        for n in range(batches):
            drafts = [
                Draft({"stock": f"id:{stocks[(writer + n + k) % STOCKS]}", "quantity": k % 7 - 3})
                for k in range(BATCH)
            ]
            with unit_of_work():
                saved = actions.save_many(actor=SYSTEM, object_key="movement", drafts=drafts)
            if saved.problems:
                raise RuntimeError(saved.problems[0].message.en)

    rate = _together(ours, batches)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM o_stock s WHERE s.level <> "
            "(SELECT COALESCE(SUM(quantity), 0) FROM o_movement m WHERE m.stock_id = s.id)"
        )
        wrong = cursor.fetchone()[0]
    links = [Raw(place) for _ in range(WRITERS)]

    def bare(writer: int) -> None:
        for n in range(batches):
            _bare(links[writer], [int(stocks[(writer + n + k) % STOCKS]) for k in range(BATCH)])

    floor = _together(bare, batches)
    for link in links:
        link.close()
    return [
        Result(
            "shapes",
            f"a roll-up under {WRITERS} writers",
            rate,
            "rows/s",
            floor=floor,
            ratio_bar=RATIO_BAR,
            note="exact" if not wrong else f"{wrong} WRONG",
        )
    ]


def _ids() -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM o_stock ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _bare(link: Raw, stocks: Sequence[int]) -> None:
    """The same promise by hand.

    The rows, the level moved, and a row of the log for each, in one transaction of the same
    durability.
    """
    added: dict[int, int] = {}
    rows = []
    for k, stock in enumerate(stocks):
        rows.append((stock, k % 7 - 3))
        added[stock] = added.get(stock, 0) + k % 7 - 3
    with link.transaction():
        for stock in sorted(added):
            link.run("UPDATE o_stock SET level = level + %s WHERE id = %s", [added[stock], stock])
        ids = link.next_ids("o_movement", len(rows))
        link.many(
            "INSERT INTO o_movement (id, stock_id, quantity, version, created_at, updated_at) "
            "VALUES (%s, %s, %s, 1, '2026-01-01', '2026-01-01')",
            [(id_, *row) for id_, row in zip(ids, rows, strict=True)],
        )
        link.many(
            "INSERT INTO wubu_audit_change (at, entrance, object_key, record_id, action, after, "
            "file, sheet) VALUES ('2026-01-01', 'bench', 'movement', %s, 'create', %s, '', '')",
            [
                (id_, json.dumps({"stock": stock, "quantity": quantity}))
                for id_, (stock, quantity) in zip(ids, rows, strict=True)
            ],
        )


def _together(work: Callable[[int], None], batches: int) -> float:
    """Rows a second by all writers at once."""
    failed: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=(n,)) for n in range(WRITERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return WRITERS * batches * BATCH / (time.perf_counter() - began)
