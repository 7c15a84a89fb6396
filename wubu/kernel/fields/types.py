"""What kind of value a field or a formula yields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "number",
    "text",
    "date",
    "datetime",
    "bool",
    "choice",
    "choices",
    "link",
    "links",
    "member",
    "team",
    "files",
]


@dataclass(frozen=True, slots=True)
class ValueType:
    """The static type of a value.

    ``scale`` counts the decimals of a number (money 2, percent 4): what is stored is the number
    × 10**scale.
    ``target`` is the object a link points at.
    """

    kind: Kind
    scale: int = 0
    target: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind == "number"

    @property
    def dated(self) -> bool:
        """A day or an instant."""
        return self.kind in ("date", "datetime")

    @property
    def timed(self) -> bool:
        """An instant, on the clock of the workspace."""
        return self.kind == "datetime"

    @property
    def chosen(self) -> bool:
        """One or several keys of a list of choices."""
        return self.kind in ("choice", "choices")

    @property
    def several(self) -> bool:
        """A set of keys or ids, which has no order to sort by."""
        return self.kind in ("choices", "links", "files")

    @property
    def refers(self) -> bool:
        """Ids of records, members or teams."""
        return self.kind in ("link", "links", "member", "team")

    @property
    def refers_to_one(self) -> bool:
        return self.kind in ("link", "member", "team")

    @property
    def comparable(self) -> bool:
        """Compared as it stands, without a table of names or of ranks."""
        return self.kind in ("text", "number", "date", "datetime")

    @property
    def groups(self) -> bool:
        """One short value, of which many records have the same."""
        return self.refers_to_one or self.one_choice or self.yes_no or self.dated

    @property
    def yes_no(self) -> bool:
        return self.kind == "bool"

    @property
    def one_choice(self) -> bool:
        return self.kind == "choice"

    @property
    def links_one(self) -> bool:
        return self.kind == "link"

    @property
    def links_many(self) -> bool:
        return self.kind == "links"

    @property
    def names_member(self) -> bool:
        return self.kind == "member"

    @property
    def names_staff(self) -> bool:
        """A member or a team."""
        return self.kind in ("member", "team")
