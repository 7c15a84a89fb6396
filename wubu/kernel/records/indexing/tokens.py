"""Text to search tokens: pairs of Chinese characters, words, pinyin and its initials, phone tails.

A token is what the index stores. Those of a title stand bare; those of another field carry its key,
so that a question from someone who may not read the field never meets them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

HAN = "一-鿿㐀-䶿"
PART = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
IS_HAN = re.compile(rf"[{HAN}]")
LONGEST = 24  # characters of one token
HAN_READ = 16  # characters of a run that are also read as pinyin
TEXT_READ = 200  # characters of a value that are indexed
MAX_WORDS = 6


def of_title(text: str) -> set[str]:
    """The tokens of a name.

    Found by any part of it, its pinyin, or its initials from any character on.
    """
    tokens: set[str] = set()
    for part in PART.findall(plain(text)):
        if IS_HAN.match(part):
            tokens.update(_of_han(part))
        else:
            tokens.add(part[:LONGEST])
    return tokens


@lru_cache(maxsize=4_000)
def _of_han(run: str) -> tuple[str, ...]:
    """The tokens of a run of Chinese characters; names share their runs (有限公司)."""
    tokens = {*pairs(run), run[-1]}  # a single character is found at the end of a name too
    syllables = read_aloud(run[:HAN_READ])
    whole, initials, at = "".join(syllables), "".join(s[0] for s in syllables), 0
    for n, syllable in enumerate(syllables):
        tokens.add(initials[n:])
        tokens.add(whole[at : at + LONGEST])
        at += len(syllable)
    return tuple(tokens)


def of_phone(key: str, text: str) -> set[str]:
    """A phone number is found by its beginning, with or without +86, and by its tail."""
    digits = "".join(filter(str.isdigit, text))
    if not digits:
        return set()
    tokens = {f"{key}_t{digits[::-1][:LONGEST]}", f"{key}_h{digits[:LONGEST]}"}
    if digits.startswith("86") and len(digits) > 11:
        tokens.add(f"{key}_h{digits[2:][:LONGEST]}")
    return tokens


def of_code(key: str, text: str) -> set[str]:
    """How a code, number or address is found.

    By each of its words, and as a whole without separators.
    """
    parts = PART.findall(plain(text))
    whole = "".join(parts)
    return {f"{key}_{p[:LONGEST]}" for p in (*parts, whole) if p}


Wanted = tuple[str, bool]  # a token, and whether it may be only its beginning


def query_tokens(text: str, phones: Iterable[str], codes: Iterable[str]) -> list[list[Wanted]]:
    """What must be found for a search text: of every group, one.

    ``phones`` and ``codes`` are the keys of the fields that may be searched so.
    """
    groups: list[list[Wanted]] = []
    for part in PART.findall(plain(text))[:MAX_WORDS]:
        if IS_HAN.match(part):
            groups += [[(p, False)] for p in pairs(part)] or [[(part, True)]]
            continue
        word = part[:LONGEST]
        if len(word) == 1:
            # A single letter begins half of all names: it must stand alone.
            groups.append([(word, False), *((f"{key}_{word}", False) for key in codes)])
            continue
        group = [(word, True), *((f"{key}_{word}", True) for key in codes)]
        if word.isdigit() and len(word) >= 3:
            for key in phones:
                group += [(f"{key}_t{word[::-1]}", True), (f"{key}_h{word}", True)]
        groups.append(group)
    return groups


def plain(text: str) -> str:
    """Width and case do not matter."""
    return unicodedata.normalize("NFKC", text[:TEXT_READ]).lower()


def pairs(run: str) -> list[str]:
    """Each two neighbours."""
    return [run[n : n + 2] for n in range(len(run) - 1)]


def read_aloud(run: str) -> list[str]:
    """The toneless syllables of Chinese characters.

    By the longest known phrase (重庆 is chong qing).
    """
    _, phrases = _dictionaries()
    syllables: list[str] = []
    n, end = 0, len(run)
    while n < end:
        for size in (4, 3, 2):
            phrase = phrases.get(run[n : n + size]) if n + size <= end else None
            if phrase is not None:
                syllables += [_toneless(s[0]) for s in phrase]
                n += size
                break
        else:
            syllable = _character(run[n])
            if syllable:
                syllables.append(syllable)
            n += 1
    return syllables


@cache
def _dictionaries() -> tuple[dict[int, str], dict[str, Any]]:
    """Characters and phrases; large, so they are read when the first Chinese name is."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT  # noqa: PLC0415

    return PINYIN_DICT, PHRASES_DICT


@lru_cache(maxsize=8_000)
def _character(character: str) -> str:
    return _toneless(_dictionaries()[0].get(ord(character), "").split(",")[0])


@lru_cache(maxsize=4_000)
def _toneless(syllable: str) -> str:
    bare = unicodedata.normalize("NFD", syllable)
    letters = "".join(c for c in bare if c.isascii() or c == "\u0308")
    return letters.replace("u\u0308", "v")
