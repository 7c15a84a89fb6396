"""From files to a checked pack: read, put on its base, checked, with the place of everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from wubu.kernel.packs.content.check import check
from wubu.kernel.packs.content.schema import PackDef
from wubu.kernel.packs.content.source import SHIPPED, Source, plain, read_source, read_texts
from wubu.kernel.packs.files.extending import extended
from wubu.kernel.types import Problem, Refused, Text

Files = Mapping[str, str]  # texts by file name


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pack that makes sense. ``content`` is all of it as JSON, its base included."""

    source: Source
    pack: PackDef
    content: dict[str, Any]


def load(key: str, folder: Path | None = None) -> Loaded:
    """A shipped pack, or one in a folder (or file) of one's own.

    Raises Refused with every problem, each with file and line.
    """
    if folder is None:
        return _shipped(key, _stamp(SHIPPED))
    return _whole(read_source(folder))


def load_text(text: str, name: str) -> Loaded:
    """A pack that somebody gave as text. Raises Refused like ``load``."""
    return _whole(read_texts({name: text}))


def load_files(files: Files) -> Loaded:
    """A pack that somebody gave as several texts, by file name. Raises Refused like ``load``."""
    return _whole(read_texts(files))


def shipped_keys() -> tuple[str, ...]:
    """The packs that come with the program, bases before what extends them."""
    found = sorted(p.parent.name for p in SHIPPED.glob("*/pack.yaml"))
    return tuple(sorted(found, key=lambda key: (key != "sales", key)))


@lru_cache(maxsize=32)
def _shipped(key: str, stamp: float) -> Loaded:
    return _whole(read_source(SHIPPED / key))


def _stamp(folder: Path) -> float:
    """Moves when a shipped file is changed, as developers do."""
    return max((p.stat().st_mtime for p in folder.glob("*/*.yaml")), default=0.0)


def _whole(source: Source) -> Loaded:
    base = str(source.data.get("extends") or "")
    problems: list[Problem] = []
    if base:
        if base not in shipped_keys():
            raise Refused(
                source.problem(
                    ("extends",),
                    "no_such_pack",
                    Text("没有配置包“{p}”。", "There is no pack “{p}”.").format(p=base),
                    Text("现有：{all}。", "There are: {all}.").format(
                        all=", ".join(shipped_keys())
                    ),
                )
            )
        source, problems = extended(load(base).source, source)
    if problems:
        raise Refused(*problems)
    pack = check(source)
    return Loaded(source, pack, plain(source.data))
