"""What the import page shows in each of its states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wubu.collect.imports import actions, queries
from wubu.collect.imports.targets import Target, target
from wubu.collect.imports.types import ColumnMap, ProblemGroup
from wubu.collect.imports.views import BatchView, ImportView
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs import queries as jobs
from wubu.kernel.jobs.types import JobView
from wubu.kernel.people import queries as people
from wubu.kernel.types import Missing, Text
from wubu.web.ui import (
    Action,
    Column,
    Crumb,
    Empty,
    Note,
    PageRequest,
    Panel,
    Raw,
    Stat,
    Stats,
    Table,
    show,
)

NOT_READ = Text("这些文件没有读进来", "These files were not read")
BACK = Crumb(Text("导入", "Import"), "/import")
MANY = 12  # problem groups shown open; the rest is folded
STATES = {
    "draft": (Text("待检查", "Not checked"), "gray"),
    "checked": (Text("待导入", "Ready"), "blue"),
    "running": (Text("进行中", "Running"), "azure"),
    "stopped": (Text("已停下", "Stopped"), "orange"),
    "cancelled": (Text("已取消", "Cancelled"), "gray"),
    "done": (Text("已完成", "Done"), "green"),
    "undone": (Text("已撤销", "Undone"), "gray"),
}


@dataclass(frozen=True)
class Mark:
    """A state as a pill."""

    label: Text
    color: str


def title_of(view: ImportView) -> Text:
    """The file, or the first of several."""
    files = list(dict.fromkeys(b.file for b in view.batches)) or [view.title]
    if len(files) < 3:
        joined = ", ".join(files)
        return Text(joined, joined)
    return Text(f"{files[0]} 等 {len(files)} 个文件", f"{files[0]} and {len(files) - 1} more files")


def mark(state: str) -> Mark:
    return Mark(*STATES.get(state, (Text(state, state), "gray")))


def step_of(view: ImportView) -> int:
    """2 match, 3 check, 4 import."""
    if view.state in {"running", "done", "undone"}:
        return 4
    return 3 if view.checked and view.state != "draft" else 2


def job_of(view: ImportView) -> JobView | None:
    if not view.job_id:
        return None
    try:
        return jobs.get(int(view.job_id))
    except Missing:
        return None


def is_busy(view: ImportView) -> bool:
    """Running, or being checked, in the background."""
    if view.state == "running":
        return not queries.silent(view)
    job = job_of(view)
    return view.state in actions.OPEN and job is not None and not job.finished


def history(recent: Sequence[ImportView]) -> Panel:
    names = people.names({v.actor_id for v in recent if v.actor_id is not None})
    table = Table(
        [
            Column(Text("文件", "Files"), title_of),
            Column(Text("状态", "State"), lambda v: mark(v.state), "pill"),
            Column(Text("行数", "Rows"), "rows", "number"),
            Column(Text("新建", "Created"), lambda v: sum(b.created for b in v.batches), "number"),
            Column(Text("更新", "Changed"), lambda v: sum(b.updated for b in v.batches), "number"),
            Column(Text("导入人", "By"), lambda v: names.get(v.actor_id or 0, ""), "member"),
            Column(Text("时间", "When"), "created_at", "moment"),
        ],
        recent,
        row_url=lambda v: f"/import/{v.id}",
        empty=Empty(
            Text("还没有导入过", "Nothing was imported yet"),
            Text(
                "把表格拖到上面的框里，先看结果再导入，随时可以撤销。",
                "Drop tables above. You see the result first, and can undo it any time.",
            ),
            icon="file-import",
            small=True,
        ),
    )
    return Panel(Text("导入记录", "Imports so far"), table, key="history")


def page_actions(view: ImportView) -> list[Action]:
    base = f"/import/{view.id}"
    if view.state in {"done", "stopped", "cancelled"} and view.done_rows:
        return [
            Action(
                Text("撤销这次导入", "Undo this import"),
                f"{base}/undo",
                icon="arrow-back-up",
                style="danger",
                post=True,
                confirm=Text(
                    "新建的记录将进入回收站，改动过的值恢复原样。成员和团队保留。继续？",
                    "Created records go to the recycle bin and changed values are put back. "
                    "Members and teams stay. Go on?",
                ),
            )
        ]
    if view.state in {"draft", "checked"} and not view.done_rows:
        return [
            Action(Text("删除", "Remove"), f"{base}/remove", icon="trash", style="ghost", post=True)
        ]
    return []


def body(request: PageRequest, view: ImportView) -> list[Any]:
    """Everything below the steps."""
    if is_busy(view):
        return [
            Panel(
                "", Raw("parts/collect/import_progress.html", **progress_context(view)), key="run"
            )
        ]
    if view.state in {"done", "undone"}:
        return _result(view)
    targets = queries.targets(request.actor)
    found: list[Any] = [Panel("", Raw("parts/collect/import_bar.html", **_bar(view)), key="bar")]
    if view.problems:
        found.append(_stopped(view, targets))
    if view.state == "running":
        found.insert(
            0,
            Note(
                Text(
                    "后台程序中断了。已导入的行完好，点“继续导入”从中断处接着来。",
                    "The background process stopped. Imported rows are safe; "
                    "“Continue” goes on where it stopped.",
                ),
                tone="warn",
            ),
        )
    found += [_batch_panel(view, b, targets) for b in view.batches]
    return found


def _bar(view: ImportView) -> dict[str, Any]:
    checked = [b.checked for b in view.batches if b.checked]
    suggested = sum(
        g.rows for c in checked for g in c.groups if g.blocking and g.suggestion is not None
    )
    return {
        "view": view,
        "base": f"/import/{view.id}",
        "checked": view.checked and bool(checked),
        "created": sum(c.created for c in checked),
        "updated": sum(c.updated for c in checked),
        "unchanged": sum(c.unchanged for c in checked),
        "good": show.number(view.rows - view.bad_rows) if view.rows > view.bad_rows else "",
        "bad": show.number(view.bad_rows),
        "rows": show.number(view.rows),
        "suggested": show.number(suggested) if suggested else "",
        "resumes": view.done_rows > 0,
        "has_dates": any(
            c.looks in {"date", "datetime"}
            for b in view.batches
            for c in (b.mapping.columns if b.mapping else ())
        ),
    }


def _stopped(view: ImportView, targets: Sequence[Target]) -> Panel:
    batch = next((b for b in view.batches if b.state == "stopped"), view.batches[0])
    context = {
        "view": view,
        "batch": batch,
        "groups": [_group(g, _target(targets, batch)) for g in view.problems[:MANY]],
        "more": [],
    }
    return Panel(
        Text("在这里停下了", "It stopped here"),
        Raw("parts/collect/import_problems.html", **context),
        note=Text("之前的行已经导入，完好无损", "Rows before this are in, and safe"),
        key="stopped",
    )


def _target(targets: Sequence[Target], batch: BatchView) -> Target | None:
    return next((t for t in targets if t.key == batch.object), None)


def _batch_panel(view: ImportView, batch: BatchView, targets: Sequence[Target]) -> Panel:
    goal = _target(targets, batch)
    columns = batch.mapping.columns if batch.mapping else ()
    groups = [_group(g, goal) for g in (batch.checked.groups if batch.checked else ())]
    before = queries.imported_before(batch) if batch.object else None
    context = {
        "view": view,
        "batch": batch,
        "base": f"/import/{view.id}",
        "goal": goal,
        "targets": targets,
        "columns": [_column(c, goal) for c in columns],
        "unmapped": [c for c in columns if not c.field],
        "groups": groups[:MANY],
        "more": groups[MANY:],
        "match_on": batch.mapping.match_on if batch.mapping else (),
        "keys": _keys(goal, columns),
        "heads": _heads(batch, goal),
        "first": _first(batch, goal),
        "before": before,
        "bad_rows": show.number(batch.checked.bad_rows) if batch.checked else "",
    }
    note = Text("{n} 行", "{n} rows").format(n=show.number(batch.rows))
    return Panel(
        batch.title,
        Raw("parts/collect/import_batch.html", **context),
        note=note,
        key=f"batch-{batch.id}",
    )


_HOW = {
    "recipe": Text("配方", "recipe"),
    "saved": Text("沿用上次", "as last time"),
    "key": Text("名称一致", "same name"),
    "label": Text("名称一致", "same name"),
    "synonym": Text("含义相同", "same meaning"),
    "near": Text("名称相近", "similar name"),
    "values": Text("按内容推断", "by its values"),
    "chosen": Text("您选的", "your choice"),
}
LOOKS = {
    "text": Text("文本", "text"),
    "number": Text("数字", "numbers"),
    "money": Text("金额", "money"),
    "percent": Text("百分比", "percent"),
    "date": Text("日期", "dates"),
    "datetime": Text("日期时间", "dates and times"),
    "phone": Text("电话", "phones"),
    "email": Text("邮箱", "e-mails"),
    "url": Text("网址", "addresses"),
    "bool": Text("是/否", "yes/no"),
    "credit_code": Text("信用代码", "credit codes"),
    "empty": Text("空", "empty"),
}


def _column(column: ColumnMap, goal: Target | None) -> dict[str, Any]:
    return {
        "map": column,
        "how": _HOW.get(column.how, ""),
        "unsure": bool(column.field) and column.score < 75,
        "looks": LOOKS.get(column.looks, column.looks),
        "examples": " · ".join(column.examples),
        "fields": list(goal.fields.values()) if goal else [],
        "factor": show.number(column.factor) if column.factor != 1 else "",
    }


def _keys(goal: Target | None, columns: Sequence[ColumnMap]) -> list[Any]:
    """Fields by which a row may find its record again."""
    taken = [c.field for c in columns if c.field]
    usable = {"text", "serial", "phone", "email", "link", "date", "number"}
    found = [goal.fields[k] for k in taken if k in goal.fields] if goal else []
    return [f for f in found if f.type in usable]


def _group(group: ProblemGroup, goal: Target | None) -> dict[str, Any]:
    field = goal.fields.get(group.field) if goal else None
    choices = [c for c in field.choices if not c.retired] if field else []
    suggested = next((c.label for c in choices if c.key == str(group.suggestion)), group.suggestion)
    return {
        "group": group,
        "rows": show.number(group.rows),
        "label": field.label if field else group.field,
        "suggested": suggested,
        "choices": choices if field and field.kind.chooses_one else [],
        "others": [r for r in group.remedies if r != "accept"],
        "lines": group.lines[:6],
        "rest": max(0, group.rows - 6),
    }


def _heads(batch: BatchView, goal: Target | None) -> list[Any]:
    if goal is None or batch.checked is None:
        return []
    keys = dict.fromkeys(k for _, values in batch.checked.first for k in values)
    return [goal.field_label(k) for k in keys]


def _first(batch: BatchView, goal: Target | None) -> list[Any]:
    if goal is None or batch.checked is None:
        return []
    keys = list(dict.fromkeys(k for _, values in batch.checked.first for k in values))
    return [(line, [values.get(k, "") for k in keys]) for line, values in batch.checked.first[:5]]


def progress_context(view: ImportView) -> dict[str, Any]:
    """How far it is; a check tells its own job's progress."""
    job, total, done = job_of(view), view.rows, view.done_rows
    if view.state != "running" and job is not None:
        total, done = job.total or total, job.done
    share = min(1.0, done / total) if total else 0.0
    return {
        "view": view,
        "base": f"/import/{view.id}",
        "checking": view.state != "running",
        "waiting": job is not None and job.state == "queued",
        "done": show.number(done),
        "total": show.number(total),
        "percent": round(share * 100),
        "created": show.number(sum(b.created for b in view.batches)),
        "updated": show.number(sum(b.updated for b in view.batches)),
    }


