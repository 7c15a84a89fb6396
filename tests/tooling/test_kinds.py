"""Nobody outside a field type's own file asks for its type, except with a reason beside it."""

from __future__ import annotations

import ast
from pathlib import Path

import wubu
from wubu.kernel.fields import FIELD_TYPES

ROOT = Path(wubu.__file__).parent
OWN = ("kernel/fields/",)  # the types themselves
# What a field type is called in other alphabets: FieldSpec.type, ValueType.kind.
ASKED = {"type", "kind"}
KEYS = frozenset(FIELD_TYPES)
REASON = "# kind: "


def _is_type(node: ast.expr) -> bool:
    """``f.type``, ``spec.type``, ``value.type.kind`` …, but not a call."""
    return isinstance(node, ast.Attribute) and node.attr in ASKED


def _words(node: ast.AST) -> set[str]:
    return {
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
