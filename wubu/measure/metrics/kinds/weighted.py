"""An average in which larger records weigh more: the collection cycle, weighted by amount."""

from __future__ import annotations

from wubu.kernel.types import Text
from wubu.measure.metrics.kinds.ratio import Ratio


class Weighted(Ratio):
    key = "weighted"
    label = Text("加权平均", "Weighted average")
    what = Text("加权平均：一个合计 ÷ 另一个合计", "A weighted average: a sum ÷ another sum")
    units = ("number", "money", "days", "points", "count", "ratio")
    words = Text(
        "加权平均：“{n}”÷“{d}”。每笔按“{d}”的大小计入，先各自相加再相除；没有“{d}”时没有结果，显示“—”。",
        "The weighted average: {n} ÷ {d}. Each record weighs as much as its {d}; both are added "
        "up first. Without any {d} there is no result, shown as “—”.",
    )
