"""Forms made from the catalog: which inputs, what stands in them, and what came back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FieldError
from wubu.kernel.fields.registry import FIELD_TYPES, to_json
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Record, StoredFile
from wubu.kernel.types import Actor, Problem, Text
from wubu.web.ui import show, values

BARE_NUMBER = re.compile(r"-?[\d.,]+")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")  # a calendar brings a day; a moment starts at nine
MANY = frozenset(k for k, t in FIELD_TYPES.items() if t.many or t.files or k == "multichoice")
WIDE = MANY | {"longtext", "richtext", "address", "location"}
LONG = 50  # options of a choice; more are searched for, not listed
DEFAULT_NOW = frozenset({"default_now", "default_today"})


@dataclass
class Input:
    """One field of a form. ``value`` is raw:

    What stands in the box; ``shown`` is how a link is called.
    """

    spec: FieldSpec
    name: str
    value: Any = ""
    shown: Any = ""
    problems: Sequence[Problem] = ()
    read_only: bool = False
    drawn: Any = ""
    files: Sequence[StoredFile] = ()
    needed: bool = False  # asked for by the layout, besides what the field itself requires
    fixed: bool = False  # shown, and sent as it is: the layout lets nobody change it
    said: Text | None = None  # the layout's own help
    limits: bool = False  # what may be picked depends on other fields
    allowed: Sequence[str] | None = None  # the options that may be chosen now

    @property
    def required(self) -> bool:
        return self.spec.required or self.needed

    @property
    def help(self) -> Text | None:
        return self.said or self.spec.help

    @property
    def id(self) -> str:
        return "f-" + self.name.replace(":", "-")

    @property
    def attrs(self) -> SafeString:
        """What a box says of itself to those who do not see it."""
        said = SafeString(' aria-required="true" data-required') if self.required else SafeString()
        if self.problems:
            wrong = ' aria-invalid="true" aria-describedby="{}-wrong"'
            return said + format_html(wrong, self.id)
        return said + format_html(' aria-describedby="{}-help"', self.id) if self.help else said

    @property
    def template(self) -> str:
        return f"widgets/{self.spec.type}.html"

    @property
    def is_wide(self) -> bool:
        return self.spec.type in WIDE

    @property
    def is_long(self) -> bool:
        """Too many options for a list: they are searched for."""
        return len(self.spec.choices) > LONG and self.allowed is None

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """The options that stand in the form, and how they are called."""
        raws = self.value if isinstance(self.value, list) else [self.value]
        labels = {c.key: str(c.label) for c in self.spec.choices if c.key in raws}
        return [(key, labels.get(key, str(key))) for key in raws if key]

    @property
    def above(self) -> str:
        """The name of the input whose option narrows these."""
        upper = str(self.spec.options.get("depends_on") or "")
        return self.name.removesuffix(self.spec.key) + upper if upper else ""

    @property
    def stars(self) -> range:
        return range(1, int(self.spec.options.get("max") or 5) + 1)

    @property
    def is_number(self) -> bool:
        return values.is_number(self.spec)

    @property
    def choices(self) -> list[Any]:
        chosen = self.value if isinstance(self.value, list) else [self.value]
        return [c for c in self.spec.choices if not c.retired or c.key in chosen]

    @property
    def offered(self) -> list[tuple[Any, bool]]:
        """Every option, and whether it may be chosen for what stands in the form now."""
        return [(c, self.allowed is None or c.key in self.allowed) for c in self.choices]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Links to many: ids beside names."""
        return list(zip(self.value or [], self.shown or [], strict=False))

    @property
    def teams(self) -> list[tuple[str, str]]:
        return [(f"id:{t.id}", "　" * t.depth + t.name) for t in people.tree()]


