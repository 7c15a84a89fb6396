"""Differences in plain words, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.kernel.packs.content.compare import GONE, Difference, Path
from wubu.kernel.packs.content.sections import section_labels
from wubu.kernel.packs.differences.trees import Tree
from wubu.kernel.packs.differences.values import Wording, part_name
from wubu.kernel.packs.types import Said
from wubu.kernel.permissions.rules import SCOPES
from wubu.kernel.types import Text

CONTAINERS = frozenset({"fields", "choices", "options"})  # not worth a word of their own
STATE = frozenset({"retired", "resting"})
ADDED, LEFT, BACK = (
    Text("新增", "Added"),
    Text("停用", "Disabled"),
    Text("重新启用", "Enabled again"),
)
ARROW = Text("{a} → {b}", "{a} → {b}")


def say(one: Difference, now: Tree, own: Tree) -> Said:
    """Where it is, what differs, and the three versions of it."""
    words = Wording(now, own)
    section = one.path[0]
    label = section_labels().get(section, Text(section, section))
    path = one.path[:-1] if one.path[-1] in STATE else one.path
    places = [
        _called(path[:size], words)
        for size in range(2, len(path) + 1)
        if path[size - 1] not in CONTAINERS or size == len(path)
    ]
    place = places[0] if places else label
    for more in places[1:]:
        place = Text("{a} › {b}", "{a} › {b}").format(a=place, b=more)
    sides = tuple(words.said(one.path, side) for side in (one.before, one.now, one.own))
    return Said(one, label, place, _what(one, words), *sides)


def _called(path: Path, words: Wording) -> Text:
    key = path[-1]
    found = words.called(path)
    if found is not None:
        return found
    declared = words.declared(path)
    if declared is not None and (named := declared[0].part(path[2:])):
        return named
    if path[0] == "roles" and len(path) > 3:
        if len(path) == 4:
            return words.called(("objects", key)) or Text(key, key)
        if key in SCOPES:
            return SCOPES[key]  # type: ignore[index]
        return words.field(path[3], key) or Text(key, key)
    if path[0] == "forms" and len(path) == 2:
        return words.called(("objects", key)) or Text(key, key)
    inside = "fields" in path[:-1] or "choices" in path[:-1]
    if len(path) > 2 and path[-2] != "choices" and (path[-2] != "fields" or not inside):
        return part_name(key) or words.field(words.object_of(path), key) or Text(key, key)
    return Text(key, key)


def _what(one: Difference, words: Wording) -> Text:
    if one.side == "ours":
        return _step(one.path, one.before, one.own, words)
    if one.side == "theirs":
        return _step(one.path, one.own, one.now, words)
    theirs, ours = words.pair(one.path, one.now, one.own)
    return Text("包：{theirs}；本公司：{ours}", "the pack: {theirs}; the company: {ours}").format(
        theirs=theirs, ours=ours
    )


def _step(path: Path, was: Any, now: Any, words: Wording) -> Text:
    if path[-1] in STATE:
        return LEFT if now is True else BACK
    if was is GONE and _named(now):
        return ADDED
    if now is GONE and _named(was):
        return LEFT
    a, b = words.pair(path, was, now)
    return ARROW.format(a=a, b=b)


def _named(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("label"), Mapping)
