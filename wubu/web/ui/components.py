"""The components of a page. Each is data with one template of its own name in ``templates/ui``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Literal

from django.template.context import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from wubu.kernel.types import Problem, Text
from wubu.web.ui import show, values

Words = Text | str
Kind = Literal["text", "money", "number", "percent", "date", "moment", "member", "pill", "bar"]
Tone = Literal["", "good", "bad", "warn", "info"]
TIME = Text("时间进度", "Time elapsed")
CANNOT_SAVE = Text("还不能保存", "This cannot be saved yet")
_serial = itertools.count(1)


def _render(name: str, context: Context) -> str:
    """The engine's own template, without the context processors running again."""
    return str(get_template(name).template.render(context))  # type: ignore[attr-defined]


class Component:
    """Something a page can draw. Subclasses are dataclasses and name their template."""

    template: ClassVar[str]

    def draw(self, context: Context) -> str:
        """HTML, within the page's context; the component itself is ``it``."""
        flat: dict[str, Any] = context.flatten()  # type: ignore[assignment]
        return _render(self.template, Context({**flat, "it": self}))


@dataclass
class Action:
    """A button. With ``post`` it sends a form.

    ``confirm`` asks first; ``menu`` gathers several under one.
    """

    label: Words
    url: str = ""
    icon: str = ""
    style: Literal["", "primary", "ghost", "danger"] = ""
    post: bool = False
    confirm: Words = ""
    attrs: Mapping[str, str] = field(default_factory=dict)
    menu: Sequence[Action] = ()


@dataclass
class Panel(Component):
    """A titled box. ``key`` makes it addressable (``#p-<key>``).

    ``live`` names objects whose changes refresh it; ``scroll`` keeps a long body short.
    """

    title: Words = ""
    body: Any = None
    key: str = ""
    note: Words = ""
    actions: Sequence[Action] = ()
    foot: Any = None
    flush: bool = False
    live: str = ""
    scroll: bool = False
    template: ClassVar[str] = "ui/panel.html"

    @property
    def triggers(self) -> str:
        """The htmx events that refresh this panel."""
        return ", ".join(f"live:{name} from:body delay:100ms" for name in self.live.split())

    @property
    def is_flush(self) -> bool:
        return self.flush or isinstance(self.body, Table)


@dataclass
class Attr:
    """One fact: a label and a value. ``wide`` takes a whole row."""

    label: Words
    value: Any
    wide: bool = False
    help: Words = ""

    @property
    def is_empty(self) -> bool:
        """Nothing was filled in."""
        return self.value is None or self.value == "" or "w-none" in str(self.value)


@dataclass
class Attrs(Component):
    """Facts, side by side."""

    items: Sequence[Attr]
    template: ClassVar[str] = "ui/attrs.html"