@dataclass
class Lines:
    """The parts of a record, edited in place: quote lines, shares of a contract."""

    spec: ObjectSpec
    columns: list[FieldSpec]
    rows: list[list[Input]]
    blank: list[Input]
    ids: list[str] = field(default_factory=list)

    @property
    def numbered(self) -> list[tuple[int, str, list[Input]]]:
        ids = self.ids + [""] * (len(self.rows) - len(self.ids))
        return [(n, i, row) for n, (i, row) in enumerate(zip(ids, self.rows, strict=True))]


def raw(f: FieldSpec, record: Record) -> Any:
    """What stands in the box of a record's field: typing it again changes nothing."""
    return raw_of(f, record.values.get(f.key))


def raw_of(f: FieldSpec, value: Any) -> Any:
    """What stands in the box for a stored value."""
    if value is None:
        return [] if f.type in MANY else ""
    kind = FIELD_TYPES[f.type]
    if kind.many or kind.files:
        return [f"id:{v}" for v in value]
    if kind.boxes:
        return {box: str(v) for box, v in to_json(f, value).items()}
    match f.type:
        case "link" | "member" | "team":
            return f"id:{value}"
        case "duration":
            return FIELD_TYPES[f.type].show(f, value)
        case "multichoice":
            return list(value)
        case "percent":
            return f"{value / 100:.2f}".rstrip("0").rstrip(".")
        case "datetime":
            return show.local(value).strftime("%Y-%m-%dT%H:%M")
        case "bool":
            return "true" if value else "false"
        case _:
            return str(to_json(f, value))


def typed(f: FieldSpec, post: QueryDict, name: str) -> Any:
    """What was typed, as the field type reads it. A bare number in a percent box is percent."""
    if f.type in MANY:
        return [v for v in post.getlist(name) if v]
    if (boxes := FIELD_TYPES[f.type].boxes) and name not in post:
        given = {box: post.get(f"{name}:{box}", "").strip() for box in boxes}
        return given if any(given.values()) else ""
    words = post.getlist(name)[-1] if post.getlist(name) else ""
    if f.type == "percent" and BARE_NUMBER.fullmatch(words.strip()):
        return f"{words.strip()}%"
    return words


def writable(spec: ObjectSpec, rights: Policy) -> list[FieldSpec]:
    """The fields this reader may fill in."""
    return [
        f
        for f in spec.live_fields
        if values.is_typed(f) and f.type != "serial" and rights.level(spec.key, f.key) == "write"
    ]


def read(spec: ObjectSpec, post: QueryDict, rights: Policy, prefix: str = "") -> dict[str, Any]:
    """The raw values of the fields that the form held; a field that was not there is left alone."""
    return {
        f.key: typed(f, post, prefix + f.key)
        for f in writable(spec, rights)
        if prefix + f.key in post or f"{prefix}{f.key}:here" in post
    }


def read_parts(
    spec: ObjectSpec, post: QueryDict, rights: Policy
) -> dict[str, list[dict[str, Any]]]:
    """The lines of every part that the form showed, without those left empty."""
    return {k: [line for _, line in v] for k, v in read_lines(spec, post, rights).items()}


