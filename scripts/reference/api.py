"""docs/reference/api.md: an overview; the whole is in the OpenAPI document of the program."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from scripts.reference.markdown import code, table
from wubu.kernel.catalog.queries import snapshot
from wubu.web.api import build

INTRO = """\
# The HTTP API

Everything that the pages do can be done under `/api/v1`, with the same permission checks. The
running program explains itself: `/api/docs` is a page to read and try it, `/api/openapi.json`
the document, both typed from the company's own objects and without what the reader may not see.

```sh
KEY=$(wubu token zhangwei)              # or on the page “Me”
curl -H "Authorization: Bearer $KEY" http://127.0.0.1:8000/api/v1/me
curl -H "Authorization: Bearer $KEY" -G http://127.0.0.1:8000/api/v1/records/opportunity \\
     --data-urlencode 'filter={amount} > 10万 AND {stage} = "negotiation"' \\
     --data-urlencode 'sort=-amount'
```

- **Sign in** with a personal key as above. Pages of the same origin may use their session with
  its CSRF token.
- **Values**: ids are strings. Money and numbers with decimals are decimal strings (`"1234.50"`),
  ratios too (`"0.6000"`). Days are `2026-03-01`, times are UTC.
- **Lists** take `filter` and `sort` in [the one language](language.md) and go on by opaque
  cursors; nothing is counted page by page.
- **Two at once**: a change may carry the `version` it was made from. If someone else saved
  first, the answer is 409 with both.
- **Many at once**: `POST …/bulk` creates and changes by a natural key, all or nothing, with
  `dry_run` to only check.
- **Errors** are problem details (RFC 9457, `application/problem+json`); `errors` holds every
  problem with its code, place, reason and remedy, in the language of `Accept-Language`.

"""


def page() -> str:
    groups: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for path, method, operation in routes():
        groups[path.split("/")[1]].append(
            (method.upper(), code(path), operation.get("summary", ""))
        )
    parts = [INTRO]
    for group, rows in groups.items():
        parts.append(f"## {group}\n\n{table(('', 'path', ''), rows)}\n")
    return "".join(parts).rstrip("\n") + "\n"


def routes() -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation; those of records once, for any object."""
    document = build.api(snapshot()).get_openapi_schema(path_prefix="")
    found = []
    for path, methods in document["paths"].items():
        kept = path
        if path.startswith("/records/"):
            if not path.startswith("/records/customer"):
                continue
            kept = path.replace("/records/customer", "/records/{object}")
        found += [(kept, method, operation) for method, operation in methods.items()]
    return found
