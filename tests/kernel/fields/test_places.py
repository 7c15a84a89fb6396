"""Addresses and locations: how they are written, taken apart and told again."""

from __future__ import annotations

import pytest

from tests.kernel.fields.support import field
from wubu.kernel.fields import FIELD_TYPES, FieldError, parser, show, to_json
from wubu.kernel.fields.divisions import provinces
from wubu.kernel.fields.location import distance

ADDRESS, LOCATION = field("address"), field("location")


def pieces(raw: object) -> tuple[str, ...]:
    value = parser(ADDRESS)(raw)
    return tuple(to_json(ADDRESS, value).values()) if value else ()


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("广东省深圳市南山区科技园路1号", ("广东省", "深圳市", "南山区", "科技园路1号")),
        ("广东 深圳 南山区 科技园路1号", ("广东省", "深圳市", "南山区", "科技园路1号")),
        ("中国广东省深圳市", ("广东省", "深圳市", "", "")),
        ("北京市朝阳区建国路88号", ("北京市", "北京市", "朝阳区", "建国路88号")),
        ("北京市北京市朝阳区建国路88号", ("北京市", "北京市", "朝阳区", "建国路88号")),
        ("苏州工业园区星湖街328号", ("江苏省", "苏州市", "工业园区", "星湖街328号")),
        ("湖北省仙桃市仙桃大道1号", ("湖北省", "仙桃市", "", "仙桃大道1号")),
        ("广东省南山区深南大道", ("广东省", "深圳市", "南山区", "深南大道")),
        ("恩施州恩施市东风大道", ("湖北省", "恩施土家族苗族自治州", "恩施市", "东风大道")),
        ("上海南京路1号", ("上海市", "上海市", "", "南京路1号")),
        ("北京路5号", ("", "", "", "北京路5号")),  # a street of that name, anywhere
        ("221b Baker Street, London", ("", "", "", "221b Baker Street, London")),
        ({"city": "深圳", "street": "x"}, ("广东省", "深圳市", "", "x")),
        ({"province": "广东", "district": "南山区"}, ("广东省", "深圳市", "南山区", "")),
        (
            {"street": "浙江省杭州市余杭区文一西路969号"},
            ("浙江省", "杭州市", "余杭区", "文一西路969号"),
        ),
    ],
)
def test_it_works(raw: object, wanted: tuple[str, ...]) -> None:
    assert pieces(raw) == wanted


def test_what_is_shown_reads_back_for_every_division() -> None:
    for province in provinces().values():
        for city in province.below.values():
            for district in [*city.below] or [""]:
                value = parser(ADDRESS)(
                    {
                        "province": province.name,
                        "city": city.name,
                        "district": district,
                        "street": "科园路9号",
                    }
                )
                assert parser(ADDRESS)(show(ADDRESS, value)) == value


@pytest.mark.parametrize(
    ("raw", "near"),
    [
        ({"province": "广西省"}, None),
        ({"province": "广东省", "city": "深川市"}, "深圳市"),
        ({"province": "广东省", "city": "深圳市", "district": "南山"}, "南山区"),
        ({"province": "广东省", "city": "杭州市"}, None),
    ],
)
def test_an_unknown_division_is_told_with_the_nearest(raw: object, near: str | None) -> None:
    with pytest.raises(FieldError) as refused:
        parser(ADDRESS)(raw)
    assert refused.value.code == "unknown_division"
    if near:
        assert refused.value.suggestion == near


def test_nobody_puts_the_mark_between_pieces_into_one() -> None:
    value = parser(ADDRESS)({"province": "广东省", "city": "深圳市", "street": "a|b|c"})
    assert value == "广东省|深圳市||a/b/c"
    assert parser(ADDRESS)(value) == value


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("31.2304,121.4737 人民广场", ("+31.230400", "+121.473700", "人民广场")),
        ("人民广场 (31.2304, 121.4737)", ("+31.230400", "+121.473700", "人民广场")),
        ("-33.8568，151.2153", ("-33.856800", "+151.215300", "")),
        ({"lat": 0, "lng": -0.0000001}, ("+00.000000", "+000.000000", "")),
        ({"lat": "31.2", "lng": "121.5", "label": "x"}, ("+31.200000", "+121.500000", "x")),
        ({"label": "31.2, 121.5 门口"}, ("+31.200000", "+121.500000", "门口")),
    ],
)
def test_a_location_is_read(raw: object, wanted: tuple[str, str, str]) -> None:
    value = parser(LOCATION)(raw)
    assert (value[:10], value[10:21], value[22:]) == wanted
    for lang in ("zh", "en"):
        assert parser(LOCATION)(FIELD_TYPES["location"].show(LOCATION, value, lang)) == value


@pytest.mark.parametrize("raw", ["人民广场", "91,10", {"lat": "31"}, {"lat": "x", "lng": "1"}, [1]])
def test_what_is_no_location_is_refused(raw: object) -> None:
    with pytest.raises(FieldError):
        parser(LOCATION)(raw)


def test_the_way_between_two_cities() -> None:
    shanghai, beijing = (parser(LOCATION)(p) for p in ("31.2304,121.4737", "39.9042,116.4074"))
    assert distance(shanghai, beijing) == 1_067_312  # by the law of cosines, R = 6,371,008 m
    assert distance(shanghai, shanghai) == 0
    assert distance(shanghai, None) is None
