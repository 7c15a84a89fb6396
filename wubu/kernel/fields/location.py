"""A point on earth, with a name."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from math import asin, cos, radians, sin, sqrt
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields.base import FieldError, FieldType, Parser, Part, Shower, blank, shorten
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import SPACES, as_text, too_long
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text

DECIMALS = 6  # of a degree: about 11 cm
LIMIT = 120  # characters of the name
EARTH = 6_371_008  # mean radius in metres
HEAD = 21  # characters of what is stored before the name: ±dd.dddddd±ddd.dddddd
BOXES = ("lat", "lng", "label")
DEGREE = r"([+-]?\d{1,3}(?:\.\d+)?)"
PAIR = re.compile(rf"[(\[]?\s*{DEGREE}\s*[,，;； ]\s*{DEGREE}\s*[)\]]?")
STORED = re.compile(r"([+-]\d\d\.\d{6})([+-]\d{3}\.\d{6})/(.*)", re.S)
TEXT = ValueType("text")
DEGREES = ValueType("number", DECIMALS)


def coordinates(value: str) -> tuple[float, float]:
    """Latitude and longitude in degrees of what is stored."""
    return float(value[:10]), float(value[10:HEAD])


def name_of(value: str) -> str:
    return value[HEAD + 1 :]


def point(text: str) -> tuple[float, float] | None:
    """Where a text says that it is: as stored, or ``31.23,121.47``; None when it says nothing."""
    if STORED.fullmatch(text):
        return coordinates(text)
    match = PAIR.match(text.strip())
    if match is None:
        return None
    lat, lng = float(match[1]), float(match[2])
    return (lat, lng) if abs(lat) <= 90 and abs(lng) <= 180 else None


def metres(here: tuple[float, float], there: tuple[float, float]) -> int:
    """The distance along the surface of a round earth, to the nearest metre."""
    north, south = radians(here[0]), radians(there[0])
    across = sin((south - north) / 2) ** 2
    along = sin(radians(there[1] - here[1]) / 2) ** 2
    return round(2 * EARTH * asin(min(1.0, sqrt(across + cos(north) * cos(south) * along))))


def distance(here: str | None, there: str | None) -> int | None:
    """The metres between two locations as stored; None where one is missing."""
    if here is None or there is None:
        return None
    return metres(coordinates(here), coordinates(there))


def shown(value: str) -> str:
    """Its name, else its coordinates: ``31.230416, 121.473701``."""
    return name_of(value) or f"{_bare(value[:10])}, {_bare(value[10:HEAD])}"


def _bare(text: str) -> str:
    sign = "-" if text[0] == "-" else ""
    return sign + text[1:].lstrip("0").rjust(8, "0")


def _bare_sql(start: int, length: int) -> str:
    """The degrees without their plus and leading zeros, as Python writes them."""
    digits = f"SUBSTR({{0}}, {start + 1}, {length - 1})"
    whole = f"CAST(SUBSTR({{0}}, {start + 1}, {length - 8}) AS INTEGER)"
    sign = f"CASE SUBSTR({{0}}, {start}, 1) WHEN '-' THEN '-' ELSE '' END"
    return f"({sign} || CAST({whole} AS TEXT) || SUBSTR({digits}, {length - 7}))"


def _degrees(value: str) -> int:
    return int(value.replace(".", ""))


def _degrees_sql(start: int, length: int) -> str:
    return f"CAST(REPLACE(SUBSTR({{0}}, {start}, {length}), '.', '') AS BIGINT)"


WHOLE = f"COALESCE(NULLIF(SUBSTR({{0}}, {HEAD + 2}), ''), {_bare_sql(1, 10)} || ', ' || {_bare_sql(11, 11)})"  # noqa: E501


class LocationType(FieldType):
    """Latitude and longitude in degrees (WGS 84, six decimals) with a name.

    Stored in one column after ISO 6709, of a fixed width before the name. Formulas see the name, or
    the coordinates where there is none; ``{位置.纬度}``, ``{location.lng}``, ``{location.label}``
    are its pieces, and ``DISTANCE({位置}, "31.23,121.47")`` is the way between two in kilometres.
    """

    key: ClassVar[str] = "location"
    label: ClassVar[Text] = Text("位置", "Location")
    opens: ClassVar[bool] = True
    said_as_text: ClassVar[bool] = True
    drawn: ClassVar[str] = "place"
    wire: ClassVar[str] = "location"
    example: ClassVar[str] = "31.2304,121.4737 人民广场"
    icon: ClassVar[str] = "current-location"
    about: ClassVar[Text] = Text("地图上的一个点", "A point on the map")
    group: ClassVar[str] = "places"
    mapped: ClassVar[bool] = True
    sortable: ClassVar[bool] = False
    boxes: ClassVar[tuple[str, ...]] = BOXES
    parts: ClassVar[tuple[Part, ...]] = (
        Part("", Text("", ""), TEXT, shown, WHOLE, WHOLE),
        Part(
            "lat",
            Text("纬度", "Latitude"),
            DEGREES,
            lambda value: _degrees(value[:10]),
            _degrees_sql(1, 10),
            _degrees_sql(1, 10),
        ),
        Part(
            "lng",
            Text("经度", "Longitude"),
            DEGREES,
            lambda value: _degrees(value[10:HEAD]),
            _degrees_sql(11, 11),
            _degrees_sql(11, 11),
        ),
        Part(
            "label",
            Text("名称", "Label"),
            TEXT,
            lambda value: name_of(value) or None,
            f"NULLIF(SUBSTR({{0}}, {HEAD + 2}), '')",
            f"NULLIF(SUBSTR({{0}}, {HEAD + 2}), '')",
        ),
    )

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=HEAD + 1 + LIMIT, null=True)

    def parser(self, f: FieldSpec) -> Parser:
        def parse(raw: object) -> str | None:
            if isinstance(raw, Mapping):
                return _of_pieces(raw)
            if isinstance(raw, list | tuple) and len(raw) in (2, 3):
                return _of_pieces(dict(zip(BOXES, raw, strict=False)))
            if blank(raw):
                return None
            text = SPACES.sub(" ", as_text(raw)).strip()
            if found := STORED.fullmatch(text):
                return _stored(found[1], found[2], found[3])
            text = unicodedata.normalize("NFKC", text)
            before, after = PAIR.match(text), PAIR.search(text)
            if before is not None:
                return _stored(before[1], before[2], text[before.end() :])
            if after is not None and after.end() == len(text):
                return _stored(after[1], after[2], text[: after.start()])
            raise _not_a_place(raw)

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        def show(value: str | None) -> str:
            if value is None:
                return ""
            where = f"{_bare(value[:10])}, {_bare(value[10:HEAD])}"
            name = name_of(value)
            return f"{name} ({where})" if name else where

        return show

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        if value is None:
            return None
        lat, lng = coordinates(value)
        return {"lat": lat, "lng": lng, "label": name_of(value)}

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else _of_pieces(value)

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return {box: str(v) for box, v in self.to_json(f, value).items()}

    def type_of(self, f: FieldSpec) -> ValueType:
        return TEXT

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        lat, lng = rnd.randrange(18_000_000, 53_000_000), rnd.randrange(74_000_000, 134_000_000)
        return f"{lat / 10**6:.6f},{lng / 10**6:.6f} 客户现场 {rnd.randrange(1000)}"


def _of_pieces(raw: Mapping[Any, Any]) -> str | None:
    lat, lng, label = (raw.get(box) for box in BOXES)
    if blank(lat) and blank(lng):
        if blank(label):
            return None
        text = as_text(label).strip()
        match = PAIR.match(unicodedata.normalize("NFKC", text))
        if match is None:
            raise _not_a_place(label)
        return _stored(match[1], match[2], text[match.end() :])
    return _stored(lat, lng, "" if blank(label) else as_text(label))


def _stored(lat: object, lng: object, label: str) -> str:
    north = _degree(lat, 90, Text("纬度", "The latitude"))
    east = _degree(lng, 180, Text("经度", "The longitude"))
    name = SPACES.sub(" ", label).strip(" ,，;；:：()（）")
    if len(name) > LIMIT:
        raise too_long(len(name), LIMIT)
    return f"{north:+010.6f}{east:+011.6f}/{name}"


def _degree(raw: object, limit: int, what: Text) -> Decimal:
    try:
        value = Decimal(unicodedata.normalize("NFKC", as_text(raw)).strip())
    except InvalidOperation:
        raise _not_a_place(raw) from None
    if not value.is_finite() or abs(value) > limit:
        raise FieldError(
            "out_of_range",
            Text("{w}应在 -{n} 和 {n} 之间。", "{w} is between -{n} and {n}.").format(
                w=what, n=limit
            ),
            Text("先写纬度，再写经度。", "The latitude comes first, then the longitude."),
        )
    return value.quantize(Decimal(1).scaleb(-DECIMALS), ROUND_HALF_UP) + 0


def _not_a_place(raw: object) -> FieldError:
    return FieldError(
        "not_a_location",
        Text("“{v}”不是位置。", "“{v}” is not a location.").format(v=shorten(raw)),
        Text(
            "写成 纬度,经度 名称，例如 31.2304,121.4737 人民广场；或点“用我的位置”。",
            "Write latitude,longitude and a name, such as 31.2304,121.4737 People's Square, or "
            "press “Use my position”.",
        ),
    )
