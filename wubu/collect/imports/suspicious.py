"""Values that look misspelt: beside a dictionary, or beside a far more frequent neighbour.

They never block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process

from wubu.collect.imports.words import dictionary, plain

DISTINCT = 300  # a column with more different values is free text
NEAR = 88  # of 100
OFTEN = 5  # a neighbour so many times as frequent is believed to be the right spelling


class Spelling:
    """Watches the values of one text column."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.lines: dict[str, list[int]] = {}
        self.free_text = False

    def see(self, value: object, line: int) -> None:
        if self.free_text or not isinstance(value, str):
            return
        self.seen[value] += 1
        lines = self.lines.setdefault(value, [])
        if len(lines) < 5:
            lines.append(line)
        if len(self.seen) > DISTINCT:
            self.free_text = True
            self.seen.clear()
            self.lines.clear()

    def suspects(self) -> Mapping[str, str]:
        """Value → what was probably meant."""
        if self.free_text or len(self.seen) * 2 > sum(self.seen.values()) > 40:
            return {}
        found: dict[str, str] = {}
        for value, times in self.seen.items():
            meant = _by_dictionary(value) or _by_neighbour(value, times, self.seen)
            if meant:
                found[value] = meant
        return found


def _by_dictionary(value: str) -> str | None:
    word = plain(value)
    words = dictionary()
    if len(word) < 5 or word in words:
        return None
    near = process.extractOne(word, words.keys(), scorer=fuzz.ratio, score_cutoff=NEAR)
    if near is None:
        return None
    meant = words[near[0]]
    return meant.lower() if value.islower() else meant


def _by_neighbour(value: str, times: int, seen: Mapping[str, int]) -> str | None:
    word = plain(value)
    if len(word) < 4 or any(c.isdigit() for c in word):
        return None
    often: Iterable[str] = [v for v, n in seen.items() if n >= times * OFTEN]
    near = process.extractOne(
        word, {v: plain(v) for v in often}, scorer=fuzz.ratio, score_cutoff=NEAR
    )
    return near[2] if near and near[0] != word else None
