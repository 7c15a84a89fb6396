"""Which keys an object or a field may have: they become tables and columns, and stay for ever."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from wubu.kernel.catalog.types import BASE_COLUMNS, ObjectSpec
from wubu.kernel.types import Problem, Text

KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
LONGEST = 40
# Names that Django's models or the language use for themselves.
RESERVED = frozenset(
    {*BASE_COLUMNS, "pk", "objects", "member", "team", "save", "delete", "clean", "check", "and"}
    | {"or", "not", "in", "true", "false", "full_clean", "refresh_from_db", "from_db", "order"}
    | {"new", "preview", "history", "paste", "reorder"}  # pages of the designer
)
# Fields may be called these although objects may not: the models' own methods do not clash with
# them.
ALLOWED_FIELDS = frozenset(
    {"member", "team", "order", "in", "and", "or", "not", "true", "false"}
    | {"history", "paste", "reorder"}
)


def key_problem(key: str, *, object_key: str, field: str | None = None) -> Problem | None:
    """Why a key will not do, or None."""
    reserved = key in RESERVED and not (field is not None and key in ALLOWED_FIELDS)
    if reserved or key.endswith("_id"):
        message = Text("“{k}”是保留名，不能使用。", "“{k}” is a reserved name.").format(k=key)
        other = f"{key.removesuffix('_id') or 'field'}_2"
        hint = Text("换一个名字，例如“{k}”。", "Choose another, such as “{k}”.").format(k=other)
        return Problem(
            "reserved_key",
            message,
            hint,
            object=object_key,
            field=field,
            value=key,
            suggestion=other,
        )
    if len(key) > LONGEST or not KEY.match(key):
        message = Text("“{k}”不能作为标识。", "“{k}” cannot be a key.").format(k=key)
        hint = Text(
            "只用小写英文字母、数字和单个下划线，以字母开头，不超过 40 个字符。",
            "Use lower-case letters, digits and single underscores; begin with a letter; "
            "at most 40 characters.",
        )
        made = key_of(key, ())
        return Problem(
            "bad_key", message, hint, object=object_key, field=field, value=key, suggestion=made
        )
    return None


def key_of(words: str, taken: Collection[str], *, stem: str = "field") -> str:
    """A good key that is free, made of a label in any language."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 (slow to load, seldom needed)

    spelt = " ".join(lazy_pinyin(words))
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: LONGEST - 4].strip("_")
    while key.endswith("_id"):
        key = key.removesuffix("_id")
    if not key or not key[0].isalpha():
        key = f"{stem}_{key}" if key else stem
    made, number = key, 1
    while made in taken or made in RESERVED:
        number += 1
        made = f"{key}_{number}"
    return made


# Characters that make words look like others: direction overrides and what cannot be seen.
HIDDEN = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]")
LONGEST_LABEL = 80


def tidy(words: str) -> str:
    """A label as it is kept: single spaces, nothing hidden. Emoji and any script are fine."""
    return " ".join(HIDDEN.sub("", words).split())


def label_problems(spec: ObjectSpec, old: ObjectSpec | None) -> Iterator[Problem]:
    """What is wrong with labels of fields that are new or were changed: empty, long, not unlike."""
    changed = [
        f
        for f in spec.live_fields
        if old is None
        or f.key not in old.fields
        or old.fields[f.key].label != f.label
        or old.fields[f.key].retired
    ]
    named: dict[str, list[str]] = {}
    for f in spec.live_fields if changed else ():
        for words in {f.label.zh.casefold(), f.label.en.casefold()}:
            named.setdefault(words, []).append(f.key)
    order = {f.key: n for n, f in enumerate(changed)}
    for f in changed:
        yield from _label(f.label, spec.key, f.key)
        both = {f.label.zh.casefold(), f.label.en.casefold()}
        twins = [k for words in both for k in named[words] if k != f.key]
        # Of two new fields of one name only the later one is told.
        if any(order.get(k, -1) < order[f.key] for k in twins):
            others = [g.label for g in spec.live_fields if g.key != f.key]
            yield _clash(f.label, others, spec.key, f.key)


def object_label_problems(
    spec: ObjectSpec, old: ObjectSpec | None, others: Iterable[ObjectSpec]
) -> Iterator[Problem]:
    """The same for an object among the others."""
    if spec.retired or (old is not None and old.label == spec.label and not old.retired):
        return
    yield from _label(spec.label, spec.key, None)
    labels = [o.label for o in others if o.key != spec.key and not o.retired]
    if any(_alike(label, spec.label) for label in labels):
        yield _clash(spec.label, labels, spec.key, None)


def _alike(one: Text, other: Text) -> bool:
    return any(
        a.casefold() == b.casefold()
        for a, b in ((one.zh, other.zh), (one.en, other.en), (one.zh, other.en), (one.en, other.zh))
    )


def _label(label: Text, object_key: str, field: str | None) -> Iterator[Problem]:
    for words in dict.fromkeys((label.zh, label.en)):
        if not tidy(words):
            message = Text("请填写名称。", "Give it a label.")
            yield Problem("no_label", message, object=object_key, field=field, value=words)
        elif len(words) > LONGEST_LABEL or set("{}[]") & set(words) or HIDDEN.search(words):
            message = Text("“{v}”不能作为名称。", "“{v}” cannot be a label.").format(v=tidy(words))
            hint = Text(
                "不超过 {n} 个字符，不含 { } [ ] 和不可见字符。".replace("{ }", "{{ }}"),
                "At most {n} characters, none of {{ }} [ ], and none that cannot be seen.",
            ).format(n=LONGEST_LABEL)
            made = re.sub(r"[{}\[\]]", "", tidy(words))[:LONGEST_LABEL]
            yield Problem(
                "bad_label", message, hint, object=object_key, field=field, value=words,
                suggestion=made,
            )  # fmt: skip


def _clash(label: Text, others: Iterable[Text], object_key: str, field: str | None) -> Problem:
    taken = {w.casefold() for t in others for w in (t.zh, t.en)}
    number = 2
    while f"{label.zh} {number}".casefold() in taken or f"{label.en} {number}".casefold() in taken:
        number += 1
    made = Text(f"{label.zh} {number}", f"{label.en} {number}")
    return Problem(
        "label_taken",
        Text("已经有一个叫“{v}”的。", "There is one called “{v}” already.").format(v=label),
        Text("换个名称，例如“{s}”。", "Choose another, such as “{s}”.").format(s=made),
        object=object_key,
        field=field,
        value=str(label),
        suggestion=str(made),
    )
