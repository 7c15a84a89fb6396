from __future__ import annotations

import io

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import codes, contract, customer
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM, Missing, Refused


def upload(actor, name: str = "合同.pdf", content: bytes = b"signed"):
    return actions.store_file(
        actor=actor, name=name, content=io.BytesIO(content), content_type="application/pdf"
    )


def test_it_works(cast: Cast, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    me = acting(cast.zhang_wei)
    kept = upload(me, "C:\\docs\\合同.pdf")
    assert (kept.name, kept.size) == ("合同.pdf", 6)
    made = contract(customer(actor=me), actor=me, files=[kept.id])
    assert made.values["files"] == (kept.id,)
    for reader in (me, acting(cast.li_qiang)):
        told, path = queries.open_file(reader, kept.id)
        assert (told.sha256, path.read_bytes()) == (kept.sha256, b"signed")
    for stranger in (acting(cast.zhou_tao), acting(cast.sun_yue)):
        with pytest.raises(Missing):
            queries.open_file(stranger, kept.id)
        assert queries.files_of(stranger, [kept.id]) == ()


def test_until_attached_it_is_its_uploaders(cast: Cast, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    me, other = acting(cast.zhang_wei), acting(cast.liu_yang)
    kept = upload(me)
    assert queries.open_file(me, kept.id)[0] == kept
    with pytest.raises(Missing):
        queries.open_file(other, kept.id)
    of = customer(actor=other)
    with pytest.raises(Refused) as refused:
        contract(of, actor=other, files=[kept.id])
    assert codes(refused) == [("no_such_file", "files")]


def test_empty_and_too_large(cast: Cast, settings, tmp_path, monkeypatch) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("wubu.kernel.records.attachments.files.LARGEST", 3)
    for content, code in ((b"", "empty_file"), (b"four", "file_too_large")):
        with pytest.raises(Refused) as refused:
            upload(SYSTEM, content=content)
        assert codes(refused) == [(code, None)]
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
