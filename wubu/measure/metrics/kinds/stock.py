"""What stands open now: the sum or number of records, kept as a running total. It has no day."""

from __future__ import annotations

from wubu.kernel.types import Problem, Text
from wubu.measure.metrics.kinds.base import Context, credit_words
from wubu.measure.metrics.kinds.checks import check_posted
from wubu.measure.metrics.kinds.fields import ANY_VALUE, CREDIT, FILTER
from wubu.measure.metrics.kinds.sum import which
from wubu.measure.metrics.types import Definition


class Stock:
    key = "stock"
    label = Text("存量", "Stock")
    posted = True
    stock = True
    what = Text("此刻的存量", "The current stock, whatever its date")
    fields = (ANY_VALUE, CREDIT, FILTER)
    units = ("count", "money", "number", "days", "points")

    def check(self, d: Definition, c: Context) -> list[Problem]:
        return check_posted(d, c, dated=False)

    def sentence(self, d: Definition, c: Context) -> Text:
        what = (
            Text("把{which}“{o}”的{v}相加", "Adds up {v} of every {o}{which}")
            if d.value
            else Text("数{which}“{o}”有多少条", "Counts every {o}{which}")
        )
        return Text(
            "{what}，是此刻的存量，不分日期；过去某天的数取自当天的留影。{credit}。团队按此人现在所在团队计。",
            "{what}, as it stands now, whatever its date; a past day is read from that day's "
            "photograph. {credit}. The team is the one the person is in now.",
        ).format(
            what=what.format(
                o=c.object(d).label.inside,
                which=which(d, c),
                v=c.say(d, d.value) if d.value else "",
            ),
            credit=credit_words(d, c),
        )

    def stages(self, d: Definition, c: Context) -> tuple[str, ...]:
        return ()
