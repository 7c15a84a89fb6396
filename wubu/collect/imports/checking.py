"""What an import would do: every row through the door's own check, problems told once per value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeVar

from rapidfuzz import fuzz, process

from wubu.collect.imports import reading
from wubu.collect.imports.drafts import Drafter
from wubu.collect.imports.suspicious import Spelling
from wubu.collect.imports.targets import Target
from wubu.collect.imports.types import Checked, ProblemGroup, Progress, RowMap, Source
from wubu.collect.imports.words import plain
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields import FIELD_TYPES, FieldError
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Draft
from wubu.kernel.types import Actor, Problem, Text

CHUNK = 2_000
SHOWN = 8  # first rows shown as they will be
LINES = 20  # lines named per group
GROUPS = 2_000  # different problems kept; beyond, they are only counted
# Codes of values that point at a record which is not there (yet).
UNKNOWN = {"unknown_link"}
UNKNOWN_OPTION = {"unknown_choice"}
READ_AS = "read_as"  # an option so nearly spelt that it is read as the right one, and told
SURELY = 85  # of 100

T = TypeVar("T")
Heard = Callable[[int, Problem], None]  # line, problem
Bad = Callable[[int, int, Problem], None]  # batch, line, problem


@dataclass
class LookupCache:
    """Names that earlier files of the same import will have brought in, by object."""

    names: dict[str, dict[str, str]] = field(default_factory=dict)  # object → plain → as written

    def add(self, object_key: str, name: object) -> None:
        if name:
            self.names.setdefault(object_key, {})[plain(name)] = str(name).strip()

    def has(self, object_key: str, name: object) -> bool:
        found = self.names.get(object_key, {}).get(plain(name))
        return found is not None and found == " ".join(str(name).split())

    def near(self, object_key: str, name: object) -> str | None:
        """The name that was most likely meant."""
        known = self.names.get(object_key, {})
        word = plain(name)
        # One wrong character of three is a third of a Chinese name.
        least = 75 if len(word) > 4 else 60
        found = process.extractOne(word, known.keys(), scorer=fuzz.ratio, score_cutoff=least)
        return known[found[0]] if found else None


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def nothing(done: int, total: int, note: str) -> None:
    """A progress nobody watches."""


class Groups:
    """Problems by code, field and value, with the lines they are on."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.found: dict[tuple[str, str, str], list[Any]] = {}

    def add(self, problem: Problem, line: int) -> None:
        key = (problem.code, problem.field or "", str(problem.value or ""))
        entry = self.found.get(key)
        if entry is None:
            if len(self.found) >= GROUPS:
                key = ("more", "", "")
                problem = _more()
                entry = self.found.get(key)
            if entry is None:
                entry = self.found[key] = [problem, 0, []]
        entry[1] += 1
        if len(entry[2]) < LINES:
            entry[2].append(line)

    def to_views(self) -> list[ProblemGroup]:
        """Most rows first."""
        groups = [
            ProblemGroup(
                p.code,
                p.field or "",
                p.message,
                p.hint,
                None if p.value is None else str(p.value),
                p.suggestion,
                rows,
                tuple(lines),
                self._remedies(p),
                blocking=p.code != READ_AS,
            )
            for p, rows, lines in self.found.values()
        ]
        return sorted(groups, key=lambda g: (-g.rows, g.lines))

    def _remedies(self, p: Problem) -> tuple[str, ...]:
        f = self.target.fields.get(p.field or "")
        if f is None or p.value is None:
            return ()
        found = ["accept"] if p.suggestion is not None else []
        if p.code in UNKNOWN:
            found.append("choose")
            if f.kind.has_target:
                found.append("create")
        elif p.code in UNKNOWN_OPTION or p.code == READ_AS:
            found += ["choose", "option"]
        if not f.required:
            found.append("empty")
        return tuple(found)


