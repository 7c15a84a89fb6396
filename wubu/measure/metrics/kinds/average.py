"""A sum divided by how many: the satisfaction score."""

from __future__ import annotations

from wubu.kernel.types import Text
from wubu.measure.metrics.kinds.ratio import Ratio


class Average(Ratio):
    key = "average"
    label = Text("平均", "Average")
    what = Text("平均：合计 ÷ 条数", "An average: a sum ÷ how many")
    units = ("number", "money", "days", "points", "count", "ratio")
    words = Text(
        "平均值：“{n}”÷“{d}”。先各自相加再相除，人数、条数多的自然占得多；没有“{d}”时没有结果，显示“—”。",
        "The average: {n} ÷ {d}. Both are added up first, so each record weighs the same. "
        "Without any {d} there is no result, shown as “—”.",
    )
