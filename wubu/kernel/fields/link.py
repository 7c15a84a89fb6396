"""Links to one record or to many, to members and to teams."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields.base import FieldError, FieldType, Parser, shorten
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Text

BY_ID = re.compile(r"(?:id:)?(\d{1,18})")
SEPARATORS = re.compile(r"[,，;；、|\n]")


def reference(raw: object) -> int | str | None:
    """An id where one is given (5, ``id:5``, a thing with ``.id``), else the name to look up.

    A text of digits alone is a name: it may be a customer number. The records room turns names into
    ids, set-wise. Raises FieldError for what can be neither.
    """
    if raw is None or (isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 2**63):
        return raw
    if isinstance(raw, str):
        text = " ".join(raw.split())
        if text.startswith("id:") and (match := BY_ID.fullmatch(text)):
            return int(match[1])
        return text or None
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))  # a number cell of a spreadsheet is a key, not an id of ours
    found = getattr(raw, "id", None)
    if isinstance(found, int):
        return found
    raise FieldError(
        "not_a_reference",
        Text("“{v}”不能指向一条记录。", "“{v}” cannot point at a record.").format(v=shorten(raw)),
        Text("请填名称或编号。", "Give its name or number."),
    )


class LinkType(FieldType):
    """A record of another object (``target``); stored as its id."""

    key: ClassVar[str] = "link"
    label: ClassVar[Text] = Text("关联", "Link")
    opens: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    selectivity: ClassVar[float] = 0.3
    column_width: ClassVar[int] = 24
    drawn: ClassVar[str] = "link"
    wire: ClassVar[str] = "reference"
    icon: ClassVar[str] = "link"
    about: ClassVar[Text] = Text("指向另一个对象的一条记录", "One record of another object")
    group: ClassVar[str] = "links"
    looks: ClassVar[Mapping[str, int]] = {"text": 1}
    refers: ClassVar[bool] = True
    has_target: ClassVar[bool] = True
    sortable: ClassVar[bool] = False

    def column(self, f: FieldSpec) -> models.Field[Any, Any] | None:
        return None

    def parser(self, f: FieldSpec) -> Parser:
        return reference

    def refers_to(self, f: FieldSpec) -> str:
        return f.target

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else str(value)

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else int(value)

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return f"id:{value}"

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("link", target=f.target)

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        """None: what there is to link to, only the records room knows."""
        return None


class LinksType(LinkType):
    """Any number of records of another object; a tuple of ids, kept in a table between the two."""

    key: ClassVar[str] = "links"
    label: ClassVar[Text] = Text("多项关联", "Links")
    pasted: ClassVar[bool] = False
    drawn: ClassVar[str] = "links"
    wire: ClassVar[str] = "ids"
    icon: ClassVar[str] = "affiliate"
    about: ClassVar[Text] = Text("指向另一个对象的多条记录", "Several records of another object")
    wide: ClassVar[bool] = True
    many: ClassVar[bool] = True

    def parser(self, f: FieldSpec) -> Parser:
        def parse(raw: object) -> tuple[int | str, ...] | None:
            if isinstance(raw, str):
                parts: list[Any] = SEPARATORS.split(raw)
            elif isinstance(raw, list | tuple | set | frozenset):
                parts = list(raw)
            else:
                parts = [raw]
            found = (reference(part) for part in parts)
            return tuple(dict.fromkeys(r for r in found if r is not None)) or None

        return parse

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else [str(v) for v in value]

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else tuple(int(v) for v in value)

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return [f"id:{v}" for v in value]

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("links", target=f.target)


class MemberType(LinkType):
    """A colleague; stored as the member's id."""

    key: ClassVar[str] = "member"
    label: ClassVar[Text] = Text("成员", "Member")
    opens: ClassVar[bool] = False
    selectivity: ClassVar[float] = 0.1
    column_width: ClassVar[int] = 14
    drawn: ClassVar[str] = "person"
    icon: ClassVar[str] = "user"
    about: ClassVar[Text] = Text("一位同事", "A colleague")
    names_member: ClassVar[bool] = True
    has_target: ClassVar[bool] = False

    def refers_to(self, f: FieldSpec) -> str:
        return "member"

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("member", target="member")


class TeamType(LinkType):
    """A team; stored as its id."""

    key: ClassVar[str] = "team"
    label: ClassVar[Text] = Text("团队", "Team")
    opens: ClassVar[bool] = False
    pasted: ClassVar[bool] = False
    selectivity: ClassVar[float] = 0.1
    column_width: ClassVar[int] = 14
    drawn: ClassVar[str] = "team"
    icon: ClassVar[str] = "users-group"
    about: ClassVar[Text] = Text("一个团队", "A team")
    names_team: ClassVar[bool] = True
    has_target: ClassVar[bool] = False

    def refers_to(self, f: FieldSpec) -> str:
        return "team"

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("team", target="team")


class MembersType(LinksType):
    """Any number of colleagues: a visiting team, the attendees of a meeting."""

    key: ClassVar[str] = "members"
    label: ClassVar[Text] = Text("多名成员", "Members")
    opens: ClassVar[bool] = False
    drawn: ClassVar[str] = "people"
    icon: ClassVar[str] = "users"
    about: ClassVar[Text] = Text("几位同事", "Several colleagues")
    looks: ClassVar[Mapping[str, int]] = {}
    wide: ClassVar[bool] = False
    has_target: ClassVar[bool] = False

    def refers_to(self, f: FieldSpec) -> str:
        return "member"

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("links", target="member")


class TeamsType(LinksType):
    """Any number of teams."""

    key: ClassVar[str] = "teams"
    label: ClassVar[Text] = Text("多个团队", "Teams")
    opens: ClassVar[bool] = False
    drawn: ClassVar[str] = "team"
    icon: ClassVar[str] = "hierarchy"
    about: ClassVar[Text] = Text("几个团队", "Several teams")
    looks: ClassVar[Mapping[str, int]] = {}
    wide: ClassVar[bool] = False
    has_target: ClassVar[bool] = False

    def refers_to(self, f: FieldSpec) -> str:
        return "team"

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("links", target="team")
