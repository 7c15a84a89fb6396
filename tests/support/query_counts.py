"""How many queries each action may cost, kept in ``tests/query_counts.json``.

``with assert_cost("records.create opportunity"): …`` compares with the file. A new key, or a count
that went down, is written there by ``WUBU_WRITE_COUNTS=1``; a count that went up fails until
somebody writes it down on purpose.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

FILE = Path(__file__).parents[1] / "query_counts.json"
NOISE = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@contextlib.contextmanager
def assert_cost(key: str) -> Iterator[None]:
    """The block must cost what the file says, on the database that is being tested."""
    with CaptureQueriesContext(connection) as captured:
        yield
    queries = [q["sql"] for q in captured if not q["sql"].lstrip().startswith(NOISE)]
    kept: dict[str, dict[str, int]] = json.loads(FILE.read_text(encoding="utf-8"))
    known = kept.get(key, {}).get(connection.vendor)
    if os.environ.get("WUBU_WRITE_COUNTS") == "1":
        kept.setdefault(key, {})[connection.vendor] = len(queries)
        text = json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False)
        FILE.write_text(text + "\n", encoding="utf-8")
        return
    listed = "\n".join(f"  {n}. {sql[:160]}" for n, sql in enumerate(queries, 1))
    assert len(queries) == known, f"{key} cost {len(queries)} queries, known are {known}:\n{listed}"
