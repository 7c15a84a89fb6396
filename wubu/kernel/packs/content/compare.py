"""Three-way compare of configurations: what was shipped, what is shipped now, what the company has.

A configuration is nested mappings; whatever is not a mapping, and words in two languages, is one
leaf. What is retired is there, with ``retired`` or ``resting`` in it: a company that retires a
field and a pack that drops it say the same thing, a pack that carries it on does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Path = tuple[str, ...]
Side = Literal["theirs", "ours", "both"]


class Gone:
    """Stands for a part that is not there."""

    def __repr__(self) -> str:
        return "GONE"


GONE: Any = Gone()


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that differs.

    ``side`` says who changed it: the pack (theirs), the company (ours), or both of them in
    different ways.

    ``before`` is what was shipped, ``now`` what the pack says today, ``own`` what the company has;
    ``GONE`` where the part is missing.
    """

    path: Path
    side: Side
    before: Any
    now: Any
    own: Any

    @property
    def id(self) -> str:
        return "/".join(self.path)

    @property
    def takes(self) -> Literal["theirs", "ours"]:
        """What is done unless somebody chooses: the company's own always stays."""
        return "theirs" if self.side == "theirs" else "ours"


def differences(before: Any, now: Any, own: Any, path: Path = ()) -> Iterable[Difference]:
    """Every part in which the company differs from the pack, in the order of the pack."""
    if now == own or (now is GONE and is_retired(own)):
        return
    if _is_tree(now) and _is_tree(own):
        old = before if _is_tree(before) else {}
        for key in [*now, *(k for k in own if k not in now)]:
            yield from differences(
                old.get(key, GONE), now.get(key, GONE), own.get(key, GONE), (*path, key)
            )
    elif now == before:
        yield Difference(path, "ours", before, now, own)
    elif own == before:
        yield Difference(path, "theirs", before, now, own)
    else:
        yield Difference(path, "both", before, now, own)


def merged(own: Any, some: Iterable[Difference]) -> Any:
    """The company's configuration with these parts as the pack has them."""
    made = _copy(own)
    for one in some:
        *way, last = one.path
        here = made
        for key in way:
            here = here.setdefault(key, {})
        if one.now is GONE:
            here.pop(last, None)
        else:
            here[last] = _copy(one.now)
    return made


def in_order(before: Iterable[str], now: Iterable[str], own: Iterable[str]) -> list[str]:
    """How named things are ordered after an upgrade.

    As the pack orders them, unless the company did so itself; the company's own things stay behind
    what they stood behind.
    """
    old, new, mine = list(before), list(now), list(own)
    shared = set(old) & set(mine)
    reordered = [k for k in mine if k in shared] != [k for k in old if k in shared]
    first, second = (mine, new) if reordered else (new, mine)
    result = list(first)
    for place, key in enumerate(second):
        if key not in result:
            earlier = next((k for k in reversed(second[:place]) if k in result), None)
            result.insert(result.index(earlier) + 1 if earlier else 0, key)
    return result


def is_retired(value: Any) -> bool:
    """Whether a part is there, but out of use."""
    return isinstance(value, Mapping) and True in (value.get("retired"), value.get("resting"))


def _is_tree(value: Any) -> bool:
    return isinstance(value, Mapping) and not (value and set(value) <= {"zh", "en"})


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _copy(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(v) for v in value]
    return value
