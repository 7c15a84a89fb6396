"""An upgrade in words for the terminal, one line for each thing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from wubu.kernel.types import Text
from wubu.measure.figures.queries import metrics
from wubu.measure.ledger.recompiled import MovedMonth, Rebuilt
from wubu.upgrade.types import Done, Upgrade

MOST = 12  # names of one list


def size(count: int) -> str:
    """Bytes as people read them."""
    amount, unit = float(count), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if amount < 1024 or unit == "TB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def planned(found: Upgrade) -> Iterator[Text]:
    """What would happen, and what stands in the way."""
    if found.fresh:
        yield Text("数据库是空的：wubu migrate", "The database is empty: wubu migrate")
        return
    if found.unknown:
        yield Text(
            "这个数据库由更新的版本使用过，本程序不能打开：{m}",
            "A newer version has used this database, this program cannot: {m}",
        ).format(m=_some(found.unknown))
    elif not found.is_needed:
        yield Text("数据库与程序一致，无需升级。", "The database fits this program: nothing to do.")
    if found.migrations:
        yield Text("数据库步骤 {n}：{w}", "{n} migrations: {w}").format(
            n=len(found.migrations), w=_some(found.migrations)
        )
    if found.columns:
        names = [f"{c.object_key}.{c.field}" for c in found.columns]
        yield Text("补充基础列 {n}：{w}", "{n} base columns to add: {w}").format(
            n=len(names), w=_some(names)
        )
    for label, count in found.definitions:
        yield Text("按新版格式改写“{l}”{n} 条", "{l}: {n} definitions to be written anew").format(
            l=label, n=count
        )
    yield from _metrics(found)
    for label, why in found.broken:
        yield Text("指标“{l}”不再适用：{w}", "The metric “{l}” does not fit any more: {w}").format(
            l=label, w=why
        )
    yield from _room(found)


def _metrics(found: Upgrade) -> Iterator[Text]:
    if found.metrics is None:
        yield Text(
            "哪些指标的计算变了，数据库步骤完成后才知道。",
            "Which metrics compile otherwise can be told after the migrations.",
        )
        return
    known = [m for m in found.metrics if m.known]
    for m in known:
        yield Text(
            "指标“{l}”的计算有变，将重建未关账的日子（{n} 条）",
            "The metric “{l}” compiles otherwise: its open days are rebuilt ({n} entries)",
        ).format(l=m.label, n=f"{m.entries:,}")
    others = len(found.metrics) - len(known)
    if others:
        yield Text(
            "没有计算记录的指标 {n} 个，将与记录核对，有差异才重建",
            "{n} metrics without a note of how they were compiled: they are held against the "
            "records, and rebuilt where they differ",
        ).format(n=others)


def _room(found: Upgrade) -> Iterator[Text]:
    room = found.room
    if room.free is not None:
        yield Text(
            "数据库 {s}；升级需要 {n} 空间，可用 {f}。",
            "The database takes {s}; the upgrade needs {n} of space, {f} are free.",
        ).format(s=size(room.size), n=size(room.needed), f=size(room.free))
    else:
        yield Text(
            "数据库 {s}。升级前请先备份：pg_dump。", "The database takes {s}. Back it up: pg_dump."
        ).format(s=size(room.size))
    if found.is_needed:
        yield Text("预计约 {s} 秒。", "It takes about {s} s.").format(s=f"{found.seconds:,.0f}")


def carried_out(done: Done) -> Iterator[Text]:
    """What was done, and which figures moved."""
    yield Text(
        "升级完成：数据库步骤 {m}，基础列 {c}，改写定义 {d}，重建指标 {r}。",
        "Upgraded: {m} migrations, {c} base columns, {d} definitions, {r} metrics rebuilt.",
    ).format(m=done.migrations, c=done.columns, d=done.definitions, r=len(done.rebuilt))
    scales = {m.key: m.scale for m in metrics(hidden=True, retired=True)}
    for one in done.rebuilt:
        yield from _rebuilt(one, scales[one.metric.key])


def _rebuilt(one: Rebuilt, scale: int) -> Iterator[Text]:
    label = one.metric.label
    if not one.months:
        yield Text("{l}：数字没有变化", "{l}: no figure moved").format(l=label)
    for month in one.months:
        yield Text("{l} {m}：{b} → {a}，{p} 处变化", "{l} {m}: {b} → {a}, {p} places moved").format(
            l=label, m=f"{month.month:%Y-%m}", p=month.places, **_sums(month, scale)
        )


def _sums(month: MovedMonth, scale: int) -> dict[str, str]:
    """Values in their unit, with the number of entries behind them."""
    return {
        name: f"{Decimal(total.value).scaleb(-scale):,f} ({total.count:,})"
        for name, total in (("b", month.before), ("a", month.after))
    }


def _some(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(islice(names, MOST))
    return shown if len(names) <= MOST else f"{shown} …"
