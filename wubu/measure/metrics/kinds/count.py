"""How many records: new customers, follow-ups, deals won."""

from __future__ import annotations

from wubu.kernel.types import Problem, Text
from wubu.measure.metrics.kinds.base import TEAM_WORDS, Context, credit_words
from wubu.measure.metrics.kinds.checks import check_posted
from wubu.measure.metrics.kinds.fields import CREDIT, FILTER, WHEN
from wubu.measure.metrics.kinds.sum import which
from wubu.measure.metrics.types import Definition


class Count:
    key = "count"
    label = Text("计数", "Count")
    posted = True
    stock = False
    what = Text("有多少条记录", "How many records")
    fields = (WHEN, CREDIT, FILTER)
    units = ("count", "number", "points")

    def check(self, d: Definition, c: Context) -> list[Problem]:
        return check_posted(d, c)

    def sentence(self, d: Definition, c: Context) -> Text:
        return Text(
            "数{which}“{o}”有多少条，记在“{w}”当天。{credit}。{team}。",
            "Counts every {o}{which}, on the day of “{w}”. {credit}. {team}.",
        ).format(
            o=c.object(d).label.inside,
            which=which(d, c),
            w=c.label(d.object, d.when),
            credit=credit_words(d, c),
            team=TEAM_WORDS,
        )

    def stages(self, d: Definition, c: Context) -> tuple[str, ...]:
        return ()
