"""An address: province, city, district and street."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from rapidfuzz import fuzz, process

from wubu.kernel.fields.base import (
    FieldError,
    FieldType,
    Parser,
    Part,
    Setting,
    Shower,
    blank,
    shorten,
)
from wubu.kernel.fields.divisions import Division, named, provinces, split
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import SPACES, as_text, too_long
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text

MARK = "|"  # between the four pieces of what is stored
LIMIT = 300
BOXES = ("province", "city", "district", "street")
LABELS = {
    "province": Text("省", "Province"),
    "city": Text("市", "City"),
    "district": Text("区县", "District"),
    "street": Text("详细地址", "Street"),
}
TEXT = ValueType("text")
TWICE = ("北京市", "天津市", "上海市", "重庆市")  # a province that is its own city is said once


def pieces(value: str) -> tuple[str, str, str, str]:
    """Province, city, district, street of what is stored; missing ones are empty."""
    province, city, district, street = value.split(MARK, 3)
    return province, city, district, street


def written(value: str) -> str:
    """The whole address in one text, as people write it."""
    for name in TWICE:
        value = value.replace(f"{name}{MARK}{name}", name)
    return value.replace(MARK, "")


def _written_sql() -> str:
    made = "{0}"
    for name in TWICE:
        made = f"REPLACE({made}, '{name}{MARK}{name}', '{name}')"
    return f"REPLACE({made}, '{MARK}', '')"


def _part(key: str) -> Part:
    place = BOXES.index(key)
    # SQLite has no SPLIT_PART: what follows the first mark, as often as there are marks before.
    rest = "{0}"
    for _ in range(place):
        rest = f"SUBSTR({rest}, INSTR({rest}, '{MARK}') + 1)"
    last = f"SUBSTR({rest}, 1, INSTR({rest}, '{MARK}') - 1)" if key != "street" else rest
    return Part(
        key,
        LABELS[key],
        TEXT,
        lambda value: pieces(value)[place] or None,
        f"NULLIF(SPLIT_PART({{0}}, '{MARK}', {place + 1}), '')",
        f"NULLIF({last}, '')",
    )


class AddressType(FieldType):
    """Province, city, district and street of one address, read from one text or piece by piece.

    Stored in one column with a mark between the pieces, which are texts of their own in formulas,
    filters, groups and sorts: ``{地址.省}``, ``{address.city}``. The names of Chinese divisions are
    checked, in full or in short; an address elsewhere is all street. ``index`` makes the search
    for a province or a city quick.
    """

    key: ClassVar[str] = "address"
    label: ClassVar[Text] = Text("地址", "Address")
    divided: ClassVar[bool] = True
    said_as_text: ClassVar[bool] = True
    wire: ClassVar[str] = "address"
    example: ClassVar[str] = "广东深圳南山区科技园路1号"
    icon: ClassVar[str] = "map-pin"
    about: ClassVar[Text] = Text("省、市、区和详细地址", "Province, city, district, street")
    group: ClassVar[str] = "places"
    wide: ClassVar[bool] = True
    boxes: ClassVar[tuple[str, ...]] = BOXES
    parts: ClassVar[tuple[Part, ...]] = (
        Part("", Text("", ""), TEXT, written, _written_sql(), _written_sql()),
        *(_part(key) for key in BOXES),
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("index", Text("经常按省市筛选", "Often filtered by province or city"), "check"),
    )

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=LIMIT + 60, null=True)

    def parser(self, f: FieldSpec) -> Parser:
        def parse(raw: object) -> str | None:
            if isinstance(raw, Mapping):
                return _stored(*_checked(raw))
            if blank(raw):
                return None
            text = _tidy(raw)
            if text.count(MARK) == 3:
                return _stored(*_checked(dict(zip(BOXES, text.split(MARK), strict=True))))
            return _stored(*split(text.replace(MARK, "/")))

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        return lambda value: "" if value is None else written(value)

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else dict(zip(BOXES, pieces(value), strict=True))

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else MARK.join(value[box] for box in BOXES)

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return {box: str(v) for box, v in self.to_json(f, value).items()}

    def type_of(self, f: FieldSpec) -> ValueType:
        return TEXT

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        province = rnd.choice([*provinces().values()])
        city = rnd.choice([*province.below.values()])
        district = rnd.choice([*city.below] or [""])
        return {
            "province": province.name,
            "city": city.name,
            "district": district,
            "street": f"科技园路{rnd.randrange(1, 999)}号",
        }


def _tidy(raw: object) -> str:
    text = SPACES.sub(" ", as_text(raw)).strip()
    plain = unicodedata.normalize("NFC", text)
    if len(plain) > LIMIT:
        raise too_long(len(plain), LIMIT)
    return plain


def _stored(province: str, city: str, district: str, street: str) -> str | None:
    if not (province or city or district or street):
        return None
    return MARK.join((province, city, district, street.replace(MARK, "/")))


def _checked(raw: Mapping[Any, Any]) -> tuple[str, str, str, str]:
    """The pieces, each a known division below the one before it."""
    unknown = set(raw) - set(BOXES) - {"text"}
    if unknown:
        raise FieldError(
            "not_an_address",
            Text("地址没有“{k}”这一部分。", "An address has no part “{k}”.").format(
                k=shorten(min(map(str, unknown)))
            ),
            Text("可用：{k}。", "The parts are {k}.").format(k=", ".join(BOXES)),
        )
    raw_value = {box: _tidy(raw.get(box) or "") for box in BOXES}
    if not (raw_value["province"] or raw_value["city"] or raw_value["district"]):
        return split(raw_value["street"])  # a whole address pasted into one box
    province = (
        _known(provinces(), raw_value["province"], "province") if raw_value["province"] else None
    )
    if province is None:
        found = split(raw_value["city"] + raw_value["district"])
        if not found[0]:
            raise _unknown("province", raw_value["city"] or raw_value["district"], provinces())
        return found[0], found[1], found[2], raw_value["street"]
    if not raw_value["city"]:
        raw_value["city"] = split(province.name + raw_value["district"])[1]
    if not raw_value["city"]:
        if raw_value["district"]:
            raise _unknown("district", raw_value["district"], {})
        return province.name, "", "", raw_value["street"]
    city = _known(province.below, raw_value["city"], "city")
    if not raw_value["district"]:
        return province.name, city.name, "", raw_value["street"]
    district = _known(city.below, raw_value["district"], "district")
    return province.name, city.name, district.name, raw_value["street"]


def _known(among: Mapping[str, Division], text: str, level: str) -> Division:
    found = named(among, text)
    if found is None:
        raise _unknown(level, text, among)
    return found


def _unknown(level: str, text: str, among: Mapping[str, Division]) -> FieldError:
    near = process.extractOne(text, list(among), scorer=fuzz.ratio, score_cutoff=50)
    hint = Text(
        "请从列表中选择；国外地址请全部写在详细地址里。",
        "Choose from the list; an address abroad goes into the street as a whole.",
    )
    if near:
        hint = Text("是不是“{n}”？", "Did you mean “{n}”?").format(n=near[0])
    return FieldError(
        "unknown_division",
        Text("没有这个{l}：“{v}”。", "There is no such {l}: “{v}”.").format(
            l=Text(LABELS[level].zh, LABELS[level].en.lower()), v=shorten(text)
        ),
        hint,
        suggestion=near[0] if near else None,
    )
