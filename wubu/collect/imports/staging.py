"""Taking files in as they arrived, and suggesting where each of their sheets goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from django.db import transaction

from wubu.collect.imports import mapping as mappings
from wubu.collect.imports import reading, recipes, storage
from wubu.collect.imports.models import DRAFT, SKIPPED, Batch, Import, SavedMapping
from wubu.collect.imports.targets import Target, target, targets
from wubu.collect.imports.types import MEMBERS, RowMap, Source
from wubu.collect.imports.views import notice_json
from wubu.kernel.audit import actions as audit
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import Actor, Forbidden, Problem, Refused, Text

SURE = 35  # a target worth less is not suggested


def may_import(actor: Actor, object_key: str) -> bool:
    """Whether the actor may import this object; people ask for the right to set up people."""
    rights = policy(actor)
    return rights.may_setup("people") if object_key == MEMBERS else rights.may("import", object_key)


def allowed(actor: Actor, current: Snapshot) -> tuple[Target, ...]:
    """What this actor may import."""
    return tuple(t for t in targets(current) if may_import(actor, t.key))


def require(actor: Actor, object_key: str = "") -> None:
    """Raises Forbidden unless the actor may import this object, or anything at all."""
    if not (may_import(actor, object_key) if object_key else allowed(actor, snapshot())):
        raise Forbidden(
            Problem(
                "forbidden",
                Text("您没有导入的权限。", "You may not import."),
                Text("请联系管理员。", "Ask an administrator."),
                object=object_key or None,
            )
        )


def stage(*, actor: Actor, files: Sequence[tuple[str, Iterable[bytes]]]) -> int:
    """Keep the files, find their sheets and suggest a target and mapping for each; the import's id.

    ``files`` are (name, pieces of content). The sheets are put in an order in which links can be
    found. Raises Refused with a problem per file that cannot be read, Forbidden.
    """
    require(actor)
    current = snapshot()
    can = allowed(actor, current)
    problems: list[Problem] = []
    found: list[tuple[Source, str]] = []
    for name, content in files:
        try:
            digest = storage.keep(content, name)
            found += [(s, digest) for s in reading.sources(storage.path_of(digest), name)]
        except Refused as refused:
            problems += refused.problems
    if problems or not found:
        raise Refused(*(problems or [_no_files()]))
    suggested = [(s, digest, suggest(s, can, actor)) for s, digest in found]
    order = {key: n for n, key in enumerate(dependency_order(current))}
    suggested.sort(key=lambda s: order.get(s[2][0].object, 999) if s[2][0] else 1000)
    names = list(dict.fromkeys(s.file for s, _, _ in suggested))
    title = ", ".join(names)[:200]
    with transaction.atomic():
        plan = Import.objects.create(actor_id=actor.member_id, title=title, created_at=now())
        for position, (source, digest, (mapping, skip)) in enumerate(suggested):
            row = _batch(plan, position, source, digest, mapping, skip)
            # One numbering of batches for the whole log: undoing goes by it.
            row.id = audit.open_batch(
                actor=actor, kind="import", at=plan.created_at, note=source.file
            )
            row.save(force_insert=True)
    return plan.pk


def suggest(
    source: Source, can: Sequence[Target], actor: Actor
) -> tuple[RowMap | None, Text | None]:
    """(mapping or None, why it is skipped or None): by memory, by recipe, else by likeness."""
    by_key = {t.key: t for t in can}
    saved = SavedMapping.objects.filter(signature=mappings.signature(source)).first()
    if saved is not None and saved.object_key in by_key:
        return _as_before(saved, source, by_key[saved.object_key]), None
    recipe = recipes.recipe_for(source)
    if recipe is not None:
        if recipe.skip is not None:
            return None, recipe.skip
        known = by_key.get(recipe.object)
        mapping = recipe.apply(source, known) if known else None
        if mapping is not None:
            return mapping, None
    ranked = mappings.best(source, can)
    if ranked and ranked[0][0] >= SURE:
        return ranked[0][2], None
    return None, None


def _as_before(saved: SavedMapping, source: Source, goal: Target) -> RowMap:
    """What was settled for the last file with these headings holds for this one too."""
    laid = mappings.carry_over(mappings.from_json(saved.mapping), mappings.columns_of(source))
    live = tuple(c if c.field in goal.fields else replace(c, field="") for c in laid.columns)
    return replace(laid, columns=live)


def suggest_for(source: Source, object_key: str) -> RowMap:
    """The suggestion for a target that somebody chose. Raises Missing for an unknown one."""
    chosen = target(snapshot(), object_key)
    recipe = recipes.recipe_for(source)
    if recipe is not None and recipe.object == object_key:
        mapping = recipe.apply(source, chosen)
        if mapping is not None:
            return mapping
    return mappings.suggest(source, chosen)


def _batch(
    plan: Import,
    position: int,
    source: Source,
    digest: str,
    mapping: RowMap | None,
    skip: Text | None,
) -> Batch:
    return Batch(
        plan=plan,
        position=position,
        file=source.file[:200],
        sheet=source.sheet[:100],
        sha256=digest,
        kind=source.kind,
        encoding=source.encoding,
        delimiter=source.delimiter,
        header=list(source.header),
        header_line=source.header_line,
        notices=[notice_json(n) for n in source.notices],
        object_key=mapping.object if mapping else "",
        mapping=mappings.to_json(mapping) if mapping else None,
        state=SKIPPED if skip else DRAFT,
        reason=skip.as_dict() if skip else None,
        rows=reading.count(source),
    )


def dependency_order(current: Snapshot) -> list[str]:
    """People first, then every object after those its links point at; circles in catalog order."""
    order: list[str] = [MEMBERS]
    visiting: set[str] = set()

    def visit(key: str) -> None:
        if key in order or key in visiting or key not in current.objects:
            return
        visiting.add(key)
        for f in current.objects[key].live_fields:
            if f.kind.has_target and f.target != key:
                visit(f.target)
        order.append(key)

    for spec in current.live:
        visit(spec.key)
    return order


def earliest_day(source: Source, mapping: RowMap) -> dt.date | None:
    """The first day in any date column, from the ISO dates and typed cells of a source."""
    found = _days(source, mapping)
    return min(found, default=None)


def latest_day(source: Source, mapping: RowMap, until: dt.date | None = None) -> dt.date | None:
    """The last day in any date column, not after ``until``."""
    return max((d for d in _days(source, mapping) if until is None or d <= until), default=None)


def _days(source: Source, mapping: RowMap) -> set[dt.date]:
    indexes = [c.index for c in mapping.columns if c.field and c.looks in {"date", "datetime"}]
    raw = {
        cells[i]
        for _, cells in (reading.rows(source) if indexes else ())
        for i in indexes
        if i < len(cells)
    }
    days = set()
    for value in raw:
        if isinstance(value, dt.datetime):
            days.add(value.date())
        elif isinstance(value, dt.date):
            days.add(value)
        elif isinstance(value, str) and len(value) >= 10:
            try:
                days.add(dt.date.fromisoformat(value[:10].replace("/", "-")))
            except ValueError:
                continue
    return days


def path_files(path: Path) -> list[Path]:
    """A file, or the tables of a folder by name. Raises Refused when there is none."""
    if path.is_dir():
        endings = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods"}
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in endings)
        if not found:
            raise Refused(
                Problem(
                    "no_files",
                    Text("“{p}”里没有表格文件。", "“{p}” holds no tables.").format(p=path),
                    Text(
                        "支持 CSV、TSV、XLSX、XLS、ODS。", "CSV, TSV, XLSX, XLS and ODS are read."
                    ),
                )
            )
        return found
    if not path.exists():
        raise Refused(
            Problem(
                "no_such_file",
                Text("没有“{p}”。", "There is no “{p}”.").format(p=path),
                Text("请检查路径。", "Check the path."),
            )
        )
    return [path]


def _no_files() -> Problem:
    return Problem(
        "no_files",
        Text("没有收到文件。", "No file arrived."),
        Text("请选择要导入的表格。", "Choose the tables to import."),
    )