def read_lines(
    spec: ObjectSpec, post: QueryDict, rights: Policy
) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """The same with the number that each line has in the form."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for child in snapshot().children(spec.key):
        if f"parts:{child.key}" not in post:
            continue
        rows = []
        for number in post.getlist(f"parts:{child.key}:row"):
            prefix = f"{child.key}:{number}:"
            line = read(child, post, rights, prefix)
            line_id = post.get(f"{prefix}id", "")
            if line_id or _is_filled(child, line):
                rows.append((number, {**line, **({"id": line_id} if line_id else {})}))
        found[child.key] = rows
    return found


def _is_filled(child: ObjectSpec, line: Mapping[str, Any]) -> bool:
    """Somebody typed into a line: what stands in it is more than what it begins with."""
    return any(
        value not in ("", [], None, "false")
        and str(value).removesuffix("%") != str(default(child.fields[key]))
        for key, value in line.items()
    )


def inputs(
    actor: Actor,
    rights: Policy,
    spec: ObjectSpec,
    given: Mapping[str, Any],
    *,
    record: Record | None = None,
    problems: Iterable[Problem] = (),
    prefix: str = "",
    only: Sequence[FieldSpec] | None = None,
    named: bool = True,
) -> dict[str, Input]:
    """An input for every field that the reader may see; ``given`` are raw values by field key.

    ``named`` False leaves it to the caller to ask once how links of several forms are called.
    """
    wrong: dict[str, list[Problem]] = {}
    for problem in problems:
        wrong.setdefault(problem.field or "", []).append(problem)
    made: dict[str, Input] = {}
    for f in only if only is not None else spec.live_fields:
        level = rights.level(spec.key, f.key)
        if level == "hidden" or not (values.is_typed(f) or record):
            continue
        one = Input(f, prefix + f.key, given.get(f.key, ""), problems=wrong.get(f.key, ()))
        one.read_only = level != "write" or not values.is_typed(f) or f.type == "serial"
        if record is not None:
            one.drawn = values.draw(f, record)
        if one.read_only and record is None:
            continue
        made[f.key] = one
    if named:
        name_links(actor, list(made.values()))
    return made


def name_links(actor: Actor, made: Sequence[Input]) -> None:
    """How the chosen records, members and files are called: one question per object."""
    wanted: dict[str, set[int]] = {}
    for one in made:
        for ref in _refs(one):
            wanted.setdefault(_target(one.spec), set()).add(ref)
    files = records.files_of(actor, sorted(wanted["file"])) if wanted.get("file") else ()
    known = {file.id: file for file in files}
    titles = {
        key: people.names(ids) if key == "member" else records.titles(actor, key, sorted(ids))
        for key, ids in wanted.items()
        if key not in ("team", "file")
    }
    for one in made:
        names = titles.get(_target(one.spec), {})
        found = [names.get(ref, str(show.UNSEEN)) for ref in _refs(one)]
        kind = FIELD_TYPES[one.spec.type]
        if kind.files:
            one.files = [known[ref] for ref in _refs(one) if ref in known]
        elif kind.many:
            one.shown = found
        elif found:
            one.shown = found[0]
        elif isinstance(one.value, str):
            one.shown = one.value  # a name typed by hand, not yet found


def _refs(one: Input) -> list[int]:
    if not _target(one.spec):
        return []
    raws = one.value if isinstance(one.value, list) else [one.value]
    return [int(str(v)[3:]) for v in raws if re.fullmatch(r"id:\d{1,18}", str(v))]


def _target(f: FieldSpec) -> str:
    kind = FIELD_TYPES[f.type]
    return "file" if kind.files else "" if kind.computed else kind.refers_to(f)


def lines(
    actor: Actor,
    rights: Policy,
    child: ObjectSpec,
    given: Sequence[Mapping[str, Any]],
    *,
    problems: Sequence[Problem] = (),
    drawn: Sequence[Record] = (),
    only: Sequence[str] = (),
) -> Lines:
    """The parts of one kind as rows of inputs, with a blank row to copy.

    ``only`` names the columns of a layout, in its order.
    """
    columns = [
        f
        for f in child.live_fields
        if f.key != child.part_of and rights.level(child.key, f.key) != "hidden"
    ]
    if only:
        columns = [child.fields[k] for k in only if child.fields[k] in columns]
    shown = [f for f in columns if f.type not in WIDE or f.type == "longtext" or only]
    rows, ids = [], []
    by_id = {str(r.id): r for r in drawn}
    for number, values_ in enumerate(given):
        wrong = [p for p in problems if p.object == child.key and (p.row or 0) == number]
        rows.append(_line(actor, rights, child, values_, shown, number, wrong, by_id))
        ids.append(str(values_.get("id", "")))
    blank = _line(actor, rights, child, _defaults(child), shown, "__", (), by_id)
    name_links(actor, [one for row in [*rows, blank] for one in row])
    return Lines(child, shown, rows, blank, ids)


def _line(
    actor: Actor,
    rights: Policy,
    child: ObjectSpec,
    given: Mapping[str, Any],
    columns: Sequence[FieldSpec],
    number: int | str,
    wrong: Sequence[Problem],
    by_id: Mapping[str, Record],
) -> list[Input]:
    prefix = f"{child.key}:{number}:"
    typed_fields = [f for f in columns if values.is_typed(f)]
    made = inputs(
        actor, rights, child, given, problems=wrong, prefix=prefix, only=typed_fields, named=False
    )
    record = by_id.get(str(given.get("id", "")))
    row = []
    for f in columns:
        one = made.get(f.key) or Input(f, prefix + f.key, read_only=True)
        if one.read_only and record is not None:
            one.drawn = values.plain(f, record)
        row.append(one)
    return row


def _defaults(spec: ObjectSpec) -> dict[str, Any]:
    return {f.key: word for f in spec.live_fields if (word := default(f))}


def default(f: FieldSpec) -> Any:
    """The field's own default, as it stands in the box; today or this minute where it says so."""
    if f.default is None and f.type in ("date", "datetime") and DEFAULT_NOW & f.options.keys():
        at = show.local(now())
        return at.strftime("%Y-%m-%dT%H:%M" if f.type == "datetime" else "%Y-%m-%d")
    if f.default is None:
        return [] if f.type in MANY else ""
    if FIELD_TYPES[f.type].boxes:
        return boxed(f, f.default)
    if isinstance(f.default, bool):
        return "true" if f.default else "false"
    if isinstance(f.default, list | tuple):
        return [str(v) for v in f.default]
    words = str(f.default)
    return words.removesuffix("%") if f.type == "percent" else words


