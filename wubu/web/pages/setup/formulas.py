"""公式 The formula editor's questions, and the functions on one page to look them up."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.formula import queries as language
from wubu.kernel.types import Text
from wubu.web import formulas
from wubu.web.ui import Column, Page, PageRequest, Panel, Table
from wubu.web.ui.asking import whole

GROUPS = {
    "logic": Text("条件", "Conditions"),
    "number": Text("数字", "Numbers"),
    "text": Text("文本", "Text"),
    "date": Text("日期与工作日", "Days and working days"),
    "people": Text("人员", "People"),
    "linked": Text("关联记录汇总", "Over linked records"),
}
MAX_SENT = 20_000  # characters of a formula; longer ones are refused by the language anyway


def words(request: HttpRequest) -> HttpResponse:
    """The fields that can be named on an object, and all functions, in the reader's language."""
    page_request = cast(PageRequest, request)
    get = request.GET
    found = formulas.words(
        page_request.policy, get.get("object", ""), get.get("path", ""), own="own" in get
    )
    return JsonResponse(
        {
            "fields": [
                {
                    "name": w.written,
                    "path": w.path,
                    "labels": [w.label.zh, w.label.en],
                    "kind": w.kind,
                    "kind_label": str(formulas.KINDS[w.kind]),
                    "initials": w.initials,
                    "links": bool(w.links_to),
                    "options": [str(c.label) for c in w.options][:200],
                }
                for w in found
            ],
            "functions": [
                {
                    "name": _name(f, page_request.lang),
                    "names": [f.key, *f.names],
                    "usage": f.usage.say(page_request.lang),
                    "help": f.help.say(page_request.lang),
                    "initials": [formulas.initials(n) for n in f.names[:1]],
                }
                for f in language.functions()
            ],
        }
    )


def _name(function: language.Function, lang: str) -> str:
    """The name that a reader of the language writes."""
    return function.names[0] if lang == "zh" and function.names else function.key


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """What is wrong with a formula, or what it says and gives on a record."""
    page_request = cast(PageRequest, request)
    post = request.POST
    found = formulas.look(
        page_request.policy,
        post.get("object", ""),
        post.get("text", "")[:MAX_SENT],
        expect=post.get("expect", ""),
        record_id=whole(post, "record"),
        sample="plain" not in post,
        own="own" in post,
        params={k.removeprefix("param_"): post[k] for k in post if k.startswith("param_")},
    )
    return JsonResponse(
        {
            "problems": [
                {
                    "code": p.code,
                    "start": p.start or 0,
                    "end": p.end or 0,
                    "message": str(p.message),
                    "hint": str(p.hint) if p.hint else "",
                    "suggestion": p.suggestion,
                }
                for p in found.problems
            ],
            "kind": str(formulas.KINDS[found.kind]) if found.kind else "",
            "sentence": found.sentence,
            "labelled": found.labelled if found.canonical == post.get("text") else "",
            "value": found.value,
            "why": str(found.why_no_value) if found.why_no_value else "",
            "record": {"id": str(found.record_id), "title": found.record_title}
            if found.record_id
            else None,
        }
    )


def functions(request: HttpRequest) -> HttpResponse:
    """Every function with its names, how it is written and what it gives."""
    page_request = cast(PageRequest, request)
    columns = [
        Column(Text("写法", "Written"), lambda f: f.usage),
        Column(Text("名称", "Names"), lambda f: " · ".join([f.key, *f.names])),
        Column(Text("结果", "Gives"), lambda f: f.help),
    ]
    body = []
    for group, label in GROUPS.items():
        rows = [f for f in language.functions() if f.group == group]
        if rows:
            body.append(Panel(label, Table(columns, rows), key=group))
    return Page(
        Text("函数", "Functions"),
        body,
        subtitle=Text(
            "公式、筛选和各种条件用的是同一种语言；中英文名称都可以写。",
            "Formulas, filters and conditions share one language; either name may be written.",
        ),
    ).response(page_request)


urlpatterns: list[Any] = [
    path("formulas/words", words, name="formula-words"),
    path("formulas/look", look, name="formula-look"),
    path("formulas/functions", functions, name="formula-functions"),
]
