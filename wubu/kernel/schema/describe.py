"""The steps of a plan in words, with the number of records each touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.schema.types import Step
from wubu.kernel.types import Text

ADD_OBJECT = Text("新增对象“{o}”，{n} 个字段", "Add the object “{o}” with {n} fields")
ADD_FIELD = Text("在“{o}”中新增字段“{f}”", "Add the field “{f}” to “{o}”")
CHANGE_OBJECT = Text("修改对象“{o}”的设置", "Change the settings of “{o}”")
CHANGE_FIELD = Text("修改“{o}”的字段“{f}”", "Change the field “{f}” of “{o}”")
RENAME = Text("把“{was}”改名为“{f}”", "Rename “{was}” to “{f}”")
RETIRE = Text("停用“{f}”，数据保留", "Retire “{f}”; its data stays")
RESTORE = Text("恢复“{f}”", "Restore “{f}”")
NEWLY_REQUIRED = Text(
    "以后保存时必填；已有记录下次编辑时需要补齐。",
    "Required from now on; existing records must be completed at their next edit.",
)


def steps(now: Snapshot, wanted: Iterable[ObjectSpec]) -> Iterator[Step]:
    for spec in wanted:
        old = now.objects.get(spec.key)
        if old is None:
            words = ADD_OBJECT.format(o=spec.label, n=len(spec.fields))
            yield Step("add_object", spec.key, None, words)
            continue
        rows = _rows(now, spec.key)
        yield from _object_steps(old, spec, rows)
        for field in spec.fields.values():
            before = old.fields.get(field.key)
            if before is None:
                words = ADD_FIELD.format(o=spec.label, f=field.label)
                yield Step("add_field", spec.key, field.key, words, rows)
            elif before != field:
                yield _field_step(spec, before, field, rows)


def _object_steps(old: ObjectSpec, new: ObjectSpec, rows: int) -> Iterator[Step]:
    if old.retired != new.retired:
        words = (RETIRE if new.retired else RESTORE).format(f=new.label)
        yield Step("retire" if new.retired else "restore", new.key, None, words, rows)
    if old.label != new.label:
        words = RENAME.format(was=old.label, f=new.label)
        yield Step("relabel", new.key, None, words, rows)
    plain = replace(new, fields=old.fields, retired=old.retired, label=old.label)
    if plain != old:
        yield Step("change_object", new.key, None, CHANGE_OBJECT.format(o=new.label), rows)


def _field_step(spec: ObjectSpec, old: FieldSpec, new: FieldSpec, rows: int) -> Step:
    risk = NEWLY_REQUIRED if new.required and not old.required and rows else None
    if old.retired != new.retired:
        words = (RETIRE if new.retired else RESTORE).format(f=new.label)
        return Step("retire" if new.retired else "restore", spec.key, new.key, words, rows)
    if replace(old, label=new.label) == new:
        words = RENAME.format(was=old.label, f=new.label)
        return Step("relabel", spec.key, new.key, words, rows)
    words = CHANGE_FIELD.format(o=spec.label, f=new.label)
    return Step("change_field", spec.key, new.key, words, rows, risk)


def _rows(now: Snapshot, key: str) -> int:
    return now.model(key)._default_manager.count()
