"""The metric dictionary as packs carry it: read out, written canonically, taken over by date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wubu.kernel import past
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.formula import queries as formulas
from wubu.kernel.rules import portable as dated
from wubu.kernel.types import Actor, Refused, Text
from wubu.measure.metrics import actions
from wubu.measure.metrics.definition import BETTER, UNIT
from wubu.measure.metrics.dictionary import dictionary
from wubu.measure.metrics.stages import expand
from wubu.measure.metrics.types import Definition, MetricInfo

DEFAULTS: Mapping[str, Any] = {
    "unit": UNIT.default,
    "better": BETTER.default,
    "hidden": False,
    "retired": False,
}
WORDS = ("label", "better", "position", "hidden")  # what changes no figure, beside the texts


def export() -> dict[str, dict[str, Any]]:
    """Every metric in order, with the rules that held before."""
    book = dictionary().metrics
    return {m.key: _written(m) for m in sorted(book.values(), key=lambda m: (m.position, m.id))}


def _written(info: MetricInfo) -> dict[str, Any]:
    words = {name: getattr(info, name).as_dict() for name in ("label", *actions.TEXTS)}
    versions = [
        dated.write(_short(r.definition), r.valid_from, True, actions.EVER) for r in info.rules
    ]
    state = {name: getattr(info, name) for name in ("position", *DEFAULTS)}
    said = {k: v for k, v in words.items() if any(v.values())}
    return {**said, **_unlike_default(state), **dated.newest_with_history(versions)}


def normal(definitions: Mapping[str, Any], catalog: Snapshot) -> dict[str, dict[str, Any]]:
    """A pack's metrics as ``export`` would write them."""
    found = {}
    for place, (key, raw) in enumerate(expand(definitions, catalog).items()):
        words = {
            name: Text.of(raw[name]).as_dict()
            for name in ("label", *actions.TEXTS)
            if raw.get(name)
        }
        state = {n: raw[n] for n in DEFAULTS if n in raw}
        days = {n: raw[n] for n in dated.DATED if n in raw}
        found[key] = {
            **words,
            "position": raw.get("position", place),
            **_unlike_default(state),
            **_short(_canonical(Definition.read(raw), catalog)),
            **days,
        }
    return found


def apply(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
    """Let metrics be as a newer pack has them: new ones count from ever, changed rules from today.

    Raises Refused with the problems of all, each with the number of its definition.
    """
    there = dictionary().metrics
    written = expand(definitions, snapshot())
    actions.install({k: d for k, d in written.items() if k not in there}, actor=actor)
    problems: list[Any] = []
    for row, (key, raw) in enumerate(written.items()):
        if key in there:
            named = actions.naming(key, raw.get("unit", "count"), raw.get("better", "up"))
            problems += [dated.numbered(p, row) for p in named]
            if named:
                continue
            try:
                _revise(there[key], raw, actor)
            except Refused as refused:
                problems += [dated.numbered(p, row) for p in refused.problems]
    if problems:
        raise Refused(*problems)


def retire(keys: Sequence[str], *, actor: Actor) -> None:
    """Stop counting metrics; what they counted stays."""
    for key in keys:
        actions.retire(actor=actor, key=key)


def _revise(info: MetricInfo, raw: Mapping[str, Any], actor: Actor) -> None:
    want, have = normal({info.key: raw}, snapshot())[info.key], _written(info)
    texts = {n: Text.of(want.get(n) or "") for n in actions.TEXTS if want.get(n) != have.get(n)}
    state = {n: want.get(n, DEFAULTS.get(n)) for n in WORDS if want.get(n) != have.get(n)}
    if "label" in state:
        state["label"] = Text.of(want["label"])
    if texts or state:
        actions.describe(actor=actor, key=info.key, texts=texts, **state)
    if info.retired != bool(want.get("retired")):
        actions.retire(actor=actor, key=info.key, retired=bool(want.get("retired")))
    rule = Definition.read(want)
    if rule != Definition.read(have):
        day = max(today(), info.rule.valid_from, past.first_day() or today())
        actions.revise(actor=actor, key=info.key, definition=rule.as_json(), valid_from=day)


def _canonical(d: Definition, catalog: Snapshot) -> Definition:
    texts = {}
    for name, text in (("value", d.value), ("filter", d.filter)):
        if text:
            try:
                parsed = formulas.parse(text, snapshot=catalog, object_key=d.object)
                texts[name] = parsed.canonical()
            except Refused:
                texts[name] = text  # told when it is installed
    return Definition.read({**d.as_json(), **texts})


def _short(d: Definition) -> dict[str, Any]:
    """The rule without empty parts, those of splits included."""
    data = d.as_json()
    splits = data.get("credit", {}).get("splits")
    if splits:
        data["credit"]["splits"] = {k: v for k, v in splits.items() if v}
    return data


def _unlike_default(state: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in state.items() if k not in DEFAULTS or v != DEFAULTS[k]}
