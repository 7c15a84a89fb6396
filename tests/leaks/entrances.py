"""Every entrance by which a value could come out: what is asked, and the text that a person sees.

One line per entrance. ``whole`` are the fields that the owner must meet there, so that the walks
look at the right places; what gives no values by its nature names none.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.test import Client

from tests.leaks.secrets import FIELDS, OBJECTS, TITLES, Row, Secrets
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.measure.figures.queries import metrics

FILES = ("spreadsheetml", "text/csv")


@dataclass(frozen=True)
class Ask:
    """One request. ``body`` is sent as JSON below /api/, as a form elsewhere."""

    address: str
    method: str = "GET"
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def text(self, client: Client) -> str:
        """What the answer holds, as it is read; whatever it wrote is taken back."""
        more: dict[str, Any] = {"headers": self.headers} if self.headers else {}
        call = getattr(client, self.method.lower())
        if self.method == "GET":
            answer = call(self.address, **more)
        else:
            api = self.address.startswith("/api/")
            body = json.dumps(self.body) if api else self.body
            sent = {"content_type": "application/json"} if api else {}
            with transaction.atomic():
                answer = call(self.address, body, **sent, **more)
                transaction.set_rollback(True)
        assert answer.status_code < 500, self
        raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
        kind = answer.headers.get("Content-Type", "")
        where = answer.headers.get("Location", "") + str(answer.cookies.output())
        return plain(raw, kind) + where


def plain(raw: bytes, kind: str) -> str:
    """Bytes as they are read: sheets unpacked, codes of letters undone."""
    if "spreadsheetml" in kind:
        book = zipfile.ZipFile(io.BytesIO(raw))
        return "".join(book.read(n).decode() for n in book.namelist() if n.endswith(".xml"))
    text = re.sub(
        r"\\u([0-9a-fA-F]{4})", lambda c: chr(int(c[1], 16)), raw.decode(errors="replace")
    )
    return unescape(text)


Asks = Callable[[Secrets], Iterator[Ask]]


def of_objects(*ends: str) -> Asks:
    """Addresses below each object; ``{columns}`` are all its fields, ``{slug}`` a saved view."""

    def asks(s: Secrets) -> Iterator[Ask]:
        for key in OBJECTS:
            columns = ",".join(f.key for f in snapshot().object(key).live_fields)
            for end in ends:
                yield Ask(end.format(o=key, columns=columns, slug=s.views[key][0]))

    return asks


def of_records(*ends: str) -> Asks:
    """Addresses of each record, of those in the bin too."""

    def asks(s: Secrets) -> Iterator[Ask]:
        for row in s.known:
            other = next(r for r in s.rows[row.object_key] if r.id != row.id)
            for end in ends:
                yield Ask(end.format(o=row.object_key, id=row.id, other=other.id, today=today()))

    return asks


def of_fields(end: str) -> Asks:
    """Addresses for each field that holds secrets."""

    def asks(s: Secrets) -> Iterator[Ask]:
        for key in OBJECTS:
            for name in FIELDS[key]:
                for row in s.rows[key][:3:2]:
                    literal = quote(f'{{{name}}} = "{row.canaries(name)[0][:-1]}"')
                    yield Ask(end.format(o=key, f=name, id=row.id, q=literal))

    return asks


def of_metrics(s: Secrets) -> Iterator[Ask]:
    for one in metrics(hidden=True):
        for who in ("", f"?member={s.me}", f"?member={s.cast.sun_yue.id}"):
            yield Ask(f"/metrics/{one.key}{who}")
            yield Ask(f"/api/v1/metrics/{one.key}/explain{who}")


def plainly(*addresses: str) -> Asks:
    return lambda s: iter([Ask(a) for a in addresses])


def each_row(made: Callable[[Row, Secrets], Iterator[Ask]]) -> Asks:
    return lambda s: (ask for row in s.known for ask in made(row, s))


def _stale(row: Row, s: Secrets) -> Iterator[Ask]:
    """Somebody saved in between: both sides are shown."""
    title = TITLES[row.object_key]
    typed = {title: "x", "version": "1", "note": "x", "phone": "x", "layout": ""}
    yield Ask(f"/o/{row.object_key}/{row.id}/edit", "POST", typed)
    values = {k: "x" for k in FIELDS[row.object_key] if FIELDS[row.object_key][k] == "text"}
    for names in (values, {"note": "x"}):
        body = {"values": names, "version": 1}
        yield Ask(f"/api/v1/records/{row.object_key}/{row.id}", "PATCH", body)


def _named(row: Row, s: Secrets) -> Iterator[Ask]:
    """Links by a name that is nearly right, keys that are there already, filled-in forms."""
    key, title = row.object_key, row.values[TITLES[row.object_key]]
    near = title[:-1] + "x"
    values = {"name": "新", "purpose": "新", "customer": near, "parent": near, "contact": near}
    fields = snapshot().object(key).fields
    given = {k: v for k, v in values.items() if k in fields}
    yield Ask(f"/api/v1/records/{key}", "POST", {"values": given})
    yield Ask(f"/o/{key}/new", "POST", {**given, "layout": ""})
    match = {"records": [{"values": {TITLES[key]: title[:-1]}}], "match_on": [TITLES[key]]}
    yield Ask(f"/api/v1/records/{key}/bulk", "POST", {**match, "dry_run": True})
    for link in ("customer", "parent"):
        if link in fields:
            about = row.customer.id if row.customer else row.id
            form = {link: f"id:{about}", "live:changed": link, "record": str(row.id)}
            yield Ask(f"/o/{key}/compute", "POST", form)
            yield Ask(f"/o/{key}/pick", "POST", {**form, "pick:field": link, "pick:words": "zq"})
            said = {"values": {link: str(about)}, "changed": [link]}
            yield Ask(f"/api/v1/forms/{key}/evaluate", "POST", said)
            wanted = {"values": said["values"], "field": link, "words": "zq"}
            yield Ask(f"/api/v1/forms/{key}/candidates", "POST", wanted)
            yield Ask(f"/o/{key}/new?{link}={about}")


def _tried(row: Row, s: Secrets) -> Iterator[Ask]:
    """Formulas on one record, over its links too."""
    key = row.object_key
    for name in FIELDS[key]:
        body = {"object": key, "text": f"{{{name}}}", "record": row.id}
        yield Ask("/api/v1/formulas/evaluate", "POST", body)
    if row.customer is not None:
        for name in FIELDS["customer"]:
            body = {"object": key, "text": f"{{customer.{name}}}", "record": row.id}
            yield Ask("/api/v1/formulas/evaluate", "POST", body)


def _forged(row: Row, s: Secrets) -> Iterator[Ask]:
    """What is done to what may not be one's own."""
    key, me = row.object_key, s.me
    base, api = f"/o/{key}/{row.id}", f"/api/v1/records/{key}/{row.id}"
    other = next(r for r in s.rows[key] if r.id != row.id)
    for end, sent in (
        ("comment", {"text": "@孙悦 看"}),
        ("share", {"with": f"m:{s.cast.liu_yang.id}", "level": "edit"}),
        ("merge", {"with": str(other.id)}),
        ("restore-to", {"on": f"{today()}"}),
        ("archive", {}),
        ("follow?on=1", {}),
        ("cell/note", {"note": "x", "version": "1"}),
        ("stage", {"stage": "won"}),
    ):
        yield Ask(f"{base}/{end}", "POST", sent)
    yield Ask(f"{api}/merge", "POST", {"drop": str(other.id)})
    yield Ask(f"{api}/restore-to", "POST", {"on": f"{today()}"})
    yield Ask(f"/bin/{key}", "POST", {"do": "restore", "id": row.id})
    ids = [str(r.id) for r in s.rows[key]]
    yield Ask(f"/o/{key}/bulk", "POST", {"id": ids, "owner": me})
    yield Ask(f"/o/{key}/edit-many", "POST", {"id": ids, "field": "note", "note": "x", "do": "1"})
    edit = {"field": "note", "value": "x", "ids": ids}
    yield Ask(f"/api/v1/records/{key}/edit-many", "POST", edit)
    paste = {"rows": [{"id": i, "version": 1} for i in ids], "columns": ["note"], "text": "x\ny"}
    yield Ask(f"/api/v1/records/{key}/paste", "POST", {**paste, "dry_run": True})


