"""What a configuration is made of: each room says how its part is read, written and taken over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.definitions import kinds
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.schema import uses
from wubu.kernel.types import Text

Definitions = Mapping[str, Any]


class Installer(Protocol):
    def __call__(self, definitions: Definitions, *, actor: Any) -> Any: ...


class Retirer(Protocol):
    def __call__(self, keys: Sequence[str], *, actor: Any) -> Any: ...


def _as_it_is(definitions: Definitions, catalog: Snapshot) -> Definitions:
    return definitions


@dataclass(frozen=True, slots=True)
class Section:
    """A part of every configuration (``metrics``, ``alerts`` …), by key.

    ``install`` adds what is not there yet, history included. ``export`` tells what holds now, in
    the form that ``install`` takes. ``apply`` lets keys be as defined from today on, ``retire``
    disables them; both keep the past. ``normal`` writes a pack's definitions as ``export`` would,
    for a catalog that may not be there yet. ``area`` is the right that changing takes.
    ``definition`` declares what may stand there and what it means; without it any key may.
    """

    name: str
    install: Installer
    label: Text
    area: str = ""
    export: Callable[[], Definitions] | None = None
    apply: Installer | None = None
    retire: Retirer | None = None
    normal: Callable[[Definitions, Snapshot], Definitions] = _as_it_is
    definition: Definition | None = None

    def present(self, some: Definitions) -> Definitions:
        """Definitions as the present release writes them, whatever release wrote them."""
        declared = self.definition
        return some if declared is None else {k: declared.present(d) for k, d in some.items()}


_sections: dict[str, Section] = {}


def register(
    section: str,
    install: Installer,
    *,
    label: Text | None = None,
    area: str = "",
    export: Callable[[], Definitions] | None = None,
    apply: Installer | None = None,
    retire: Retirer | None = None,
    normal: Callable[[Definitions, Snapshot], Definitions] = _as_it_is,
    definition: Definition | None = None,
) -> None:
    """A room takes part in packs; called in AppConfig.ready(). See ``Section``.

    Sections are installed in the order in which they were registered, lower rooms first.
    """
    said = label or Text(section, section)
    _sections[section] = Section(
        section, install, said, area, export, apply, retire, normal, definition
    )


def declare(kind: kinds.DatedKind[Any]) -> None:
    """A kind of dated rule: known to packs, pages and API from now on; called in ready()."""
    kinds.add(kind)
    uses.register(kind.uses)
    register(
        kind.name,
        kind.install,
        label=kind.label,
        area=kind.area,
        export=kind.export,
        apply=kind.apply,
        retire=kind.retire,
        definition=kind.definition,
    )


def section_named(name: str) -> Section | None:
    """One section, None where there is none."""
    return _sections.get(name)


def sections() -> tuple[Section, ...]:
    """All sections in order."""
    return tuple(_sections.values())


def section_labels() -> dict[str, Text]:
    """The names of all parts of a configuration, objects included."""
    return {
        "objects": Text("对象与字段", "Objects and fields"),
        **{s.name: s.label for s in _sections.values()},
    }
