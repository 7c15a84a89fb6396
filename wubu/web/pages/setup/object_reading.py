"""What was typed into the designer, as the catalog's own words. Nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from django.http import QueryDict

from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.fields.choice import folded
from wubu.kernel.schema.guess import COLORS
from wubu.kernel.schema.naming import key_of, tidy
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.ui.asking import whole, whole_of

ROW_CHOICES = 100  # more options than these are edited as lines of text
RULES = ("required_when", "pattern", "format", "min", "max")
ROLLUP = ("object", "via", "agg", "field", "filter")
CHOICE_COLUMNS = ("key", "zh", "en", "color", "probability", "outcome", "approve")


def field(post: QueryDict, spec: ObjectSpec, old: FieldSpec | None) -> FieldSpec:
    """The field as the form wants it. Raises Refused with everything that is wrong."""
    problems: list[Problem] = []
    label = _label(post, problems)
    kind = post.get("type", "") or (old.type if old else "")
    if kind not in FIELD_TYPES:
        words = Text("请选择字段类型。", "Choose a type.")
        problems.append(Problem("required", words, field="type"))
        raise Refused(*problems)
    key = old.key if old else tidy(post.get("key", "")) or _free_key(label, spec)
    if old is None and key in spec.fields:
        problems.append(_taken(key, spec))
    made = FieldSpec(
        object=spec.key,
        key=key,
        type=kind,
        label=label,
        required=bool(post.get("required")),
        unique=bool(post.get("unique")),
        position=old.position if old else _last(spec) + 1,
        help=_help(post),
        target=post.get("target", "") if FIELD_TYPES[kind].has_target else "",
        retired=old.retired if old else False,
    )
    made = replace(made, choices=choices(post, made, old))
    made = replace(made, options=options(post, made, old))
    made = replace(made, choices=_under(spec, made))
    made = replace(made, default=_default(post, made, problems))
    if problems:
        raise Refused(*problems)
    return made


def options(post: QueryDict, f: FieldSpec, old: FieldSpec | None) -> dict[str, Any]:
    """The options that the form asks for over those that it does not know."""
    kept = dict(old.options) if old and old.type == f.type else {}
    requested: dict[str, Any] = {"sensitive": bool(post.get("sensitive"))}
    if f.kind.staged and "choice_approve" in post:
        requested["approve"] = _approved(post, f) or None
    for s in FIELD_TYPES[f.type].settings:
        name = f"opt:{f.type}:{s.key}"
        if name in post or s.kind == "check":
            requested[s.key] = _setting(post.get(name, ""), s.kind)
    if f.kind.calculated:
        requested["formula"] = post.get("formula", "").strip()
        requested["result"] = post.get("result", "number")
        decimals = whole(post, "result_decimals")
        if decimals is not None:
            requested["decimals"] = decimals
    if f.kind.aggregates:
        requested |= {k: tidy(post.get(f"rollup_{k}", "")) or None for k in ROLLUP}
        kept.pop("result", None)
    if not FIELD_TYPES[f.type].computed:
        requested["required_when"] = post.get("required_when", "").strip() or None
    if f.kind.patterned:
        requested["pattern"] = post.get("pattern", "").strip() or None
        said = {"zh": tidy(post.get("pattern_zh", "")), "en": tidy(post.get("pattern_en", ""))}
        either = said["zh"] or said["en"]
        requested["pattern_message"] = (
            {k: v or either for k, v in said.items()} if either and requested["pattern"] else None
        )
    if f.kind.one_line:
        requested["format"] = post.get("format", "") or None
    if f.kind.dated:
        requested |= {k: tidy(post.get(f"day_{k}", "")) or None for k in ("min", "max")}
    merged = {**kept, **requested}
    return {k: v for k, v in merged.items() if v not in (None, "", False)}


def _setting(raw: str, kind: str) -> Any:
    words = tidy(raw)
    if kind == "check":
        return bool(words)
    # kind: of a setting of a type
    if kind == "number" or whole_of(words) is not None:
        try:
            return int(words) if whole_of(words.lstrip("-")) is not None else float(words)
        except ValueError:
            return words or None
    return words or None


def choices(post: QueryDict, f: FieldSpec, old: FieldSpec | None) -> tuple[Choice, ...]:
    """The options in their order: rows of the editor, lines of the long list, lines pasted."""
    if not FIELD_TYPES[f.type].has_choices:
        return ()
    known = {c.key: c for c in (old.choices if old else ())}
    made: dict[str, Choice] = {}
    if "choice_lines" in post:
        _lines(post.get("choice_lines", ""), known, made)
    columns = [post.getlist(f"choice_{n}") for n in CHOICE_COLUMNS]
    gone = set(post.getlist("choice_retired"))
    for key, zh, en, color, odds, ends, _ in zip_longest(*columns, fillvalue=""):
        words = tidy(zh) or tidy(en)
        if not words:
            continue
        named = key or _choice_key(words, made, known)
        base = known.get(named) or Choice(named, Text(words, words))
        label = Text(words, tidy(en) or words)
        one = replace(base, label=label, color=color, retired=named in gone)
        if f.kind.staged:
            one = replace(one, probability=_odds(odds), outcome=ends)
        made[named] = one
    _lines(post.get("choice_paste", ""), known, made)
    return tuple(made.values())


def _approved(post: QueryDict, f: FieldSpec) -> list[str]:
    """The stages that only who may approve moves a record into, row by row as they were sent."""
    wanted, keys, words = (post.getlist(f"choice_{n}") for n in ("approve", "key", "zh"))
    by_label = {c.label.zh: c.key for c in f.choices}
    submitted = zip_longest(wanted, keys, words, fillvalue="")
    named = {key or by_label.get(tidy(zh), "") for yes, key, zh in submitted if yes}
    return [c.key for c in f.choices if c.key in named]


def _lines(text: str, known: Mapping[str, Choice], made: dict[str, Choice]) -> None:
    """“Label | English | #key | <upper option” a line.

    The label alone is enough, and finds an option again.
    """
    by_label = {c.label.zh: c.key for c in known.values()}
    for line in text.splitlines():
        parts = [tidy(p) for p in line.replace("\t", "|").split("|")]
        named = next((p[1:] for p in parts if p.startswith("#")), "")
        above = next((p[1:].strip() for p in parts if p.startswith("<")), "")
        words = [p for p in parts if p and not p.startswith(("#", "<"))]
        if not words:
            continue
        key = named or by_label.get(words[0], "") or _choice_key(words[0], made, known)
        color = COLORS[len(made) % len(COLORS)]
        base = known.get(key) or Choice(key, Text(words[0], words[0]), color)
        said = Text(words[0], words[1] if words[1:] else words[0])
        made[key] = replace(base, label=said, parent=above or base.parent)


def _under(spec: ObjectSpec, f: FieldSpec) -> tuple[Choice, ...]:
    """The options with the keys of those that they stand under, which may be named by a label."""
    above = spec.fields.get(str(f.options.get("depends_on") or ""))
    names: dict[str, str] = {}
    for c in above.choices if above else ():
        for name in (c.key, c.label.zh, c.label.en):
            names.setdefault(folded(name), c.key)
    return tuple(replace(c, parent=names.get(folded(c.parent), c.parent)) for c in f.choices)


def lines(f: FieldSpec) -> str:
    """The options as ``_lines`` reads them."""
    return "\n".join(map(_line, f.choices))


def _line(c: Choice) -> str:
    parts = [c.label.zh]
    if c.label.en != c.label.zh:
        parts.append(c.label.en)
    parts.append(f"#{c.key}")
    if c.parent:
        parts.append(f"<{c.parent}")
    return " | ".join(parts)


def _choice_key(words: str, made: Mapping[str, Choice], known: Mapping[str, Choice]) -> str:
    return key_of(words, {*made, *known}, stem="option")


def _odds(raw: str) -> float | None:
    try:
        return min(100.0, max(0.0, float(raw.strip().rstrip("%％")))) / 100
    except ValueError:
        return None


def label_of(post: QueryDict) -> Text:
    """A name in two languages. Raises Refused."""
    problems: list[Problem] = []
    label = _label(post, problems)
    if problems:
        raise Refused(*problems)
    return label


def _label(post: QueryDict, problems: list[Problem]) -> Text:
    zh, en = tidy(post.get("zh", "")), tidy(post.get("en", ""))
    if not zh and not en:
        words = Text("请填写“名称”。", "“Label” is required.")
        problems.append(Problem("required", words, field="zh"))
    return Text(zh or en, en or zh)


def _help(post: QueryDict) -> Text | None:
    zh, en = (post.get(k, "").strip() for k in ("help_zh", "help_en"))
    return Text(zh or en, en or zh) if zh or en else None


def _default(post: QueryDict, f: FieldSpec, problems: list[Problem]) -> Any:
    raw = post.get("default", "").strip()
    if not raw or FIELD_TYPES[f.type].computed:
        return None
    if (raw, f.type) in (("me", "member"), ("today", "date"), ("now", "datetime")):
        return raw
    if raw in ("today", "now") and f.kind.dated:
        return raw
    try:
        value = FIELD_TYPES[f.type].parse(f, raw)
    except FieldError as error:
        problems.append(Problem(error.code, error.message, error.hint, field="default", value=raw))
        return None
    if FIELD_TYPES[f.type].has_choices or f.kind.yes_no:
        return list(value) if isinstance(value, tuple) else value
    return raw


def _free_key(label: Text, spec: ObjectSpec) -> str:
    words = label.en if label.en.isascii() else label.zh
    return key_of(words, spec.fields.keys())


def _taken(key: str, spec: ObjectSpec) -> Problem:
    other = key_of(key, spec.fields.keys())
    return Problem(
        "key_taken",
        Text("标识“{k}”已被使用。", "The key “{k}” is taken.").format(k=key),
        Text("换一个标识，例如“{o}”。", "Choose another, such as “{o}”.").format(o=other),
        field="key",
        value=key,
        suggestion=other,
    )


def _last(spec: ObjectSpec) -> int:
    return max((f.position for f in spec.fields.values()), default=0)


def check(post: QueryDict, taken: Iterable[str], key: str = "") -> dict[str, Any]:
    """A rule between fields as the form wants it."""
    zh, en = tidy(post.get("message_zh", "")), tidy(post.get("message_en", ""))
    made: dict[str, Any] = {
        "key": key or key_of(en or zh, set(taken), stem="rule"),
        "must": post.get("must", "").strip(),
        "message": {"zh": zh or en, "en": en or zh} if zh or en else "",
        "fields": post.getlist("fields"),
    }
    if post.get("when", "").strip():
        made["when"] = post.get("when", "").strip()
    return made
