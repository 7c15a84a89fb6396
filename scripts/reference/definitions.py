"""docs/reference/definitions.md"""

from __future__ import annotations

from typing import Any

import yaml

from scripts.reference.markdown import both, code, table
from wubu.kernel.definitions.base import Field
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.kinds import kind_of
from wubu.kernel.packs.content.sections import sections

INTRO = """\
# Definitions

What a company sets up is declared once in the program: its fields, their limits, what they name.
The form of the page, the body of the API, the shape in packs and the words of a comparison follow
from it, so they keep the same limits.

In packs a definition stands under the name of its part, by key. Dated rules may carry `from` (the
first day; since ever without), `resting: true` (disabled) and `earlier` (the versions before, the
oldest first). `schema` is the version of the program's own form that wrote it, where that is not 1;
older ones are read as they were meant.
"""


def page() -> str:
    parts = [INTRO]
    parts += [_part(s.name, s.definition) for s in sections() if s.definition is not None]
    return "\n".join(parts)


def _part(name: str, definition: Definition) -> str:
    kind = kind_of(name)
    where = f"`{name}:` in packs"
    if kind is not None:
        where += f", `/api/v1/rules/{name}/<key>`; setting takes the right `{kind.area}`"
    rows = [row for one in definition.fields for row in _rows(one)]
    example = yaml.safe_dump(
        {name: {"example": definition.example()}}, allow_unicode=True, sort_keys=False
    )
    said = f"{definition.help.zh} {definition.help.en}\n\n" if definition.help.zh else ""
    return (
        f"\n## {both(definition.label)}\n\n{where}.\n\n{said}"
        + table(("key", "name", "value", "default"), rows)
        + f"\n```yaml\n{example}```\n"
    )


def _rows(one: Field) -> list[tuple[Any, ...]]:
    needed = " (required)" if one.required else ""
    help_ = f"<br>{one.help.zh} {one.help.en}" if one.help.zh else ""
    default = "" if one.default is None else code(str(one.default))
    form = f"{one.form.zh}<br>{one.form.en}{needed}{help_}"
    first = (code(one.name), both(one.label), form, default)
    more = [(code(k), "", f"the key of the {one.name}", "") for k in one.keys if k != one.name]
    return [first, *more]