def blank(spec: ObjectSpec, actor: Actor, query: QueryDict) -> dict[str, Any]:
    """What stands in a new form: defaults, oneself as owner, and what the link brought along."""
    given = {f.key: default(f) for f in spec.live_fields if values.is_typed(f)}
    owner = spec.role("owner")
    if owner is not None and owner.type == "member" and actor.member_id is not None:
        given[owner.key] = f"id:{actor.member_id}"
    for f in spec.live_fields:
        if f.key in query:
            brought = query.getlist(f.key)
            given[f.key] = brought if f.type in MANY else _brought(f, brought[-1])
    return given


def boxed(f: FieldSpec, given: Any) -> Any:
    """What stands in the boxes of an address or a location; all in the last when it says nothing
    that the type knows.
    """
    kind = FIELD_TYPES[f.type]
    try:
        return raw_of(f, kind.parse(f, given))
    except FieldError:
        return {kind.boxes[-1]: str(given)}


def _brought(f: FieldSpec, word: str) -> Any:
    if FIELD_TYPES[f.type].boxes:
        return boxed(f, word)
    if f.type == "datetime" and DAY.fullmatch(word):
        return f"{word}T09:00"
    return f"id:{word}" if f.type in ("link", "member", "team") and word.isdigit() else word


def of_record(spec: ObjectSpec, record: Record) -> dict[str, Any]:
    """What stands in the form of a record that is there."""
    return {f.key: raw(f, record) for f in spec.live_fields if values.is_typed(f)}


def copy_of(spec: ObjectSpec, record: Record) -> dict[str, Any]:
    """What stands in the form of a new record like this one: without its number, what must be
    the only one of its kind, its stage, its files, and what may not be read.
    """
    own = (spec.role("stage"), spec.role("serial"))
    return {
        f.key: raw(f, record)
        for f in spec.live_fields
        if values.is_typed(f)
        and not f.unique
        and f not in own
        and f.type not in ("serial", "attachment", "image", "signature")
        and f.key != spec.part_of
        and record.values.get(f.key) is not None
    }


def computed(f: FieldSpec) -> bool:
    return FIELD_TYPES[f.type].computed
