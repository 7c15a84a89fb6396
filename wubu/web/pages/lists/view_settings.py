"""The form of a view's settings: what is asked for each kind, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from wubu.collect.views import queries
from wubu.collect.views.checking import may_group
from wubu.collect.views.definition import MOST_COLORS
from wubu.collect.views.types import AUDIENCES, COLORS, HEIGHTS, SCALES, Look, ViewInfo
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.types import Refused, Text
from wubu.web import list_state
from wubu.web.pages.lists.listing_parts import freezable
from wubu.web.ui import Ask, Form, PageRequest, Panel

NOTHING = Text("（无）", "(none)")
ROW = Text("整行", "The whole row")
SORTS, BLANK_COLORS = 3, 2
AFTER = Text("“{n}”之后", "after “{n}”")
PLACE = Text("位置", "Place among the tabs")
PLACE_HELP = Text(
    "对所有能看到它的人；拖动标签只改变自己看到的顺序。",
    "For everyone who sees it; dragging a tab changes only your own order.",
)
DESCENDING = Text("{f}，从大到小", "{f}, descending")


def form(request: PageRequest, spec: ObjectSpec, view: ViewInfo) -> list[Any]:
    """The questions about a view, in one form with a panel's frame."""
    asks = [*_about(request, view), *_records(request, spec, view), *_kind(request, spec, view)]
    asks += _colors(request, spec, view)
    made = Form(
        f"/o/{spec.key}/views/{view.id}/settings",
        asks,
        extra={
            "version": str(view.version),
            **({} if view.kind == "list" else {"card_here": "1"}),
        },
        note=Text(
            "列、列宽和顺序在列表里直接调整，再“保存到视图”。",
            "Columns, widths and order are set in the list itself; then save them to the view.",
        )
        if view.kind == "list"
        else "",
    )
    return [Panel("", made)]


def answered(form: list[Any], post: QueryDict, refused: Refused) -> list[Any]:
    """The same as it was typed, with the problems beside the questions."""
    inner: Form = form[0].body
    inner.answered(post, refused)
    colors = [p for p in refused.problems if p.field == "colors"]
    for ask in inner.asks:
        if ask.name == "color0_when":
            ask.problems = colors
    return form


def _about(request: PageRequest, view: ViewInfo) -> list[Ask]:
    audiences: list[tuple[str, Any]] = [("personal", AUDIENCES["personal"])]
    audiences += [(f"team:{i}", n) for i, n in queries.teams_to_arrange(request.actor)]
    if request.policy.may_setup(queries.SETUP_AREA):
        audiences.append(("shared", AUDIENCES["shared"]))
    now = f"team:{view.team_id}" if view.audience == "team" else view.audience
    others = [v for v in _beside(request, view) if v.id != view.id]
    places = [("", Text("最前", "first")), *((str(v.id), AFTER.format(n=v.name)) for v in others)]
    return [
        Ask("name", Text("名称", "Name"), value=str(view.name), required=True),
        Ask(
            "audience",
            Text("谁能在标签中看到", "Who sees it in the tabs"),
            "select",
            now,
            audiences,
            help=Text(
                "每个人只看到自己有权看的记录和列。",
                "Everybody sees only the records and columns that they may see.",
            ),
        ),
        *(
            [Ask("after", PLACE, "select", behind(request, view), places, help=PLACE_HELP)]
            if others
            else []
        ),
    ]


def _beside(request: PageRequest, view: ViewInfo) -> list[ViewInfo]:
    """The views among which this one has its place, in their order."""
    return [v for v in queries.views(request.actor, view.object_key) if v.audience == view.audience]


def behind(request: PageRequest, view: ViewInfo) -> str:
    """The id of the view after which this one comes; empty for the first."""
    ids = [v.id for v in _beside(request, view)]
    at = ids.index(view.id) if view.id in ids else 0
    return str(ids[at - 1]) if at else ""


def _records(request: PageRequest, spec: ObjectSpec, view: ViewInfo) -> list[Ask]:
    filter_ = list_state.spoken(request, spec.key, view.look.filter)
    found = [_typed(spec, "filter", Text("筛选条件", "Condition"), filter_)]
    if view.kind not in ("list", "gallery"):
        return found
    sortable = [
        f
        for f in list_state.readable(request, spec)
        if FIELD_TYPES[f.type].sortable and request.policy.readable(spec.key, (f.key,))
    ]
    options: list[tuple[str, Any]] = [("", NOTHING)]
    for f in sortable:
        options += [(f.key, f.label), (f"-{f.key}", DESCENDING.format(f=f.label))]
    known = {value for value, _ in options}
    for n in range(SORTS):
        now = view.look.sort[n] if n < len(view.look.sort) else ""
        extra = [(now, now)] if now and now not in known else []
        label = Text("排序 {n}", "Sort {n}").format(n=n + 1)
        found.append(Ask(f"sort{n}", label, "select", now, [*options, *extra]))
    return found


