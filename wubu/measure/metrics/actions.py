"""Changing the metric dictionary.

Every rule is dated: a new one never touches what the old one counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from wubu.kernel import hooks, past
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog import actions as catalog
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.formula import queries as formulas
from wubu.kernel.rules.portable import EARLIER, FROM, first_day
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.measure.metrics import definition as definitions
from wubu.measure.metrics import events
from wubu.measure.metrics.dictionary import context_of, dictionary
from wubu.measure.metrics.kinds import KINDS
from wubu.measure.metrics.kinds.base import Context
from wubu.measure.metrics.models import Metric, MetricVersion
from wubu.measure.metrics.stages import expand
from wubu.measure.metrics.types import Definition, MetricInfo

# Digits that what is counted must have to be shown in a unit; numbers and points take any.
UNIT_DIGITS: Mapping[str, int] = {"money": 2, "count": 0, "days": 0}
EVER = date(1970, 1, 2)  # a first version holds for all days before it too
NOTHING = "FALSE"  # the condition of days before a metric counts
TEXTS = tuple(f.name for f in definitions.TEXTS)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


def define(
    *,
    actor: Actor,
    key: str,
    label: Text,
    definition: Mapping[str, Any],
    unit: str = "count",
    better: str = "up",
    texts: Mapping[str, Text] | None = None,
    position: int = 0,
    hidden: bool = False,
    pack: str | None = None,
    since: date | None = None,
    wrong: Sequence[Problem] = (),
) -> MetricInfo:
    """Add a metric and count all records by it.

    ``definition`` is as in a pack: kind, object, when, value, filter, credit …

    ``texts`` are the columns of the dictionary: owner, source, purpose, principle, scene, worth,
    tools. On closed days nothing counts, and with ``since`` on days before it. ``wrong`` is what
    the caller found wrong already, told with the rest. Raises Refused with every problem,
    Forbidden.
    """
    hooks.require_setup(actor, "metrics")
    wrong = (*wrong, *definitions.RULE.unknown(definition))
    dated: dict[str, Any] = {}
    if since is not None and since > EVER:
        before = {**definition, "filter": NOTHING}
        dated = {FROM: since.isoformat(), EARLIER: [before]}
    raw = {
        **definition,
        "label": label,
        "unit": unit,
        "better": better,
        "position": position,
        "hidden": hidden,
        **(texts or {}),
        **dated,
    }
    with transaction.atomic():
        posted = _create({key: raw}, actor, pack, wrong)
        catalog.store(())
        for one in posted:
            events.emit(one)
    return dictionary().metric(key)


def _create(
    every: Mapping[str, Mapping[str, Any]],
    actor: Actor,
    pack: str | None,
    wrong: Sequence[Problem] = (),
) -> list[str]:
    """Write new metrics, parts before what is made of them.

    Returns the keys of those that are posted.
    """
    known = dictionary().metrics
    here = context_of(snapshot(), known)
    context = Context(
        here.snapshot,
        {**here.labels, **{k: Text.of(raw["label"]) for k, raw in every.items()}},
        {**here.kinds, **{k: raw.get("kind", "") for k, raw in every.items()}},
    )
    problems: list[Problem] = []
    parsed: dict[str, Definition] = {}
    before: dict[str, list[tuple[date, Definition]]] = {}
    for row, (key, raw) in enumerate(every.items()):
        found = naming(key, raw.get("unit", "count"), raw.get("better", "up"))
        if key in known:
            found.append(_problem("taken", "key", "标识已被占用。", "This key is taken."))
        parsed[key] = _parsed(raw, context, found)
        before[key] = [(first_day(r, EVER), _parsed(r, context, found)) for r in _earlier(raw)]
        found += unnamed(Text.of(raw["label"])) + (
            [] if found else _misfit(parsed[key], raw, context)
        )
        once = list(dict.fromkeys(found))  # a version before may have the same
        problems += [replace(p, value=p.value or key, row=row) for p in once]
    if wrong or problems:
        raise Refused(*wrong, *problems)
    at = now()
    for n, (key, raw) in enumerate(every.items()):
        d = parsed[key]
        made = Metric.objects.create(
            key=key,
            kind=d.kind,
            label=Text.of(raw["label"]).as_dict(),
            unit=raw.get("unit", "count"),
            better=raw.get("better", "up"),
            scale=_scale(d, context),
            position=raw.get("position", n),
            hidden=raw.get("hidden", False),
            retired=raw.get("retired", False),
            pack=pack,
            **{name: Text.of(raw[name]).as_dict() for name in TEXTS if name in raw},
        )
        for since, version in _open([*before[key], (first_day(raw, EVER), d)]).items():
            _add_version(made, version, since, None, actor, at)
        hooks.record(actor, "metric", made.pk, "create", {}, {"key": key, **d.as_json()})
    return [
        key
        for key, d in parsed.items()
        if KINDS[d.kind].posted and not every[key].get("retired", False)
    ]


def _open(versions: list[tuple[date, Definition]]) -> dict[date, Definition]:
    """The versions of a new metric by the day from which each holds.

    On closed days nothing counts, and what would have held there holds from the first open day.
    """
    versions = sorted(versions, key=lambda v: v[0])
    _, newest = versions[-1]
    if past.first_day() is None or not KINDS[newest.kind].posted or KINDS[newest.kind].stock:
        return dict(versions)
    return {EVER: replace(newest, filter=NOTHING)} | {past.earliest(day): v for day, v in versions}


def _earlier(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The versions that held before, as a pack carries them."""
    return list(raw.get(EARLIER) or ())


