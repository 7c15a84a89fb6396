"""The words and shapes of every page.

Both languages side by side, numbers, people, icons, components.

Loaded as a builtin, so no template needs ``{% load %}``.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from wubu.kernel.calendar.queries import today
from wubu.kernel.types import Text, language
from wubu.web.ui import show
from wubu.web.ui.icons import svg

register = template.Library()


class _Words(Node):
    """One pair of words; the tag picks the reader's language and fills in the placeholders."""

    child_nodelists: tuple[str, ...] = ()

    def __init__(
        self, zh: FilterExpression, en: FilterExpression, kwargs: dict[str, FilterExpression]
    ) -> None:
        self.zh, self.en, self.kwargs = zh, en, kwargs

    def render(self, context: Context) -> SafeString:
        words = (self.zh if language() == "zh" else self.en).resolve(context)
        if self.kwargs:
            values = {k: conditional_escape(v.resolve(context)) for k, v in self.kwargs.items()}
            return mark_safe(str(words).format(**values))  # noqa: S308  the template's own
        return mark_safe(str(words))  # noqa: S308


@register.tag("t")
def t(parser: Parser, token: Token) -> Node:
    """``{% t "中文" "English" %}``; keyword arguments fill ``{placeholders}``; ``as name``."""
    bits = token.split_contents()[1:]
    name = ""
    if len(bits) > 3 and bits[-2] == "as":
        name = bits[-1]
        bits = bits[:-2]
    if len(bits) < 2:
        raise template.TemplateSyntaxError("{% t %} takes the Chinese and the English words")
    zh, en = (parser.compile_filter(b) for b in bits[:2])
    rest = bits[2:]
    node = _Words(zh, en, token_kwargs(rest, parser))
    if rest:
        raise template.TemplateSyntaxError(f"{{% t %}} does not understand {rest[0]!r}")
    return _As(node, name) if name else node


class _As(Node):
    """Keeps what a node renders under a name instead of showing it."""

    def __init__(self, node: Node, name: str) -> None:
        self.nodelist = NodeList([node])
        self.name = name

    def render(self, context: Context) -> SafeString:
        context[self.name] = self.nodelist.render(context)
        return SafeString("")


@register.simple_tag
def icon(name: str, cls: str = "", label: str = "") -> SafeString:
    """An outline icon of Tabler, drawn in place; silent to screen readers unless labelled."""
    return svg(str(name), cls, str(label))


@register.simple_tag
def avatar(name: Any, size: str = "") -> SafeString:
    """A disc with the initials of a person, coloured by the name: the same everywhere."""
    words = str(name or "")
    return format_html(
        '<span class="w-avatar {}" style="--hue:{}" aria-hidden="true">{}</span>',
        f"is-{size}" if size else "",
        show.hue(words),
        show.initials(words),
    )


@register.simple_tag
def member(name: Any) -> SafeString:
    """A person: the disc and the name."""
    if not name:
        return mark_safe('<span class="w-none">–</span>')
    return format_html('<span class="w-person">{}<span>{}</span></span>', avatar(name, "sm"), name)


@register.simple_tag
def pill(choice: Any, label: Any = "") -> SafeString:
    """A choice or stage in its colour."""
    if choice is None or choice == "":
        return mark_safe('<span class="w-none">–</span>')
    color = getattr(choice, "color", "") or "gray"
    return format_html(
        '<span class="w-pill" data-color="{}">{}</span>', color, label or choice.label
    )


@register.simple_tag
def money(value: Any, currency: str = "CNY", short: bool = False) -> str:
    """Minor units (fen) as money.

    ``¥1,234.50``; ``short=True`` gives ``¥123.5万`` or ``¥1.24M``.
    """
    return show.money(value, currency, short=short)


@register.simple_tag
def number(value: Any, decimals: int = 0, short: bool = False) -> str:
    """A number with separators; ``decimals`` digits after the point."""
    return show.number(value, decimals, short=short)


@register.simple_tag
def percent(value: Any, decimals: int = 1) -> str:
    """A ratio (0.6315) as ``63.2%``; missing is a dash, never 0."""
    return show.percent(value, decimals)


@register.simple_tag
def date(value: dt.date | dt.datetime | None) -> str:
    """A day: 2026年3月1日 / 1 Mar 2026."""
    return show.date(value)


@register.simple_tag
def moment(value: dt.datetime | None) -> str:
    """A day and time in the workspace's time zone."""
    return show.moment(value)


@register.simple_tag
def ago(value: dt.datetime | None) -> SafeString:
    """How long ago, with the exact moment as a tooltip."""
    if value is None:
        return mark_safe('<span class="w-none">–</span>')
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        show.moment(value),
        show.ago(value),
    )


@register.simple_tag
def delta(value: Decimal | float | None, better: str = "up") -> SafeString:
    """A change as a ratio (+0.124 → ▲ 12.4%), green when it moved the better way."""
    if value is None:
        return mark_safe('<span class="w-none">–</span>')
    good = (value > 0) == (better == "up")
    tone = "" if value == 0 else "is-good" if good else "is-bad"
    arrow = "▲" if value > 0 else "▼" if value < 0 else "＝"
    return format_html(
        '<span class="w-delta {}">{} {}</span>',
        tone,
        arrow,
        show.percent(abs(Decimal(str(value))), 1),
    )


@register.simple_tag(takes_context=True)
def ui(context: Context, component: Any) -> SafeString:
    """Draw one component of the kit.

    A Panel, Attr, Table, Chart, Stat or Empty, a string, or a list of them.
    """
    if component is None:
        return SafeString("")
    if isinstance(component, list | tuple):
        return mark_safe("".join(ui(context, c) for c in component))  # noqa: S308  drawn parts
    draw = getattr(component, "draw", None)
    if draw is None:
        return conditional_escape(component)
    return SafeString(draw(context))


@register.simple_tag(takes_context=True)
def qs(context: Context, **changes: Any) -> str:
    """The page's own query string with some keys replaced; None drops a key."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    words = query.urlencode()
    return f"?{words}" if words else "?"


@register.filter
def size(count: int) -> str:
    """Bytes as people read them."""
    return show.size(count)


@register.filter
def moment_of(value: dt.datetime) -> str:
    """The time of a moment, with its day unless that is today."""
    at = show.local(value)
    return f"{at:%H:%M}" if at.date() == today() else f"{show.day(value)} {at:%H:%M}"


@register.filter
def is_picture(file: Any) -> bool:
    """Whether a browser can show an attached file in place."""
    return getattr(file, "content_type", "") in show.PICTURES


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """An item of a mapping by a key held in a variable."""
    try:
        return mapping.get(key)
    except AttributeError:
        return None


@register.filter
def say(value: Any) -> str:
    """A Text, a mapping with both languages, or a plain string in the reader's language."""
    return str(Text.of(value)) if value else ""
