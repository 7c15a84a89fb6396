"""Recipes: what is known of the files of other programs. Data in YAML, one file a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from wubu.collect.imports import mapping as mappings
from wubu.collect.imports.targets import Target
from wubu.collect.imports.types import RowMap, Source
from wubu.collect.imports.words import plain
from wubu.kernel.types import Text

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class FileRecipe:
    """One kind of file: how it is recognised and where its columns go.

    ``needs`` are headings that must be there; ``fields`` and ``any`` are fields of the target that
    the suggested mapping must fill (all of them; at least one). ``skip`` says why a file holds no
    rows.
    """

    recipe: str
    label: Text
    files: tuple[str, ...]
    object: str = ""
    needs: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    any: frozenset[str] = frozenset()
    columns: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, int] = field(default_factory=dict)  # field → what its numbers count
    match_on: tuple[str, ...] = ()
    aliases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    derive: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    skip: Text | None = None

    def knows(self, source: Source) -> bool:
        """Whether the name and the headings of a source are of this kind."""
        name = source.file.lower()
        headings = {plain(h) for h in source.header}
        return any(fnmatch(name, p.lower()) for p in self.files) and self.needs <= headings

    def apply(self, source: Source, target: Target) -> RowMap | None:
        """The mapping for a source; None when the headings do not fill what the recipe needs."""
        suggested = mappings.suggest(source, target)
        if self.columns:
            columns = []
            for column in suggested.columns:
                key = self.columns.get(plain(column.header), "")
                if key in target.fields:
                    factor = self.factors.get(key, column.factor)
                    columns.append(
                        replace(column, field=key, how="recipe", score=100, factor=factor)
                    )
                else:  # the company may have done without that field: listed, never dropped
                    columns.append(replace(column, field="", how="", score=0))
            suggested = replace(suggested, columns=tuple(columns))
        filled = set(suggested.fields)
        if not self.fields <= filled or (self.any and not self.any & filled):
            return None
        return replace(
            suggested,
            match_on=tuple(k for k in self.match_on if k in filled) or suggested.match_on,
            aliases={k: v for k, v in self.aliases.items() if k in target.fields},
            derive={k: v for k, v in self.derive.items() if k in target.fields},
            constants={k: v for k, v in self.constants.items() if k in target.fields},
            recipe=self.recipe,
        )


@cache
def all_recipes() -> tuple[FileRecipe, ...]:
    """Every file kind of every recipe; those that need headings come first."""
    books = [yaml.safe_load(p.read_text(encoding="utf-8")) for p in sorted(HERE.glob("*.yaml"))]
    found = [_read(book, item) for book in books for item in book["files"]]
    return tuple(sorted(found, key=lambda r: not r.needs))


def _read(book: Mapping[str, Any], item: Mapping[str, Any]) -> FileRecipe:
    return FileRecipe(
        book["recipe"],
        Text.of(book["label"]),
        tuple(item["files"]),
        item.get("object", ""),
        frozenset(map(plain, item.get("needs", ()))),
        frozenset(item.get("fields", ())),
        frozenset(item.get("any", ())),
        {plain(k): v for k, v in item.get("columns", {}).items()},
        item.get("factors", {}),
        tuple(item.get("match_on", ())),
        item.get("aliases", {}),
        item.get("derive", {}),
        item.get("constants", {}),
        Text.of(item["skip"]) if "skip" in item else None,
    )


def recipe_for(source: Source) -> FileRecipe | None:
    """The recipe that knows this file, or None."""
    return next((r for r in all_recipes() if r.knows(source)), None)
