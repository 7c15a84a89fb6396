"""Writing the parts of a configuration, section by section, with the problems of all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from wubu.kernel.packs.content.sections import Definitions, Section
from wubu.kernel.packs.files.loading import Loaded
from wubu.kernel.types import Actor, Forbidden, Problem, Refused, Text
from wubu.kernel.workspace import forget

FORMULAS = ("filter", "value", "since", "when", "done")
NAMED = re.compile(r"\{([a-z0-9_]+)")
Apply = Callable[[Definitions], Any]


def ahead(
    section: Section, actor: Actor, gone: Iterable[str], some: Definitions
) -> set[tuple[str, str]]:
    """Before the tables change.

    What goes rests, and what is to stand is put, each by itself, where that can be already. What
    was done, by section and key; refusals wait for the end.
    """
    done = set()
    for key, definition in [*((k, None) for k in gone), *some.items()]:
        tried = Writer(actor)
        if definition is None:
            tried.retire(section, [key])
        else:
            tried.apply(section, {key: definition})
        if not tried.problems:
            done.add((section.name, key))
    return done


class Writer:
    """Runs what rooms do with their definitions, and keeps what they refuse for the end.

    Where a definition is refused, the others are tried without it, and what only follows from it
    is not told: a scorecard of a metric that cannot be counted.
    """

    def __init__(self, actor: Actor, loaded: Loaded | None = None) -> None:
        self.actor = actor
        self.loaded = loaded
        self.problems: list[Problem] = []
        self.failed: set[str] = set()

    def apply(self, section: Section, some: Definitions) -> None:
        """As the room lets its things be changed; rooms that only install do that."""
        write = section.apply or section.install
        self.run(section, some, lambda raw: write(section.present(raw), actor=self.actor))

    def install(self, section: Section, some: Definitions) -> None:
        """What is not there yet, with its history."""
        self.run(section, some, lambda raw: section.install(section.present(raw), actor=self.actor))

    def retire(self, section: Section, keys: Iterable[str]) -> None:
        """What is to rest."""
        retire = section.retire
        if retire is not None:
            raw: Definitions = {key: {} for key in keys}
            self.run(section, raw, lambda some: retire(list(some), actor=self.actor))

    def run(self, section: Section, some: Definitions, do: Apply) -> None:
        rest = dict(some)
        while rest:
            try:
                with transaction.atomic():
                    do(rest)
                return
            except Forbidden:
                raise
            except Refused as refused:
                forget()
                keys = list(rest)
                bad = {k for p in refused.problems if (k := _of(p, keys)) is not None}
                for problem in refused.problems:
                    key = _of(problem, keys)
                    if key is None or not mentions(rest[key], self.failed - {key}):
                        self.problems.append(self.placed(problem, section, key))
                self.failed |= bad
                rest = {k: v for k, v in rest.items() if k not in bad} if bad else {}

    def finish(self) -> None:
        """Raises Refused with everything that was refused."""
        if self.problems:
            raise Refused(*self.problems)

    def placed(self, problem: Problem, section: Section, key: str | None) -> Problem:
        """With the name of the thing, and its file and line where it comes from a file."""
        label = _label(self.loaded, section.name, key) or section.label
        if self.loaded is None or problem.line is not None:
            return problem
        part = problem.field if problem.field != key else None
        if part is None and problem.start is not None and key:
            part = _formula(self.loaded, section.name, key, problem)
        path = (section.name, *((key,) if key else ()), *((part,) if part else ()))
        said = Text("{l}：{m}", "{l}: {m}").format(l=label, m=problem.message)
        made = self.loaded.source.problem(path, problem.code, said, problem.hint)
        return replace(
            made,
            field=key,
            value=problem.value,
            suggestion=problem.suggestion,
            start=problem.start,
            end=problem.end,
        )


def mentions(value: Any, keys: set[str]) -> bool:
    """Whether a definition names one of these keys, in a formula or as it is."""
    if not keys:
        return False
    if isinstance(value, Mapping):
        return any(mentions(v, keys) for v in value.values())
    if isinstance(value, list | tuple):
        return any(mentions(v, keys) for v in value)
    if not isinstance(value, str):
        return False
    return value in keys or bool(keys.intersection(NAMED.findall(value)))


def _of(problem: Problem, keys: list[str]) -> str | None:
    """The definition that a problem is about."""
    if problem.row is not None and problem.row < len(keys):
        return keys[problem.row]
    return problem.field if problem.field in keys else None


def _formula(loaded: Loaded, section: str, key: str, problem: Problem) -> str | None:
    """Which formula of a definition a problem underlines."""
    raw: Mapping[str, Any] = (loaded.content.get(section) or {}).get(key) or {}
    texts = {k: v for k, v in raw.items() if k in FORMULAS and isinstance(v, str)}
    for name, text in texts.items():
        marked = text[problem.start : problem.end].strip("{}")
        if problem.value is not None and marked and marked in str(problem.value):
            return name
    return next((k for k, v in texts.items() if len(v) >= (problem.end or 0)), None)


def _label(loaded: Loaded | None, section: str, key: str | None) -> Text | None:
    found = (loaded.content.get(section) or {}).get(key or "", {}) if loaded else {}
    label = found.get("label") if isinstance(found, Mapping) else None
    return Text.of(label) if label else None
