"""What the door says when it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.types import Problem, Text

if TYPE_CHECKING:
    from wubu.kernel.records.batch import Batch, Row

ACTIONS = {
    "view": Text("查看", "see"),
    "create": Text("新建", "create"),
    "edit": Text("修改", "edit"),
    "delete": Text("删除", "delete"),
    "import": Text("导入", "import"),
    "export": Text("导出", "export"),
    "copy": Text("复制", "copy"),
    "print": Text("打印", "print"),
    "bulk_edit": Text("批量修改", "change many at once of"),
    "share": Text("共享", "share"),
    "approve": Text("审批", "approve"),
    "transfer": Text("转移", "transfer"),
    "stage": Text("推进阶段", "move between stages"),
}


def may_not(spec: ObjectSpec, action: str) -> Problem:
    """The actor's role does not allow this on this object."""
    return Problem(
        "forbidden",
        Text("您无权{a}“{o}”。", "You may not {a} “{o}”.").format(a=ACTIONS[action], o=spec.plural),
        Text("如需权限，请联系管理员。", "Ask your administrator for the permission."),
        object=spec.key,
    )


def no_record(spec: ObjectSpec, **place: Any) -> Problem:
    """No such record, or none that the actor may know of."""
    return Problem(
        "no_such_record",
        Text(
            "没有这条{o}记录，或您无权查看。", "There is no such {o}, or you may not see it."
        ).format(o=spec.label),
        object=spec.key,
        **place,
    )


def no_field(spec: ObjectSpec, key: str, **place: Any) -> Problem:
    """No such field, or one that is hidden from the actor: the two look alike."""
    return Problem(
        "no_such_field",
        Text("“{o}”没有字段“{f}”。", "“{o}” has no field “{f}”.").format(o=spec.label, f=key),
        object=spec.key,
        field=key,
        **place,
    )


def unknown_field(prep: Batch, row: Row, key: str) -> None:
    row.bad = True
    prep.problems.append(no_field(prep.spec, key, **prep.ctx.place(row)))


def only_readable(spec: ObjectSpec, f: FieldSpec) -> Problem:
    """The actor may read this field, not write it."""
    return Problem(
        "read_only",
        Text("您只能查看“{f}”，不能修改。", "You may read “{f}” but not change it.").format(
            f=f.label
        ),
        object=spec.key,
        field=f.key,
    )


def former(spec: ObjectSpec, f: FieldSpec, value: Any) -> Problem:
    """A logged value of the time when the field was of another type."""
    return Problem(
        "of_another_type",
        Text(
            "“{f}”当时是另一种类型，“{v}”放不回去。",
            "“{f}” was of another type then; “{v}” cannot be put back.",
        ).format(f=f.label, v=value),
        Text("请按现在的类型填写。", "Fill it in as it is now."),
        object=spec.key,
        field=f.key,
        value=value,
    )


def taken(spec: ObjectSpec, f: FieldSpec, value: Any) -> Problem:
    """Another record has this unique value."""
    shown = FIELD_TYPES[f.type].show(f, value)
    return Problem(
        "not_unique",
        Text("“{f}”的值“{v}”已被使用。", "“{v}” is already taken as “{f}”.").format(
            f=f.label, v=shown
        ),
        object=spec.key,
        field=f.key,
        value=value,
    )


def read_only(prep: Batch, row: Row, f: FieldSpec) -> None:
    prep.blame(
        row,
        "read_only",
        Text("您只能查看“{f}”，不能修改。", "You may read “{f}” but not change it.").format(
            f=f.label
        ),
        field=f.key,
        value=row.draft.values.get(f.key),
    )


def missing(prep: Batch, row: Row) -> None:
    row.bad = True
    prep.problems.append(no_record(prep.spec, **prep.ctx.place(row)))


def twice(prep: Batch, row: Row, first: Row) -> None:
    line = first.draft.line
    prep.blame(
        row,
        "twice",
        Text(
            "这条记录在同一批中出现了两次(另见第 {n} {u})。",
            "This record appears twice in one batch (see also {u} {n}).",
        ).format(
            n=first.index + 1 if line is None else line,
            u=Text("行", "line") if line is not None else Text("条", "item"),
        ),
    )
