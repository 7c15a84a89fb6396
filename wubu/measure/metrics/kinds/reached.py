"""How many records reached a stage, skipped stages included, whatever became of them later."""

from __future__ import annotations

from wubu.kernel.types import Problem, Text
from wubu.measure.metrics.kinds.base import TEAM_WORDS, Context, credit_words
from wubu.measure.metrics.kinds.checks import check_posted, problem
from wubu.measure.metrics.kinds.fields import CREDIT, FILTER, STAGE
from wubu.measure.metrics.kinds.sum import which
from wubu.measure.metrics.types import Definition


class Reached:
    key = "reached"
    label = Text("到达阶段", "Stage reached")
    posted = True
    stock = False
    what = Text("到达某个阶段的记录数", "How many records reached a stage")
    fields = (STAGE, CREDIT, FILTER)
    units = ("count", "number", "points")

    def check(self, d: Definition, c: Context) -> list[Problem]:
        found = check_posted(d, c, dated=False)
        if d.object in c.snapshot.objects:
            stage = c.object(d).role("stage")
            if stage is None or stage.choice(d.stage) is None:
                found.append(
                    problem(
                        "no_such_stage",
                        "stage",
                        "没有阶段“{s}”。",
                        "There is no stage “{s}”.",
                        s=d.stage or "?",
                    )
                )
        return found

    def sentence(self, d: Definition, c: Context) -> Text:
        stage = c.object(d).role("stage")
        choice = stage.choice(d.stage) if stage else None
        return Text(
            "数{which}“{o}”有多少条到达过“{s}”（跳过此阶段而进入其后阶段的也算，后来输单的也算），"
            "记在第一次到达的当天，每条只计一次。{credit}。{team}。",
            "Counts every {o}{which} that reached {s}: those that skipped it to a later stage "
            "count, so do those lost afterwards. Each counts once, on the day it first got "
            "there. {credit}. {team}.",
        ).format(
            o=c.object(d).label.inside,
            which=which(d, c),
            s=choice.label if choice else d.stage,
            credit=credit_words(d, c),
            team=TEAM_WORDS,
        )

    def stages(self, d: Definition, c: Context) -> tuple[str, ...]:
        """The stage and all after it but lost ones.

        Every record has been in the first stage, lost or not.
        """
        field = c.object(d).role("stage")
        choices = field.choices if field else ()
        keys = [s.key for s in choices]
        if d.stage not in keys:
            return ()
        at = keys.index(d.stage)
        return tuple(s.key for s in choices[at:] if at == 0 or s.outcome != "lost")
