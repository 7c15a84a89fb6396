"""A pack that builds on another says only what differs, so that a newer base reaches it too.

Mappings are merged key by key. ``key: null`` leaves out what the base has; ``key!: …`` takes the
place of the base's value instead of being merged into it; ``key+: […]`` adds to the end of a list;
anything else replaces. What the base says of a thing that is left out goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wubu.kernel.packs.content.pruning import prune
from wubu.kernel.packs.content.source import Place, Source
from wubu.kernel.types import Problem, Text

INSTEAD, MORE = "!", "+"


def extended(base: Source, change: Source) -> tuple[Source, list[Problem]]:
    """The base with the changes, and what is wrong with them: things left out that are not there.

    Every part remembers the file and line that it came from.
    """
    problems: list[Problem] = []
    name = str(base.data.get("pack", ""))
    places = {path: (f"{name}/{file}", line) for path, (file, line) in base.places.items()}
    for path, place in change.places.items():
        places[tuple(_key(p) if isinstance(p, str) else p for p in path)] = place
    made = Source(data=_copy(base.data), places=places)
    _merge(made.data, change.data, (), change, problems)
    prune(made.data, base.data, change.data)
    return made, problems


def _merge(
    into: dict[str, Any],
    change: dict[str, Any],
    path: Place,
    source: Source,
    problems: list[Problem],
) -> None:
    for name, value in change.items():
        key = _key(name)
        here = (*path, name)
        if value is None:
            if key not in into:
                problems.append(_nothing(source, here, key, into))
            into.pop(key, None)
        elif (
            name == key
            and isinstance(value, dict)
            and isinstance(into.get(key), dict)
            and not _is_words(value)
        ):
            _merge(into[key], value, here, source, problems)
        elif name.endswith(MORE):
            into[key] = [*(into.get(key) or ()), *_copy(value)]
        else:
            into[key] = _copy(value)


def _key(name: str) -> str:
    return name.removesuffix(INSTEAD).removesuffix(MORE)


def _is_words(value: dict[str, Any]) -> bool:
    return bool(value) and set(value) <= {"zh", "en"}


def _nothing(source: Source, path: Place, key: str, known: Iterable[str]) -> Problem:
    return source.problem(
        path,
        "pack_left_out",
        Text("基础包里没有“{k}”，无法去掉。", "The base has no “{k}” to leave out.").format(k=key),
        Text("那里有：{all}。", "There are: {all}.").format(all=", ".join(list(known)[:12]) or "—"),
    )


def _copy(value: Any) -> Any:
    """A deep copy without what is left out: a new part has nothing to leave out from."""
    if isinstance(value, dict):
        return {_key(k): _copy(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_copy(v) for v in value]
    return value