# by name: what is asked, and the fields that the owner meets there
ENTRANCES: dict[str, tuple[Asks, tuple[str, ...]]] = {
    "list": (of_objects("/o/{o}/?columns={columns}", "/o/{o}/?q=zq"), ("phone", "note")),
    "list by view": (of_objects("/o/{o}/?view={slug}"), ("view",)),
    "view": (of_objects("/api/v1/views/{o}/{slug}", "/api/v1/views/{o}"), ("view",)),
    "groups": (
        of_objects(
            "/o/{o}/?f=&group=note",
            "/o/{o}/group?f=&group=owner&in=&columns={columns}",
            "/api/v1/records/{o}/groups?by=owner",
        ),
        (),
    ),
    "sums": (of_objects("/o/{o}/sums?f=&columns={columns}"), ()),
    "calendar": (of_objects("/o/{o}/calendar?f=", "/o/{o}/timeline?f="), ("name",)),
    "gallery": (of_objects("/o/{o}/gallery?f="), ("name",)),
    "locations": (of_objects("/o/{o}/locations?f="), ("name",)),
    "board": (plainly("/o/opportunity/board", "/funnel", "/api/v1/boards/opportunity"), ("name",)),
    "export": (
        of_objects("/o/{o}/?format=csv&columns={columns}", "/o/{o}/?format=xlsx&columns={columns}"),
        ("phone", "note", "email", "revenue"),
    ),
    "pick": (of_objects("/pick/{o}", "/pick/{o}?q=zq"), ("name", "purpose")),
    "search": (plainly("/search?q=zq", "/search?q=%E6%9C%BA%E5%AF%86"), ("name",)),
    "api search": (plainly("/api/v1/search?q=zq"), ("name",)),
    "api list": (of_objects("/api/v1/records/{o}?limit=100"), ("phone", "note", "wechat")),
    "api bin": (
        of_objects("/api/v1/records/{o}?archived=true", "/api/v1/bin/{o}", "/bin?object={o}"),
        ("name", "note"),
    ),
    "today": (plainly("/", "/shared", "/api/v1/due", "/api/v1/shares"), ()),
    "alerts": (plainly("/alerts", "/api/v1/alerts", "/api/v1/alerts/owners"), ()),
    "cockpit": (plainly("/cockpit", "/leaderboard", "/scorecard", "/points", "/metrics/"), ()),
    "metrics": (of_metrics, ("name",)),
    "bell": (plainly("/notices", "/notices/bell", "/api/v1/notices?limit=100"), ("name", "said")),
    "record": (of_records("/o/{o}/{id}"), ("phone", "note", "said", "was")),
    "form": (of_records("/o/{o}/{id}/edit", "/o/{o}/new?copy={id}"), ("note", "email")),
    "paper": (of_records("/o/{o}/{id}/print"), ("phone", "note")),
    "as it was": (
        of_records("/o/{o}/{id}/past", "/api/v1/records/{o}/{id}/as-of?on={today}"),
        ("note", "phone"),
    ),
    "timeline": (
        of_records("/o/{o}/{id}/timeline", "/api/v1/records/{o}/{id}/timeline"),
        ("said", "was", "note"),
    ),
    "history": (of_records("/api/v1/records/{o}/{id}/history"), ("was", "note")),
    "comments": (of_records("/api/v1/records/{o}/{id}/comments"), ("said",)),
    "neighbours": (
        of_records("/o/{o}/{id}/beside?list=/o/{o}/%3Fsort%3Dnote", "/o/{o}/{id}/callable?q=z"),
        (),
    ),
    "who sees it": (of_records("/o/{o}/{id}/access", "/o/{o}/{id}/share"), ("name",)),
    "merging": (of_records("/o/{o}/{id}/merge?with={other}"), ("note",)),
    "api record": (of_records("/api/v1/records/{o}/{id}"), ("phone", "note", "employees")),
    "alerts of it": (of_records("/api/v1/alerts/on/{o}/{id}"), ()),
    "cell": (of_fields("/o/{o}/{id}/cell/{f}"), ("phone", "note")),
    "asked by field": (of_fields("/o/{o}/?f={q}&sort=-{f}&group={f}"), ()),
    "api by field": (of_fields("/api/v1/records/{o}?filter={q}&sort={f}"), ()),
    "conflict": (each_row(_stale), ("note", "phone")),
    "by name": (each_row(_named), ("name",)),
    "formula": (each_row(_tried), ("note", "region")),
    "forged": (each_row(_forged), ()),
}


def every(secrets: Secrets) -> list[tuple[str, Ask]]:
    """All requests of all entrances, each with the name of its entrance."""
    return [(name, ask) for name, (asks, _) in ENTRANCES.items() for ask in asks(secrets)]
