"""Importing spreadsheets: rows linked by name, checked, logged and posted to the ledger.

Two kinds: follow-ups (three links, one ledger entry each, as most of a company's rows are) and
deals (three links, up to five stages and about six ledger entries each, the heaviest there is).
The process runs on a copy, and its memory is its own.
"""

from __future__ import annotations

import csv
import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from tests.bench.company import CITIES, NEEDS, PRODUCTS, STAGES, Company, customer_name
from tests.bench.places import HOME, Place
from tests.bench.raw import Raw
from tests.bench.sizes import Size
from tests.bench.staff import OPS, Staff
from tests.bench.timing import Result, resident_mib
from wubu.collect.imports import actions as imports
from wubu.kernel.people.queries import members
from wubu.kernel.types import Actor
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger import actions as ledger

WRITES = True
ROWS_BAR, MEMORY_BAR = 10_000.0, 400.0  # rows a second, MiB
DEAL_HEADINGS = (
    "商机名称", "商机编号", "客户", "产品", "阶段", "商机金额", "预计成交日期", "负责人",
    "商机日期", "需求确认日期", "方案报价日期", "进入谈判日期", "结束日期",
)  # fmt: skip
FOLLOW_UP_HEADINGS = ("客户", "商机", "跟进方式", "跟进内容", "结果", "跟进时间", "跟进人")
LABELS = ("初步接洽", "需求确认", "方案报价", "商务谈判", "赢单", "输单")
WAYS = {"电话": "call", "拜访": "visit", "微信": "wechat"}
BALANCES = (
    "SELECT metric_id, day, member_id, team_id, value, count FROM wubu_ledger_day "
    "WHERE count <> 0 OR value <> 0 ORDER BY 1, 2, 3, 4"
)
Row = tuple[Any, ...]


def deals(size: Size, owners: Sequence[str]) -> Iterable[Row]:
    """As a company's own export would look: labels and names, no ids."""
    for n in range(size.imported):
        reached = n % 6
        month, day = n % 10 + 1, n % 27 + 1
        dates = [f"2026-{month:02d}-{day:02d}" if reached >= s else "" for s in range(4)]
        yield (
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


def follow_ups(size: Size, owners: Sequence[str]) -> Iterable[Row]:
    buyer = Company(size, Staff(0, 0, ()), date(2026, 1, 1)).buyer
    ways = list(WAYS)
    for n in range(size.imported):
        deal = n * 13 % size.opportunities + 1
        yield (
            customer_name(buyer(deal)),
            f"OP{deal:08d}",
            ways[n % 3],
            f"第{n}次沟通，客户要求补充报价和交期。",
            "有进展",
            f"2026-{n % 10 + 1:02d}-{n % 27 + 1:02d} {n // 7 % 9 + 9:02d}:{n * 7 // 60 % 60:02d}"
            f":{n * 7 % 60:02d}",
            owners[n % len(owners)],
        )


@dataclass(frozen=True)
class Sheet:
    """One kind of import, and the bare script beside it."""

    object_key: str
    label: str
    headings: tuple[str, ...]
    rows: Callable[[Size, Sequence[str]], Iterable[Row]]
    columns: str
    bare: Callable[[Raw, list[list[str]]], list[Row]]


def run(place: Place, size: Size) -> list[Result]:
    with unit_of_work():
        people = members()
        owners = [p.login for p in people if p.login.startswith("rep")]
        clerk = Actor(next(p.id for p in people if p.login == OPS), "command")
    found: list[Result] = []
    for sheet in SHEETS:
        path = HOME / f"{sheet.object_key}-{size.name}-{place.vendor}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(sheet.headings)
            out.writerows(sheet.rows(size, owners))
        try:
            found += _import(place, size, sheet, path, clerk)
        finally:
            path.unlink()
    peak = resident_mib(key="VmHWM")
    same, seconds, entries = _rebuild(place)
    return [
        *found,
        Result("import", "memory of the imports at its highest", peak, "MiB", bar=MEMORY_BAR),
        Result(
            "rebuild",
            f"rebuild of the ledger, {entries:,} entries",
            seconds * 1000,
            floor=_rebuild_floor(place),
            note="posted = rebuilt" if same else "posted and rebuilt DIFFER",
        ),
    ]


def _import(place: Place, size: Size, sheet: Sheet, path: Path, clerk: Actor) -> list[Result]:
    """Rows a second of the import itself, and with the check that goes before it."""
    rows = size.imported
    began = time.perf_counter()
    with unit_of_work():
        view = imports.stage(actor=clerk, files=[(path.name, [path.read_bytes()])])
        batch = view.batches[0].id
        imports.set_target(actor=clerk, batch_id=batch, object_key=sheet.object_key)
    with unit_of_work():
        imports.check(actor=clerk, import_id=view.id)
    checked = time.perf_counter()
    done = imports.run(actor=clerk, import_id=view.id)
    ended = time.perf_counter()
    if done.created != rows:
        raise RuntimeError(f"{done.created} of {rows} rows were created")
    floor = _floor(place, path, sheet, rows)
    return [
        Result(
            "import",
            f"import of {rows:,} {sheet.label}",
            rows / (ended - checked),
            "rows/s",
            floor=floor,
            bar=ROWS_BAR,
            at_least=True,
        ),
        Result(
            "import",
            f"  {sheet.label}: with reading and checking before",
            rows / (ended - began),
            "rows/s",
            floor=floor,
        ),
    ]


def _floor(place: Place, path: Path, sheet: Sheet, rows: int) -> float:
    """Rows a second of a bare script: read the CSV, look names up, insert, nothing else."""
    raw = Raw(place)
    table = f"o_{sheet.object_key}"
    last = raw.one(f"SELECT MAX(id) FROM {table}")
    began = time.perf_counter()
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))[1:]
    raw.insert(table, sheet.columns, sheet.bare(raw, lines))
    seconds = time.perf_counter() - began
    raw.run(f"DELETE FROM {table} WHERE id > {last}")
    raw.close()
    return rows / seconds


