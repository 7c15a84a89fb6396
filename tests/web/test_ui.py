"""The kit: tags, values, components, and one declaration for page and part."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from urllib.parse import unquote

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from wubu.kernel.types import Problem, Text, speaking
from wubu.web.ui import (
    Action,
    Ask,
    Attr,
    Attrs,
    Bar,
    Chart,
    Column,
    Empty,
    Form,
    Grid,
    Note,
    Page,
    Panel,
    Problems,
    Stat,
    Stats,
    Table,
    htmx_partial,
    redirect,
    show,
)

pytestmark = pytest.mark.django_db


def drawn(words: str, **context: object) -> str:
    request = RequestFactory().get("/x?page=2&q=a")
    return Template(words).render(Context({"request": request, **context}))


def test_it_works() -> None:
    assert drawn('{% t "客户" "Customer" %}') == "客户"
    with speaking("en"):
        assert drawn('{% t "客户" "Customer" %}') == "Customer"


def test_words_take_values_and_escape_them() -> None:
    said = drawn('{% t "共 {n} 条 {x}" "{n} in all {x}" n=3 x=bad %}', bad="<b>")
    assert said == "共 3 条 &lt;b&gt;"


def test_words_can_be_kept_under_a_name() -> None:
    assert drawn('{% t "中" "en" as w %}[{{ w }}]') == "[中]"


def test_words_come_in_pairs() -> None:
    with pytest.raises(TemplateSyntaxError):
        Template('{% t "只有中文" %}')


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (123450, "¥1,234.50", "¥1,234.50"),
        (None, "–", "–"),
        (0, "¥0.00", "¥0.00"),
        (-5, "-¥0.05", "-¥0.05"),
    ],
)
def test_money(fen: int | None, zh: str, en: str) -> None:
    assert show.money(fen) == zh
    with speaking("en"):
        assert show.money(fen) == en


def test_money_in_short() -> None:
    assert show.money(1_234_567_00, short=True) == "¥123.5万"
    assert show.money(-25_000_000_000_00, short=True) == "−¥250亿"
    with speaking("en"):
        assert show.money(1_234_567_00, short=True) == "¥1.2M"


def test_ratios_and_missing() -> None:
    assert show.percent(Decimal("0.63147"), 2) == "63.15%"
    assert show.percent(None) == "–"
    assert show.number(None) == "–"
    assert show.number(Decimal("1234.5"), 1) == "1,234.5"


def test_days_in_both_languages() -> None:
    assert show.date(dt.date(2026, 3, 1)) == "2026年3月1日"
    assert show.moment(dt.datetime(2026, 3, 1, 1, 30, tzinfo=dt.UTC)) == "2026年3月1日 09:30"
    with speaking("en"):
        assert show.date(dt.date(2026, 3, 1)) == "1 Mar 2026"


def test_people_have_short_names_and_steady_colours() -> None:
    assert show.initials("陈晓雯") == "晓雯"
    assert show.initials("Moses Frase") == "MF"
    assert show.initials("") == "?"
    assert show.hue("陈晓雯") == show.hue("陈晓雯")


def test_a_query_string_keeps_what_is_not_changed() -> None:
    assert drawn("{% qs page=3 %}") == "?page=3&amp;q=a"
    assert drawn("{% qs page=None q=None %}") == "?"


def test_delta_knows_which_way_is_better() -> None:
    assert "is-good" in drawn("{% delta v %}", v=Decimal("0.1"))
    assert "is-bad" in drawn('{% delta v "down" %}', v=Decimal("0.1"))
    assert "–" in drawn("{% delta v %}", v=None)


def test_every_component_draws_itself() -> None:
    rows = [{"name": "<张>", "amount": 100, "rate": Decimal("0.5"), "day": dt.date(2026, 1, 2)}]
    columns = [
        Column(Text("姓名", "Name"), "name"),
        Column(Text("金额", "Amount"), "amount", "money", total=100),
        Column(Text("比率", "Rate"), "rate", "percent"),
        Column(Text("日", "Day"), "day", "date"),
    ]
    body = [
        Stats(
            [
                Stat(
                    Text("额", "Sum"),
                    "¥1",
                    deltas=[("环比", Decimal("0.2"))],
                    target=Decimal("1.3"),
                )
            ]
        ),
        Grid(
            [
                (6, Panel("表", Table(columns, rows, row_url=lambda r: "/x"))),
                (6, Attrs([Attr("a", "b")])),
            ]
        ),
        Chart({"series": [{"data": [1, 2]}]}, summary="up"),
        Bar(Decimal("0.4"), Decimal("0.5")),
        Empty("无", actions=[Action("加", "/new")]),
        Note("注意", "warn"),
        Problems([Problem("x", Text("错", "wrong"), Text("改", "mend"), field="name")]),
        Form("/post", [Ask("a", "甲", "select", "2", [("1", "一"), ("2", "二")])]),
    ]
    said = drawn("{% ui body %}", body=body)
    assert "&lt;张&gt;" in said
    assert '<td class="num">¥1.00</td>' in said
    assert "50.0%" in said
    assert "130%" in said
    assert "--v:1.0000" in said
    assert '<option value="2" selected>二</option>' in said
    assert "application/json" in said


def test_a_part_is_answered_to_whom_asks_for_it() -> None:
    page = Page("P", [Grid([(12, [Panel("A", "alpha", key="a"), Panel("B", "beta", key="b")])])])
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "section#p-b"}
    request = RequestFactory().get("/", headers=headers)
    assert htmx_partial(request)
    said = page.response(request).content.decode()
    assert "beta" in said
    assert "alpha" not in said
    assert "<html" not in said


def test_a_word_for_the_next_page_is_a_cookie_that_its_script_can_read() -> None:
    answer = redirect("/o/lead/", Text("已放入回收站", "Moved"), undo="/o/lead/restore?ids=1")
    morsel = answer.cookies["wubu_flash"]
    assert '"' not in morsel.OutputString().split(";")[0]
    assert json.loads(unquote(morsel.value))["undo"] == "/o/lead/restore?ids=1"
