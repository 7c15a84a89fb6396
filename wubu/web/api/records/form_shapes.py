"""What goes in and out of the routes of forms."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictInt, StrictStr

from wubu.web.api.values import Strict

Ref = Annotated[StrictStr, Field(pattern=r"^[0-9]{1,18}$")]
Values = dict[str, Any]
Use = Literal["form", "quick"]


class CellOut(BaseModel):
    """What a layout says of a column of lines.

    ``shown_when`` is asked of the record, ``required_when`` of each line.
    """

    key: str
    read_only: bool
    required: bool
    shown_when: str | None
    required_when: str | None


class ItemOut(BaseModel):
    """``kind`` is field, text or lines.

    ``shown_when`` and the like are conditions in the one language.
    """

    id: str
    kind: str
    key: str
    label: str
    span: int
    level: str
    read_only: bool
    required: bool
    shown_when: str | None
    required_when: str | None
    help: str | None
    text: str | None
    columns: list[str]
    cells: list[CellOut]
    folded: bool


class SectionOut(BaseModel):
    id: str
    label: str
    columns: int
    collapsible: bool
    collapsed: bool
    shown_when: str | None
    items: list[ItemOut]


class LayoutOut(BaseModel):
    object: str
    key: str
    label: str
    use: str
    version: int
    sections: list[SectionOut]


class StateOut(BaseModel):
    """How a form is now.

    ``hidden`` and ``needed`` are ids of sections and items (columns of lines:
    ``item.cells.field``), everything else goes by input: a field key, or ``part:row:field``.
    ``layout`` is the one that fits these values: another one than was opened, once a stage was
    chosen for which it was made.
    """

    layout: str
    hidden: list[str]
    needed: list[str]
    needed_cells: list[str]
    options: dict[str, list[str]]
    fills: dict[str, Any]
    computed: dict[str, Any]


class FormQuery(Strict):
    use: Use = "form"
    record: str = Field("", pattern=r"^[0-9]{0,18}$", description="the record that is edited")


class Filled(Strict):
    """What stands in the form. ``children`` holds the lines of each part, by its key."""

    values: Values = Field(default_factory=dict, max_length=2_000)
    children: dict[str, Annotated[list[Values], Field(max_length=500)]] = Field(
        default_factory=dict, max_length=20
    )
    record: Ref | None = None
    layout: str = Field(
        "", max_length=40, description="the one that was opened; without it, the one that fits"
    )


class FormInput(Filled):
    """``use`` says which kind of form is open.

    ``changed`` are the inputs that changed (without it: just opened), ``touched`` those in which
    somebody typed; ``part:row:field`` for lines, rows from 0.
    """

    use: Use = "form"
    changed: list[str] | None = Field(None, max_length=2_000)
    touched: list[str] = Field(default_factory=list, max_length=2_000)


class Wanted(Filled):
    field: str = Field(max_length=200, description="a link: a field key or part:row:field")
    words: str = Field("", max_length=200)


class Candidate(BaseModel):
    id: str
    title: str


class FormSubmission(Filled):
    use: Use = "form"
    version: StrictInt | None = None


class LayoutIn(Strict):
    """``version`` is the one that was being edited, 0 for a new layout; without it no check."""

    definition: Values
    version: int | None = Field(None, ge=0)
    reason: str = Field("", max_length=200)


class Number(Strict):
    version: int = Field(ge=1)


class DisabledIn(Strict):
    resting: bool = True


class Order(Strict):
    keys: list[str] = Field(max_length=200)
