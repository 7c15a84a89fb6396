"""Words compared as people mean them, and the synonyms that the mapping knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from babel import Locale

HERE = Path(__file__).parent
_NOISE = re.compile(r"[\W_]+", re.UNICODE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def plain(words: object) -> str:
    """Without case, width, spaces and punctuation: “Account_Name”, “accountName” are the same."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", str(words))).casefold()


@dataclass(frozen=True, slots=True)
class Synonyms:
    """objects: key → words; fields: (object, field) → words; values.

    (object, field) → word → key.
    """

    objects: Mapping[str, frozenset[str]]
    fields: Mapping[tuple[str, str], frozenset[str]]
    values: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]
    dictionary: tuple[str, ...]

    def of_field(self, object_key: str, field: str) -> frozenset[str]:
        none: frozenset[str] = frozenset()
        own = self.fields.get((object_key, field), none)
        return own or self.fields.get(("*", field), none)


@cache
def synonyms() -> Synonyms:
    raw = yaml.safe_load((HERE / "synonyms.yaml").read_text(encoding="utf-8"))
    values: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for path, keys in raw["values"].items():
        object_key, _, field = path.partition(".")
        by_word: dict[str, tuple[str, ...]] = {}
        for key, words in keys.items():
            for word in words:
                by_word[plain(word)] = (*by_word.get(plain(word), ()), str(key))
        values[object_key, field] = by_word
    return Synonyms(
        {k: frozenset(map(plain, w)) for k, w in raw["objects"].items()},
        {
            (o, f): frozenset(map(plain, w))
            for o, fields in raw["fields"].items()
            for f, w in fields.items()
        },
        values,
        tuple(raw["dictionary"]),
    )


@cache
def dictionary() -> Mapping[str, str]:
    """Right spellings by their plain form: industries, and every country in both languages."""
    words = list(synonyms().dictionary)
    for lang in ("en", "zh"):
        words += [str(n) for code, n in Locale(lang).territories.items() if len(code) == 2]
    return {plain(w): w for w in words}
