"""An object from a pasted piece of a spreadsheet: types guessed, looked at, made, filled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Draft
from wubu.kernel.schema import actions as schema
from wubu.kernel.schema import guess
from wubu.kernel.schema.naming import key_of, tidy
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.pages.setup import object_plans as plans
from wubu.web.pages.setup import object_reading as reading
from wubu.web.pages.setup.object_questions import COLOR_LABELS
from wubu.web.ui import PageRequest, Panel, Problems, Raw, redirect

TITLE = Text("粘贴表格新建对象", "A new object from a table")
OFFERED = tuple(k for k, t in FIELD_TYPES.items() if t.pasted)
SKIP = "-"
BATCH = 2_000
SHOWN = 6


def page(request: HttpRequest) -> HttpResponse:
    """Paste; look at what was guessed; make the object with its rows."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    post = request.POST
    if request.method != "POST":
        return _paste(page_request)
    try:
        sheet = guess.read(post.get("sheet", "")[:5_000_000])
        if post.get("do") == "make":
            return _make(page_request, sheet)
        return _look(page_request, sheet)
    except Refused as refused:
        if refused.status != 422:
            raise
        return _paste(page_request, refused)


def _paste(request: PageRequest, refused: Refused | None = None) -> HttpResponse:
    shown = Raw("parts/setup/paste.html", typed=request.POST.get("sheet", ""))
    body: list[Any] = [Problems(refused.problems)] if refused else []
    body.append(Panel("", shown))
    note = Text("从表格软件复制，几分钟就能用起来", "Copied from a spreadsheet, in use in minutes")
    return plans.page(request, TITLE, body, status=422 if refused else 200, subtitle=note)


def _look(request: PageRequest, sheet: guess.Sheet, refused: Refused | None = None) -> HttpResponse:
    post = request.POST
    fields = guess.fields("", sheet)
    columns = []
    for n, f in enumerate(fields):
        kind = post.get(f"type:{n}") or f.type
        words = post.get(f"label:{n}") or f.label.zh
        values = [row[n] for row in sheet.rows[:SHOWN]]
        columns.append({"n": n, "label": words, "kind": kind, "values": values})
    kinds = [(SKIP, Text("不要这一列", "Leave it out"))]
    kinds += [(k, FIELD_TYPES[k].label) for k in OFFERED]
    title = post.get("title") or str(next((n for n, f in enumerate(fields) if f.kind.one_line), 0))
    shown = Raw(
        "parts/setup/paste_look.html",
        columns=columns,
        kinds=kinds,
        sheet=post.get("sheet", ""),
        count=len(sheet.rows),
        title_column=title,
        zh=post.get("zh", ""),
        en=post.get("en", ""),
        colors=COLOR_LABELS,
        targets=[(o.key, o.label) for o in snapshot().live],
    )
    body: list[Any] = [Problems(refused.problems)] if refused else []
    body.append(Panel("", shown))
    return plans.page(request, TITLE, body, status=422 if refused else 200)


def _make(request: PageRequest, sheet: guess.Sheet) -> HttpResponse:
    """The object first, then its rows; when a row does not fit, nothing is made."""
    try:
        spec, used = _object(request.POST, sheet)
        drafts = [
            Draft({f.key: row[n] for n, f in used if row[n]}, line=number)
            for number, row in enumerate(sheet.rows, 2)
        ]
        plan = schema.plan([spec], actor=request.actor)
        schema.apply(plan, actor=request.actor, then=lambda: _fill(request, spec.key, drafts))
    except Refused as refused:
        if refused.status != 422:
            raise
        return _look(request, sheet, refused)
    words = Text("已新建“{o}”，{n} 条记录", "“{o}” was created with {n} records")
    return redirect(f"/o/{spec.key}/", words.format(o=spec.label, n=len(drafts)))


def _fill(request: PageRequest, key: str, drafts: list[Draft]) -> None:
    for start in range(0, len(drafts), BATCH):
        some = drafts[start : start + BATCH]
        saved = records.save_many(actor=request.actor, object_key=key, drafts=some)
        if saved.problems:
            raise Refused(*(_placed(p) for p in saved.problems[:20]))


def _placed(p: Problem) -> Problem:
    words = Text("第 {n} 行：{w}", "Line {n}: {w}").format(n=p.line or "–", w=p.message)
    return replace(p, message=words, field=None)


def _object(post: QueryDict, sheet: guess.Sheet) -> tuple[ObjectSpec, list[tuple[int, FieldSpec]]]:
    label = reading.label_of(post)
    words = label.en if label.en.isascii() else label.zh
    key = key_of(words, snapshot().objects.keys(), stem="object")
    used: list[tuple[int, FieldSpec]] = []
    taken: set[str] = set()
    for n, f in enumerate(guess.fields(key, sheet)):
        kind = post.get(f"type:{n}") or f.type
        if kind not in OFFERED:
            continue
        own = tidy(post.get(f"label:{n}", "")) or f.label.zh
        name = key_of(own, taken)
        taken.add(name)
        made = replace(f, key=name, label=Text(own, own), type=kind, position=len(used) + 1)
        used.append((n, _suited(made, [row[n] for row in sheet.rows if row[n]], post, n)))
    if not used:
        words_ = Text("至少保留一列。", "Keep at least one column.")
        raise Refused(Problem("required", words_, field="sheet"))
    number = post.get("title", "")
    title = next((f.key for n, f in used if str(n) == number), used[0][1].key)
    fields = {f.key: replace(f, required=f.key == title) for _, f in used}
    used = [(n, fields[f.key]) for n, f in used]
    roles = {"title": title}
    if "owner" not in fields:
        owner = Text("负责人", "Owner")
        if owner.zh not in {f.label.zh for f in fields.values()}:
            fields["owner"] = FieldSpec(key, "owner", "member", owner, position=len(fields) + 1)
            roles["owner"] = "owner"
    listed = [f.key for _, f in used][:8]
    spec = ObjectSpec(
        key=key,
        label=label,
        plural=label,
        icon="table",
        group="collect",
        fields=fields,
        roles=roles,
        options={"searchable": True, "list": listed},
        position=max((o.position for o in snapshot()), default=0) + 1,
    )
    return spec, used


def _suited(f: FieldSpec, values: list[str], post: QueryDict, n: int) -> FieldSpec:
    """The field with what its type needs: the options of a choice, the object of a link."""
    kind, options, choices = guess.guess(f.label.zh, values)
    if f.kind.has_choices:
        return replace(f, choices=choices or guess.choices(values[:2_000]), options={})
    if f.kind.links_one:
        return replace(f, target=post.get(f"target:{n}", ""), options={}, choices=())
    return replace(f, options=options if kind == f.type else {}, choices=())


urlpatterns = [path("setup/objects/paste", page, name="object-paste")]