def revise(
    *,
    actor: Actor,
    key: str,
    definition: Mapping[str, Any],
    valid_from: date,
    reason: str = "",
) -> MetricInfo:
    """Give a metric another rule from a day on; what counted before that day stays as it was.

    Raises Refused for a day that is closed or before the newest rule, for another kind or object;
    Missing; Forbidden.
    """
    hooks.require_setup(actor, "metrics")
    info = dictionary().metric(key)
    parsed, problems = _revised(info, definition, valid_from)
    if problems:
        raise Refused(*problems)
    _revise(info, parsed, valid_from, reason, actor)
    return dictionary().metric(key)


def change(
    *,
    actor: Actor,
    key: str,
    label: Text,
    better: str,
    position: int,
    texts: Mapping[str, Text],
    definition: Mapping[str, Any],
    valid_from: date | None = None,
    reason: str = "",
    wrong: Sequence[Problem] = (),
) -> MetricInfo:
    """A metric's words and its rule in one: the words from now, another rule from a day on.

    Without ``valid_from`` another rule holds from today. A rule that says the same makes no
    version. ``wrong`` is what the caller found wrong already, told with the rest. Raises as
    ``describe`` and ``revise`` do, before anything is written.
    """
    hooks.require_setup(actor, "metrics")
    info = dictionary().metric(key)
    day = valid_from or today()
    parsed, problems = _revised(info, definition, day)
    other = parsed != info.rule.definition
    if not other:
        problems = [p for p in problems if p.field != "valid_from"]
    problems = [*wrong, *unnamed(label), *naming(key, info.unit, better), *problems]
    if problems:
        raise Refused(*problems)
    with transaction.atomic():
        described = (info.label, info.better, info.position, {n: getattr(info, n) for n in texts})
        if described != (label, better, position, dict(texts)):
            describe(
                actor=actor, key=key, label=label, better=better, position=position, texts=texts
            )
        if other:
            _revise(info, parsed, day, reason, actor)
    return dictionary().metric(key)


def _revised(
    info: MetricInfo, definition: Mapping[str, Any], valid_from: date
) -> tuple[Definition, list[Problem]]:
    """Another rule of a metric, read, and everything that is wrong with it from that day on."""
    context = context_of(snapshot(), dictionary().metrics)
    problems: list[Problem] = definitions.RULE.unknown(definition)
    parsed = _parsed(definition, context, problems)
    closed = past.problem(valid_from)
    if closed is not None:
        problems.append(closed)
    if valid_from < info.rule.valid_from:
        problems.append(
            _problem(
                "before_newest",
                "valid_from",
                "早于现行规则的生效日。",
                "That is before the newest rule.",
            )
        )
    old = info.rule.definition
    if (parsed.kind, parsed.object) != (old.kind, old.object):
        problems.append(
            _problem(
                "another_metric",
                "definition",
                "类型或对象不同的是另一个指标，请新建。",
                "Another kind or object makes another metric: add one.",
            )
        )
    if not problems and _scale(parsed, context) != info.scale:
        problems.append(
            _problem(
                "another_scale",
                "value",
                "小数位数须与原来一致。",
                "It must keep the same decimals.",
            )
        )
    return parsed, problems


def _revise(
    info: MetricInfo, parsed: Definition, valid_from: date, reason: str, actor: Actor
) -> None:
    old = info.rule.definition
    with transaction.atomic():
        row = Metric.objects.get(key=info.key)
        row.versions.filter(valid_from=valid_from).delete()
        _add_version(row, parsed, valid_from, reason, actor, now())
        hooks.record(
            actor,
            "metric",
            row.pk,
            "update",
            old.as_json(),
            {**parsed.as_json(), "valid_from": valid_from.isoformat(), "reason": reason},
        )
        catalog.store(())
        if KINDS[parsed.kind].posted:
            events.emit(info.key)


