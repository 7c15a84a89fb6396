"""Importing a spreadsheet of deals: linked to customers, products and owners, checked, logged,
posted to the ledger. The process runs on a copy, and its memory is its own.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

from django.db import connection

from tests.bench.company import CITIES, NEEDS, PRODUCTS, STAGES, customer_name
from tests.bench.places import HOME, Place
from tests.bench.raw import Raw
from tests.bench.sizes import Size
from tests.bench.staff import OPS
from tests.bench.timing import Result, resident_mib
from wubu.collect.imports import actions as imports
from wubu.kernel.people.queries import members
from wubu.kernel.types import Actor
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger import actions as ledger

WRITES = True
ROWS_BAR, MEMORY_BAR = 10_000.0, 400.0  # rows a second, MiB
DATES = ("商机日期", "需求确认日期", "方案报价日期", "进入谈判日期", "结束日期")
HEADINGS = (
    "商机名称",
    "商机编号",
    "客户",
    "产品",
    "阶段",
    "商机金额",
    "预计成交日期",
    "负责人",
    *DATES,
)
LABELS = ("初步接洽", "需求确认", "方案报价", "商务谈判", "赢单", "输单")
BALANCES = (
    "SELECT metric_id, day, member_id, team_id, value, count FROM wubu_ledger_day "
    "WHERE count <> 0 OR value <> 0 ORDER BY 1, 2, 3, 4"
)


def run(place: Place, size: Size) -> list[Result]:
    with unit_of_work():
        people = members()
        owners = [p.login for p in people if p.login.startswith("rep")]
        clerk = Actor(next(p.id for p in people if p.login == OPS), "command")
    path = HOME / f"deals-{size.name}-{place.vendor}.csv"
    write(path, size, owners)
    began = time.perf_counter()
    try:
        with unit_of_work():
            view = imports.stage(actor=clerk, files=[(path.name, [path.read_bytes()])])
            imports.set_target(actor=clerk, batch_id=view.batches[0].id, object_key="opportunity")
        with unit_of_work():
            imports.check(actor=clerk, import_id=view.id)
        checked = time.perf_counter()
        done = imports.run(actor=clerk, import_id=view.id)
        ended = time.perf_counter()
        peak = resident_mib(key="VmHWM")
        if done.created != size.imported:
            raise RuntimeError(f"{done.created} of {size.imported} rows were created")
        floor = _floor(place, path, size)
        same, rebuilt, entries = _rebuild(place)
    finally:
        path.unlink()
    rows = size.imported
    return [
        Result(
            "import",
            f"import of {rows:,} deals from CSV",
            rows / (ended - checked),
            "rows/s",
            floor=floor,
            bar=ROWS_BAR,
            at_least=True,
        ),
        Result(
            "import",
            "the same with reading and the check before it",
            rows / (ended - began),
            "rows/s",
            floor=floor,
        ),
        Result("import", "memory of the import at its highest", peak, "MiB", bar=MEMORY_BAR),
        Result(
            "rebuild",
            f"rebuild of the ledger, {entries:,} entries",
            rebuilt * 1000,
            floor=_rebuild_floor(place),
            note="posted = rebuilt" if same else "posted and rebuilt DIFFER",
        ),
    ]


def write(path: Path, size: Size, owners: list[str]) -> None:
    """As a company's own export would look: labels and names, no ids."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS)
        for n in range(size.imported):
            reached = n % 6
            month, day = n % 10 + 1, n % 27 + 1
            dates = [f"2026-{month:02d}-{day:02d}" if reached >= s else "" for s in range(4)]
            out.writerow(
                (
                    f"{CITIES[n % 12]}{NEEDS[n % 7]}导入{n}",
                    f"IMP{n:07d}",
                    customer_name(n * 7 % size.customers + 1),
                    f"MH-{n % PRODUCTS + 1:03d} 变送器",
                    LABELS[reached],
                    f"{(n * 37 % 900_000) + 1000}.50",
                    f"2026-12-{day:02d}",
                    owners[n % len(owners)],
                    *dates,
                    f"2026-{month + 1:02d}-{day:02d}" if reached >= 4 else "",
                )
            )


def _floor(place: Place, path: Path, size: Size) -> float:
    """Rows a second of a bare script: read the CSV, look names up, insert, nothing else."""
    raw = Raw(place)
    began = time.perf_counter()
    customers = dict(raw.rows("SELECT name, id FROM o_customer"))
    products = dict(raw.rows("SELECT name, id FROM o_product"))
    people = dict(raw.rows("SELECT login, id FROM wubu_people_member"))
    stages = dict(zip(LABELS, STAGES, strict=True))
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        next(reader)
        rows = [
            (
                r[0],
                f"RAW{r[1]}",
                customers[r[2]],
                products[r[3]],
                stages[r[4]],
                int(r[5].replace(".", "")),
                r[6],
                people[r[7]],
                r[8] or None,
            )
            for r in reader
        ]
    raw.insert(
        "o_opportunity",
        "name code customer_id product_id stage amount expected_close owner_id opened_on",
        rows,
    )
    seconds = time.perf_counter() - began
    raw.run("DELETE FROM o_opportunity WHERE code LIKE 'RAW%%'")
    raw.close()
    return size.imported / seconds


def _rebuild(place: Place) -> tuple[bool, float, int]:
    """Whether rebuilding changes nothing, how long it takes, how many entries there are."""
    raw = Raw(place)
    posted = raw.rows(BALANCES)
    began = time.perf_counter()
    with unit_of_work():
        entries = ledger.rebuild()
    seconds = time.perf_counter() - began
    connection.close()
    same = posted == raw.rows(BALANCES)
    raw.close()
    return same, seconds, entries


def _rebuild_floor(place: Place) -> float:
    """ms of one hand-written statement per object that counts records by person and day."""
    raw = Raw(place)
    began = time.perf_counter()
    for table, value, day in (
        ("o_contract", "SUM(amount)", "signed_on"),
        ("o_payment", "SUM(amount)", "paid_on"),
        ("o_follow_up", "COUNT(*)", "happened_at"),
        ("o_survey", "SUM(score)", "surveyed_on"),
        ("o_opportunity", "COUNT(*)", "closed_on"),
    ):
        key: Any = f"substr({day}, 1, 10)" if raw.sqlite else f"CAST({day} AS date)"
        raw.rows(
            f"SELECT owner_id, {key}, {value} FROM {table} "
            f"WHERE archived_at IS NULL GROUP BY owner_id, {key}"
        )
    seconds = time.perf_counter() - began
    raw.close()
    return seconds * 1000
