"""The types of fields as people choose them: by group, with an icon and one line about each."""

from __future__ import annotations

from wubu.kernel.fields.base import GROUPS as LABELS
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.types import Text

GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = tuple(
    (label, tuple(k for k, t in FIELD_TYPES.items() if t.group == group))
    for group, label in LABELS.items()
)


def about(key: str) -> tuple[str, Text]:
    """Icon and explanation of a type."""
    kind = FIELD_TYPES.get(key)
    return (kind.icon, kind.about) if kind else ("forms", Text("", ""))
