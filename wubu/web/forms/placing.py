"""Inputs put where a layout wants them: sections with their fields, notes and lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from wubu.collect.forms.types import Item, Layout, Part
from wubu.kernel.types import Text
from wubu.web.forms import Input, Lines

OTHERS = Text("其他", "Others")


@dataclass
class Placed:
    """One thing in a section; ``hidden`` it waits for its condition."""

    item: Item
    input: Input | None = None
    lines: Lines | None = None
    hidden: bool = False

    @property
    def css(self) -> str:
        """The classes that say how wide it is, and whether a phone folds it away."""
        span = f"w-span-{self.item.span}"
        return f"{span} is-folded" if self.item.folded else span


@dataclass
class Section:
    """What stands under one heading."""

    part: Part
    items: list[Placed]
    waits: bool = False

    @property
    def hidden(self) -> bool:
        """It waits for its condition, or all in it do: a heading stands over something."""
        return self.waits or all(p.hidden for p in self.items)

    @property
    def label(self) -> Text:
        return self.part.label

    @property
    def inputs(self) -> list[Input]:
        return [p.input for p in self.items if p.input is not None]

    @property
    def only_lines(self) -> Placed | None:
        """The lines that fill the whole section."""
        one = self.items[0] if len(self.items) == 1 else None
        return one if one is not None and one.lines is not None else None

    @property
    def is_open(self) -> bool:
        """A section that begins closed opens where something is wrong in it."""
        return not self.part.collapsed or any(i.problems for i in self.inputs)

    @property
    def has_folded(self) -> bool:
        return any(p.item.folded for p in self.items)


def keys(layout: Layout) -> list[str]:
    """The fields that a layout shows."""
    return [i.key for i in layout.items if i.kind == "field" and not i.concealed]


def sections(
    layout: Layout,
    made: Mapping[str, Input],
    lines: Mapping[str, Lines],
    *,
    hidden: Collection[str] = (),
    needed: Collection[str] = (),
    options: Mapping[str, list[str]] | None = None,
) -> list[Section]:
    """The sections of a layout with what its reader may see; empty ones are left out."""
    found: list[Section] = []
    placed: set[str] = set()
    for part in layout.parts:
        items = []
        for item in part.items:
            one = _placed(item, made, lines, needed, options or {})
            if one is not None:
                one.hidden = item.id in hidden
                placed.add(item.key)
                items.append(one)
        if any(p.input or p.lines for p in items):
            found.append(Section(part, items, part.id in hidden))
    rest = [one for key, one in made.items() if key not in placed and not one.read_only]
    if layout.fallback and rest:
        id_ = f"s{len(layout.parts)}"
        items = [
            Placed(Item(f"{id_}.{n}", "field", one.spec.key, 2 if one.is_wide else 1), one)
            for n, one in enumerate(rest)
        ]
        last = Section(Part(id_, OTHERS, 2, tuple(p.item for p in items)), items)
        at = next((n for n, s in enumerate(found) if s.only_lines), len(found))
        found.insert(at, last)
    return found


def _placed(
    item: Item,
    made: Mapping[str, Input],
    lines: Mapping[str, Lines],
    needed: Collection[str],
    options: Mapping[str, list[str]],
) -> Placed | None:
    if item.concealed:
        return None
    # kind: of an item of a layout: words between fields
    if item.kind == "text":
        return Placed(item)
    if item.kind == "lines":
        return Placed(item, lines=lines[item.key]) if item.key in lines else None
    one = made.get(item.key)
    if one is None:
        return None
    one.needed = item.id in needed
    one.fixed = item.read_only
    one.said = item.help
    one.limits = one.limits or item.candidates is not None
    one.allowed = options.get(one.name)
    return Placed(item, one)
