"""A layout's definition, as designers and packs write it, read into one that can be used.

::

    label: {zh: 销售录入, en: For sales}
    use: form                      # or quick: the few fields of the quick-create dialog
    roles: [sales_rep]             # whoever has one of them; all without
    stages: [proposal, won]        # stages of the record; all without
    when: '{amount} > 100000'      # a condition on the record
    sections:
      - label: {zh: 基本, en: Basics}
        columns: 2                 # 1 to 3
        collapsible: true
        collapsed: false
        show_when: '{stage} = "won"'
        items:
          - {field: name, span: 2, read_only: false, required: true, help: {zh: …, en: …}}
          - {field: reason, show_when: '{stage} = "lost"', required_when: '{amount} > 0'}
          - {field: price, default_from: {source: product, when: '{id} = {form.product}',
             take: price}}
          - {field: contact, candidates: {when: '{customer} = {form.customer}', strict: true}}
          - {text: {zh: 先查重再新建, en: Look for doubles first}, tone: warn}
          - {lines: quote_line, columns: [product, quantity, price],
             cells: {price: {default_from: {…}}, discount: {required_when: '{quantity} > 10'}}}

In ``cells``, ``show_when`` is a condition on the record and ``required_when`` on the line; their
linkages name fields of the line as ``{form.product}``, of the record as ``{parent.customer}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wubu.collect.forms.layouts import circles
from wubu.collect.forms.layouts.checking import Checker
from wubu.collect.forms.types import Item, Layout, Part
from wubu.kernel.catalog.types import ObjectSpec, Snapshot
from wubu.kernel.types import Refused, Text

TONES = ("", "info", "warn", "good", "bad")
MOST_SECTIONS, MOST_ITEMS = 60, 1_000
LAYOUT_KEYS = frozenset({"label", "use", "roles", "stages", "when", "sections", "position"})
SECTION_KEYS = frozenset({"label", "columns", "collapsible", "collapsed", "show_when", "items"})
ITEM_KEYS = frozenset(
    {
        "field", "text", "lines", "span", "read_only", "required", "required_when", "show_when",
        "help", "tone", "columns", "cells", "default_from", "candidates", "folded", "hidden",
    }
)  # fmt: skip
CELL_KEYS = frozenset(
    {"read_only", "required", "required_when", "show_when", "default_from", "candidates", "hidden"}
)


@dataclass
class Reader(Checker):
    """Reads one definition; every problem is collected."""

    seen: set[str] = field(default_factory=set)
    stored: dict[str, Any] = field(default_factory=dict)  # the definition with keys for labels

    def layout(self, key: str, definition: Any) -> Layout:
        """The layout. ``problems`` says what is wrong with it."""
        if not isinstance(definition, Mapping):
            self._wrong("bad_layout", Text("布局的写法不对。", "The layout is not valid."), "")
            return Layout(self.spec.key, key, Text(key, key), "form", ())
        self._known(definition, LAYOUT_KEYS, "")
        sections = definition.get("sections") or []
        if not isinstance(sections, Sequence) or isinstance(sections, str):
            self._wrong(
                "bad_layout", Text("分区应为一列。", "Sections must be a list."), "sections"
            )
            sections = []
        use = definition.get("use") or "form"
        if use not in ("form", "quick"):
            self._wrong(
                "bad_layout", Text("用途只能是 form 或 quick。", "Use is form or quick."), "use"
            )
        self.stored = {k: v for k, v in definition.items() if k in LAYOUT_KEYS and v}
        self.stored["use"] = use
        self.stored["sections"] = []
        parts = [self._part(n, s) for n, s in enumerate(sections[:MOST_SECTIONS])]
        if not any(p.items for p in parts):
            words = Text("至少放一个字段。", "Add at least one field.")
            self._wrong("empty_layout", words, "sections")
        when = self._condition(definition, "when", self.stored)
        self.problems += circles.found(self.spec, self.snapshot, parts)
        return Layout(
            self.spec.key,
            key,
            self._words(definition.get("label"), "label") or Text(key, key),
            "quick" if use == "quick" else "form",
            tuple(parts),
            frozenset(self._texts(definition, "roles")),
            self._stages(definition),
            when,
            broken=bool(definition.get("when")) and when is None,
        )

    # Sections and what stands in them

    def _part(self, number: int, raw: Any) -> Part:
        place = f"s{number}"
        if not isinstance(raw, Mapping):
            self._wrong("bad_layout", Text("分区的写法不对。", "The section is not valid."), place)
            return Part(place, Text("", ""), 2, ())
        self._known(raw, SECTION_KEYS, place)
        kept: dict[str, Any] = {k: v for k, v in raw.items() if k in SECTION_KEYS and v}
        self.stored["sections"].append(kept)
        columns = raw.get("columns") or 2
        if columns not in (1, 2, 3):
            words = Text("列数只能是 1 到 3。", "Use one to three columns.")
            self._wrong("bad_layout", words, f"{place}.columns")
            columns = 2
        items = raw.get("items") or []
        if not isinstance(items, Sequence) or isinstance(items, str) or len(items) > MOST_ITEMS:
            self._wrong("bad_layout", Text("内容应为一列。", "Items must be a list."), place)
            items = []
        kept["items"] = []
        found = [self._item(f"{place}.{n}", i, columns, kept) for n, i in enumerate(items)]
        return Part(
            place,
            self._words(raw.get("label"), f"{place}.label") or Text("", ""),
            columns,
            tuple(i for i in found if i is not None),
            bool(raw.get("collapsible")) or bool(raw.get("collapsed")),
            bool(raw.get("collapsed")),
            self._condition(raw, "show_when", kept, place),
        )

    def _item(self, id_: str, raw: Any, columns: int, part: dict[str, Any]) -> Item | None:
        if not isinstance(raw, Mapping):
            self._wrong("bad_layout", Text("这一项的写法不对。", "The item is not valid."), id_)
            return None
        kept = {k: v for k, v in raw.items() if k in ITEM_KEYS and v not in (None, "", False)}
        part["items"].append(kept)
        self._known(raw, ITEM_KEYS, id_)
        common: dict[str, Any] = {
            "span": min(max(int(raw.get("span") or 1), 1), columns)
            if isinstance(raw.get("span") or 1, int)
            else 1,
            "shown_when": self._condition(raw, "show_when", kept, id_),
            "folded": bool(raw.get("folded")),
            "concealed": bool(raw.get("hidden")),
        }
        if raw.get("text"):
            tone = raw.get("tone") or ""
            if tone not in TONES:
                self._wrong(
                    "bad_layout", Text("没有这种样式。", "There is no such style."), f"{id_}.tone"
                )
                tone = ""
            words = self._words(raw["text"], f"{id_}.text")
            return Item(id_, "text", text=words, tone=tone, **{**common, "span": columns})
        if raw.get("lines"):
            return self._lines(id_, raw, common, columns, kept)
        return self._field(id_, raw, common, kept)

    def _lines(
        self,
        id_: str,
        raw: Mapping[str, Any],
        common: dict[str, Any],
        columns: int,
        kept: dict[str, Any],
    ) -> Item | None:
        key = str(raw["lines"])
        child = next((c for c in self.snapshot.children(self.spec.key) if c.key == key), None)
        if child is None:
            words = Text("“{o}”没有明细“{k}”。", "“{o}” has no lines “{k}”.")
            hint = Text("请移出这一项。", "Remove this item.")
            self._gone(words.format(o=self.spec.label, k=key), id_, hint)
            return None
        if not self._once(key, id_):
            return None
        wanted = self._texts(raw, "columns", id_)
        cells = self._cells(child, raw.get("cells") or {}, id_, kept)
        known = [c for c in wanted if self._known_field(child, c, f"{id_}.columns")]
        concealed = {c.key for c in cells if c.concealed}
        if concealed and not known:
            own = [f.key for f in child.live_fields if f.key != child.part_of]
            known = [c for c in own if c not in concealed]
        shown = tuple(c for c in known if c not in concealed)
        if concealed and not shown:
            words = Text("至少留一列。", "Leave at least one column.")
            self._wrong("bad_layout", words, f"{id_}.columns")
        return Item(
            id_,
            "lines",
            key,
            needed=bool(raw.get("required")),
            columns=shown,
            cells=cells,
            **{**common, "span": columns},
        )

    def _cells(
        self, child: ObjectSpec, raw: Any, id_: str, kept: dict[str, Any]
    ) -> tuple[Item, ...]:
        """What a layout says of columns of lines."""
        if not isinstance(raw, Mapping):
            words = Text("列的规则写得不对。", "The column rules are not valid.")
            self._wrong("bad_layout", words, f"{id_}.cells")
            return ()
        found, stored = [], {}
        for key, rules in raw.items():
            place = f"{id_}.cells.{key}"
            if not isinstance(rules, Mapping):
                words = Text("列的规则写得不对。", "The column rules are not valid.")
                self._wrong("bad_layout", words, place)
                continue
            if not self._known_field(child, str(key), place):
                continue
            f = child.fields[str(key)]
            own = {k: v for k, v in rules.items() if k in CELL_KEYS and v not in (None, "", False)}
            self._known(rules, CELL_KEYS, place)
            cell = Item(
                place,
                "field",
                f.key,
                read_only=bool(rules.get("read_only")),
                needed=bool(rules.get("required")),
                needed_when=self._condition(rules, "required_when", own, place, of=child),
                shown_when=self._condition(rules, "show_when", own, place),
                fills=self._linkage(rules, "default_from", f, place, own),
                candidates=self._linkage(rules, "candidates", f, place, own),
                concealed=bool(rules.get("hidden")),
            )
            found.append(cell)
            if own:
                stored[f.key] = own
        kept.pop("cells", None)
        if stored:
            kept["cells"] = stored
        return tuple(found)

    def _field(
        self, id_: str, raw: Mapping[str, Any], common: dict[str, Any], kept: dict[str, Any]
    ) -> Item | None:
        key = str(raw.get("field") or "")
        if not self._known_field(self.spec, key, id_) or not self._once(key, id_):
            return None
        f = self.spec.fields[key]
        return Item(
            id_,
            "field",
            key,
            read_only=bool(raw.get("read_only")),
            needed=bool(raw.get("required")),
            needed_when=self._condition(raw, "required_when", kept, id_),
            help=self._words(raw.get("help"), f"{id_}.help"),
            fills=self._linkage(raw, "default_from", f, id_, kept),
            candidates=self._linkage(raw, "candidates", f, id_, kept),
            **common,
        )

    def _once(self, key: str, id_: str) -> bool:
        if key in self.seen:
            f = self.spec.fields.get(key)
            words = Text("“{f}”放了两次。", "“{f}” appears twice.")
            hint = Text("请移出其中一个。", "Remove one of them.")
            self._wrong("twice", words.format(f=f.label if f else key), id_, key, hint)
            return False
        self.seen.add(key)
        return True

    def _stages(self, raw: Mapping[str, Any]) -> frozenset[str]:
        wanted = self._texts(raw, "stages")
        stage = self.spec.role("stage")
        known = {c.key for c in stage.choices} if stage else set()
        for key in wanted:
            if key not in known:
                words = Text("没有阶段“{k}”。", "There is no stage “{k}”.").format(k=key)
                hint = Text("请重新选择阶段。", "Choose the stages again.")
                self._gone(words, "stages", hint)
        return frozenset(wanted)


def read(snapshot: Snapshot, spec: ObjectSpec, key: str, definition: Any) -> tuple[Layout, Any]:
    """The layout and its definition as it is stored. Raises Refused with every problem.

    ``field`` of a problem names the place: ``s0.2.show_when`` is the condition of the third item
    of the first section; ``start`` and ``end`` are characters of the formula there.
    """
    reader = Reader(snapshot, spec)
    made = reader.layout(key, definition)
    if reader.problems:
        raise Refused(*reader.problems)
    return made, reader.stored


def usable(snapshot: Snapshot, spec: ObjectSpec, key: str, definition: Any) -> Layout:
    """The layout with what is left of it today: fields that were retired since are passed over."""
    return Reader(snapshot, spec, tolerant=True).layout(key, definition)