def describe(
    *,
    actor: Actor,
    key: str,
    label: Text | None = None,
    better: str | None = None,
    position: int | None = None,
    hidden: bool | None = None,
    texts: Mapping[str, Text] | None = None,
) -> MetricInfo:
    """Change words and order in the dictionary; no figure moves.

    Raises Refused, Missing, Forbidden.
    """
    hooks.require_setup(actor, "metrics")
    info = dictionary().metric(key)
    problems = unnamed(label) if label is not None else []
    if problems:
        raise Refused(*problems)
    params: dict[str, Any] = {"better": better, "position": position, "hidden": hidden}
    changes = {name: value for name, value in params.items() if value is not None}
    if label is not None:
        changes["label"] = label.as_dict()
    changes |= {n: t.as_dict() for n, t in (texts or {}).items() if n in TEXTS}
    with transaction.atomic():
        Metric.objects.filter(key=key).update(**changes)
        hooks.record(actor, "metric", info.id, "update", {}, changes)
        catalog.store(())
    return dictionary().metric(key)


def retire(*, actor: Actor, key: str, retired: bool = True) -> MetricInfo:
    """Stop posting a metric and hide it.

    Its entries stay. ``retired`` False takes it back and counts again.
    """
    hooks.require_setup(actor, "metrics")
    info = dictionary().metric(key)
    with transaction.atomic():
        Metric.objects.filter(key=key).update(retired=retired)
        hooks.record(actor, "metric", info.id, "update", {}, {"retired": retired})
        catalog.store(())
        if not retired and KINDS[info.kind].posted:
            events.emit(key)
    return dictionary().metric(key)


def install(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
    """The ``metrics`` section of a pack.

    Add the metrics that are not there; those that are stay as the company has them.
    """
    known = dictionary().metrics
    missing = {k: d for k, d in expand(definitions, snapshot()).items() if k not in known}
    if not missing:
        return
    with transaction.atomic():
        posted = _create(missing, actor, "sales")
        catalog.store(())
        for key in posted:
            events.emit(key)


def _add_version(
    row: Metric, d: Definition, valid_from: date, reason: str | None, actor: Actor, at: datetime
) -> None:
    MetricVersion.objects.create(
        metric=row,
        valid_from=valid_from,
        definition=definitions.RULE.stamped(d.as_json()),
        reason=(reason or "")[:500] or None,
        created_at=at,
        created_by=actor.member_id,
    )


def _parsed(raw: Mapping[str, Any], context: Context, problems: list[Problem]) -> Definition:
    """The definition with its formulas in canonical form.

    Or as it is, with what is wrong added to ``problems``.
    """
    known = {k: raw[k] for k in definitions.RULE.keys if raw.get(k) is not None}
    misfits = definitions.RULE.misfits(known)
    problems += misfits
    wrong = {p.field for p in misfits}
    d = Definition.read({"kind": ""} | {k: v for k, v in known.items() if k not in wrong})
    if d.kind:
        problems += [p for p in KINDS[d.kind].check(d, context) if p.field not in wrong]
    if problems:
        return d
    canonical = {
        name: formulas.parse(text, snapshot=context.snapshot, object_key=d.object).canonical()
        for name, text in (("value", d.value), ("filter", d.filter))
        if text
    }
    return Definition.read({**d.as_json(), **canonical})


def _scale(d: Definition, context: Context) -> int:
    return context.formula(d, d.value).type.scale if d.value else 0


def unnamed(label: Text) -> list[Problem]:
    """What is wrong with a metric's name: that it has none."""
    if label.zh.strip():
        return []
    return [_problem("required", "label", "请填写名称。", "Give it a name.")]


def _misfit(d: Definition, raw: Mapping[str, Any], context: Context) -> list[Problem]:
    """A unit in which what is counted would be shown wrong."""
    if not KINDS[d.kind].posted:
        return []
    unit, scale = raw.get("unit", "count"), _scale(d, context)
    if unit in ("number", "points") or UNIT_DIGITS.get(unit) == scale:
        return []
    said = Text("这个单位不适合所数的内容。", "This unit does not fit what is counted.")
    hint = Text(
        "金额适合金额字段，个数和天适合整数；其余请选数值。",
        "Money fits money fields, counts and days fit whole numbers; choose number for others.",
    )
    return [Problem("unit_does_not_fit", said, hint, field="unit", value=unit)]


def naming(key: str, unit: str, better: str) -> list[Problem]:
    """What is wrong with a metric's key, unit and direction."""
    found = []
    if not _KEY.fullmatch(key):
        found.append(
            _problem(
                "bad_key",
                "key",
                "标识由小写字母、数字和下划线组成。",
                "A key is made of small letters, digits and underscores.",
            )
        )
    for field, value in ((definitions.UNIT, unit), (definitions.BETTER, better)):
        found += field.problems({field.name: value})
    return found


def _problem(code: str, field: str, zh: str, en: str) -> Problem:
    return Problem(code, Text(zh, en), field=field)
