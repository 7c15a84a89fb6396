"""The tabs of an object's page; its rules and options as they are asked."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from wubu.kernel.catalog.queries import latest_revision, snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.formula import queries as formula
from wubu.kernel.schema.check import ROLE_TYPES
from wubu.kernel.types import Refused, Text
from wubu.web.entries import STEPS
from wubu.web.ui import Ask, Form, PageRequest, Panel, Raw, Tab
from wubu.web.ui.icons import OFFERED

TABS = (
    ("fields", Text("字段", "Fields")),
    ("rules", Text("规则", "Rules")),
    ("forms", Text("表单", "Forms")),
    ("access", Text("权限", "Access")),
    ("options", Text("名称与关键字段", "Names and key fields")),
)
ROLES: tuple[tuple[str, Text, Text], ...] = (
    ("title", Text("名称", "Title"), Text("记录怎么称呼", "What a record is called")),
    ("owner", Text("负责人", "Owner"), Text("权限按他计算", "Permissions are based on this")),
    ("stage", Text("阶段", "Stage"), Text("看板的列", "The columns of the board")),
    ("amount", Text("金额", "Amount"), Text("看板和报表合计它", "What boards and reports sum")),
    ("when", Text("日期", "Date"), Text("默认按它排序", "What lists are sorted by")),
    ("customer", Text("客户", "Customer"), Text("属于哪个客户", "Which customer it belongs to")),
)
# What packs call fields by besides; a key that is not here is shown as it is.
ROLE_LABELS = {
    **{key: label for key, label, _ in ROLES},
    "phone": Text("电话", "Phone"),
    "email": Text("邮箱", "E-mail"),
    "status": Text("状态", "Status"),
    "source": Text("来源", "Source"),
    "opportunity": Text("商机", "Opportunity"),
    "contract": Text("合同", "Contract"),
    "contact": Text("联系人", "Contact"),
    "product": Text("产品", "Product"),
    "price": Text("价格", "Price"),
    "quantity": Text("数量", "Quantity"),
}


def tabs(request: PageRequest, spec: ObjectSpec, active: str) -> list[Tab]:
    """The pages on which an object is designed."""
    base = f"/setup/objects/{spec.key}"
    addresses = {"forms": "" if spec.part_of else f"{base}/forms"}
    if not request.policy.may_setup("roles"):
        addresses["access"] = ""
    requested = [(k, label, addresses.get(k, f"{base}?tab={k}")) for k, label in TABS]
    return [Tab(label, url, active=k == active) for k, label, url in requested if url]


def rules_tab(spec: ObjectSpec, submitted: QueryDict | None, editing: str) -> Panel:
    """The checks between fields, in words, and a form for one more or for the one to be changed."""
    editing = _sent(submitted, "rule") or editing
    checks = [dict(c) for c in spec.options.get("checks", ())]
    chosen = next((c for c in checks if c.get("key") == editing), {})
    rows = [
        {
            "key": c.get("key", ""),
            "message": Text.of(c.get("message") or str(c.get("key", ""))),
            "when": _said(spec, str(c.get("when") or "")),
            "must": _said(spec, str(c.get("must") or "")),
            "fields": [spec.fields[k].label for k in c.get("fields", ()) if k in spec.fields],
        }
        for c in checks
    ]
    kept = [
        f
        for f in spec.live_fields
        if f.required or f.unique or (not f.kind.numbered and _has_rules(f.options))
    ]
    form = _rule_form(spec, chosen, submitted)
    shown = Raw(
        "parts/setup/rules.html", spec=spec, rows=rows, kept=kept, form=form, editing=editing
    )
    return Panel("", shown, key="rules")


def _sent(submitted: QueryDict | None, name: str) -> str:
    return submitted.get(name, "") if submitted is not None else ""


def _has_rules(options: Any) -> bool:
    return any(options.get(k) for k in ("required_when", "pattern", "format", "min", "max"))


def _said(spec: ObjectSpec, text: str) -> str:
    if not text:
        return ""
    try:
        return formula.parse(text, snapshot=snapshot(), object_key=spec.key).sentence()
    except Refused:
        return text


def _rule_form(spec: ObjectSpec, c: dict[str, Any], submitted: QueryDict | None) -> Form:
    message = c.get("message") or {}
    said = {"zh": message, "en": message} if isinstance(message, str) else message
    fields = [(f.key, f.label) for f in spec.live_fields if not FIELD_TYPES[f.type].virtual]
    form = Form(
        f"/setup/objects/{spec.key}",
        [
            Ask(
                "when",
                Text("什么时候检查", "When"),
                "formula",
                c.get("when", ""),
                wide=True,
                object=spec.key,
                expect="bool",
                help=Text("留空表示每次保存都检查", "Empty: at every save"),
            ),
            Ask(
                "must",
                Text("必须满足", "What must hold"),
                "formula",
                c.get("must", ""),
                required=True,
                wide=True,
                object=spec.key,
                expect="bool",
            ),
            Ask("message_zh", Text("不满足时提示", "Message"), value=said.get("zh", "")),
            Ask("message_en", Text("英文提示", "In English"), value=said.get("en", "")),
            Ask(
                "fields",
                Text("提示显示在哪些字段旁", "Shown beside"),
                "checks",
                c.get("fields", ()),
                fields[:60],
                wide=True,
            ),
        ],
        submit=Text("查看变更", "Review changes"),
        extra={
            "do": "rule",
            "tab": "rules",
            "rule": str(c.get("key", "")),
            "base": _sent(submitted, "base") or str(latest_revision()),
        },
        prefix="rule-",
    )
    return form.answered(submitted) if submitted is not None and "must" in submitted else form


def options_tab(spec: ObjectSpec, submitted: QueryDict | None) -> list[Any]:
    """Names, place, icon and key fields; and the end of the object."""
    base = f"/setup/objects/{spec.key}"
    groups = [(key, label) for key, label, _ in STEPS if key not in ("today", "setup")]
    icons = [(n, n) for n in dict.fromkeys((spec.icon, *OFFERED)) if n]
    asks = [
        Ask("zh", Text("名称", "Label"), value=spec.label.zh, required=True),
        Ask("en", Text("英文名称", "In English, if different"), value=spec.label.en),
        Ask("plural_zh", Text("复数名称", "Plural"), value=spec.plural.zh),
        Ask("plural_en", Text("英文复数", "Plural in English, if different"), value=spec.plural.en),
        Ask("group", Text("放在哪一步", "Under which step"), "select", spec.group, groups),
        Ask("icon", Text("图标", "Icon"), "icon", spec.icon, icons, wide=True),
        Ask(
            "searchable",
            Text("可以在搜索框里找到", "Found by the search box"),
            "check",
            "1" if spec.options.get("searchable") else "",
        ),
    ]
    roles = [_role(spec, *role) for role in ROLES]
    form = Form(
        base,
        [*asks, *roles],
        submit=Text("查看变更", "Review changes"),
        extra={
            "do": "options",
            "tab": "options",
            "base": _sent(submitted, "base") or str(latest_revision()),
        },
        prefix="o-",
    )
    if submitted is not None and "plural_zh" in submitted:
        form.answered(submitted)
    ending = Form(
        base,
        [],
        submit=Text("启用", "Enable") if spec.retired else Text("停用对象", "Disable the object"),
        style="",
        extra={"do": "restore" if spec.retired else "retire", "tab": "options"},
        note=Text("数据保留，可随时恢复", "Its records stay, and it can be enabled again"),
    )
    return [
        Panel(Text("名称、位置与关键字段", "Names, place and key fields"), form),
        Panel(Text("停用", "Disabling"), ending),
    ]


def _role(spec: ObjectSpec, role: str, label: Text, help_: Text) -> Ask:
    types = ROLE_TYPES.get(role)
    fit = [
        (f.key, f.label)
        for f in spec.live_fields
        if (f.type in types if types else f.kind.names_record or f.kind.calculated)
        or spec.roles.get(role) == f.key
    ]
    options: list[tuple[str, Text | str]] = [("", "–"), *fit]
    return Ask(f"role:{role}", label, "select", spec.roles.get(role, ""), options, help=help_)