def _bare_deals(raw: Raw, lines: list[list[str]]) -> list[Row]:
    customers = dict(raw.rows("SELECT name, id FROM o_customer"))
    products = dict(raw.rows("SELECT name, id FROM o_product"))
    people = dict(raw.rows("SELECT login, id FROM wubu_people_member"))
    stages = dict(zip(LABELS, STAGES, strict=True))
    return [
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
        for r in lines
    ]


def _bare_follow_ups(raw: Raw, lines: list[list[str]]) -> list[Row]:
    codes = [r[1] for r in lines]
    held = raw.rows(
        "SELECT code, id FROM o_opportunity WHERE code >= %s AND code <= %s",
        [min(codes), max(codes)],
    )
    customers = dict(raw.rows("SELECT name, id FROM o_customer"))
    people = dict(raw.rows("SELECT login, id FROM wubu_people_member"))
    deals_by_code = dict(held)
    return [
        (customers[r[0]], deals_by_code[r[1]], WAYS[r[2]], r[3], "progress", r[5], people[r[6]])
        for r in lines
    ]


SHEETS = (
    Sheet(
        "follow_up",
        "follow-ups",
        FOLLOW_UP_HEADINGS,
        follow_ups,
        "customer_id opportunity_id type content result happened_at owner_id",
        _bare_follow_ups,
    ),
    Sheet(
        "opportunity",
        "deals",
        DEAL_HEADINGS,
        deals,
        "name code customer_id product_id stage amount expected_close owner_id opened_on",
        _bare_deals,
    ),
)


def _rebuild(place: Place) -> tuple[bool, float, int]:
    """Whether rebuilding changes nothing, how long it takes, how many entries there are."""
    raw = Raw(place)
    posted = _digest(raw)
    began = time.perf_counter()
    with unit_of_work():
        entries = ledger.rebuild()
    seconds = time.perf_counter() - began
    connection.close()
    same = posted == _digest(raw)
    raw.close()
    return same, seconds, entries


def _digest(raw: Raw) -> str:
    """Of every balance that is not nothing."""
    made = hashlib.blake2b()
    for row in raw.each(BALANCES):
        made.update(repr(row).encode())
    return made.hexdigest()


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
        key = f"substr({day}, 1, 10)" if raw.sqlite else f"CAST({day} AS date)"
        raw.rows(
            f"SELECT owner_id, {key}, {value} FROM {table} "
            f"WHERE archived_at IS NULL GROUP BY owner_id, {key}"
        )
    seconds = time.perf_counter() - began
    raw.close()
    return seconds * 1000
