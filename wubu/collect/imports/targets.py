"""What an import can fill: the objects of the catalog, and the members themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wubu.collect.imports.types import MEMBERS
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.types import Text


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that rows can become: its fields that can be filled, and the one that names it."""

    key: str
    label: Text
    plural: Text
    fields: Mapping[str, FieldSpec]
    title: str
    telling: tuple[str, ...] = ()  # fields that tell two records of one title apart, best first
    when: str = ""

    def field_label(self, key: str) -> Text:
        found = self.fields.get(key)
        return found.label if found else Text(key, key)


def _member_field(
    key: str, type_: str, zh: str, en: str, *, required: bool = False, unique: bool = False
) -> FieldSpec:
    return FieldSpec(MEMBERS, key, type_, Text(zh, en), required, unique)


PEOPLE = Target(
    MEMBERS,
    Text("成员", "Member"),
    Text("成员与团队", "Members and teams"),
    {
        f.key: f
        for f in (
            _member_field("name", "text", "姓名", "Name", required=True),
            _member_field("manager", "text", "上级", "Manager"),
            _member_field("team", "text", "部门", "Team"),
            _member_field("office", "text", "大区", "Regional office"),
            _member_field("login", "text", "登录名", "Login", unique=True),
            _member_field("email", "email", "邮箱", "E-mail"),
            _member_field("phone", "phone", "手机", "Phone"),
            _member_field("employee_no", "text", "工号", "Employee number", unique=True),
            _member_field("position", "text", "岗位", "Position"),
            _member_field("joined_on", "date", "入职日期", "Joined on"),
            _member_field("left_on", "date", "离职日期", "Left on"),
            _member_field("role", "text", "角色", "Role"),
        )
    },
    "name",
)


def of_object(spec: ObjectSpec) -> Target:
    """The fields of an object that an import may fill: live, and not computed by the program."""
    fields = {
        f.key: f
        for f in spec.live_fields
        if not FIELD_TYPES[f.type].virtual and not FIELD_TYPES[f.type].computed
    }
    told_apart = ("customer", "when", "phone", "email")
    return Target(
        spec.key,
        spec.label,
        spec.plural,
        fields,
        spec.roles.get("title", ""),
        tuple(k for role in told_apart if (k := spec.roles.get(role, "")) in fields),
        spec.roles.get("when", ""),
    )


def target(snapshot: Snapshot, key: str) -> Target:
    """By object key, or ``member``. Raises Missing."""
    return PEOPLE if key == MEMBERS else of_object(snapshot.object(key))


def targets(snapshot: Snapshot) -> tuple[Target, ...]:
    """Everything that can be imported, objects in their order, people last."""
    return (*(of_object(o) for o in snapshot.live), PEOPLE)
