"""The sum of a value over records: sales signed, sales paid."""

from __future__ import annotations

from wubu.kernel.types import Problem, Text
from wubu.measure.metrics.kinds.base import TEAM_WORDS, Context, credit_words
from wubu.measure.metrics.kinds.checks import check_posted, problem
from wubu.measure.metrics.kinds.fields import CREDIT, FILTER, VALUE, WHEN
from wubu.measure.metrics.types import Definition


class Sum:
    key = "sum"
    label = Text("求和", "Sum")
    posted = True
    stock = False
    what = Text("一个金额或数字字段的合计", "The sum of a money or number field")
    fields = (VALUE, WHEN, CREDIT, FILTER)
    units = ("money", "number", "count", "days", "points")

    def check(self, d: Definition, c: Context) -> list[Problem]:
        found = check_posted(d, c)
        if not d.value:
            found.append(problem("required", "value", "须写出加总什么。", "Say what is added up."))
        return found

    def sentence(self, d: Definition, c: Context) -> Text:
        return Text(
            "把{which}“{o}”的{v}相加，记在“{w}”当天。{credit}。{team}。",
            "Adds up {v} of every {o}{which}, on the day of “{w}”. {credit}. {team}.",
        ).format(
            o=c.object(d).label.inside,
            which=which(d, c),
            v=c.say(d, d.value),
            w=c.label(d.object, d.when),
            credit=credit_words(d, c),
            team=TEAM_WORDS,
        )

    def stages(self, d: Definition, c: Context) -> tuple[str, ...]:
        return ()


def which(d: Definition, c: Context) -> Text:
    """The condition, worded to stand beside the object's name."""
    if not d.filter:
        return Text("所有", "")
    said = c.say(d, d.filter)
    return Text(f"{said.zh}的", f" where {said.en}")
