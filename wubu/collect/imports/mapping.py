"""Which column goes where: suggested from headings in both languages, synonyms, and the values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from rapidfuzz import fuzz

from wubu.collect.imports import looks as look_at
from wubu.collect.imports.targets import Target
from wubu.collect.imports.types import Cell, ColumnMap, How, RowMap, Source
from wubu.collect.imports.words import plain, synonyms
from wubu.kernel.catalog.types import FieldSpec

NEAR = 84  # of 100: headings this alike are taken for the same
_UNIT = re.compile(r"[(（\[【].*?[)）\]】]")  # 年营收（万元）: the unit is no part of the name
TELLING = {"email", "phone", "url"}  # looks that say by themselves what a column is


def signature(source: Source) -> str:
    """Names a kind of file by its headings, so that a mapping is remembered for the next one."""
    return sha256("\x1f".join(map(plain, source.header)).encode()).hexdigest()[:40]


def columns_of(source: Source) -> tuple[ColumnMap, ...]:
    """The columns as they are, going nowhere yet."""
    found = []
    for index, name in enumerate(source.header):
        values = column_values(source, index)
        order, _ = look_at.date_order(values)
        found.append(
            ColumnMap(
                index,
                name,
                looks=look_at.looks(values),
                factor=look_at.factor(name),
                date_order=order,
                examples=look_at.examples(values),
            )
        )
    return tuple(found)


def column_values(source: Source, index: int) -> list[Cell]:
    return [cells[index] for _, cells in source.sample if index < len(cells)]


def suggest(source: Source, target: Target, columns: Sequence[ColumnMap] = ()) -> RowMap:
    """The likely mapping of a source to a target; columns that match nothing go nowhere."""
    columns = tuple(columns) or columns_of(source)
    scored: list[tuple[int, int, str, How]] = []
    for column in columns:
        for field in target.fields.values():
            score, how = _score(column, target, field)
            if score >= 40:
                scored.append((score, column.index, field.key, how))
    # Best first; among equals the earlier column and the earlier field.
    order = {key: n for n, key in enumerate(target.fields)}
    scored.sort(key=lambda s: (-s[0], s[1], order[s[2]]))
    taken_columns: dict[int, tuple[str, int, How]] = {}
    taken_fields: set[str] = set()
    for score, index, key, how in scored:
        if index not in taken_columns and key not in taken_fields:
            taken_columns[index] = (key, score, how)
            taken_fields.add(key)
    mapped = tuple(
        replace(
            c,
            field=taken_columns[c.index][0],
            score=taken_columns[c.index][1],
            how=taken_columns[c.index][2],
        )
        if c.index in taken_columns
        else c
        for c in columns
    )
    found = RowMap(target.key, mapped)
    return replace(found, match_on=suggest_match(source, target, found))


def _score(column: ColumnMap, target: Target, field: FieldSpec) -> tuple[int, How]:
    """(0 to 100, why) for one column and one field."""
    whole, heading = plain(column.header), plain(_UNIT.sub("", column.header))
    if whole in _names(target, field):
        heading = whole  # the brackets belong to the name
    how: How = ""
    score = 0
    words = synonyms().of_field(target.key, field.key)
    names = {plain(field.label.zh), plain(field.label.en)}
    if heading == plain(field.key):
        score, how = 96, "key"
    elif heading in names:
        score, how = 98, "label"
    elif heading in words:
        own = (target.key, field.key) in synonyms().fields
        score, how = (90 if own else 86), "synonym"
    elif heading:
        near = max((fuzz.ratio(heading, w) for w in (*names, *words, plain(field.key))), default=0)
        if near >= NEAR and len(heading) > 3:
            score, how = int(near * 0.8), "near"
    fit = look_at.fits(column.looks, field.type)
    if not score:
        telling = column.looks in TELLING and fit == 2
        return (45, "values") if telling else (0, "")
    if fit < 0:
        return (score // 2, how)  # named like it, but the values can hardly be it
    return min(100, score + fit), how


def _names(target: Target, field: FieldSpec) -> set[str]:
    """Everything that a field is called."""
    words = synonyms().of_field(target.key, field.key)
    return {plain(field.key), plain(field.label.zh), plain(field.label.en), *words}


def suggest_match(source: Source, target: Target, mapping: RowMap) -> tuple[str, ...]:
    """The fields by which a row finds its record again, so that a second import changes nothing.

    A unique field; else the title of what stands for itself (a product); else the title with what
    tells two of one name apart: the customer, the moment, the phone. A long text is no name: there
    the moment and the customer come first. () when nothing can tell.
    """
    fields = mapping.fields
    for key, field in target.fields.items():
        if field.unique and key in fields and _present(source, fields[key]):
            return (key,)
    title = target.title
    tell = [k for k in target.telling if k in fields and _present(source, fields[k])]
    tries: list[tuple[str, ...]] = [(title, *tell[: n + 1]) for n in range(len(tell))]
    if not target.telling:
        tries = [(title,)]
    elif title in target.fields and target.fields[title].kind.multiline:
        moment = (target.when, *(k for k in tell if k != target.when))
        tries = [moment, (*moment, title)]
    for keys in tries:
        if all(k in fields for k in keys) and _distinct(source, [fields[k] for k in keys]):
            return keys
    return ()


def _present(source: Source, index: int) -> bool:
    """Whether nearly every row has it; that it repeats is for the check to tell."""
    values = column_values(source, index)
    there = sum(1 for v in values if v is not None and v != "")
    return there * 10 >= len(source.sample) * 9


def _distinct(source: Source, indexes: Sequence[int]) -> bool:
    seen: Counter[tuple[Any, ...]] = Counter()
    for _, cells in source.sample:
        seen[tuple(plain(cells[i]) if i < len(cells) else "" for i in indexes)] += 1
    if any(not all(key) for key in seen if len(indexes) == 1):
        return False
    return all(n == 1 for n in seen.values())


def worth(source: Source, target: Target, mapping: RowMap) -> float:
    """How likely a source is of this target.

    How much of it finds a place, and what its name says.
    """
    if not mapping.columns:
        return 0.0
    total = sum(c.score for c in mapping.columns if c.field) / len(mapping.columns)
    missing = [
        f for f in target.fields.values() if f.required and f.key not in _filled(mapping, target)
    ]
    total -= 25 * len(missing)
    if target.title and target.title in mapping.fields:
        total += 10
    names = {plain(source.sheet), plain(source.file.rsplit(".", 1)[0])} - {""}
    words = synonyms().objects.get(target.key, frozenset()) | {
        plain(target.key),
        plain(target.label.zh),
        plain(target.label.en),
        plain(target.plural.zh),
        plain(target.plural.en),
    }
    if names & words:
        total += 40
    elif any(w in n for n in names for w in words if len(w) > 3 or not w.isascii()):
        total += 15
    return total


def _filled(mapping: RowMap, target: Target) -> set[str]:
    defaults = {f.key for f in target.fields.values() if f.default is not None}
    return set(mapping.fields) | set(mapping.derive) | set(mapping.constants) | defaults


def best(source: Source, targets: Iterable[Target]) -> list[tuple[float, Target, RowMap]]:
    """Every target with its suggested mapping, the likeliest first."""
    columns = columns_of(source)
    found = [(t, suggest(source, t, columns)) for t in targets]
    ranked = [(worth(source, t, m), t, m) for t, m in found]
    return sorted(ranked, key=lambda r: -r[0])


def to_json(mapping: RowMap) -> dict[str, Any]:
    """As the batch and the saved mappings keep it."""
    return {
        "object": mapping.object,
        "columns": [
            {
                "index": c.index,
                "header": c.header,
                "field": c.field,
                "how": c.how,
                "score": c.score,
                "looks": c.looks,
                "date_order": c.date_order,
                "factor": c.factor,
                "examples": list(c.examples),
            }
            for c in mapping.columns
        ],
        "match_on": list(mapping.match_on),
        "aliases": {f: dict(v) for f, v in mapping.aliases.items()},
        "create": sorted(mapping.create),
        "derive": dict(mapping.derive),
        "constants": dict(mapping.constants),
        "clear_empty": mapping.clear_empty,
        "recipe": mapping.recipe,
    }


def from_json(raw: Mapping[str, Any]) -> RowMap:
    """What ``to_json`` gave."""
    return RowMap(
        raw["object"],
        tuple(ColumnMap(**{**c, "examples": tuple(c["examples"])}) for c in raw["columns"]),
        tuple(raw["match_on"]),
        raw["aliases"],
        frozenset(raw["create"]),
        raw["derive"],
        raw["constants"],
        raw["clear_empty"],
        raw["recipe"],
    )


def carry_over(saved: RowMap, columns: Sequence[ColumnMap]) -> RowMap:
    """A remembered mapping laid over the columns of another file with the same headings."""
    by_header = {plain(c.header): c for c in saved.columns}
    laid = []
    for column in columns:
        old = by_header.get(plain(column.header))
        if old is None or not old.field:
            laid.append(column)
        else:
            laid.append(replace(column, field=old.field, how="saved", score=100, factor=old.factor))
    return replace(saved, columns=tuple(laid))
