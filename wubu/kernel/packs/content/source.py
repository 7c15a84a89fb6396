"""A pack's YAML files as one mapping that remembers the file and line of everything in it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from wubu.kernel.types import Problem, Refused, Text

SHIPPED = Path(__file__).resolve().parents[3] / "packs"
Place = tuple[str | int, ...]
MOST_PARTS = 300_000
DEEPEST = 40  # levels of a file; a pack has about ten
STANDARD = "tag:yaml.org,2002:"
KINDS = frozenset(
    STANDARD + t for t in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
)


@dataclass
class Source:
    """The merged content and, by path, where each part stands: file name and line."""

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Place, tuple[str, int]] = field(default_factory=dict)

    def place(self, path: Place) -> tuple[str, int]:
        """File and line of a path, or of the nearest part above it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return ("", 0)

    def problem(
        self, path: Place, code: str, message: Text, hint: Text | None = None, **more: Any
    ) -> Problem:
        """A problem that names its file and line in words and carries the line."""
        file, line = self.place(path)
        said = message
        if file:
            said = Text("{f} 第 {n} 行：{m}", "{f}, line {n}: {m}").format(
                f=file, n=line, m=message
            )
        return Problem(code, said, hint, line=line or None, **more)


def read_source(folder: Path) -> Source:
    """Every ``*.yaml`` of the folder and its subfolders by name, or the one file given.

    Raises Refused with every syntax problem and double key of all files.
    """
    files = [folder] if folder.is_file() else sorted(folder.rglob("*.yaml"))
    if not files:
        raise Refused(
            Problem(
                "no_such_pack",
                Text("没有找到配置包“{p}”。", "There is no pack “{p}”.").format(p=folder.name),
                Text("现有：{all}。", "There are: {all}.").format(
                    all=", ".join(sorted(p.stem for p in SHIPPED.iterdir())) or "—"
                ),
            )
        )
    source, problems = Source(), list[Problem]()
    for path in files:
        name = str(path.relative_to(folder)) if folder.is_dir() else path.name
        problems += _read(path, name, source)
    if problems:
        raise Refused(*problems)
    return source


def read_texts(files: Mapping[str, str]) -> Source:
    """The YAML texts that somebody gave, by file name. Raises Refused with the problems of all."""
    source = Source()
    problems = [p for name, text in files.items() for p in _read_text(text, name, source)]
    if problems:
        raise Refused(*problems)
    return source


def _read(path: Path, name: str, source: Source) -> Iterable[Problem]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(
            "not_readable",
            Text("{f} 读不出来：{e}", "{f} cannot be read: {e}").format(f=name, e=error),
            Text("文件须是 UTF-8 文本。", "The file must be UTF-8 text."),
        )
        return
    yield from _read_text(text, name, source)


def _read_text(text: str, name: str, source: Source) -> Iterable[Problem]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 0
        yield Problem(
            "not_yaml",
            Text("{f} 第 {n} 行不是有效的 YAML：{e}", "{f}, line {n} is not YAML: {e}").format(
                f=name, n=line, e=error.problem or error
            ),
            Text("检查缩进、冒号和引号。", "Check indentation, colons and quotes."),
            line=line,
        )
        return
    except (yaml.YAMLError, RecursionError) as error:
        yield Problem(
            "not_yaml",
            Text("{f} 不是有效的 YAML：{e}", "{f} is not YAML: {e}").format(f=name, e=error),
            Text("文件须是 UTF-8 文本。", "The file must be UTF-8 text."),
            line=1,
        )
        return
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        yield Problem(
            "not_a_mapping",
            Text("{f} 的最外层应是键值。", "{f} must be a mapping at the top.").format(f=name),
            Text("第一行写标识，例如 pack: sales。", "Begin with its key, as pack: sales."),
            line=1,
        )
        return
    yield from _Merger(name, source).mapping(node, source.data, ())


TAGGED = Text("{f} 第 {n} 行用了 YAML 标签“{t}”。", "{f}, line {n}: the YAML tag “{t}”.")
NO_TAGS = Text(
    "去掉标签，只写文字、数字、true/false、列表和键值。",
    "Leave it out: texts, numbers, true/false, lists and mappings are all there is.",
)
NO_KEY = Text("{f} 第 {n} 行的键不是一个词。", "{f}, line {n}: the key is no plain word.")
PLAIN_KEY = Text("键写成一个词，例如 name:。", "Write one word, as name:.")
MERGED = Text("{f} 第 {n} 行的 << 合并不了。", "{f}, line {n}: << cannot be merged.")
NO_MERGE = Text("<< 只能引用另一处的键值。", "<< refers to a mapping that stands elsewhere.")
TOO_DEEP = Text(
    "{f} 第 {n} 行嵌套太深，或者引用了自己。",
    "{f}, line {n}: nested too deep, or it refers to itself.",
)
FLAT = Text(
    "配置最多十来层；检查 *引用 和括号。",
    "A configuration has about ten levels: look at aliases and brackets.",
)