@dataclass
class Column:
    """One column of a table.

    What to read (a key, an attribute or a callable) and how to show it.
    """

    label: Words
    value: str | Callable[[Any], Any]
    kind: Kind = "text"
    url: Callable[[Any], str] | None = None
    decimals: int = 0
    total: Any = None
    align: Literal["", "end"] = ""

    @property
    def is_number(self) -> bool:
        # kind: of a column of a table of the program
        return self.align == "end" or self.kind in {"money", "number", "percent"}

    def read(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        if isinstance(row, Mapping):
            return row.get(self.value)
        return getattr(row, self.value, None)

    def shown(self, value: Any) -> Any:
        """The value as people read it.

        Kinds with a shape of their own are drawn by the template.
        """
        # kind: of a column of a table of the program
        match self.kind:
            case "money":
                return show.money(value)
            case "number":
                return show.number(value, self.decimals)
            case "percent":
                return show.percent(value, self.decimals or 1)
            case "date":
                return show.date(value)
            case "moment":
                return show.moment(value)
            case _:
                return show.NONE if value is None or value == "" else value


@dataclass
class Cell:
    """One drawn cell."""

    column: Column
    value: Any
    shown: Any
    link: str = ""


def _tr(url: str, cells: Sequence[Cell], context: Context) -> str:
    opened = format_html('<tr data-href="{}">', url) if url else "<tr>"
    drawn = "".join(_td(cell, n == 0, context) for n, cell in enumerate(cells))
    return f"{opened}{drawn}</tr>"


def _td(cell: Cell, first: bool, context: Context) -> str:
    kind, shown = cell.column.kind, cell.shown
    inner: Any
    # kind: of a column of a table of the program
    if kind == "member":
        inner = values.person(str(cell.value)) if cell.value else NOTHING
    elif kind == "pill":
        inner = _pill(cell.value)
    elif isinstance(shown, Component):
        inner = shown.draw(context)
    else:
        inner = conditional_escape(shown)
    if cell.link:
        title = SafeString(' class="w-title"') if first else ""
        inner = format_html('<a{} href="{}">', title, cell.link) + f"{inner}</a>"
    style = ' class="num"' if cell.column.is_number else ""
    # kind: of a column of a table of the program
    if not style and kind in ("date", "moment"):
        style = ' class="tnum"'
    return f"<td{style}>{inner}</td>"


NOTHING = SafeString('<span class="w-none">–</span>')


def _pill(choice: Any) -> SafeString:
    if choice is None or choice == "":
        return NOTHING
    color = getattr(choice, "color", "") or "gray"
    return format_html('<span class="w-pill" data-color="{}">{}</span>', color, choice.label)


@dataclass
class Table(Component):
    """Rows under columns; on a phone it scrolls sideways inside its panel."""

    columns: Sequence[Column]
    rows: Sequence[Any]
    row_url: Callable[[Any], str] | None = None
    empty: Empty | None = None
    caption: Words = ""
    template: ClassVar[str] = "ui/table.html"

    def draw(self, context: Context) -> str:
        """The lines are written out here: a table has hundreds of cells."""
        flat: dict[str, Any] = context.flatten()  # type: ignore[assignment]
        body = mark_safe("".join(_tr(url, cells, context) for url, cells in self.lines))  # noqa: S308
        return _render(self.template, Context({**flat, "it": self, "body": body}))

    @property
    def lines(self) -> list[tuple[str, list[Cell]]]:
        return [self._line(row) for row in self.rows]

    def _line(self, row: Any) -> tuple[str, list[Cell]]:
        """The row's own page, and its cells; the first one leads there too, for the keyboard."""
        url = self.row_url(row) if self.row_url else ""
        cells = []
        for number, column in enumerate(self.columns):
            value = column.read(row)
            link = column.url(row) if column.url else "" if number else url
            cells.append(Cell(column, value, column.shown(value), link or ""))
        return url, cells

    @property
    def totals(self) -> list[Any] | None:
        """The bottom line, where any column has a total."""
        if all(c.total is None for c in self.columns):
            return None
        return [
            c.total
            if isinstance(c.total, Text | str)
            else c.shown(c.total)
            if c.total is not None
            else ""
            for c in self.columns
        ]


@dataclass
class Chart(Component):
    """An ECharts option. ``summary`` is read out where the drawing cannot be seen."""

    option: Mapping[str, Any]
    unit: Literal["money", "ratio", "number"] = "number"
    height: int = 280
    summary: Words = ""
    id: str = field(default_factory=lambda: f"chart-{next(_serial)}")
    template: ClassVar[str] = "ui/chart.html"


@dataclass
class Bar(Component):
    """A progress bar: ``value`` and the mark ``at`` are ratios.

    Beyond 1 it stays full and the number tells.
    """

    value: Decimal | float | None
    at: Decimal | float | None = None
    label: Words = ""
    template: ClassVar[str] = "ui/bar.html"

    def draw(self, context: Context) -> str:
        """Written out here: a table has one in each line."""
        mark = ""
        if self.at is not None:
            mark = f'<b style="--at:{self.marked}" title="{TIME}"></b>'
        said = conditional_escape(f"{self.label} {self.percent}")
        return (
            f'<div class="w-bar" role="img" aria-label="{said}">'
            f'<i style="--v:{self.filled}"></i>{mark}</div>'
        )

    @property
    def filled(self) -> str:
        return f"{min(max(float(self.value or 0), 0.0), 1.0):.4f}"

    @property
    def marked(self) -> str:
        return f"{min(max(float(self.at or 0), 0.0), 1.0):.4f}"

    @property
    def percent(self) -> str:
        return show.percent(self.value, 0)


@dataclass
class Stat(Component):
    """One number that matters.

    ``deltas`` are ratios of change, each with what it is measured against; ``target`` is the ratio
    attained, ``pace`` where it should be.
    """

    label: Words
    value: Any
    unit: Words = ""
    deltas: Sequence[tuple[Words, Decimal | float]] = ()
    better: Literal["up", "down"] = "up"
    target: Decimal | float | None = None
    pace: Decimal | float | None = None
    note: Any = ""
    url: str = ""
    tone: Tone = ""
    template: ClassVar[str] = "ui/stat.html"

    @property
    def bar(self) -> Bar | None:
        return None if self.target is None else Bar(self.target, self.pace, self.label)


@dataclass
class Stats(Component):
    """Numbers in one band."""

    items: Sequence[Stat]
    template: ClassVar[str] = "ui/stats.html"


@dataclass
class Empty(Component):
    """Nothing here yet: why, and what to do about it."""

    title: Words
    text: Words = ""
    icon: str = "inbox"
    actions: Sequence[Action] = ()
    small: bool = False
    template: ClassVar[str] = "ui/empty.html"


@dataclass
class Note(Component):
    """A message inside a page."""

    text: Any
    tone: Tone = "info"
    title: Words = ""
    template: ClassVar[str] = "ui/note.html"

    @property
    def icon(self) -> str:
        return {"bad": "alert-circle", "warn": "alert-triangle", "good": "circle-check"}.get(
            self.tone, "info-circle"
        )


@dataclass
class Problems(Component):
    """Everything that is wrong, at once: place, reason, remedy.

    ``labels`` are how fields are called; what has none is not named, since keys are no words.
    """

    problems: Sequence[Problem]
    title: Words = CANNOT_SAVE
    labels: Mapping[str, Words] = field(default_factory=dict)
    of: str = ""  # the object of the form; problems of its parts lead to their lines
    template: ClassVar[str] = "ui/problems.html"

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [
            {
                "problem": p,
                "place": self.labels.get(p.field or "", ""),
                "anchor": self._anchor(p),
            }
            for p in self.problems
        ]

    def _anchor(self, p: Problem) -> str:
        if not p.field:
            return ""
        if self.of and p.object not in (None, self.of):
            return f"#f-{p.object}-{p.row or 0}-{p.field}"
        return f"#f-{p.field}"


@dataclass
class Grid(Component):
    """Side by side in twelfths.

    ``[(8, component), (4, [component, component])]``; one below another on a phone.
    """

    cells: Sequence[tuple[int, Any]]
    stretch: bool = False
    template: ClassVar[str] = "ui/grid.html"


@dataclass
class Stack(Component):
    """One below another with even gaps."""

    items: Sequence[Any]
    template: ClassVar[str] = "ui/stack.html"


class Raw(Component):
    """Any template, with its own context."""

    def __init__(self, template: str, **context: Any) -> None:
        self.name = template
        self.extra = context

    def draw(self, context: Context) -> str:
        flat: dict[str, Any] = context.flatten()  # type: ignore[assignment]
        return _render(self.name, Context({**flat, **self.extra}))
