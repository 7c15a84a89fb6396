"""Field references: by key or by label in any language, across links, with "did you mean"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.fields.base import Part
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.typed import BOOL, DATETIME, NUMBER, TEXT, Path
from wubu.kernel.types import Text

MEMBER = ValueType("member", target="member")
Readable = Callable[[Path], bool]
MAX_LINKS = 5  # links walked by one reference


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that can be named after a dot: a field or a base column."""

    key: str
    label: Text
    type: ValueType
    field: FieldSpec | None = None
    retired: bool = False
    part: Part | None = None  # of the field of the step before


@dataclass(frozen=True, slots=True)
class Found:
    """A reference resolved: ``steps`` from the object to the value."""

    path: Path
    steps: tuple[Step, ...]

    @property
    def type(self) -> ValueType:
        return self.steps[-1].type

    @property
    def field(self) -> FieldSpec | None:
        return self.steps[-1].field

    @property
    def labels(self) -> tuple[Text, ...]:
        return tuple(s.label for s in self.steps)


@dataclass(frozen=True, slots=True)
class NotFound:
    """``part`` names nothing in ``where``; ``near`` are whole references that do exist."""

    part: str | Text
    where: Text
    near: tuple[Text, ...] = ()
    reason: str = "unknown"  # unknown, ambiguous, not_a_link, many, too_far


BASE: tuple[Step, ...] = (
    Step("id", Text("编号", "ID"), ValueType("link")),
    Step("created_at", Text("创建时间", "Created at"), DATETIME),
    Step("created_by", Text("创建人", "Created by"), MEMBER),
    Step("updated_at", Text("修改时间", "Updated at"), DATETIME),
    Step("updated_by", Text("修改人", "Updated by"), MEMBER),
    Step("version", Text("版本", "Version"), NUMBER),
    Step("archived_at", Text("归档时间", "Archived at"), DATETIME),
)
STUBS: Mapping[str, tuple[Step, ...]] = {
    "member": (
        Step("id", Text("编号", "ID"), MEMBER),
        Step("name", Text("姓名", "Name"), TEXT),
        Step("is_active", Text("在职", "Active"), BOOL),
    ),
    "team": (
        Step("id", Text("编号", "ID"), ValueType("team", target="team")),
        Step("name", Text("名称", "Name"), TEXT),
    ),
}


def spoken(labels: tuple[Text, ...]) -> Text:
    """The label of a whole path: 客户的行业, Customer › Industry."""
    return Text("的".join(s.zh for s in labels), " › ".join(s.en for s in labels))


def steps_of(snapshot: Snapshot, object_key: str) -> tuple[Step, ...]:
    """Everything that can be named on an object."""
    return _steps(_ById(snapshot), object_key)


class _ById:
    """A Snapshot as a cache key: by its token and identity, since its mappings cannot be hashed."""

    __slots__ = ("snapshot",)

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def __hash__(self) -> int:
        return hash(self.snapshot.token)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and self.snapshot is other.snapshot


@lru_cache(maxsize=512)
def _steps(by: _ById, object_key: str) -> tuple[Step, ...]:
    if object_key in STUBS and object_key not in by.snapshot.objects:
        return STUBS[object_key]
    spec = by.snapshot.object(object_key)
    own = tuple(
        Step(f.key, f.label, type_of(f), f, f.retired)
        for f in spec.fields.values()
        if f.type in FIELD_TYPES
    )
    base = (replace(BASE[0], type=ValueType("link", target=object_key)), *BASE[1:])
    return own + tuple(s for s in base if s.key not in spec.fields)


def parts_of(step: Step) -> tuple[Step, ...]:
    """The pieces of a value that can be named after it: the city of an address."""
    if step.field is None:
        return ()
    return tuple(
        Step(p.key, p.label, p.type, part=p) for p in FIELD_TYPES[step.field.type].parts if p.key
    )


def leads_on(step: Step) -> bool:
    """Whether fields of what it points at can follow."""
    looked_up = step.field is not None and step.field.type == "lookup"
    return step.type.kind in {"link", "member", "team"} and step.key != "id" and not looked_up


