"""What a browser posts, without HTTP."""

from __future__ import annotations

from typing import Any


class Posted(dict[str, Any]):
    """Raw values by the name of their question; a list where a question takes several."""

    def getlist(self, name: str) -> list[Any]:
        found = self.get(name, [])
        return found if isinstance(found, list) else [found]


def posted(**raw: Any) -> Posted:
    return Posted(raw)