def check(
    source: Source,
    mapping: RowMap,
    target: Target,
    *,
    actor: Actor,
    known: LookupCache,
    offset_days: int = 0,
    progress: Progress = nothing,
    bad: Heard | None = None,
) -> Checked:
    """Every row as if it were imported now; nothing is written.

    ``known`` gains the names that these rows would bring. ``bad`` hears of every problem with its
    line, ungrouped. Links to what ``known`` holds, or to what ``mapping.create`` will make, count
    as found.
    """
    drafter = Drafter(mapping, target, offset_days)
    groups, keys = Groups(target), Keys(mapping.match_on)
    spelling = {
        k: Spelling()
        for k in mapping.fields
        if k in target.fields and _is_spelt(target.fields[k]) and k != target.title
    }
    if target.title in mapping.fields or target.title in mapping.derive:
        learn(source, drafter, target, known)
    total = source.rows or reading.count(source)
    done = created = updated = unchanged = bad_rows = 0
    first: list[tuple[int, Mapping[str, Any]]] = []
    missing: dict[str, dict[str, None]] = {}
    for chunk in chunks(drafter.drafts(reading.rows(source)), CHUNK):
        drafts = [d for d in chunk if isinstance(d, Draft)]
        problems = [(p.line or 0, p) for p in chunk if isinstance(p, Problem)]
        problems += keys.problems(drafts, target)
        answer = records.check(
            actor=actor,
            object_key=target.key,
            drafts=drafts,
            match_on=mapping.match_on or None,
        )
        problems += [
            (drafts[p.row or 0].line or 0, p)
            for p in answer.problems
            if p.code != "twice" and not _will_be_there(p, target, known, mapping)
        ]
        for p in answer.problems:
            if p.code in UNKNOWN and p.field and not known.has(*_pointed(p, target)):
                missing.setdefault(p.field, {})[str(p.value)] = None
        blamed: set[int] = set()
        for line, p in problems:
            p = _suggested(p, target, known)
            groups.add(p, line)
            if p.code == READ_AS:
                continue
            blamed.add(line)
            if bad is not None:
                bad(line, p)
        bad_rows += len(blamed)
        # Rows whose links will be there by then are new ones, though the door cannot know it yet.
        created += answer.creates + len(
            {p.row for p in answer.problems}
            - {n for n, d in enumerate(drafts) if (d.line or 0) in blamed}
        )
        updated += answer.updates
        unchanged += answer.unchanged
        for draft in drafts:
            for key, watch in spelling.items():
                watch.see(draft.values.get(key), draft.line or 0)
            if len(first) < SHOWN:
                first.append((draft.line or 0, shown(draft.values, target)))
        done += len(chunk)
        progress(done, total, str(Text("检查", "Checking")))
    told = groups.to_views()
    told += _misspelt(spelling, target, {(g.field, g.value) for g in told})
    return Checked(
        done,
        created,
        updated,
        unchanged,
        bad_rows,
        tuple(told),
        tuple(first),
        {key: tuple(names) for key, names in missing.items()},
    )


def learn(source: Source, drafter: Drafter, target: Target, known: LookupCache) -> None:
    """The names that these rows would bring.

    Later files and the rows themselves may point at them.
    """
    title = target.title
    for draft in drafter.drafts(reading.rows(source)):
        if isinstance(draft, Draft):
            known.add(target.key, draft.values.get(title))


class Keys:
    """Notices rows of one file that name the same record twice."""

    def __init__(self, match_on: Sequence[str]) -> None:
        self.match_on = tuple(match_on)
        self.seen: dict[Any, int] = {}

    def problems(self, drafts: Iterable[Draft], target: Target) -> list[tuple[int, Problem]]:
        if not self.match_on:
            return []
        found = []
        for draft in drafts:
            key = tuple(draft.values.get(k) for k in self.match_on)
            if None in key:
                continue
            line = draft.line or 0
            before = self.seen.setdefault(key, line)
            if before != line:
                label = target.field_label(self.match_on[0])
                found.append((line, _twice(label, self.match_on[0], key[0], before)))
        return found


