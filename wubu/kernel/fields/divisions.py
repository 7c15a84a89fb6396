"""The provinces, cities and districts of China, and where a written address names them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("divisions.json")
PEOPLES = "朝鲜族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|壮族|傣族|白族|景颇族|傈僳族|回族"
SUFFIXES = re.compile(
    rf"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市|地区|盟"
    rf"|(?:{PEOPLES}|蒙古族|蒙古|哈萨克|柯尔克孜)+自治州)$"
)
STREET = re.compile(r"[东南西北中]?(?:路|街|大街|大道|巷|道|里|弄|村|镇|乡)")


@dataclass(frozen=True, slots=True)
class Division:
    """A province with its cities, or a city with its districts (which have nothing below)."""

    name: str
    initials: str
    below: Mapping[str, Division]

    @property
    def short(self) -> str:
        """What people write for it: 广东, 深圳, 内蒙古; at least two characters."""
        return _short(self.name)

    @property
    def names(self) -> tuple[str, ...]:
        """All that it goes by: in full, in short, and 恩施州 for its long official name."""
        more = (f"{self.short}州",) if self.name.endswith("自治州") else ()
        return (self.name, *more, self.short)


@cache
def _short(name: str) -> str:
    found = SUFFIXES.sub("", name)
    return found if len(found) > 1 else name


@cache
def provinces() -> Mapping[str, Division]:
    """All of them by name, read once."""
    rows = json.loads(DATA.read_text(encoding="utf-8"))
    return {
        name: Division(
            name,
            initials,
            {
                city: Division(city, of_city, {d: Division(d, i, {}) for d, i in districts})
                for city, of_city, districts in cities
            },
        )
        for name, initials, cities in rows
    }


@cache
def _cities() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Province and city by each name that a city goes by."""
    found: dict[str, list[tuple[str, str]]] = {}
    for province in provinces().values():
        for city in province.below.values():
            for name in {*city.names}:
                found.setdefault(name, []).append((province.name, city.name))
    return {name: tuple(places) for name, places in found.items()}


def named(among: Mapping[str, Division], text: str) -> Division | None:
    """The division that a text names, in full or in short."""
    return among.get(text) or next((d for d in among.values() if text in d.names), None)


def _leading(among: Mapping[str, Division], text: str) -> tuple[Division | None, str]:
    """The division that a text begins with, and the rest; a short name before a street is none."""
    best: Division | None = None
    taken = 0
    for division in among.values():
        for name in division.names:
            if len(name) > taken and text.startswith(name):
                if name == division.short != division.name and STREET.match(text[len(name) :]):
                    continue
                best, taken = division, len(name)
    return best, text[taken:].lstrip(" ,，/|-")


def split(text: str) -> tuple[str, str, str, str]:
    """Province, city, district and the rest of a written address; unknown parts are empty.

    A district alone tells its city where only one city of the province has it; a city alone tells
    its province.
    """
    rest = re.sub(r"^(?:中国|中华人民共和国)[ ,，]*", "", text.strip())
    province, rest = _leading(provinces(), rest)
    city: Division | None = None
    if province is None:
        place = _city_alone(rest)
        if place is None:
            return "", "", "", rest
        province = provinces()[place[0]]
    city, rest = _leading(province.below, rest)
    if city is None:
        found = [
            (c, d, tail)
            for c in province.below.values()
            for d, tail in [_leading(c.below, rest)]
            if d is not None and rest.startswith(d.name)
        ]
        if len(found) != 1:
            # 北京市 is its own city.
            return province.name, _own_city(province), "", rest
        city, district, rest = found[0]
        return province.name, city.name, district.name if district else "", rest
    below, rest = _leading(city.below, rest)
    return province.name, city.name, below.name if below else "", rest


def _own_city(province: Division) -> str:
    return province.name if province.name in province.below else ""


def _city_alone(text: str) -> tuple[str, str] | None:
    for length in range(min(len(text), 14), 1, -1):
        places = _cities().get(text[:length])
        if places and len(places) == 1:
            full = text[:length] == places[0][1]
            if full or not STREET.match(text[length:]):
                return places[0]
    return None
