"""Forms that the demo company designed: by role and by stage, with conditions and data linkage."""

from __future__ import annotations

from typing import Any

from wubu.collect.forms.actions import install
from wubu.kernel.types import Actor

CONTACTS = {"when": "{customer} = {form.customer} OR ISBLANK({form.customer})"}
FIRST_PRICE = {"source": "product", "when": "{id} = {form.product}", "take": "price"}
# Another customer of the same province says which region it belongs to.
REGION = {
    "source": "customer",
    "when": "{address.province} = {form.address.province} AND NOT ISBLANK({region})",
    "take": "region",
}


def _words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _section(zh: str, en: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"label": _words(zh, en), "items": list(items), **more}


def _fields(*keys: str, **more: Any) -> list[dict[str, Any]]:
    return [{"field": key, **more} for key in keys]


STAGE_DATES = ("opened_on", "engaged_on", "proposed_on", "negotiated_on")


def _dates(*keys: str) -> dict[str, Any]:
    return _section("阶段日期", "Stage dates", *_fields(*keys), collapsible=True, collapsed=True)


OTHER = _section("其他", "Other", *_fields("code"), {"field": "note", "span": 2})
DEAL: list[dict[str, Any]] = [
    {"field": "name", "span": 2},
    {"field": "customer"},
    {"field": "contact", "candidates": CONTACTS},
    {"field": "product", "candidates": {"when": "{active} = TRUE"}},
    {"field": "amount", "default_from": FIRST_PRICE},
]
FORMS: dict[str, dict[str, Any]] = {
    "opportunity": {
        "closing": {
            "label": _words("成交与丢单", "Won and lost"),
            "use": "form",
            "stages": ["won", "lost"],
            "sections": [
                _section(
                    "结果",
                    "The result",
                    {"field": "stage"},
                    {"field": "closed_on", "required": True},
                    {
                        "field": "loss_reason",
                        "show_when": '{stage} = "lost"',
                        "required_when": '{stage} = "lost"',
                    },
                    {
                        "field": "competitor",
                        "show_when": '{stage} = "lost"',
                        "required_when": '{loss_reason} = "competitor"',
                        "help": _words("竞品胜出时必填", "Needed where a competitor won"),
                    },
                    {
                        "text": _words(
                            "赢单后请当天登记合同，业绩按签约日期计入。",
                            "Enter the contract the same day: it counts on the day it is signed.",
                        ),
                        "tone": "good",
                        "show_when": '{stage} = "won"',
                    },
                ),
                _section("商机", "The deal", *DEAL, *_fields("source", "owner")),
                _section(
                    "进展",
                    "Progress",
                    *_fields("expected_close", "next_step", "next_step_at", folded=True),
                    collapsible=True,
                    collapsed=True,
                ),
                _dates(*STAGE_DATES),
                OTHER,
            ],
        },
        "rep": {
            "label": _words("销售录入", "For sales reps"),
            "use": "form",
            "roles": ["sales_rep"],
            "sections": [
                _section("商机", "The deal", *DEAL, *_fields("source", "stage")),
                _section(
                    "下一步",
                    "Next step",
                    {"field": "next_step", "span": 2},
                    *_fields("next_step_at", "expected_close"),
                    {"field": "competitor", "show_when": '{stage} IN ("proposal", "negotiation")'},
                ),
                _dates(*STAGE_DATES, "closed_on"),
                _section("其他", "Other", *_fields("owner", "code"), {"field": "note", "span": 2}),
            ],
        },
    },
    "customer": {
        "entry": {
            "label": _words("客户录入", "Customer entry"),
            "use": "form",
            "sections": [
                _section(
                    "基本信息",
                    "Basics",
                    {"field": "name", "span": 2},
                    {"field": "address", "span": 2},
                    {
                        "field": "region",
                        "default_from": REGION,
                        "help": _words("随地址的省份带入", "Follows the province"),
                    },
                    *_fields("grade", "industry", "source", "owner", "pool"),
                ),
                _section("联系方式", "How to reach them", *_fields("phone", "website")),
                _section(
                    "企业资料",
                    "Company data",
                    *_fields("credit_code", "revenue", "employees", "founded", "parent"),
                    collapsible=True,
                ),
                _section("备注", "Note", {"field": "note", "span": 2}),
            ],
        }
    },
    "quote": {
        "entry": {
            "label": _words("报价录入", "Quote entry"),
            "use": "form",
            "sections": [
                _section(
                    "基本信息",
                    "Basics",
                    *_fields("number", "customer"),
                    {
                        "field": "opportunity",
                        "candidates": {
                            "when": "{customer} = {form.customer} OR ISBLANK({form.customer})"
                        },
                    },
                    *_fields("quoted_on", "valid_until", "status", "owner"),
                ),
                _section(
                    "明细",
                    "Lines",
                    {
                        "lines": "quote_line",
                        "required": True,
                        "columns": ["product", "quantity", "price", "discount", "amount"],
                        "cells": {
                            "product": {"candidates": {"when": "{active} = TRUE"}},
                            "discount": {"required_when": "{quantity} >= 10"},
                        },
                    },
                ),
                _section("备注", "Note", {"field": "note", "span": 2}),
            ],
        }
    },
}


def shape(actor: Actor) -> None:
    """Put the company's forms into use."""
    install(FORMS, actor=actor)
