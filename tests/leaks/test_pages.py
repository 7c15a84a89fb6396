"""Nothing on any page tells a rep of another team's rep: not a word, not a figure, not a name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

from django.db import connection
from django.test import Client

from tests.leaks.conftest import Browse
from tests.leaks.world import LATIN, MARK, PHONE, World, told
from wubu.control.alerts.models import Alert
from wubu.kernel.catalog.queries import snapshot
from wubu.measure.figures.queries import metrics
from wubu.motivate.leaderboards.queries import leaderboards

AROUND = (
    "/timeline",
    "/timeline?kind=change",
    "/past",
    "/print",
    "/beside",
    "/callable",
    "/access",
    "/share",
)
REMINDERS = {"plan_due": "follow_plan", "next_contact": "follow_up", "next_step": "opportunity"}
SHARED = ("product",)  # everybody may see all of these


def asked(world: World) -> Iterator[str]:
    """Every address by which somebody might come upon what is not theirs."""
    sun, south = world.cast.sun_yue.id, world.cast.south.id
    yield from ("/", "/cockpit", "/cockpit?period=2026", "/funnel", "/alerts", "/points", "/me")
    yield from ("/targets", "/scorecard", "/review/", "/leaderboard", "/metrics/", "/import")
    for key in (f"board={b.key}" for b in leaderboards()):
        yield f"/leaderboard?{key}"
    for rule in ("no_follow_up", "payment_overdue"):
        yield from (f"/alerts?rule={rule}", f"/alerts?rule={rule}&owner={sun}")
    for where in (f"member={sun}", f"team={south}"):
        for page in ("cockpit", "scorecard", "points", "targets", "funnel", "alerts"):
            yield f"/{page}?{where}"
    for metric in metrics(hidden=True):
        yield f"/metrics/{metric.key}"
        yield f"/metrics/{metric.key}?member={sun}"
        yield f"/metrics/{metric.key}?team={south}"
    for words in (MARK, LATIN, PHONE[-4:], PHONE, "7654321", "syjm"):
        yield f"/search?q={quote(words)}"
    for spec in snapshot().live:
        key = spec.key
        yield f"/o/{key}/"
        yield f"/o/{key}/?columns={','.join(f.key for f in spec.live_fields)}"
        yield f"/o/{key}/?q={quote(MARK)}"
        yield f"/o/{key}/?f={quote(f'{{owner}} = {sun}')}" if "owner" in spec.fields else "/"
        for f in spec.live_fields:
            yield f"/o/{key}/?sort=-{f.key}&f=&group={f.key}"
        yield f"/o/{key}/?format=csv"
        yield f"/o/{key}/new"
        for look in (
            "calendar",
            "calendar?span=day",
            "timeline",
            "gallery",
            "locations",
            "sums?f=",
        ):
            yield f"/o/{key}/{look}"
        for f in list(spec.live_fields)[:3]:
            yield f"/o/{key}/group?f=&group={f.key}&in="
            yield f"/o/{key}/{world.theirs[key].id}/cell/{f.key}"
        if spec.role("stage"):
            yield f"/o/{key}/board"
            yield from (f"/o/{key}/board/{c.key}" for c in spec.role("stage").choices)
        yield f"/pick/{key}"
        yield f"/pick/{key}?q={quote(MARK)}"
        yield from (f"/pick/choice/{key}/{f.key}?q=" for f in spec.live_fields if f.choices)
        theirs = world.theirs[key].id
        for end in ("", "/edit", *AROUND):
            yield f"/o/{key}/{theirs}{end}"
        for f in spec.live_fields:
            if f.type == "link" and f.target in world.theirs:
                # A form that is opened with a link filled in names what it points at.
                yield f"/o/{key}/new?{f.key}={world.theirs[f.target].id}"
        yield f"/o/{key}/{world.mine[key].id}"
        yield from (f"/o/{key}/{world.mine[key].id}{end}" for end in ("/edit", *AROUND))
        yield f"/o/{key}/new?copy={theirs}"
        yield f"/bin?object={key}"
    for key, record in world.crossed.items():
        yield from (f"/o/{key}/{record.id}{end}" for end in ("", *AROUND))
        yield f"/o/{key}/{record.id}/edit"
    yield f"/files/{world.file_id}"
    yield f"/files/{world.file_id}/preview"
    yield f"/files/{world.file_id}/small"
    yield from ("/notices", "/notices/bell", "/bin", "/setup/access", "/setup/log")
    for alert in Alert.objects.all():
        yield f"/alerts/{alert.id}/quiet"


def leaks(client: Client, addresses: Iterator[str]) -> list[str]:
    found = []
    for address in dict.fromkeys(addresses):
        answer = client.get(address)
        assert answer.status_code < 500, address
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = echo(body.decode(errors="replace"), address)
        if marks := told(text):
            place = max(0, text.find(marks[0]))
            found.append(f"{address}: …{text[max(0, place - 80) : place + 40]}…")
    return found


def echo(text: str, address: str) -> str:
    """The page without what was asked: a search page repeats the words that were typed."""
    if "q=" not in address:
        return text
    return re.sub(r'value="[^"]*"|“[^”]*”|q=[^"&]*|<title>.*?</title>|<h1.*?</h1>', "", text)


def test_a_rep_meets_nothing_of_another(world: World, browse: Browse) -> None:
    client = browse(world.cast.zhang_wei)
    addresses = [a for a in asked(world) if not a.startswith(tuple(f"/o/{k}" for k in SHARED))]
    addresses = [a for a in addresses if not a.startswith("/pick/product")]
    rename_shared(world)
    assert leaks(client, iter(addresses)) == []


def test_a_manager_meets_nothing_of_another_team(world: World, browse: Browse) -> None:
    rename_shared(world)
    client = browse(world.cast.li_qiang)
    addresses = [
        a
        for a in asked(world)
        if not re.match(r"/(o|pick)/product", a) and "sort=" not in a and "f=" not in a
    ]
    assert leaks(client, iter(addresses[::3])) == []


def rename_shared(world: World) -> None:
    """What everybody may see bears no mark."""
    with connection.cursor() as cursor:
        for key in SHARED:
            spec = snapshot().object(key)
            for f in spec.live_fields:
                if f.type in ("text", "longtext"):
                    cursor.execute(f"UPDATE o_{key} SET {f.key} = 'P' || id")
                elif f.type == "money":
                    cursor.execute(f"UPDATE o_{key} SET {f.key} = 100")


def test_the_marks_are_there_to_be_found(world: World, browse: Browse) -> None:
    """The owner meets them: the test above looks in the right places."""
    client = browse(world.cast.wang_li)
    addresses = {
        "/alerts?rule=payment_overdue",
        "/o/customer/",
        "/o/opportunity/board",
        "/pick/lead",
        f"/o/contract/{world.theirs['contract'].id}",
        f"/files/{world.file_id}",
        f"/search?q={quote(MARK)}",
    }
    assert addresses <= set(asked(world))
    found = {line.split(":")[0] for line in leaks(client, iter(addresses))}
    assert found == addresses


def test_a_forged_address_is_like_none(world: World, browse: Browse) -> None:
    """Another's id answers exactly as an id that never was."""
    client = browse(world.cast.zhang_wei)
    for key, record in world.theirs.items():
        if key in SHARED:
            continue
        for end in ("", "/edit"):
            theirs = client.get(f"/o/{key}/{record.id}{end}")
            never = client.get(f"/o/{key}/987654{end}")
            assert theirs.status_code == never.status_code, (key, end)
            assert theirs.status_code in (403, 404)
            assert bare(theirs.content, record.id) == bare(never.content, 987654), (key, end)


