"""Ratings, durations and rich text."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.kernel.fields.support import field
from wubu.kernel.fields import FieldError, parser, show

pytestmark = pytest.mark.usefixtures("unit")


@pytest.mark.parametrize(
    ("raw", "minutes"),
    [
        ("1h30", 90), ("1小时30分", 90), ("1 小时 30 分钟", 90), ("1:30", 90), ("90", 90), (90, 90),
        ("90分钟", 90), ("1.5h", 90), ("一", None), ("1h 30min", 90), ("2天", 2880), ("1d2h", 1560),
        ("45m", 45), ("1个半", None), ("90秒", 2), ("1小时", 60), (timedelta(hours=2), 120),
        ("30分1小时", None), ("1:75", None), ("h", None), ("１小时３０分", 90), ("1,000", None),
    ],
)  # fmt: skip
def test_it_works(raw: object, minutes: int | None) -> None:
    if minutes is None:
        with pytest.raises(FieldError) as refused:
            parser(field("duration"))(raw)
        assert refused.value.hint
    else:
        assert parser(field("duration"))(raw) == minutes


def test_a_duration_is_shown_as_people_say_it() -> None:
    assert show(field("duration"), 90, "zh") == "1 小时 30 分"
    assert show(field("duration"), 90, "en") == "1 h 30 min"
    assert show(field("duration"), 0, "zh") == "0 分"
    seconds = field("duration", unit="seconds")
    assert parser(seconds)("1:30") == 90
    assert show(seconds, 3_690, "zh") == "1 小时 1 分 30 秒"
    for value in (0, 1, 59, 60, 61, 1440, 100_000):
        for lang in ("zh", "en"):
            for f in (field("duration"), seconds):
                assert parser(f)(show(f, value, lang)) == value


def test_a_duration_keeps_its_bounds() -> None:
    with pytest.raises(FieldError) as refused:
        parser(field("duration", max=120))("3h")
    assert "2 小时" in refused.value.message.zh


@pytest.mark.parametrize(
    ("raw", "stars"),
    [("4", 4), (4, 4), (4.0, 4), ("★★★★", 4), ("★★★★☆", 4), ("4星", 4), ("4/5", 4), ("⭐⭐", 2)],
)
def test_stars_are_read(raw: object, stars: int) -> None:
    assert parser(field("rating"))(raw) == stars


@pytest.mark.parametrize("raw", [0, 6, "6", "4/10", "很好", 4.5, -1])
def test_what_is_no_rating_is_refused(raw: object) -> None:
    with pytest.raises(FieldError):
        parser(field("rating"))(raw)
    assert parser(field("rating", max=10))(10) == 10


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("<p>好 <script>alert(1)</script></p>", "<p>好 </p>"),
        ("<p onclick='x()'>a</p>", "<p>a</p>"),
        ("<img src=x onerror=alert(1)>b", "<p>b</p>"),
        ('<a href="javascript:alert(1)">c</a>', '<a rel="noopener noreferrer nofollow">c</a>'),
        ("<iframe src=//x></iframe><b>d</b>", "<b>d</b>"),
        ("<style>p{}</style><h1>e</h1>", "<h1>e</h1>"),
        ("<p style='position:fixed'>f</p>", "<p>f</p>"),
        ("1 < 2 且 3 > 2", "<p>1 &lt; 2 且 3 &gt; 2</p>"),
        ("一\n二\n\n三", "<p>一<br>二</p><p>三</p>"),
    ],
)
def test_only_words_and_their_structure_are_kept(raw: str, kept: str) -> None:
    value = parser(field("richtext"))(raw)
    assert value == kept
    assert parser(field("richtext"))(value) == value


def test_rich_text_without_words_is_nothing() -> None:
    for raw in ("<p></p>", "<div><br></div>", "<img src=x>", "  "):
        assert parser(field("richtext"))(raw) is None
    assert show(field("richtext"), "<p>a &amp; b</p><ul><li>c</li></ul>") == "a & b\nc"
    with pytest.raises(FieldError):
        parser(field("richtext", max=5))("<b>123456</b>")
