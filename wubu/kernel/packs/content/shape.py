"""The shape of a pack: which keys there are and what stands in them.

What is wrong is told with its path, its line, what stands there and what may; then it is put aside,
so that whatever else is wrong is told in the same breath.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from rapidfuzz import process

from wubu.kernel.definitions.base import Field
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.nested import Rows
from wubu.kernel.definitions.plain import Day, Flag
from wubu.kernel.packs.content.schema import PackDef
from wubu.kernel.packs.content.sections import Section, sections
from wubu.kernel.packs.content.source import Place, Source
from wubu.kernel.types import Problem, Refused, Text

ROUNDS = 8
LISTED = 16  # keys that a hint names
LONGEST = 60  # characters of what stands there
# What may stand in the sections of all rooms beside their own keys.
DATED: Mapping[str, Field] = {
    f.name: f
    for f in (
        Day(name="from", label=Text("生效日期", "Effective from")),
        Rows(name="earlier", label=Text("以前的版本", "Versions before"), of=(), most=1_000),
        Flag(name="resting", label=Text("停用", "Disabled")),
        Flag(name="retired", label=Text("停用", "Disabled")),
    )
}
KEYED = Text("字段和值", "keys and values")
PLACEHOLDERS: Mapping[str, Any] = {
    "pack": "x",
    "version": 1,
    "label": {"zh": "?", "en": "?"},
    "zh": "?",
    "en": "?",
    "type": "text",
    "fields": {},
}
KEY = Text(
    "标识由小写字母、数字和下划线组成，以字母开头，最多 40 个字符。",
    "A key is made of lower-case letters, digits and underscores, a letter first, 40 at most.",
)
ASKED: Mapping[str, Text] = {
    "string_type": Text("应为一段文字", "a text"),
    "string_too_short": Text("不能为空", "not empty"),
    "string_pattern_mismatch": Text("应为标识", "a key"),
    "int_type": Text("应为整数", "a whole number"),
    "int_from_float": Text("应为整数", "a whole number"),
    "float_type": Text("应为数字", "a number"),
    "bool_type": Text("应为 true 或 false", "true or false"),
    "dict_type": Text("应为“键: 值”", "keys and values"),
    "model_type": Text("应为“键: 值”", "keys and values"),
    "model_attributes_type": Text("应为“键: 值”", "keys and values"),
    "list_type": Text("应为一列，如 [a, b]", "a list, as [a, b]"),
    "too_short": Text("至少要有一项", "at least one"),
}


def read_shape(source: Source) -> tuple[PackDef, list[Problem], set[Place]]:
    """The pack, what is wrong with its shape, and where: these places were put aside.

    Raises Refused where nothing can be made of it.
    """
    data, problems, wrong = _copy(source.data), list[Problem](), set[Place]()
    for place, problem in _sections(source, data):
        wrong.add(place)
        problems.append(problem)
    for _ in range(ROUNDS):
        try:
            return PackDef.model_validate(data), problems, wrong
        except ValidationError as error:
            for one in error.errors():
                place = _real(one["loc"], data)
                if place in wrong:
                    continue
                wrong.add(place)
                problems.append(_problem(source, place, one))
                _mend(data, place, one["type"])
    raise Refused(*problems)


def suggest(word: str, among: Iterable[str]) -> Text | None:
    """“Did you mean …?” when something among the known words is near."""
    found = process.extractOne(word, list(among), score_cutoff=70)
    if found is None:
        return None
    return Text("是不是“{w}”？", "Did you mean “{w}”?").format(w=found[0])


def choose(word: str, among: Iterable[str]) -> Text:
    """What may stand there, the nearest first."""
    known = list(among)
    listed = ", ".join(known[:LISTED]) + (" …" if len(known) > LISTED else "")
    near = suggest(word, known)
    all_ = Text("可以写：{all}。", "What may stand here: {all}.").format(all=listed or "—")
    return Text("{a} {b}", "{a} {b}").format(a=near, b=all_) if near else all_


def path_words(place: Place) -> str:
    """A path as people read it: ``objects › customer › list › 3``."""
    return " › ".join(str(p + 1) if isinstance(p, int) else p for p in place)


def _problem(source: Source, place: Place, error: Any) -> Problem:
    key, kind = str(place[-1]) if place else "", str(error["type"])
    where, raw = path_words(place), _shown(error.get("input"))
    hint: Text | None
    if kind == "missing":
        words = Text("{p} 缺少“{k}”。", "{p}: “{k}” is missing.")
        words = words.format(p=path_words(place[:-1]) or source_name(source), k=key)
        hint = _example(key)
        raw = ""
    elif kind == "extra_forbidden":
        words = Text("{p}：不认识的键“{k}”。", "{p}: the key “{k}” is not known.")
        words, hint = words.format(p=where, k=key), choose(key, _keys_at(place[:-1]))
        raw = key
    elif kind == "string_pattern_mismatch":
        words = Text("{p}：标识“{k}”写法不对。", "{p}: “{k}” is not a valid key.").format(
            p=where, k=key
        )
        hint, raw = KEY, key
    else:
        asked = _asked(error)
        words = Text("{p} 现在是“{v}”，{a}。", "{p} is “{v}”; it must be {a}.").format(
            p=where, v=raw, a=asked
        )
        hint = _options(error) or _quoted(error) or _example(key)
    return source.problem(place, "pack_shape", words, hint, value=raw)


def _asked(error: Any) -> Text:
    context = error.get("ctx") or {}
    if error["type"] == "literal_error":
        return Text("应为所列之一", "one of those listed")
    if error["type"] in ("greater_than_equal", "greater_than"):
        least = context.get("ge", context.get("gt"))
        return Text("应不小于 {n}", "at least {n}").format(n=least)
    if error["type"] in ("less_than_equal", "less_than"):
        return Text("应不大于 {n}", "at most {n}").format(n=context.get("le", context.get("lt")))
    return ASKED.get(error["type"]) or Text("写法不对", "not valid")


def _options(error: Any) -> Text | None:
    if error["type"] != "literal_error":
        return None
    known = str((error.get("ctx") or {}).get("expected", "")).replace("'", "")
    return choose(str(error.get("input")), known.replace(" or ", ", ").split(", "))


def _quoted(error: Any) -> Text | None:
    """YAML reads No, 2026-01-31 and 1.0 as something else than text."""
    value = error.get("input")
    if error["type"] != "string_type" or isinstance(value, Mapping | list) or value is None:
        return None
    said = str(value)
    return Text("给值加上引号：“{v}”。", "Put it in quotation marks: “{v}”.").format(v=said)


def _example(key: str) -> Text | None:
    words = {
        "label": "label: {zh: 名称, en: Name}",
        "plural": "plural: {zh: 名称, en: Names}",
        "help": "help: {zh: 说明, en: Help}",
        "description": "description: {zh: 说明, en: Text}",
        "zh": "{zh: 中文, en: English}",
        "en": "{zh: 中文, en: English}",
        "type": "type: text",
        "pack": "pack: my_pack",
        "version": "version: 1",
        "fields": "fields: {name: {type: text, label: {zh: 名称, en: Name}}}",
        "actions": "actions: [view, create, edit]",
        "list": "list: [name, owner]",
        "roles": "roles: {title: name, owner: owner}",
        "kind": "kind: sum",
        "object": "object: customer",
        "filter": "filter: '{amount} > 100'",
        "lines": "lines: [{metric: sales_signed, weight: 100}]",
        "metric": "metric: sales_signed",
        "points": "points: 10",
        "source": "source: metric",
        "when": "when: created_at",
        "required": "required: true",
        "unique": "unique: true",
    }.get(key)
    return Text("例如：{e}", "For example: {e}").format(e=words) if words else None


def source_name(source: Source) -> str:
    """What to call the top of a file."""
    return next((file for file, _ in source.places.values()), "YAML")


# What is known where


def _keys_at(place: Place) -> list[str]:
    """The keys that may stand at a path, from the models."""
    model = _model_at(place)
    if model is None:
        return []
    known = [f.alias or name for name, f in model.model_fields.items()]
    return [*known, *(s.name for s in sections())] if model is PackDef else known


def _model_at(place: Place) -> type[BaseModel] | None:
    here: Any = PackDef
    for part in place:
        here = _inside(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            fields = {f.alias or name: f for name, f in here.model_fields.items()}
            if part not in fields:
                return None
            here = fields[str(part)].annotation
        elif get_origin(here) in (dict, list):
            here = get_args(here)[-1]
        else:
            return None
    here = _inside(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _inside(annotation: Any) -> Any:
    """Without ``Annotated`` and ``None``."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        some = [a for a in get_args(annotation) if a is not type(None)]
        return _inside(some[0]) if some else annotation
    if get_origin(annotation) is Literal:
        return str
    return annotation