def bare(content: bytes, id_: int) -> str:
    text = re.sub(r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"', "", content.decode())
    return re.sub(rf"(?<=[/:]){id_}(?!\d)|(?<==){id_}(?!\d)|%2F{id_}(?!\d)", "ID", text)


def test_no_form_reaches_another(world: World, browse: Browse) -> None:
    client = browse(world.cast.zhang_wei)
    before = everything()
    for key, record in world.theirs.items():
        if key in SHARED:
            continue
        base = f"/o/{key}/{record.id}"
        stage = snapshot().object(key).role("stage")
        sent = [
            (f"{base}/edit", {"name": "x", "note": "x", "content": "x", "version": "1"}),
            (f"{base}/archive", {}),
            (f"{base}/note", {"content": "x", "kind": "call"}),
            (f"{base}/comment", {"text": "x"}),
            (f"{base}/follow?on=1", {}),
            (f"{base}/restore-to", {"on": "2099-01-01"}),
            (f"{base}/restore-value?change=1", {}),
            (f"{base}/merge", {"with": world.mine[key].id}),
            (f"/bin/{key}", {"do": "restore", "id": record.id}),
            (f"/bin/{key}", {"do": "purge", "id": record.id}),
            (f"/o/{key}/bulk", {"id": record.id, "do": "archive"}),
            (f"/o/{key}/bulk", {"id": record.id, "owner": world.cast.zhang_wei.id}),
            (f"/o/{key}/restore?ids={record.id}", {}),
        ]
        if stage:
            to = stage.choices[1].key
            sent.append((f"{base}/stage", {"stage": to}))
            sent.append((f"{base}/undo-stage?to={to}", {}))
        for address, values in sent:
            answer = client.post(address, values)
            assert answer.status_code in (302, 303, 400, 403, 404, 405, 422), address
            assert told(answer.content.decode()) == [], address
    for rule, key in REMINDERS.items():
        client.post(f"/due/{rule}/{world.theirs[key].id}/done")
        client.post(f"/due/{rule}/{world.theirs[key].id}/later", {"days": "3"})
    for alert in Alert.objects.all():
        if alert.owner_id == world.cast.sun_yue.id:
            client.post(f"/alerts/{alert.id}/quiet/save", {"until": "2031-01-01", "reason": "x"})
    assert everything() == before


def everything() -> list[tuple[object, ...]]:
    """Every row of every object, by hand."""
    found = []
    with connection.cursor() as cursor:
        for spec in snapshot().live:
            cursor.execute(f"SELECT * FROM o_{spec.key} ORDER BY id")
            found += [(spec.key, *row) for row in cursor.fetchall()]
        cursor.execute("SELECT * FROM wubu_alerts_alert ORDER BY id")
        found += cursor.fetchall()
    return found


def test_linking_to_another_is_like_linking_to_nothing(world: World, browse: Browse) -> None:
    client = browse(world.cast.zhang_wei)
    before = everything()
    for key in ("contact", "opportunity", "follow_up", "contract", "quote"):
        told_by = []
        for id_ in (world.theirs["customer"].id, 987654):
            sent = {"name": "新", "content": "新", "type": "call", "amount": "1"}
            answer = client.post(f"/o/{key}/new", {**sent, "customer": f"id:{id_}"})
            assert answer.status_code == 422, key
            text = bare(answer.content, id_)
            assert told(text) == []
            told_by.append(re.findall(r'role="alert".*?</ul>', text, re.DOTALL))
        assert told_by[0] == told_by[1] != [[]], key
    assert everything() == before


def test_the_glass_box_opens_within_sight_only(world: World, browse: Browse) -> None:
    client = browse(world.cast.zhang_wei)
    sun, south = world.cast.sun_yue.id, world.cast.south.id
    for metric in metrics(hidden=True):
        theirs = client.get(f"/metrics/{metric.key}?member={sun}")
        assert theirs.status_code == 404, metric.key
        assert "孙悦" not in theirs.content.decode()
        # A team out of sight is like no team at all: what may be seen of everybody.
        plain = client.get(f"/metrics/{metric.key}").content
        team = client.get(f"/metrics/{metric.key}?team={south}").content
        assert figures_in(team) == figures_in(plain), metric.key
        for whose in (f"member={sun}", f"team={south}"):
            answer = client.get(f"/api/v1/metrics/{metric.key}/explain?{whose}")
            assert answer.status_code in (200, 403, 404)
            if answer.status_code == 200:  # as of somebody who never did anything
                said = json.loads(answer.content)
                assert said["entries"] == []
                assert said["figure"]["value"] in (None, "0", "0.00", "0.0"), metric.key
    boss = browse(world.cast.wang_li).get(f"/metrics/sales_signed?member={sun}")
    mine = client.get("/metrics/sales_signed")
    assert set(figures_in(boss.content)) - set(figures_in(mine.content))  # there is a figure


def figures_in(page: bytes) -> list[str]:
    return re.findall(r"¥[\d,.]+", page.decode())