def type_of(f: FieldSpec) -> ValueType:
    """The type of a field's values; for choices ``target`` says whose options they are."""
    found = FIELD_TYPES[f.type].type_of(f)
    if found.kind in {"choice", "choices"}:
        of = f.source or f
        return replace(found, target=f"{of.object}.{of.key}")
    return found


def _fold(name: str) -> str:
    return " ".join(name.split()).casefold()


def _named(steps: tuple[Step, ...], name: str) -> list[Step]:
    by_key = [s for s in steps if s.key == name]
    if by_key:
        return by_key
    folded = _fold(name)
    live = [s for s in steps if not s.retired]
    own = [s for s in live if folded in {_fold(s.label.zh), _fold(s.label.en)}]
    # A company's own field called "Created at" wins over the base column of that name.
    return [s for s in own if s.field is not None] or own or [s for s in live if s.key == folded]


def resolve(
    snapshot: Snapshot, object_key: str, reference: str, readable: Readable | None = None
) -> Found | NotFound:
    """What ``客户.行业`` means on an object. A label may itself contain a dot.

    What is not ``readable`` is as if it were not there, near matches included.
    """
    parts = [p.strip() for p in reference.split(".")]
    steps: list[Step] = []
    where = object_key
    position = 0
    while position < len(parts):
        available = steps_of(snapshot, where)
        if readable is not None:
            before = tuple(s.key for s in steps)
            available = tuple(s for s in available if readable((*before, s.key)))
        taken, matches = _longest(available, parts[position:])
        if len(matches) != 1:
            return _not_found(snapshot, where, available, parts, position, steps, matches)
        step = matches[0]
        steps.append(step)
        position += taken
        if position == len(parts):
            break
        pieces = parts_of(step)
        if pieces and step.type.kind == "text":
            rest = ".".join(parts[position:])
            named = _named(pieces, rest)
            if len(named) == 1:
                steps.append(named[0])
                break
            so_far = tuple(s.label for s in steps)
            close = tuple(_dotted((*so_far, n)) for n in near(rest, pieces))
            return NotFound(rest, step.label, close)
        if not leads_on(step):
            reason = "many" if step.type.kind == "links" else "not_a_link"
            return NotFound(step.label, step.label, (), reason)
        if len(steps) > MAX_LINKS:
            return NotFound(reference, step.label, (), "too_far")
        where = step.type.target
    return Found(tuple(s.key for s in steps), tuple(steps))


def _longest(available: tuple[Step, ...], parts: list[str]) -> tuple[int, list[Step]]:
    for count in range(len(parts), 0, -1):
        matches = _named(available, ".".join(parts[:count]))
        if matches:
            return count, matches
    return 1, []


def _not_found(
    snapshot: Snapshot,
    where: str,
    available: tuple[Step, ...],
    parts: list[str],
    position: int,
    steps: list[Step],
    matches: list[Step],
) -> NotFound:
    before = tuple(s.label for s in steps)
    label = snapshot.objects[where].label if where in snapshot.objects else steps[-1].label
    part = parts[position]
    if matches:
        return NotFound(
            part, label, tuple(_dotted((*before, Text(s.key, s.key))) for s in matches), "ambiguous"
        )
    return NotFound(part, label, tuple(_dotted((*before, n)) for n in near(part, available)))


def _dotted(labels: tuple[Text, ...]) -> Text:
    return Text(".".join(s.zh for s in labels), ".".join(s.en for s in labels))


def near(name: str, steps: tuple[Step, ...], limit: int = 3) -> list[Text]:
    """Labels that look like ``name``, best first; found through any label or the key."""
    names: dict[str, Text] = {}
    for step in steps:
        if not step.retired:
            for known in (step.label.zh, step.label.en, step.key):
                names.setdefault(_fold(known), step.label)
    found = process.extract(
        _fold(name), list(names), scorer=_likeness, limit=limit * 3, score_cutoff=50
    )
    return list(dict.fromkeys(names[match] for match, _score, _index in found))[:limit]


def _likeness(a: str, b: str, **_: object) -> float:
    """0 to 100; a name inside the other counts as near."""
    if len(a) > 1 and len(b) > 1 and (a in b or b in a):
        return 75.0
    return fuzz.ratio(a, b)