# Sections of the rooms above


def _sections(source: Source, data: dict[str, Any]) -> Iterator[tuple[Place, Problem]]:
    known = {s.name: s for s in sections()}
    own = [f.alias or name for name, f in PackDef.model_fields.items()]
    for name in list(data):
        if name in own:
            continue
        section = known.get(name)
        if section is None:
            words = Text("{p}：不认识的部分。", "{p}: there is no such part.").format(p=name)
            hint = choose(name, [*own, *known])
            yield (name,), source.problem((name,), "pack_shape", words, hint, value=name)
            del data[name]
        elif not isinstance(data[name], Mapping):
            yield (name,), _misfit(source, (name,), data[name], KEYED)
            del data[name]
        else:
            for key in list(data[name]):
                found = list(_definition(source, section, (name, key), data[name][key]))
                yield from found
                if found:
                    del data[name][key]


def _definition(
    source: Source, section: Section, place: Place, value: Any
) -> Iterator[tuple[Place, Problem]]:
    if not isinstance(value, Mapping):
        yield place, _misfit(source, place, value, KEYED)
        return
    if section.definition is not None:
        yield from _declared(source, section.definition, place, value)
        return


def _declared(
    source: Source, definition: Definition, place: Place, value: Mapping[str, Any]
) -> Iterator[tuple[Place, Problem]]:
    """What stands where its kind says otherwise; versions that held before alike."""
    try:
        present = definition.current({k: v for k, v in value.items() if k not in DATED})
    except Refused as refused:
        for one in refused.problems:
            yield place, source.problem(place, "pack_shape", one.message, one.hint)
        return
    for key, field, problems in definition.misshapen(present):
        here: Place = (*place, key)
        if field is None:
            words = Text("{p}：不认识的键“{k}”。", "{p}: the key “{k}” is not known.")
            words = words.format(p=path_words(here), k=key)
            known = [*definition.keys, *DATED]
            yield here, source.problem(here, "pack_shape", words, choose(key, known), value=key)
        elif field.fits(value.get(key)):  # then a row of it is wrong
            for one in problems:
                row: Place = here if one.row is None else (*here, one.row)
                words = Text("{p}：{m}", "{p}: {m}").format(p=path_words(row), m=one.message)
                yield row, source.problem(row, "pack_shape", words, one.hint, value=one.value)
        else:
            words = Text("{p} 现在是“{v}”，应为{a}。", "{p} is “{v}”; it must be {a}.")
            raw = _shown(value.get(key))
            words = words.format(p=path_words(here), v=raw, a=field.form)
            yield here, source.problem(here, "pack_shape", words, _example(key), value=raw)
    # A version before may leave out what does not change with the day, such as a metric's name.
    for name in () if "earlier" in place else definition.lacking(present):
        words = Text("{p} 缺少“{k}”。", "{p}: “{k}” is missing.")
        words = words.format(p=path_words(place), k=name)
        yield (*place, name), source.problem(place, "pack_shape", words, _example(name))
    for key, dated in DATED.items():
        if value.get(key) is not None and not dated.fits(value[key]):
            yield (*place, key), _misfit(source, (*place, key), value[key], dated.form)
    for number, earlier in enumerate(value.get("earlier") or ()):
        if isinstance(earlier, Mapping):
            yield from _declared(source, definition, (*place, "earlier", number), earlier)


