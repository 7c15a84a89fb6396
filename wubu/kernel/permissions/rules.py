"""The words of permission and the rules that roles are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from wubu.kernel.types import Text

Scope = Literal["own", "team", "team_below", "all", "shared", "condition"]
Level = Literal["hidden", "masked", "read", "write"]
ANY = "*"
PERFORMANCE = "_performance"  # the object of grants about people's figures
SETUP = "setup"

ACTIONS: dict[str, Text] = {
    "view": Text("查看", "view"),
    "create": Text("新建", "create"),
    "edit": Text("编辑", "edit"),
    "delete": Text("删除", "delete"),
    "copy": Text("复制", "copy"),
    "import": Text("导入", "import"),
    "export": Text("导出", "export"),
    "print": Text("打印", "print"),
    "bulk_edit": Text("批量修改", "change many at once"),
    "share": Text("共享", "share"),
    "transfer": Text("转交", "hand over"),
    "stage": Text("推进阶段", "move between stages"),
    "approve": Text("审批", "approve"),
}
SCOPES: dict[Scope, Text] = {
    "own": Text("本人", "Own"),
    "team": Text("本团队", "Own teams"),
    "team_below": Text("本团队及下级", "Teams and below"),
    "all": Text("全部", "All"),
    "shared": Text("共享给我的", "Shared with me"),
    "condition": Text("符合条件", "By condition"),
}
LEVELS: dict[Level, Text] = {
    "hidden": Text("隐藏", "hidden"),
    "masked": Text("脱敏", "masked"),
    "read": Text("只读", "read only"),
    "write": Text("可编辑", "editable"),
}
AREAS: dict[str, Text] = {
    "people": Text("成员", "people"),
    "teams": Text("团队", "teams"),
    "roles": Text("角色", "roles"),
    "view_as": Text("以他人身份查看", "view as another person"),
    "objects": Text("对象", "objects"),
    "metrics": Text("指标", "metrics"),
    "targets": Text("目标", "targets"),
    "scorecards": Text("考核", "scorecards"),
    "points": Text("积分", "points"),
    "alerts": Text("预警", "alerts"),
    "periods": Text("期间", "periods"),
    "imports": Text("导入", "imports"),
    "logs": Text("日志与回收站", "logs and the recycle bin"),
    "packs": Text("配置包", "packs"),
}
RANK: dict[Level, int] = {"hidden": 0, "masked": 1, "read": 2, "write": 3}
WIDTH: dict[Scope, int] = {
    "condition": -2,
    "shared": -1,
    "own": 0,
    "team": 1,
    "team_below": 2,
    "all": 3,
}
BY_OWNER = frozenset({"own", "team", "team_below"})

# Who may edit a record may move its stage; the other way round the right stands alone.
IMPLIED_BY = {"stage": ("stage", "edit")}
# What a role that is written down brings along unless it says ``without``.
BRINGS = {"view": ("print",), "create": ("copy",), "edit": ("bulk_edit",)}
# What a share of a level opens, of that which the roles of its receiver allow at all.
SHARED: dict[str, frozenset[str]] = {
    "view": frozenset({"view", "print"}),
    "edit": frozenset({"view", "print", "edit", "bulk_edit", "stage"}),
}
# A part of something (quote line → quote) is seen and written with it.
OF_PARENT = {
    "view": "view",
    "export": "export",
    "import": "import",
    "create": "edit",
    "edit": "edit",
    "delete": "edit",
    "copy": "edit",
    "print": "print",
    "bulk_edit": "bulk_edit",
    "share": "share",
    "stage": "edit",
    "transfer": "edit",
    "approve": "approve",
}
# These need no record that can be seen first; every other action reaches only what "view" does.
UNSEEN = frozenset({"view", "create", "import"})


@dataclass(frozen=True, slots=True)
class GrantRule:
    """One right of one role: an action on an object's rows within a scope."""

    role_id: int
    object_key: str
    action: str
    scope: Scope
    condition: str = ""

    def covers(self, action: str, object_key: str) -> bool:
        if self.object_key.startswith("_") or self.action == SETUP:
            return self.action == action and self.object_key == object_key
        return self.action in IMPLIED_BY.get(action, (action,)) and self.object_key in (
            ANY,
            object_key,
        )


@dataclass(frozen=True, slots=True)
class FieldRule:
    """For one role a field is hidden, masked, read or write."""

    role_id: int
    object_key: str
    field_key: str
    level: Level


def level_of(value: str) -> Level:
    return cast(Level, value)


def scope_of(value: str) -> Scope:
    return cast(Scope, value)
