"""A row scope written in the one language: 「{行业} = "汽车"」 as a filter."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from django.db.models import Q

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.context import asking
from wubu.kernel.types import Actor, Lang

BOOL = ValueType("bool")


def parse(text, **given):
    return importlib.import_module("wubu.kernel.formula.queries").parse(text, **given)


def filter_of(
    text: str, object_key: str, prefix: str, actor: Actor, team: Callable[[], frozenset[int]]
) -> Q:
    """The rows for which the condition holds; where it is missing (unknown) it does not hold.

    ``prefix`` leads from the model that is filtered to the object; ``team`` is asked only when
    the condition may speak of the actor's team.
    """
    formula = parse(text, snapshot=snapshot(), object_key=object_key, expect=BOOL)
    with asking(actor.member_id, team()):
        return Q(formula.expression(prefix))


def checked(text: str, object_key: str) -> str:
    """The condition with permanent keys in place of labels. Raises Refused with every problem."""
    return parse(text, snapshot=snapshot(), object_key=object_key, expect=BOOL).canonical()


def sentence(text: str, object_key: str, lang: Lang) -> str:
    """The condition in plain words."""
    formula = parse(text, snapshot=snapshot(), object_key=object_key, expect=BOOL)
    return formula.sentence(lang)