def _misfit(source: Source, place: Place, value: Any, form: Text) -> Problem:
    words = Text("{p} 现在是“{v}”，应为{a}。", "{p} is “{v}”; it must be {a}.")
    words = words.format(p=path_words(place), v=_shown(value), a=form)
    hint = _example(str(place[-1]))
    return source.problem(place, "pack_shape", words, hint, value=_shown(value))


# Putting aside


def _real(loc: tuple[Any, ...], data: Any) -> Place:
    """A place of pydantic's without what it adds for keys and unions."""
    found: list[str | int] = []
    here = data
    for n, part in enumerate(loc):
        if part == "[key]":
            continue
        there = (isinstance(here, Mapping) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        )
        if not there and not (isinstance(here, Mapping) and n == len(loc) - 1):
            break
        found.append(part)
        here = here[part] if there else None
    return tuple(found)


def _mend(data: Any, place: Place, kind: str) -> None:
    """Take the part out, or let something stand there that does no harm."""
    number = next((n for n, part in enumerate(place) if isinstance(part, int)), None)
    if number is not None:
        _set(data, place[:number], [])
        return
    key = str(place[-1]) if place else ""
    if kind not in ("extra_forbidden", "string_pattern_mismatch") and key in PLACEHOLDERS:
        _set(data, place, _copy(PLACEHOLDERS[key]))
    else:
        parent = _at(data, place[:-1])
        if isinstance(parent, dict):
            parent.pop(key, None)


def _set(data: Any, place: Place, value: Any) -> None:
    parent = _at(data, place[:-1])
    if place and isinstance(parent, dict | list):
        parent[place[-1]] = value  # type: ignore[index]


def _at(data: Any, place: Place) -> Any:
    here = data
    for part in place:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _copy(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_copy(v) for v in value]
    return value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    said = "" if value is None else str(value)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