def _twice(label: Text, field_key: str, value: Any, before: int) -> Problem:
    return Problem(
        "duplicate_in_file",
        Text(
            "“{f}”为“{v}”的记录在第 {l} 行已经出现过。",
            "The record whose “{f}” is “{v}” is on line {l} already.",
        ).format(f=label, v=value, l=before),
        Text(
            "请合并这些行，或换一个能区分它们的匹配字段。",
            "Merge these rows, or match on a field that tells them apart.",
        ),
        field=field_key,
        value=value,
    )


def _will_be_there(p: Problem, target: Target, known: LookupCache, mapping: RowMap) -> bool:
    f = target.fields.get(p.field or "")
    if f is None or p.code not in UNKNOWN:
        return False
    return f.key in mapping.create or known.has(points_at(f), p.value)


def _pointed(p: Problem, target: Target) -> tuple[str, Any]:
    f = target.fields.get(p.field or "")
    return (points_at(f) if f else "", p.value)


def points_at(f: Any) -> str:
    """The object whose names a link field holds."""
    return f.type if f.kind.names_staff else str(f.target)


def _suggested(p: Problem, target: Target, known: LookupCache) -> Problem:
    """With a near name of an earlier file where the door knew none."""
    f = target.fields.get(p.field or "")
    if f is None:
        return p
    if p.code in UNKNOWN_OPTION and p.suggestion is not None:
        return _read_as(p, f)
    if p.suggestion is not None or p.code not in UNKNOWN:
        return p
    near = known.near(points_at(f), p.value)
    if near is None:
        return p
    return replace(
        p, suggestion=near, hint=Text("是不是“{n}”？", "Did you mean “{n}”?").format(n=near)
    )


def _read_as(p: Problem, f: Any) -> Problem:
    """A value that can only be a misspelt option is read as that option: told, not in the way."""
    option = f.choice(str(p.suggestion))
    names = (option.key, option.label.zh, option.label.en) if option else ()
    word = plain(p.value)
    if len(word) < 5 or max((fuzz.ratio(word, plain(n)) for n in names), default=0) < SURELY:
        return p
    return replace(
        p,
        code=READ_AS,
        message=Text("“{v}”将按“{o}”导入。", "“{v}” will be imported as “{o}”.").format(
            v=p.value, o=option.label if option else p.suggestion
        ),
        hint=Text(
            "看起来是拼写错误。如果不对，请另选。",
            "It looks misspelt. Choose another if that is wrong.",
        ),
    )


def shown(values: Mapping[str, Any], target: Target) -> dict[str, str]:
    """A row as people will see it; what cannot be read stays as it was written."""
    out = {}
    for key, raw in values.items():
        f = target.fields.get(key)
        if f is None or raw is None:
            continue
        if f.kind.refers:
            out[key] = str(raw)
            continue
        try:
            kind = FIELD_TYPES[f.type]
            out[key] = kind.show(f, kind.parse(f, raw))
        except FieldError:
            out[key] = str(raw)
    return out


def _misspelt(
    spelling: Mapping[str, Spelling], target: Target, told: set[tuple[str, Any]]
) -> list[ProblemGroup]:
    found = []
    for key, watch in spelling.items():
        for value, meant in watch.suspects().items():
            if (key, value) in told:
                continue
            found.append(
                ProblemGroup(
                    "suspicious",
                    key,
                    Text("“{v}”可能写错了。", "“{v}” may be misspelt.").format(v=value),
                    Text("是不是“{m}”？", "Did you mean “{m}”?").format(m=meant),
                    value,
                    meant,
                    watch.seen[value],
                    tuple(watch.lines[value]),
                    ("accept",),
                    blocking=False,
                )
            )
    return sorted(found, key=lambda g: -g.rows)


def _more() -> Problem:
    return Problem(
        "more",
        Text("还有更多不同的问题。", "There are more different problems."),
        Text(
            "请先解决上面的问题，或下载问题行。",
            "Solve those above first, or download the rows with problems.",
        ),
    )


def _is_spelt(f: FieldSpec) -> bool:
    """Short words of which people write variants."""
    return f.kind.one_line or f.kind.classifies
