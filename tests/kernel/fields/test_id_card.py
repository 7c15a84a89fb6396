"""Identity card numbers. What the batteries do for every type is not repeated here."""

from __future__ import annotations

import pytest
import time_machine

from tests.kernel.fields.support import field
from wubu.kernel.fields import FieldError, parser, show
from wubu.kernel.fields.registry import mask

pytestmark = pytest.mark.usefixtures("unit")
BORN = "11010520270301001X"  # on 1 March 2027; weights of GB 11643 by hand
VALID = "11010519491231002X"  # the example of GB 11643


@pytest.mark.parametrize(
    "raw",
    [VALID, "11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_it_works(raw: str) -> None:
    assert parser(field("id_card"))(raw) == VALID
    assert show(field("id_card"), VALID) == VALID


def test_a_whole_number_is_exact_and_one_of_floating_point_is_not() -> None:
    assert parser(field("id_card"))(110105194912310038) == "110105194912310038"
    with pytest.raises(FieldError) as refused:
        parser(field("id_card"))(1.1010519491231e17)
    assert refused.value.hint is not None
    assert "文本格式" in refused.value.hint.zh


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("110105194912310021", "校验码"),  # the last digit
        ("11010519491231003X", "校验码"),  # one before it
        ("11010519490231002X", "出生日期"),  # 31 February
        ("11010517001231002X", "出生日期"),
        ("110105491231002", "15 位"),
        ("1101051949123100", "18 位"),
        ("1101051949123100211", "18 位"),
        ("01010519491231002X", "18 位"),
        ("X1010519491231002X", "18 位"),
        ("张伟", "18 位"),
        (True, "18 位"),
    ],
)
def test_it_refuses(raw: object, why: str) -> None:
    with pytest.raises(FieldError) as refused:
        parser(field("id_card"))(raw)
    assert refused.value.code == "not_an_id_card"
    assert refused.value.hint is not None
    assert why in refused.value.hint.zh


@pytest.mark.parametrize(("day", "taken"), [("2027-02-28", False), ("2027-03-01", True)])
def test_nobody_is_born_tomorrow(day: str, taken: bool) -> None:
    with time_machine.travel(f"{day}T04:00:00Z", tick=False):
        if taken:
            assert parser(field("id_card"))(BORN) == BORN
        else:
            with pytest.raises(FieldError):
                parser(field("id_card"))(BORN)


def test_its_outline_tells_no_birthday() -> None:
    assert mask(field("id_card"), VALID) == "110****002X"
    assert mask(field("id_card"), None) == ""
