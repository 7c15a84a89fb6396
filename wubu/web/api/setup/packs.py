"""Packs: the configuration as YAML, comparing, installing, upgrading; practice data."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import BaseModel, Field

from wubu.collect.practice import actions as practising
from wubu.collect.practice import queries as practice
from wubu.kernel.packs import actions, queries
from wubu.kernel.packs.files.uploads import read_upload, zipped
from wubu.kernel.packs.types import Change, Said, Undo, Upgrade
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import Problem
from wubu.web.api.answers import responses, send
from wubu.web.api.records.routes import actor_of
from wubu.web.api.values import Strict

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Side = Literal["theirs", "ours"]
AREA = "packs"


class Words(BaseModel):
    zh: str
    en: str


class PackOut(BaseModel):
    """A pack that comes with the program or is installed; ``installed`` is its version here."""

    key: str
    label: Words
    version: int
    installed: int | None
    extends: str
    updated_at: datetime | None


class DifferenceOut(BaseModel):
    """``side`` says who changed it: the pack (theirs), the company (ours), or both.

    ``choice`` is whose version would stand. ``before`` was shipped, ``now`` is what the pack says,
    ``own`` what the company has.
    """

    id: str
    side: Literal["theirs", "ours", "both"]
    choice: Side
    section: Words
    place: Words
    what: Words
    before: Words
    now: Words
    own: Words


class ProblemOut(BaseModel):
    code: str
    message: Words
    hint: Words | None
    place: str | None
    line: int | None


class UpgradeOut(BaseModel):
    key: str
    label: Words
    installed_version: int | None
    shipped_version: int
    differences: list[DifferenceOut]
    steps: list[Words]
    problems: list[ProblemOut]


class ChangeOut(BaseModel):
    """What was installed, upgraded or undone. ``who`` is empty for the system."""

    id: str
    at: datetime
    who: str
    action: Literal["install", "upgrade", "undo"]
    pack: str
    label: Words
    version: int
    undoes: str | None
    undone_by: str | None


class UndoOut(BaseModel):
    """What undoing a change would do to the tables (``steps``) and to everything else."""

    id: str
    label: Words
    version: int
    steps: list[Words]
    differences: list[DifferenceOut]
    problems: list[ProblemOut]


FileName = Annotated[str, Field(min_length=1, max_length=255)]


class Content(Strict):
    """A configuration as YAML: one text, or several by file name."""

    yaml: str = Field(default="", max_length=2_000_000)
    files: dict[FileName, str] = Field(default_factory=dict, max_length=100)
    choices: dict[str, Side] = Field(default_factory=dict, max_length=5_000)

    def texts(self) -> dict[str, str]:
        """What was given, by name. Raises Refused where it is too much."""
        found = {**self.files, **({"YAML": self.yaml} if self.yaml or not self.files else {})}
        return read_upload(zipped(found), "YAML") if self.files else found


class UpgradeIn(Strict):
    """By the id of a difference, whose version is to stand.

    What is left out is decided as shown: the pack's where only the pack changed something, the
    company's everywhere else.
    """

    choices: dict[str, Side] = Field(default_factory=dict, max_length=5_000)


class ChoicesIn(Content):
    """Choices to be remembered: for a shipped pack by its ``key``, else for what is given."""

    key: str = Field(default="", max_length=40)


class Emptying(Strict):
    with_hanging: bool = False


class PracticeOut(BaseModel):
    records: int


def packs(request: HttpRequest) -> HttpResponse:
    _may(request)
    there = {p.key: p for p in queries.installed()}
    found: list[dict[str, Any]] = []
    for pack in queries.offered():
        mine = there.pop(pack.key, None)
        found.append(_pack(pack.key, pack.label.as_dict(), pack.version, pack.extends, mine))
    for key, mine in there.items():
        found.append(_pack(key, mine.label.as_dict(), mine.version, mine.extends, mine))
    return send(found)


def export(request: HttpRequest) -> HttpResponse:
    return send({"yaml": queries.export(actor_of(request)), "choices": {}})


def compare(request: HttpRequest, content: Content) -> HttpResponse:
    _may(request)
    return send(_upgrade(queries.compare_files(content.texts(), content.choices)))


def install(request: HttpRequest, content: Content) -> HttpResponse:
    _may(request)
    files = content.texts()
    made = queries.compare_files(files, content.choices)
    actions.install_files(files, actor=actor_of(request), choices=content.choices)
    return send(_upgrade(made))


def choose(request: HttpRequest, what: ChoicesIn) -> HttpResponse:
    _may(request)
    if what.key:
        actions.choose(what.choices, actor=actor_of(request), key=what.key)
        return send(_upgrade(_proposal(what.key, {})))
    files = what.texts()
    actions.choose(what.choices, actor=actor_of(request), files=files)
    return send(_upgrade(queries.compare_files(files)))


def changes(request: HttpRequest) -> HttpResponse:
    _may(request)
    return send([_change(c) for c in queries.changes()])


def undoing(request: HttpRequest, change_id: int) -> HttpResponse:
    _may(request)
    return send(_undo(queries.undoing(change_id)))


def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    _may(request)
    made = queries.undoing(change_id)
    actions.undo(change_id, actor=actor_of(request))
    return send(_undo(made))


def proposal(request: HttpRequest, key: Key) -> HttpResponse:
    _may(request)
    return send(_upgrade(_proposal(key, {})))


def upgrade(request: HttpRequest, key: Key, taking: UpgradeIn) -> HttpResponse:
    _may(request)
    made = _proposal(key, taking.choices)
    if made.installed_version is not None and key in {p.key for p in queries.installed()}:
        actions.upgrade(key, actor=actor_of(request), choices=taking.choices)
    else:
        actions.apply(key, actor=actor_of(request), choices=taking.choices)
    return send(_upgrade(made))


def practice_there(request: HttpRequest) -> HttpResponse:
    _may(request)
    found = practice.practice()
    return send({"records": found.count if found else 0})


def fill(request: HttpRequest) -> HttpResponse:
    return send({"records": practising.fill(actor=actor_of(request)).count})


def empty(request: HttpRequest, how: Emptying) -> HttpResponse:
    gone = practising.empty(actor=actor_of(request), with_hanging=how.with_hanging)
    return send({"records": gone})


def router() -> Router:
    made = Router(tags=["packs"])
    made.get("/packs", response=responses(list[PackOut]), summary="Packs, installed or not")(packs)
    made.get("/packs/export", response=responses(Content), summary="The configuration as YAML")(
        export
    )
    made.post("/packs/compare", response=responses(UpgradeOut), summary="Compare a configuration")(
        compare
    )
    made.post("/packs/install", response=responses(UpgradeOut), summary="Install a configuration")(
        install
    )
    made.post("/packs/choices", response=responses(UpgradeOut), summary="Remember choices")(choose)
    made.get("/packs/changes", response=responses(list[ChangeOut]), summary="What packs changed")(
        changes
    )
    made.get(
        "/packs/changes/{change_id}/undo",
        response=responses(UndoOut),
        summary="What undoing a change would do",
    )(undoing)
    made.post(
        "/packs/changes/{change_id}/undo", response=responses(UndoOut), summary="Undo a change"
    )(undo)
    made.get("/packs/{key}/upgrade", response=responses(UpgradeOut), summary="What a pack changes")(
        proposal
    )
    made.post("/packs/{key}/upgrade", response=responses(UpgradeOut), summary="Take a pack over")(
        upgrade
    )
    made.get(
        "/practice", response=responses(PracticeOut), summary="How much practice data there is"
    )(practice_there)
    made.post("/practice", response=responses(PracticeOut), summary="Fill in practice data")(fill)
    made.post("/practice/empty", response=responses(PracticeOut), summary="Take practice data out")(
        empty
    )
    return made


def _may(request: HttpRequest) -> None:
    policy(actor_of(request)).require_setup(AREA)


def _proposal(key: str, choices: Any) -> Upgrade:
    if key in {p.key for p in queries.installed()}:
        return queries.upgrade(key, choices=choices)
    return queries.compare_shipped(key, choices)


def _pack(key: str, label: Any, version: int, extends: str, mine: Any) -> dict[str, Any]:
    return {
        "key": key,
        "label": label,
        "version": version,
        "installed": mine.version if mine else None,
        "extends": extends,
        "updated_at": mine.updated_at if mine else None,
    }


def _upgrade(made: Upgrade) -> dict[str, Any]:
    return {
        "key": made.key,
        "label": made.label.as_dict(),
        "installed_version": made.installed_version,
        "shipped_version": made.shipped_version,
        "differences": [_difference(s, made.chosen) for s in made.differences],
        "steps": [s.description.as_dict() for s in made.plan.steps],
        "problems": [_problem(p) for p in made.problems],
    }


def _undo(made: Undo) -> dict[str, Any]:
    return {
        "id": str(made.change_id),
        "label": made.label.as_dict(),
        "version": made.version,
        "steps": [s.description.as_dict() for s in made.plan.steps],
        "differences": [_difference(s, {}) for s in made.differences],
        "problems": [_problem(p) for p in made.problems],
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "at": one.at,
        "who": one.who,
        "action": one.action,
        "pack": one.pack,
        "label": one.label.as_dict(),
        "version": one.version,
        "undoes": None if one.undoes is None else str(one.undoes),
        "undone_by": None if one.undone_by is None else str(one.undone_by),
    }


def _problem(p: Problem) -> dict[str, Any]:
    hint = p.hint.as_dict() if p.hint else None
    return {
        "code": p.code,
        "message": p.message.as_dict(),
        "hint": hint,
        "place": p.field,
        "line": p.line,
    }


def _difference(said: Said, chosen: Any) -> dict[str, Any]:
    return {
        "id": said.id,
        "side": said.difference.side,
        "choice": chosen.get(said.id, said.difference.takes),
        **{
            name: getattr(said, name).as_dict()
            for name in ("section", "place", "what", "before", "now", "own")
        },
    }
