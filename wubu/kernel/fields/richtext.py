"""Text with headings, lists and emphasis."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import nh3
from django.db import models

from wubu.kernel.fields.base import Parser, Part, Shower, blank
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import LongTextType, as_text, too_long
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text

TAGS = {
    *("p", "div", "br", "strong", "b", "em", "i", "u", "del", "s", "h1", "h2", "h3", "h4"),
    *("ul", "ol", "li", "blockquote", "pre", "code", "a", "hr"),
}
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto", "tel"}
BREAKS = re.compile(r"<(?:br|hr|/p|/div|/li|/h[1-4]|/blockquote|/pre)\s*/?>", re.I)
TAG = re.compile(r"<[^>]*>")
LOOKS_LIKE = re.compile(r"<(?:/?[a-z][a-z0-9]*)\b[^>]*>", re.I)


def clean(text: str) -> str:
    """The HTML without anything that runs, loads or hides: only text, structure and links."""
    return nh3.clean(
        text,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    ).strip()


def bare(value: str) -> str:
    """The words alone, a line per block."""
    words = html.unescape(TAG.sub("", BREAKS.sub("\n", value))).replace("\u00a0", " ")
    return re.sub(r"\n{3,}", "\n\n", words).strip()


def words(value: str) -> str:
    """The words as formulas see them, exactly as both databases compute it."""
    text = untagged(value) or ""
    for name, character in ENTITIES:
        text = text.replace(name, character)
    return text


def untagged(value: str | None) -> str | None:
    """The text without its tags."""
    return None if value is None else TAG.sub("", value)


ENTITIES = (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"))


def _sql(strip: str) -> str:
    made = strip
    for name, character in ENTITIES:
        made = f"REPLACE({made}, '{name}', '{character}')"
    return made


def _paragraphs(text: str) -> str:
    """Plain text as HTML: a paragraph for what an empty line sets apart."""
    return "".join(
        f"<p>{html.escape(p, quote=False).replace(chr(10), '<br>')}</p>"
        for p in re.split(r"\n{2,}", text)
    )


class RichTextType(LongTextType):
    """Text with headings, bold, lists, quotes and links; kept as HTML that was cleaned at the door.

    Scripts, styles, pictures and frames that come with pasted text are dropped. Plain text is read
    as paragraphs. Formulas, filters and exports see the words alone. Options: ``max`` (characters
    of the words, default 20,000).
    """

    key: ClassVar[str] = "richtext"
    label: ClassVar[Text] = Text("富文本", "Rich text")
    worded: ClassVar[bool] = False
    pasted: ClassVar[bool] = False
    column_width: ClassVar[int] = 14
    keeps_html: ClassVar[bool] = True
    drawn: ClassVar[str] = "rich"
    example: ClassVar[str] = "<p>见 <b>附件</b></p>"
    icon: ClassVar[str] = "text-size"
    about: ClassVar[Text] = Text("带标题、列表和加粗的文字", "With headings, lists and bold")
    looks: ClassVar[Mapping[str, int]] = {}
    multiline: ClassVar[bool] = False
    parts: ClassVar[tuple[Part, ...]] = (
        Part(
            "",
            Text("", ""),
            ValueType("text"),
            words,
            _sql("REGEXP_REPLACE({0}, '<[^>]*>', '', 'g')"),
            _sql("wubu_untagged({0})"),
        ),
    )

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.TextField(null=True)

    def parser(self, f: FieldSpec) -> Parser:
        limit = int(f.options.get("max", 20_000))

        def parse(raw: object) -> str | None:
            if blank(raw):
                return None
            text = as_text(raw).replace("\r\n", "\n").replace("\r", "\n").strip()
            if len(text) > 20 * limit:
                raise too_long(len(text), limit)
            value = clean(text) if LOOKS_LIKE.search(text) else _paragraphs(text)
            if not LOOKS_LIKE.search(value):
                value = f"<p>{value}</p>"
            said = bare(value)
            if len(said) > limit:
                raise too_long(len(said), limit)
            return value if said else None

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        return lambda value: "" if value is None else bare(value)

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return f"<p>第一段 <strong>{rnd.randrange(1000)}</strong></p><ul><li>A &amp; B</li></ul>"
