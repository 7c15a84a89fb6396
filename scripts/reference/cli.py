"""docs/reference/cli.md"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from scripts.reference.markdown import code, table
from wubu.cli import parser
from wubu.kernel.types import speaking

INTRO = """\
# The command `wubu`

It speaks the language of the terminal (`WUBU_LANG=zh` or `en` decides otherwise). A refusal is
told in plain words on stderr with exit code 1. Settings come from the environment, see
[configuration](configuration.md).

"""
MAKE = """
In the source tree `make` lists what it can do: `make demo`, `make test`, `make bench`, `make
docs`, `make screenshots`, `make wheel` and others.
"""


def page() -> str:
    parts = [INTRO]
    with speaking("zh"):
        chinese = {name: verb.description or "" for name, verb in verbs()}
    with speaking("en"):
        for name, verb in verbs():
            english = _sentence(verb.description or "")
            parts.append(f"## `{usage(name, verb)}`\n\n{chinese[name]}。{english}\n\n")
            rows = [
                (code(" ".join(a.option_strings) or a.dest), a.help or "", _default(a))
                for a in verb._actions
                if not isinstance(a, argparse._HelpAction)
            ]
            if rows:
                parts.append(table(("option", "meaning", "default"), rows) + "\n")
    return "".join(parts).rstrip("\n") + "\n" + MAKE


def verbs() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The verbs of the command with their parsers, in order."""
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def usage(name: str, verb: argparse.ArgumentParser) -> str:
    """``wubu import path [--object …]``, on one line."""
    words = ["wubu", name]
    for action in verb._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        if not action.option_strings:
            words.append("…" if action.nargs == argparse.REMAINDER else action.dest.upper())
            continue
        said = action.option_strings[-1]
        if action.nargs != 0:
            said += " …"
        words.append(said if action.required else f"[{said}]")
    return " ".join(words)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _default(action: argparse.Action) -> str:
    # Address and port come from the environment of whoever makes this page.
    fixed = {"host": "`127.0.0.1` or `WUBU_HOST`", "port": "`8000` or `PORT`"}
    if action.dest in fixed:
        return fixed[action.dest]
    if action.required or action.default in (None, False, "", argparse.SUPPRESS):
        return ""
    return code(action.default)
