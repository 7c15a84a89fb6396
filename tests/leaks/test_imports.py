"""What an import tells of records that its maker may not see: nothing, whatever the file says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast
from tests.leaks.conftest import Browse
from tests.leaks.entrances import plain
from tests.leaks.secrets import Reading, Secrets, build
from tests.leaks.test_random_roles import reading

ROLE = {
    "label": "只导自己的",
    "grants": [
        {
            "object": key,
            "actions": ["view", "create", "edit", "import", "bulk_edit", "delete"],
            "rows": "own",
        }
        for key in ("customer", "contact")
    ],
    "fields": {"customer": {"note": "hidden"}, "contact": {"phone": "masked", "note": "hidden"}},
    "performance": "own",
}


@pytest.fixture
def secrets(cast: Cast) -> Secrets:
    return build(cast)


def sent(client: Client, method: str, address: str, body: Any = None) -> str:
    more = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    answer = client.generic(method, f"/api/v1/imports{address}", **more)
    assert answer.status_code < 500, (address, answer.content)
    return plain(answer.content, answer.headers.get("Content-Type", ""))


def told(said: Reading, text: str, typed: str) -> list[Any]:
    """The canaries that a text gives away, besides what stood in the file."""
    return [
        (c, row.object_key, key) for c, row, key in said.secret() if c in text and c not in typed
    ]


def test_a_file_finds_out_nothing(secrets: Secrets, browse: Browse) -> None:
    """Names that are nearly those of others, links to them, keys that are there already."""
    said = reading(secrets, [ROLE], [])
    client = browse(secrets.cast.zhang_wei)
    rows = ["姓名,客户,手机,备注,邮箱"]
    for n, row in enumerate(secrets.rows["contact"]):
        customer = secrets.rows["customer"][n].values["name"]
        rows.append(f"{row.values['name'][:-1]},{customer[:-1]}x,{row.values['phone'][:-1]},x,")
        rows.append(f"新人{n},{customer},13700000{n:03},x,{row.values['email'][1:]}")
    typed = "\n".join(rows)
    file = SimpleUploadedFile("联系人.csv", typed.encode(), content_type="text/csv")
    staged = client.post("/api/v1/imports", {"files": file})
    assert staged.status_code == 201, staged.content
    view = json.loads(staged.content)
    id_, batch = view["id"], view["batches"][0]["id"]
    texts = [plain(staged.content, "application/json")]
    texts.append(sent(client, "PUT", f"/batches/{batch}/target", {"object": "contact"}))
    mapping = {"columns": {"0": "name", "1": "customer", "4": "email"}, "match_on": ["name"]}
    texts.append(sent(client, "PUT", f"/batches/{batch}/mapping", mapping))
    texts.append(sent(client, "GET", f"/{id_}"))
    texts.append(sent(client, "GET", f"/{id_}/check"))
    texts.append(sent(client, "POST", f"/{id_}/check", {}))
    for value in {line.split(",")[1] for line in rows[1:]}:
        body = {"field": "customer", "value": value, "remedy": "choose", "use": value[:6]}
        texts.append(sent(client, "POST", f"/batches/{batch}/resolve", body))
    texts.append(sent(client, "POST", f"/{id_}/start", {}))
    texts.append(sent(client, "GET", f"/{id_}"))
    for page in (f"/import/{id_}", f"/import/problems/{batch}.xlsx", "/import"):
        answer = client.get(page)
        assert answer.status_code < 500, page
        raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
        texts.append(plain(raw, answer.headers.get("Content-Type", "")))
    assert any("不存在" in t or "没有" in t for t in texts)  # that the names are not there is told
    assert [told(said, t, typed) for t in texts] == [[]] * len(texts)
    # Nobody else's import is anybody's business.
    other = browse(secrets.cast.liu_yang)
    assert other.get(f"/api/v1/imports/{id_}").status_code == 404
    assert other.get(f"/import/{id_}").status_code in (403, 404)
    assert other.get(f"/import/line/{batch}/2").status_code in (403, 404)
