"""The shared nouns: text in two languages, problems, actors and origins. They know no database."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
# The first word of an English label, where it is an ordinary word and no name.
ORDINARY = re.compile(r"^[A-Z][a-z]*(?![A-Za-z])")
NAMES = frozenset({"Chinese", "English", "China", "Beijing", "Shanghai", "Monday", "Friday"})
_language: ContextVar[Lang] = ContextVar("wubu_language", default="zh")


def language() -> Lang:
    """The language of the person being served now; Chinese unless said otherwise."""
    return _language.get()


@contextlib.contextmanager
def speaking(lang: Lang) -> Iterator[None]:
    """Within the block, ``str(Text)`` and the pages speak ``lang``."""
    token = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(token)


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and English; ``str()`` gives those of the current reader.

    Both are written side by side in the source, so neither can be forgotten.
    """

    zh: str
    en: str

    def say(self, lang: Lang | None = None) -> str:
        return self.zh if (lang or language()) == "zh" else self.en

    def __str__(self) -> str:
        return self.say()

    def format(self, **values: object) -> Text:
        """Fill in the placeholders of both languages; a ``Text`` value is said in each."""

        def filled(words: str, lang: Lang) -> str:
            said = {k: v.say(lang) if isinstance(v, Text) else v for k, v in values.items()}
            return words.format(**said)

        return Text(filled(self.zh, "zh"), filled(self.en, "en"))

    @property
    def inside(self) -> Text:
        """The words inside a sentence: English small, but for names and letters (ID, WeChat)."""
        first = ORDINARY.match(self.en)
        if first is None or first[0] in NAMES or (len(first[0]) == 1 and first[0] != "A"):
            return self
        return Text(self.zh, self.en[0].lower() + self.en[1:])

    @classmethod
    def of(cls, value: Text | str | Mapping[str, str]) -> Text:
        """Read a label as packs and JSON write it: one string for both, or ``{zh, en}``."""
        if isinstance(value, Text):
            return value
        if isinstance(value, str):
            return cls(value, value)
        zh = value.get("zh") or value.get("en") or ""
        return cls(zh, value.get("en") or zh)

    def as_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and how to mend it, in the reader's language.

    ``code`` is stable and for machines (``required``, ``not_a_date`` …); ``field`` is a field key;
    ``row`` counts drafts from 0, ``line`` those of the file, ``start``/``end`` mark characters
    of a formula. ``value`` is what was given, ``suggestion`` a value that would do.
    """

    code: str
    message: Text
    hint: Text | None = None
    object: str | None = None
    field: str | None = None
    row: int | None = None
    line: int | None = None
    start: int | None = None
    end: int | None = None
    value: Any = None
    suggestion: Any = None


class Refused(Exception):
    """An action was refused; carries every problem at once. ``status`` is its HTTP status."""

    status = 422

    def __init__(self, *problems: Problem) -> None:
        self.problems: tuple[Problem, ...] = problems
        super().__init__("; ".join(str(p.message) for p in problems))


class Forbidden(Refused):
    """The actor may not do this."""

    status = 403


class Missing(Refused):
    """No such thing, or none that the actor may know of: the two look alike."""

    status = 404


class Conflict(Refused):
    """Someone else saved first. ``theirs`` is how it stands now, ``yours`` what was sent."""

    status = 409

    def __init__(
        self, *problems: Problem, theirs: Mapping[str, Any], yours: Mapping[str, Any]
    ) -> None:
        super().__init__(*problems)
        self.theirs = theirs
        self.yours = yours


Entrance = Literal["page", "api", "import", "job", "system", "command", "form", "hook"]
ActorKind = Literal["member", "system", "service", "outsider"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and by which entrance: a member, the system, a service or an outsider.

    The system may everything and is named as such, never inferred from a missing member. A service
    (a webhook, a rule) has a name and acts by one ``role``, or with the rights of a member at most.
    An outsider (who fills in a public form) may nothing that is not granted beside the policy.
    ``viewer_id`` is set while somebody looks at the workspace as this member: then nothing is
    written. ``at_most`` are the keys of the roles that may count (``EVERYTHING`` for an owner's
    rights), where what was started earlier must not have more than it had then; None: no limit.

    Raises TypeError for a combination that nobody can be.
    """

    member_id: int | None
    entrance: Entrance = "page"
    lang: Lang = "zh"
    viewer_id: int | None = None
    kind: ActorKind = "member"
    name: str = ""
    role: str = ""
    at_most: frozenset[str] | None = None

    def __post_init__(self) -> None:
        wanted = {
            "member": self.member_id is not None and not self.name and not self.role,
            "system": self.member_id is None and not self.role,
            "service": bool(self.name) and (self.member_id is None) == bool(self.role),
            "outsider": self.member_id is None and not self.role,
        }
        if not wanted[self.kind]:
            raise TypeError(f"nobody can be this {self.kind}: {self!r}")

    @classmethod
    def system(cls, entrance: Entrance = "system", lang: Lang = "zh") -> Actor:
        """The program itself, by an entrance."""
        return cls(None, entrance, lang, kind="system")

    @classmethod
    def service(
        cls, name: str, *, role: str = "", member_id: int | None = None, entrance: Entrance = "hook"
    ) -> Actor:
        """A service that acts by a role, or with the rights of a member at most."""
        return cls(member_id, entrance, kind="service", name=name, role=role)

    @classmethod
    def outsider(cls, entrance: Entrance = "form", lang: Lang = "zh") -> Actor:
        """Somebody who is no member: nothing is granted to them by being here."""
        return cls(None, entrance, lang, kind="outsider")

    @property
    def is_system(self) -> bool:
        return self.kind == "system"

    def is_member(self, member_id: int | None) -> bool:
        """Whether the actor is this very member. Nobody is nobody: a missing id is never equal."""
        # kind: of an actor, not of a field
        return self.kind == "member" and member_id is not None and member_id == self.member_id


EVERYTHING = "*"
SYSTEM = Actor.system()


def must_write(actor: Actor) -> None:
    """Raises Forbidden for who only looks at the workspace as somebody else."""
    if actor.viewer_id is not None:
        raise Forbidden(
            Problem(
                "looking_only",
                Text(
                    "您正以他人身份查看，不能修改任何内容。",
                    "You are viewing as another person: nothing can be changed.",
                ),
                Text("请先退出“以他人身份查看”。", "Exit “view as” first."),
            )
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a written value came from: a form, a call, or one line of one file of a batch."""

    batch: int | None = None
    file: str = ""
    sheet: str = ""
    line: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
