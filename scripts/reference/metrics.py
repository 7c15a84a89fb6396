"""docs/reference/metrics.md"""

from __future__ import annotations

from scripts.reference.markdown import both, code, doc, table
from wubu.measure.figures.queries import metrics, rule_in_words
from wubu.measure.metrics.kinds import KINDS

INTRO = """\
# Metrics

A metric is a rule that turns records into numbers. Every posted metric writes **entries** into
the performance ledger: which record, which day, whose, which team that person was in on that
day, how much. Totals by person, team and company come from the entries; ratios and averages are
made of totals, never averaged themselves. Whoever opens a figure sees the rule below, the parts
and the records.

Where nothing can be divided there is no result, shown as “—”; a person without any entry has 0,
not nothing.

## Kinds

"""
SHIPPED = """
## In the sales pack

The page *Measure → Metric dictionary* shows them with their purpose, principle, scene and value;
a metric's page opens its figures. Metrics that only serve as parts of others come last.

"""


def page() -> str:
    kinds = [
        (
            code(k.key),
            both(k.label),
            "posted" if k.posted else "divides two posted metrics",
            doc(__import__(type(k).__module__, fromlist=["x"])),
        )
        for k in KINDS.values()
    ]
    every = sorted(metrics(hidden=True), key=lambda m: m.hidden)
    rows = []
    for m in every:
        words = rule_in_words(m.key)
        rows.append((code(m.key), both(m.label), code(m.kind), f"{words.zh} {words.en}"))
    return (
        INTRO
        + table(("kind", "name", "how", "what it is"), kinds)
        + SHIPPED
        + table(("key", "name", "kind", "rule"), rows)
    )
