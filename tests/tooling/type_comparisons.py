"""Finds where code outside a field type's own file asks for its type. Run it to see the list.

Four shapes count: a comparison with ``.type`` or ``.kind`` (or a local called so) on one side and
the name of a type on the other; ``match`` on one; a dict keyed by names of types; ``isinstance``
with the class of a type. A constant that holds such names counts where it is compared.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).parents[2] / "wubu"
ASKED = frozenset({"type", "kind"})
REASON = "# kind: "
# Where a kind may be asked for: the types' own files, and the two homes of the formula language,
# whose static types ``ValueType.kind`` are (a new field type yields one of them and adds none).
OWN = ("kernel/fields/", "kernel/formula/")


@dataclass(frozen=True, slots=True)
class Asked:
    """One place that asks for a type."""

    file: str
    line: int
    text: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def places(names: frozenset[str], classes: frozenset[str], root: Path = ROOT) -> Iterator[Asked]:
    """All of them, those with a reason too."""
    for path in sorted(root.rglob("*.py")):
        file = path.relative_to(root).as_posix()
        if "/migrations/" not in file and not file.startswith(OWN):
            yield from in_source(path.read_text(encoding="utf-8"), names, classes, file)


def in_source(
    source: str, names: frozenset[str], classes: frozenset[str], file: str = ""
) -> Iterator[Asked]:
    """Those of one file."""
    tree, lines = ast.parse(source), source.splitlines()
    constants = {
        target.id: _words(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if _asks(node, names, classes, constants):
            text = ast.unparse(node).split("\n")[0][:120]
            yield Asked(file, node.lineno, text, _reason(lines, node.lineno, node.end_lineno))


def _reason(lines: list[str], first: int, last: int | None) -> str:
    """The reason on one of the node's lines, or on the line above."""
    for line in lines[max(0, first - 2) : last or first]:
        if REASON in line:
            return line.split(REASON, 1)[1].strip()
    return ""


def _words(node: ast.AST) -> frozenset[str]:
    return frozenset(
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    )


def _asks(
    node: ast.AST,
    names: frozenset[str],
    classes: frozenset[str],
    constants: dict[str, frozenset[str]],
) -> bool:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        others = [s for s in sides if not _is_type(s)]
        said = frozenset().union(*(_words(s) | _of_constant(s, constants) for s in others))
        typed = any(isinstance(s, ast.Attribute) and s.attr == "type" for s in sides)
        foreign = typed and any(_is_foreign(s, constants) for s in others)
        return len(others) < len(sides) and (foreign or bool(said & names))
    if isinstance(node, ast.Match):
        cases = frozenset().union(*(_words(c.pattern) for c in node.cases))
        return _is_type(node.subject) and bool(cases & names)
    if isinstance(node, ast.Dict):
        keys = {k.value for k in node.keys if isinstance(k, ast.Constant)}
        return len(keys & names) >= 2 and keys <= names | {""}
    if isinstance(node, ast.Call):
        func = node.func
        if isinstance(func, ast.Name) and func.id == "isinstance" and len(node.args) == 2:
            return any(isinstance(n, ast.Name) and n.id in classes for n in ast.walk(node.args[1]))
    return False


def _is_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in ASKED
    return isinstance(node, ast.Name) and node.id in ASKED


def _is_foreign(node: ast.expr, constants: dict[str, frozenset[str]]) -> bool:
    """A constant of another module: what it holds is not seen here, so it counts."""
    if isinstance(node, ast.Attribute):
        return node.attr.isupper()
    name = node.id if isinstance(node, ast.Name) else ""
    return name.isupper() and name not in constants and name != "FIELD_TYPES"


def _of_constant(node: ast.expr, constants: dict[str, frozenset[str]]) -> frozenset[str]:
    """What a constant of this module holds."""
    if isinstance(node, ast.Name):
        return constants.get(node.id, frozenset())
    return frozenset()


def field_types() -> tuple[frozenset[str], frozenset[str]]:
    """The names of field types and of kinds of values; the classes of field types."""
    from wubu.kernel.fields import FIELD_TYPES
    from wubu.kernel.fields.types import Kind

    return (
        frozenset(FIELD_TYPES) | frozenset(get_args(Kind)),
        frozenset(type(t).__name__ for t in FIELD_TYPES.values()),
    )


def main() -> None:
    found = list(places(*field_types()))
    bare = [a for a in found if not a.reason]
    sys.stdout.writelines(f"{a}\n" for a in bare)
    rooms = Counter("/".join(a.file.split("/")[:2]) for a in bare)
    sys.stdout.write(f"{len(bare)} without a reason, {len(found) - len(bare)} with one\n")
    sys.stdout.writelines(f"{n:5d} {room}\n" for room, n in rooms.most_common())


if __name__ == "__main__":
    import django

    django.setup()
    main()
