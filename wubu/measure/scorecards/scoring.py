"""How a score is made: Σ weight × attainment, each step kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from wubu.kernel.types import Text
from wubu.measure.metrics.types import MetricInfo
from wubu.measure.scorecards.types import WHOLE, CardWeights, Score, ScoreLine, State, WeightedLine
from wubu.measure.targets.types import Attained, AttainedRow, Later

CENT = Decimal("0.01")


def score_of(row: AttainedRow, infos: Mapping[str, MetricInfo], weights: CardWeights) -> Score:
    """A member's score from attainments.

    Points are rounded to hundredths once, at the end, halves up.
    """
    base, covered = _base(row, weights)
    lines = tuple(
        _line(line, row.lines[line.metric], infos[line.metric], base) for line in weights.lines
    )
    score = value_of(row, weights)
    share = Decimal(covered) / WHOLE
    work = Later(lambda: working(score, share, lines, weights))
    return Score(row.key, row.label, score, share, lines, work)


def value_of(row: AttainedRow, weights: CardWeights) -> Decimal | None:
    """The score alone; None where no line can be judged."""
    base, covered = _base(row, weights)
    if not covered:
        return None
    every = (_counted(line, row.lines[line.metric], base)[2] for line in weights.lines)
    total = sum((points for points in every if points is not None), Decimal())
    return total.quantize(CENT, ROUND_HALF_UP)


def _base(row: AttainedRow, weights: CardWeights) -> tuple[int, int]:
    """What weights are shares of, and how much of the whole can be judged."""
    covered = sum(x.weight for x in weights.lines if _state(row.lines[x.metric]) == "ok")
    return covered if weights.missing == "set_aside" else WHOLE, covered


def _counted(
    line: WeightedLine, found: Attained, base: int
) -> tuple[Decimal, Decimal | None, Decimal | None]:
    """The weight that counts, the attainment that counts, and the points of both."""
    if found.attainment is None or _state(found) != "ok":
        return Decimal(0), None, None
    effective = Decimal(line.weight) / base
    cap = None if line.cap is None else Decimal(line.cap) / WHOLE
    counted = found.attainment if cap is None else min(found.attainment, cap)
    return effective, counted, 100 * effective * counted


def _line(line: WeightedLine, found: Attained, info: MetricInfo, base: int) -> ScoreLine:
    effective, counted, points = _counted(line, found, base)
    return ScoreLine(
        metric=line.metric,
        label=info.label,
        weight=Decimal(line.weight) / WHOLE,
        effective=effective,
        target=found.target,
        actual=found.actual,
        attainment=found.attainment,
        cap=None if line.cap is None else Decimal(line.cap) / WHOLE,
        counted=counted,
        points=points,
        state=_state(found),
    )


def _state(found: Attained) -> State:
    if not found.target:  # none was set, or one of nothing: there is no share of it to reach
        return "no_target"
    return "no_data" if found.attainment is None else "ok"


def working(
    score: Decimal | None, covered: Decimal, lines: Sequence[ScoreLine], weights: CardWeights
) -> dict[str, Any]:
    """The score as JSON: exact numbers as strings."""
    return {
        "score": _text(score),
        "covered": _text(covered),
        "missing": weights.missing,
        "weights_from": weights.valid_from.isoformat(),
        "lines": [
            {
                "metric": line.metric,
                "label": line.label.as_dict(),
                "weight": _text(line.weight),
                "effective": _text(line.effective),
                "target": _text(line.target),
                "actual": _text(line.actual.value),
                "count": line.actual.count,
                "attainment": _text(line.attainment),
                "cap": _text(line.cap),
                "counted": _text(line.counted),
                "points": _text(line.points),
                "state": line.state,
            }
            for line in lines
        ],
    }


def _text(value: int | Decimal | None) -> str | None:
    return None if value is None else format(Decimal(value), "f")


def rule(weights: CardWeights, infos: Mapping[str, MetricInfo]) -> Text:
    """The whole rule of a scorecard in plain words."""
    zh, en = [], []
    for line in weights.lines:
        label, weight = infos[line.metric].label, _percent(line.weight)
        zh.append(
            f"{label.zh} {weight}" + (f"（最多按 {_percent(line.cap)} 计）" if line.cap else "")
        )
        en.append(
            f"{label.en} {weight}" + (f" (at most {_percent(line.cap)} counts)" if line.cap else "")
        )
    down = [infos[line.metric] for line in weights.lines if infos[line.metric].better == "down"]
    tail_zh = "".join(f"“{m.label.zh}”越低越好，完成率=目标÷实际。" for m in down)
    tail_en = "".join(
        f" For {m.label.en} less is better: attainment is target ÷ figure." for m in down
    )
    if weights.missing == "set_aside":
        tail_zh += "没有目标或没有数据的项目不计分，其权重按比例分给其余各项，并注明。"
        tail_en += (
            " A line without a target or a figure is not scored: its weight goes to the others"
            " in proportion, and the score says so."
        )
    else:
        tail_zh += "没有目标或没有数据的项目按 0 分计。"
        tail_en += " A line without a target or a figure scores 0."
    return Text(
        "得分 = 100 × 各项“权重 × 完成率”之和，完成率 = 实际 ÷ 目标，"
        "不封顶（另有注明的除外）。权重：" + "、".join(zh) + "。" + tail_zh,
        "Score = 100 × the sum of weight × attainment, where attainment is figure ÷ target and has "
        "no upper limit unless one is given. Weights: " + ", ".join(en) + "." + tail_en,
    )


def _percent(basis_points: int | None) -> str:
    value = Decimal(basis_points or 0) / 100
    return f"{value.normalize():f} %"
