"""A configuration as YAML that people read: always the same order, small things on one line."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from wubu.kernel.packs.content.sections import section_labels
from wubu.kernel.types import Text

WIDTH = 110  # characters of what may stand on one line
FOREVER = 1_000_000  # lines are never folded: a folded formula is hard to read
# What people look for first. Keys that are not named follow in the order of the alphabet.
ORDER = (
    *("zh", "en", "pack", "version", "extends", "metric", "type", "label", "plural"),
    *("description", "kind", "icon"),
    *("group", "position", "part_of", "each_stage", "object", "target", "when", "value", "filter"),
    *("rows", "condition", "required", "unique", "credit", "stage", "numerator", "denominator"),
    *("unit", "better", "source", "of", "by", "roles", "grants", "fields", "default", "choices"),
    *("list", "form", "panels", "options", "help", "weight", "cap", "lines", "missing"),
    *("severity", "params", "since", "subject", "advice", "hidden", "retired", "resting", "from"),
)
RANK = {key: place for place, key in enumerate(ORDER)}
LAST = {"earlier": len(ORDER) + 1}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
# These mappings are lists with names: their order is the order on the pages.
NAMED = frozenset({"fields", "choices"})
HEADING = frozenset({"pack", "version", "label", "description", "extends", "based_on"})
HEAD = """\
# 这是本工作区的配置：可以阅读、比较、放进版本库，也可以装到另一个工作区。
# The configuration of a workspace: to read, compare, keep under version control or install.
# 标识(冒号前的英文)永久不变，名称可以随意修改；没有写出的都是默认值。
# Keys (before the colon) are for ever, labels are free; what is not written has its default.
# wubu pack compare FILE · wubu pack install FILE --dry-run
"""


def dump(content: Mapping[str, Any]) -> str:
    """The YAML of a whole configuration. The same content gives the same bytes."""
    parts = [HEAD]
    labels = section_labels()
    head = {k: v for k, v in content.items() if k in HEADING}
    parts.append(_yaml(head))
    for name, section in content.items():
        if name in head or not section:
            continue
        label = labels.get(name, Text(name, name))
        parts.append(f"\n# {label.zh} / {label.en}\n{_spaced(_yaml({name: section}))}")
    return "".join(parts)


def dump_files(content: Mapping[str, Any]) -> dict[str, str]:
    """The same in several files: ``pack.yaml`` and one for each section."""
    head = {k: v for k, v in content.items() if k in HEADING}
    found = {"pack.yaml": HEAD + _yaml(head)}
    for name, section in content.items():
        if name not in head and section:
            found[f"{name}.yaml"] = _spaced(_yaml({name: section}))
    return found


def tidy(value: Any, key: str = "") -> Any:
    """A deep copy in the order of reading.

    JSON of PostgreSQL forgets the order that it was given; named lists are told by their key and
    kept.
    """
    if isinstance(value, Mapping):
        names = list(value) if key in NAMED else sorted(value, key=_rank)
        return {n: tidy(value[n], "" if key in NAMED else n) for n in names}
    if isinstance(value, list | tuple):
        return [tidy(item) for item in value]
    return value


def _rank(key: str) -> tuple[int, str]:
    return LAST.get(key, RANK.get(key, len(ORDER))), key


def _spaced(text: str) -> str:
    """An empty line between the things of a section, where they take several lines."""
    lines = text.splitlines(keepends=True)
    starts = [n for n, line in enumerate(lines) if re.match(r"  [^\s#-]", line)]
    if len(starts) * 1.5 > len(lines):
        return text
    for n in reversed(starts[1:]):
        lines.insert(n, "\n")
    return "".join(lines)


class _Writer(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _words(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = "|" if "\n" in value and not re.search(r"[ \t]\n|\A\s", value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Writer.add_representer(str, _words)


def _yaml(value: Any) -> str:
    node = _Writer(io.StringIO(), sort_keys=False).represent_data(_days(value))
    _lay_out(node, 0)
    text: str = yaml.serialize(
        node, Dumper=_Writer, allow_unicode=True, width=FOREVER, line_break="\n"
    )
    return text


def _days(value: Any, key: str = "") -> Any:
    """Days of rules as days, so that they stand without quotation marks."""
    if isinstance(value, Mapping):
        return {k: _days(v, k) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_days(item) for item in value]
    if key == "from" and isinstance(value, str) and DAY.fullmatch(value):
        return date.fromisoformat(value)
    return value


def _lay_out(node: yaml.Node, depth: int) -> int:
    """Small things on one line, large ones line by line; answers with the length on one line."""
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + 2 if "\n" not in node.value else FOREVER
    length = 2
    if isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            length += len(key.value) + 4 + _lay_out(inner, depth + 1)
    else:
        for inner in node.value:
            length += 2 + _lay_out(inner, depth + 1)
    assert isinstance(node, yaml.CollectionNode)  # noqa: S101
    node.flow_style = length <= WIDTH and (depth > 2 or (_is_flat(node) and depth > 0))
    return length


def _is_flat(node: yaml.Node) -> bool:
    inner = [v for _, v in node.value] if isinstance(node, yaml.MappingNode) else node.value
    return all(isinstance(item, yaml.ScalarNode) for item in inner)