# Yields problems as it goes and returns a value at the end, so that one bad line hides no other.
Reading = Generator[Problem, None, Any]


class _Merger:
    def __init__(self, file: str, source: Source) -> None:
        self.file = file
        self.source = source
        self.loader = yaml.SafeLoader("")
        self.parts = 0

    def mapping(self, node: yaml.MappingNode, into: dict[str, Any], path: Place) -> Reading:
        """Add the node's keys. Two files may share a section, never one of its keys."""
        try:
            self.merge(node)
        except (yaml.YAMLError, RecursionError):
            yield self.told(node, "not_yaml", MERGED, NO_MERGE)
            return
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                yield self.told(key_node, "not_a_key", NO_KEY, PLAIN_KEY)
                continue
            key = str(key_node.value)
            here = (*path, key)
            line = key_node.start_mark.line + 1
            existing = into.get(key)
            if key in into and not (
                len(path) == 0
                and isinstance(existing, dict)
                and isinstance(value_node, yaml.MappingNode)
            ):
                yield self.double(key, line, here)
                continue
            self.source.places.setdefault(here, (self.file, line))
            if isinstance(value_node, yaml.MappingNode) and self.plain(value_node, here):
                child = existing if isinstance(existing, dict) else {}
                into[key] = child
                yield from self.mapping(value_node, child, here)
            else:
                into[key] = yield from self.value(value_node, here)

    def merge(self, node: yaml.MappingNode) -> None:
        """Put in what ``<<`` brings and is not given anew."""
        written = [pair for pair in node.value if pair[0].tag != "tag:yaml.org,2002:merge"]
        if len(written) == len(node.value):
            return
        self.loader.flatten_mapping(node)
        own = {str(key.value) for key, _ in written}
        brought = {str(key.value): (key, value) for key, value in node.value}
        node.value = [pair for key, pair in brought.items() if key not in own] + written

    def value(self, node: yaml.Node, path: Place) -> Reading:
        self.parts += 1
        if self.parts > MOST_PARTS:  # aliases of aliases grow without end
            if self.parts == MOST_PARTS + 1:
                yield self.too_large(node)
            return None
        if not self.plain(node, path):
            deep = len(path) > DEEPEST
            yield self.told(node, "too_deep", TOO_DEEP, FLAT) if deep else self.tagged(node)
            return None
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            yield from self.mapping(node, found, path)
            return found
        if isinstance(node, yaml.SequenceNode):
            items = []
            for number, item in enumerate(node.value):
                here = (*path, number)
                self.source.places.setdefault(here, (self.file, item.start_mark.line + 1))
                items.append((yield from self.value(item, here)))
            return items
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            yield self.unreadable(node, error)
            return None

    def plain(self, node: yaml.Node, path: Place) -> bool:
        """Whether a node is what JSON could say, and not too deep."""
        return node.tag in KINDS and len(path) <= DEEPEST

    def told(
        self, node: yaml.Node, code: str, words: Text, hint: Text | None = None, **values: str
    ) -> Problem:
        line = node.start_mark.line + 1
        return Problem(code, words.format(f=self.file, n=line, **values), hint, line=line)

    def tagged(self, node: yaml.Node) -> Problem:
        tag = node.tag.replace(STANDARD, "!!")
        return self.told(node, "yaml_tag", TAGGED, NO_TAGS, t=tag)

    def too_large(self, node: yaml.Node) -> Problem:
        return Problem(
            "too_large",
            Text(
                "{f} 展开后超过 {n} 项，读不了。",
                "{f} has more than {n} parts once it is unfolded.",
            ).format(f=self.file, n=MOST_PARTS),
            Text("减少 *引用 的层层嵌套。", "Use fewer aliases of aliases."),
            line=node.start_mark.line + 1,
        )

    def unreadable(self, node: yaml.Node, error: Exception) -> Problem:
        line = node.start_mark.line + 1
        said = getattr(error, "problem", None) or error
        return Problem(
            "not_yaml",
            Text("{f} 第 {n} 行的值读不出来：{e}", "{f}, line {n}: cannot be read: {e}").format(
                f=self.file, n=line, e=said
            ),
            Text("给这个值加上引号。", "Put the value in quotation marks."),
            line=line,
        )

    def double(self, key: str, line: int, path: Place) -> Problem:
        first = self.source.places.get(path, ("?", 0))
        return Problem(
            "double_key",
            Text(
                "{f} 第 {n} 行的“{k}”已在 {g} 第 {m} 行出现。",
                "{f}, line {n}: “{k}” was given already in {g}, line {m}.",
            ).format(f=self.file, n=line, k=key, g=first[0], m=first[1]),
            Text("删掉其中一处，或换一个标识。", "Remove one of them, or give it another key."),
            line=line,
        )


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy as JSON would hold it (days as ISO text)."""
    return {key: _plain(value) for key, value in data.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return plain(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
