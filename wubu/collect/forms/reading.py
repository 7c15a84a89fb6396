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
          - {lines: quote_line, columns: [product, quantity, price]}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wubu.collect.forms.types import DEFAULT, Item, Layout, Part
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import parse
from wubu.kernel.formula.types import Formula
from wubu.kernel.query import linked
from wubu.kernel.query.linked import Linkage
from wubu.kernel.types import Problem, Refused, Text

BOOL = ValueType("bool")
TONES = ("", "info", "warn", "good", "bad")
MOST_SECTIONS, MOST_ITEMS = 60, 1_000
LAYOUT_KEYS = frozenset({"label", "use", "roles", "stages", "when", "sections", "position"})
SECTION_KEYS = frozenset({"label", "columns", "collapsible", "collapsed", "show_when", "items"})
ITEM_KEYS = frozenset(
    {
        "field", "text", "lines", "span", "read_only", "required", "required_when", "show_when",
        "help", "tone", "columns", "default_from", "candidates", "folded", "hidden",
    }
)  # fmt: skip


@dataclass
class Reader:
    """Reads one definition; every problem is collected, with the item it is about in ``row``.

    ``tolerant`` leaves out what is gone since (a retired field), as when a form is opened.
    """

    snapshot: Snapshot
    spec: ObjectSpec
    tolerant: bool = False
    problems: list[Problem] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    stored: dict[str, Any] = field(default_factory=dict)  # the definition with keys for labels

    def layout(self, key: str, definition: Any) -> Layout:
        """The layout. ``problems`` says what is wrong with it."""
        if not isinstance(definition, Mapping):
            self._wrong("bad_layout", Text("布局的写法不对。", "This is not a layout."), "")
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
            words = Text("至少放一个字段。", "Put in at least one field.")
            self._wrong("empty_layout", words, "sections")
        return Layout(
            self.spec.key,
            key,
            self._words(definition.get("label"), "label") or Text(key, key),
            "quick" if use == "quick" else "form",
            tuple(parts),
            frozenset(self._texts(definition, "roles")),
            self._stages(definition),
            self._condition(definition, "when", self.stored),
        )

    # Sections and what stands in them

    def _part(self, number: int, given: Any) -> Part:
        place = f"s{number}"
        if not isinstance(given, Mapping):
            self._wrong("bad_layout", Text("分区的写法不对。", "This is no section."), place)
            return Part(place, Text("", ""), 2, ())
        self._known(given, SECTION_KEYS, place)
        kept: dict[str, Any] = {k: v for k, v in given.items() if k in SECTION_KEYS and v}
        self.stored["sections"].append(kept)
        columns = given.get("columns") or 2
        if columns not in (1, 2, 3):
            words = Text("列数只能是 1 到 3。", "There are one to three columns.")
            self._wrong("bad_layout", words, f"{place}.columns")
            columns = 2
        items = given.get("items") or []
        if not isinstance(items, Sequence) or isinstance(items, str) or len(items) > MOST_ITEMS:
            self._wrong("bad_layout", Text("内容应为一列。", "Items must be a list."), place)
            items = []
        kept["items"] = []
        found = [self._item(f"{place}.{n}", i, columns, kept) for n, i in enumerate(items)]
        return Part(
            place,
            self._words(given.get("label"), f"{place}.label") or Text("", ""),
            columns,
            tuple(i for i in found if i is not None),
            bool(given.get("collapsible")) or bool(given.get("collapsed")),
            bool(given.get("collapsed")),
            self._condition(given, "show_when", kept, place),
        )

    def _item(self, id_: str, given: Any, columns: int, part: dict[str, Any]) -> Item | None:
        if not isinstance(given, Mapping):
            self._wrong("bad_layout", Text("这一项的写法不对。", "This is no item."), id_)
            return None
        kept = {k: v for k, v in given.items() if k in ITEM_KEYS and v not in (None, "", False)}
        part["items"].append(kept)
        self._known(given, ITEM_KEYS, id_)
        common: dict[str, Any] = {
            "span": min(max(int(given.get("span") or 1), 1), columns)
            if isinstance(given.get("span") or 1, int)
            else 1,
            "shown_when": self._condition(given, "show_when", kept, id_),
            "folded": bool(given.get("folded")),
            "concealed": bool(given.get("hidden")),
        }
        if given.get("text"):
            tone = given.get("tone") or ""
            if tone not in TONES:
                self._wrong("bad_layout", Text("没有这种样式。", "No such tone."), f"{id_}.tone")
                tone = ""
            words = self._words(given["text"], f"{id_}.text")
            return Item(id_, "text", text=words, tone=tone, **{**common, "span": columns})
        if given.get("lines"):
            return self._lines(id_, given, common, columns)
        return self._field(id_, given, common, kept)

    def _lines(
        self, id_: str, given: Mapping[str, Any], common: dict[str, Any], columns: int
    ) -> Item | None:
        key = str(given["lines"])
        child = next((c for c in self.snapshot.children(self.spec.key) if c.key == key), None)
        if child is None:
            words = Text("“{o}”没有明细“{k}”。", "“{o}” has no lines “{k}”.")
            self._gone(words.format(o=self.spec.label, k=key), id_)
            return None
        if not self._once(key, id_):
            return None
        wanted = self._texts(given, "columns", id_)
        unknown = [c for c in wanted if c not in child.fields or child.fields[c].retired]
        for column in unknown:
            words = Text("“{o}”没有字段“{k}”。", "“{o}” has no field “{k}”.")
            self._gone(words.format(o=child.label, k=column), id_)
        shown = tuple(c for c in wanted if c not in unknown)
        return Item(id_, "lines", key, columns=shown, **{**common, "span": columns})

    def _field(
        self, id_: str, given: Mapping[str, Any], common: dict[str, Any], kept: dict[str, Any]
    ) -> Item | None:
        key = str(given.get("field") or "")
        f = self.spec.fields.get(key)
        if f is None or f.retired:
            words = Text("“{o}”没有字段“{k}”。", "“{o}” has no field “{k}”.")
            self._gone(words.format(o=self.spec.label, k=key or "—"), id_)
            return None
        if not self._once(key, id_):
            return None
        return Item(
            id_,
            "field",
            key,
            read_only=bool(given.get("read_only")),
            needed=bool(given.get("required")),
            needed_when=self._condition(given, "required_when", kept, id_),
            help=self._words(given.get("help"), f"{id_}.help"),
            fills=self._linkage(given, "default_from", f, id_, kept),
            candidates=self._linkage(given, "candidates", f, id_, kept),
            **common,
        )

    def _once(self, key: str, id_: str) -> bool:
        if key in self.seen:
            f = self.spec.fields.get(key)
            words = Text("“{f}”放了两次。", "“{f}” stands there twice.")
            self._wrong("twice", words.format(f=f.label if f else key), id_, key)
            return False
        self.seen.add(key)
        return True

    # The parts of a part

    def _condition(
        self, given: Mapping[str, Any], name: str, kept: dict[str, Any], place: str = ""
    ) -> Formula | None:
        text = given.get(name)
        if not text:
            return None
        if not isinstance(text, str):
            words = Text("条件应为一段文字。", "A condition is a text.")
            self._wrong("bad_layout", words, _at(place, name))
            return None
        try:
            found = parse(text, snapshot=self.snapshot, object_key=self.spec.key, expect=BOOL)
        except Refused as refused:
            self._take(refused, _at(place, name))
            return None
        kept[name] = found.canonical()
        return found

    def _linkage(
        self, given: Mapping[str, Any], name: str, f: FieldSpec, place: str, kept: dict[str, Any]
    ) -> Linkage | None:
        rule = given.get(name)
        if not rule:
            return None
        kind = FIELD_TYPES[f.type]
        wrong = None
        if kind.computed:
            wrong = Text("计算字段不能带入。", "A computed field cannot be filled in.")
        elif name == "candidates" and f.type not in ("link", "links", "choice", "multichoice"):
            wrong = Text(
                "只有关联和选项字段可以限定候选。", "Only links and choices have candidates."
            )
        if wrong is not None:
            self._wrong("bad_linkage", wrong, f"{place}.{name}", f.key)
            return None
        try:
            found = read_linkage(rule, self.snapshot, f, candidates=name == "candidates")
        except Refused as refused:
            for p in refused.problems:
                self._take(Refused(p), f"{place}.{name}.{p.field or ''}".rstrip("."))
            return None
        kept[name] = linked.canonical(rule, found)
        return found

    def _stages(self, given: Mapping[str, Any]) -> frozenset[str]:
        wanted = self._texts(given, "stages")
        stage = self.spec.role("stage")
        known = {c.key for c in stage.choices} if stage else set()
        for key in wanted:
            if key not in known:
                words = Text("没有阶段“{k}”。", "There is no stage “{k}”.").format(k=key)
                self._gone(words, "stages")
        return frozenset(wanted)

    def _texts(self, given: Mapping[str, Any], name: str, place: str = "") -> list[str]:
        value = given.get(name) or []
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            words = Text("“{n}”应为一列文字。", "“{n}” must be a list of texts.").format(n=name)
            self._wrong("bad_layout", words, _at(place, name))
            return []
        return list(value)

    def _words(self, value: Any, place: str) -> Text | None:
        if not value:
            return None
        if isinstance(value, str | Mapping) and (
            isinstance(value, str) or all(isinstance(v, str) for v in value.values())
        ):
            return Text.of(value)
        words = Text("应为文字或 {{zh, en}}。", "It must be a text or {{zh, en}}.")
        self._wrong("bad_layout", words.format(), place)
        return None

    def _known(self, given: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        for key in given:
            if key not in known:
                words = Text("不认识“{k}”。", "“{k}” is not known.").format(k=key)
                self._wrong("bad_layout", words, _at(place, str(key)))

    def _gone(self, words: Text, place: str) -> None:
        if not self.tolerant:
            self._wrong("no_such_field", words, place)

    def _wrong(self, code: str, words: Text, place: str, value: Any = None) -> None:
        self.problems.append(
            Problem(code, words, object=self.spec.key, field=place or None, value=value)
        )

    def _take(self, refused: Refused, place: str) -> None:
        self.problems += [replace(p, object=self.spec.key, field=place) for p in refused.problems]


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


def read_linkage(
    rule: Any, snapshot: Snapshot, f: FieldSpec, *, candidates: bool = False
) -> Linkage:
    """A linkage of a field, whose form is the field's own object. Raises Refused."""
    spec = snapshot.object(f.object)
    parent = spec.fields[spec.part_of].target if spec.part_of else ""
    return linked.read(
        rule, snapshot=snapshot, form=spec.key, parent=parent, field=f, candidates=candidates
    )


def default(snapshot: Snapshot, spec: ObjectSpec) -> Layout:
    """The layout of an object for which nobody designed one: as its pack or its fields say."""
    declared = spec.options.get("form") or [
        {"label": {"zh": "基本信息", "en": "Basics"}, "fields": [f.key for f in spec.live_fields]}
    ]
    placed: set[str] = set()
    parts: list[Part] = []
    for number, given in enumerate(declared):
        keys = [k for k in given["fields"] if k in spec.fields and k not in placed]
        placed.update(keys)
        items = tuple(
            Item(f"s{number}.{n}", "field", key, _span(spec.fields[key]))
            for n, key in enumerate(keys)
            if not spec.fields[key].retired
        )
        parts.append(Part(f"s{number}", Text.of(given["label"]), 2, items))
    for child in snapshot.children(spec.key):
        number = len(parts)
        item = Item(f"s{number}.0", "lines", child.key, 2)
        parts.append(Part(f"s{number}", child.plural, 2, (item,)))
    label = Text("默认布局", "Default layout")
    return Layout(spec.key, DEFAULT, label, "form", tuple(parts), fallback=True)


def _span(f: FieldSpec) -> int:
    return 2 if f.type in WIDE else 1


WIDE = frozenset({"longtext", "attachment", "multichoice", "links", "richtext", "image", "address"})


def quick(spec: ObjectSpec) -> Layout:
    """The few fields of the quick-create dialog: what must be filled in, and what names it."""
    roles = [spec.roles.get(r, "") for r in ("title", "customer", "phone", "amount")]
    keys = [k for k in roles if k]
    keys += [f.key for f in spec.live_fields if f.required and f.default is None]
    fields = [
        spec.fields[k]
        for k in dict.fromkeys(keys)
        if k in spec.fields
        and not spec.fields[k].retired
        and not FIELD_TYPES[spec.fields[k].type].computed
        and spec.fields[k].type not in ("serial", "stage")
    ]
    items = tuple(Item(f"s0.{n}", "field", f.key) for n, f in enumerate(fields))
    label = Text("快速新建", "Quick create")
    part = Part("s0", Text("", ""), 1, items)
    return Layout(spec.key, DEFAULT, label, "quick", (part,), fallback=True)


def as_definition(layout: Layout) -> dict[str, Any]:
    """A layout that nobody designed yet, written as a definition to begin with."""
    return {
        "label": layout.label.as_dict(),
        "use": layout.use,
        "sections": [
            {
                "label": part.label.as_dict(),
                "columns": part.columns,
                "items": [
                    {("field" if i.kind == "field" else "lines"): i.key}
                    | ({"span": i.span} if i.span > 1 and i.kind == "field" else {})
                    for i in part.items
                ],
            }
            for part in layout.parts
        ],
    }


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