def _result(view: ImportView) -> list[Any]:
    def total(name: str) -> str:
        return show.number(sum(getattr(b, name) for b in view.batches))

    goals = {b.object for b in view.batches if b.object}
    table = Table(
        [
            Column(Text("表格", "Table"), "title"),
            Column(Text("导入到", "Into"), lambda b: b.reason or label_of(b.object)),
            Column(Text("新建", "Created"), "created", "number"),
            Column(Text("更新", "Changed"), "updated", "number"),
            Column(Text("不变", "Unchanged"), "unchanged", "number"),
            Column(Text("未导入", "Left out"), "skipped", "number"),
        ],
        view.batches,
        row_url=lambda b: f"/o/{b.object}/" if b.object in goals - {"member"} else "",
    )
    found: list[Any] = [
        Stats(
            [
                Stat(Text("新建", "Created"), total("created")),
                Stat(Text("更新", "Changed"), total("updated")),
                Stat(Text("不变", "Unchanged"), total("unchanged")),
                Stat(
                    Text("未导入", "Left out"),
                    total("skipped"),
                    tone="warn" if any(b.skipped for b in view.batches) else "",
                ),
            ]
        ),
        Panel(Text("结果", "Result"), table, key="result"),
    ]
    if view.state == "undone":
        found.insert(0, Note(Text("这次导入已撤销。", "This import was undone."), tone="info"))
    return found


def label_of(object_key: str) -> Text:
    if not object_key:
        return Text("未导入", "Left out")
    return target(snapshot(), object_key).plural