def _typed(spec: ObjectSpec, name: str, label: Text, value: str) -> Ask:
    """A condition, with completion and what it means."""
    more: dict[str, Any] = {"object": spec.key, "expect": "bool", "own": True, "plain": True}
    return Ask(name, label, "formula", value, wide=True, **more)


def _fields(fields: Sequence[FieldSpec], blank: Text = NOTHING) -> list[tuple[str, Any]]:
    return [("", blank), *((f.key, f.label) for f in fields)]


def _kind(request: PageRequest, spec: ObjectSpec, view: ViewInfo) -> list[Ask]:
    look, found = view.look, []
    seen = list_state.readable(request, spec)
    groups = [f for f in seen if may_group(f) and request.policy.readable(spec.key, (f.key,))]
    if view.kind in ("list", "timeline", "locations"):
        found.append(Ask("group", Text("分组", "Group by"), "select", look.group, _fields(groups)))
    if view.kind == "list":
        columns = list_state.columns(request, spec, look.columns)
        numbers = [(str(n), label) for n, label in freezable(columns)]
        heights = list(HEIGHTS.items())
        found += [
            Ask("frozen", Text("固定左侧", "Frozen columns"), "select", look.frozen, numbers),
            Ask("height", Text("行高", "Row height"), "select", look.height, heights),
        ]
    if view.kind in ("calendar", "timeline"):
        dates = _fields(list_state.moments(request, spec), Text("（自动）", "(automatic)"))
        found.append(Ask("start", Text("日期", "Date"), "select", look.start, dates))
        found.append(Ask("end", Text("结束日期", "End date"), "select", look.end, dates))
        scales = [("", Text("（自动）", "(automatic)")), *SCALES.items()]
        found.append(Ask("scale", Text("初始刻度", "First scale"), "select", look.scale, scales))
    if view.kind == "gallery":
        pictures = [f for f in seen if f.kind.files]
        found.append(Ask("image", Text("图片", "Picture"), "select", look.image, _fields(pictures)))
    if view.kind == "locations":
        where = queries.places(seen)
        place = Text("地点", "Place")
        found.append(Ask("location", place, "select", look.location, _fields(where)))
    if view.kind != "list":
        title = spec.roles.get("title")
        options = [(f.key, f.label) for f in seen if f.key != title]
        label = Text("卡片上的字段", "Fields on a card")
        found.append(Ask("card", label, "checks", list(look.card), options, wide=True))
    return found


def _colors(request: PageRequest, spec: ObjectSpec, view: ViewInfo) -> list[Ask]:
    if view.kind == "board":
        return []
    found = []
    options: list[tuple[str, Any]] = [("", NOTHING), *COLORS.items()]
    fields = _fields(list_state.readable(request, spec), ROW)
    rules = view.look.colors
    for n in range(min(len(rules) + BLANK_COLORS, MOST_COLORS)):
        rule = rules[n] if n < len(rules) else None
        when = list_state.spoken(request, spec.key, rule.when) if rule else ""
        label = Text("颜色规则 {n}：条件", "Colour {n}: where").format(n=n + 1)
        found.append(_typed(spec, f"color{n}_when", label, when))
        color = Text("颜色", "Colour")
        found.append(Ask(f"color{n}_color", color, "select", rule.color if rule else "", options))
        if view.kind == "list":
            of = rule.field if rule else ""
            found.append(Ask(f"color{n}_field", Text("涂在", "Paint"), "select", of, fields))
    return found


def definition(post: QueryDict, look: Look) -> dict[str, Any]:
    """What the form says, over what it does not ask."""
    said = look.as_json()
    for name in ("filter", "group", "height", "start", "end", "image", "location", "scale"):
        if name in post:
            said[name] = post.get(name, "").strip()
    if "sort0" in post:
        sorts = [post.get(f"sort{n}", "") for n in range(SORTS)]
        said["sort"] = [*(s for s in sorts if s), *look.sort[SORTS:]]
    frozen = post.get("frozen", "")
    if frozen.isascii() and frozen.isdigit() and len(frozen) < 3:
        said["frozen"] = int(frozen)
    if "card_here" in post:
        said["card"] = post.getlist("card")
    if "color0_when" in post:
        rules = [
            {
                "when": post.get(f"color{n}_when", "").strip(),
                "color": post.get(f"color{n}_color", ""),
                "field": post.get(f"color{n}_field", ""),
            }
            for n in range(MOST_COLORS)
        ]
        said["colors"] = [r for r in rules if r["when"] or r["color"]]
    return said
