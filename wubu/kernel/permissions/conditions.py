"""A row scope written in the one language: 「{行业} = "汽车"」 as a filter."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db.models import Q

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import asking, parse
from wubu.kernel.formula.types import Formula
from wubu.kernel.types import Actor, Lang, Refused

log = logging.getLogger(__name__)
BOOL = ValueType("bool")


def filter_of(
    text: str, object_key: str, prefix: str, actor: Actor, team: Callable[[], frozenset[int]]
) -> Q | None:
    """The rows for which the condition holds; where it is missing (unknown) it does not hold.

    ``prefix`` leads from the model that is filtered to the object. None when the condition no
    longer makes sense, say because its field is gone: then it grants nothing.
    """
    try:
        formula = _parsed(text, object_key)
    except Refused:
        log.warning("The condition “%s” on %s can no longer be read", text, object_key)
        return None
    with asking(actor.member_id, team() if formula.is_ambient else frozenset()):
        return Q(formula.expression(prefix))


def checked(text: str, object_key: str) -> str:
    """The condition with permanent keys in place of labels. Raises Refused with every problem."""
    return _parsed(text, object_key).canonical()


def is_ambient(text: str, object_key: str) -> bool:
    """Whether it depends on who asks, or when; one that can no longer be read does not."""
    try:
        return _parsed(text, object_key).is_ambient
    except Refused:
        return False


def sentence(text: str, object_key: str, lang: Lang) -> str:
    """The condition in plain words, to stand in a sentence; as written if it cannot be read."""
    try:
        return _parsed(text, object_key).clause(lang)
    except Refused:
        return text


def _parsed(text: str, object_key: str) -> Formula:
    return parse(text, snapshot=snapshot(), object_key=object_key, expect=BOOL)
