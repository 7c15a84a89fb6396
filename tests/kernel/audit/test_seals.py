"""The log is sealed block by block, and whoever alters it afterwards is found out."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from wubu.kernel.audit import actions, sealing
from wubu.kernel.audit.models import Block, Change, Mark
from wubu.kernel.audit.sealing import latest, seal
from wubu.kernel.audit.verifying import verify
from wubu.kernel.calendar.queries import now
from wubu.kernel.types import Actor, Refused

ZHANG = Actor(7)
WUBU = Path(__file__).parents[3] / "wubu"


def append(count: int, first: int = 0) -> list[int]:
    rows = [(n, {"a": n}, {"a": n + 1, "名称": "甲 乙"}, None) for n in range(first, first + count)]
    actions.append(actor=ZHANG, at=now(), object_key="thing", action="update", rows=rows)
    found = Change.objects.filter(object_key="thing").order_by("id").values_list("id", flat=True)
    return list(found)


def newest() -> int:
    return Change.objects.order_by("-id").values_list("id", flat=True).first() or 0


def execute(statement: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.fixture
def sealed(db: None, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Twelve changes in blocks of five, sealed together with all that was there before."""
    monkeypatch.setattr(sealing, "PER_BLOCK", 5)
    ids = append(12)
    seal(newest())
    assert verify().good
    return ids


@pytest.mark.usefixtures("db")
def test_it_works() -> None:
    ids = append(3)
    assert seal(newest()) >= 3
    done = verify()
    assert done.good
    assert done.unsealed == 0
    assert done.seal == latest()
    assert done.seal is not None
    assert done.seal.last_id == ids[-1]
    append(2, 50)
    assert verify().unsealed == 2
    assert seal(newest()) == 2
    assert seal(newest()) == 0


def test_an_edited_change_is_named(sealed: list[int]) -> None:
    execute("UPDATE wubu_audit_change SET actor_id = 9 WHERE id IN (%s, %s)", sealed[7], sealed[9])
    found = verify().tampering
    assert found is not None
    assert (found.flaw, found.change_id, found.object_key) == ("edited", sealed[7], "thing")
    assert found.record_id == 7
    assert found.at is not None


def test_a_value_inside_counts(sealed: list[int]) -> None:
    execute("UPDATE wubu_audit_change SET after = %s WHERE id = %s", '{"a": 99}', sealed[3])
    found = verify().tampering
    assert found is not None
    assert (found.flaw, found.change_id) == ("edited", sealed[3])


def test_a_deleted_change_is_named(sealed: list[int]) -> None:
    execute("DELETE FROM wubu_audit_change WHERE id = %s", sealed[5])
    found = verify().tampering
    assert found is not None
    assert (found.flaw, found.change_id, found.record_id) == ("deleted", sealed[5], 5)


def test_the_last_of_a_block_deleted(sealed: list[int]) -> None:
    last = Block.objects.order_by("-number").values_list("last_id", flat=True)[1]
    execute("DELETE FROM wubu_audit_change WHERE id = %s", last)
    found = verify().tampering
    assert found is not None
    assert (found.flaw, found.change_id) == ("deleted", last)


def test_an_inserted_change_is_named(sealed: list[int]) -> None:
    """A sequence of PostgreSQL leaves gaps; somebody may fill one."""
    gap = sealed[6]
    row = Change.objects.get(id=gap)
    execute("DELETE FROM wubu_audit_change WHERE id = %s", gap)
    Block.objects.all().delete()
    seal(newest())
    row.action = "create"
    row.save(force_insert=True)
    found = verify().tampering
    assert found is not None
    assert (found.flaw, found.change_id) == ("inserted", gap)


def test_two_changes_that_swapped_places(sealed: list[int]) -> None:
    one, two = sealed[2], sealed[8]
    execute("UPDATE wubu_audit_change SET id = -1 WHERE id = %s", one)
    execute("UPDATE wubu_audit_change SET id = %s WHERE id = %s", one, two)
    execute("UPDATE wubu_audit_change SET id = %s WHERE id = -1", two)
    found = verify().tampering
    assert found is not None
    assert (found.flaw, found.change_id) == ("edited", one)


def test_an_altered_block(sealed: list[int]) -> None:
    block = Block.objects.order_by("-number")[1]
    lines = sealing.unpack(block.entries)
    lines[0] = lines[0].replace("thing", "think")
    block.entries = sealing.pack(lines)
    block.save()
    found = verify().tampering
    assert found is not None
    assert found.block == block.number
    assert found.flaw in ("edited", "block")


def test_a_block_made_anew_breaks_the_chain(sealed: list[int]) -> None:
    execute("UPDATE wubu_audit_change SET actor_id = 9 WHERE id = %s", sealed[1])
    block = Block.objects.get(first_id__lte=sealed[1], last_id__gte=sealed[1])
    lines = [sealing.line(r) for r in sealing.rows_between(block.first_id, block.last_id)]
    block.entries = sealing.pack(lines)
    block.hash = sealing.chained(block.number, block.previous, lines)
    block.save()
    found = verify().tampering
    assert found is not None
    assert (found.flaw, found.block) == ("chain", block.number + 1)


def test_a_missing_block_breaks_the_chain(sealed: list[int]) -> None:
    block = Block.objects.order_by("-number")[1]
    number = block.number
    block.delete()
    found = verify().tampering
    assert found is not None
    assert (found.flaw, found.block) == ("chain", number)


def test_only_a_seal_kept_outside_finds_a_log_written_anew(sealed: list[int]) -> None:
    kept = latest()
    execute("UPDATE wubu_audit_change SET actor_id = 9 WHERE id = %s", sealed[1])
    Block.objects.all().delete()
    seal(newest())
    assert verify().good
    found = verify(seal=str(kept)).tampering
    assert found is not None
    assert found.flaw == "seal"
    assert verify(seal=str(latest())).good


def test_a_seal_of_a_block_that_is_no_more(sealed: list[int]) -> None:
    kept = latest()
    assert kept is not None
    Block.objects.filter(number=kept.number).delete()
    found = verify(seal=str(kept)).tampering
    assert found is not None
    assert (found.flaw, found.block) == ("seal", kept.number)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("text", ["x", "1:zz", "-1:" + "a" * 64, "1", "九:" + "a" * 64])
def test_what_is_no_seal_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        verify(seal=text)
    assert refused.value.problems[0].code == "not_a_seal"


def another(name: str = "") -> Any:
    """A second connection to the server, to this database or to another one."""
    import psycopg

    settings = connection.settings_dict
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"] or 5432,
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=name or settings["NAME"],
    )


ONE_MORE = (
    "INSERT INTO wubu_audit_change (at, entrance, object_key, record_id, action, file, sheet)"
    " VALUES (now(), 'page', 'late', 1, 'create', '', '') RETURNING id"
)
on_postgres = pytest.mark.skipif("connection.vendor != 'postgresql'")


def newest_seal() -> int:
    seal()
    found = latest()
    return found.last_id if found else 0


@pytest.mark.django_db(transaction=True)
@on_postgres
def test_an_open_transaction_holds_the_horizon_back() -> None:
    """A lower id that is committed after a higher one is not passed over."""
    with contextlib.closing(another()) as other:
        (late,) = other.execute(ONE_MORE).fetchone()
        higher = append(1)[0]
        assert higher > late
        assert newest_seal() < late
        assert Mark.objects.exists()
        assert newest_seal() < late
        other.commit()
    assert newest_seal() == higher
    assert verify().good
    lines = [n for b in Block.objects.all() for n in sealing.unpack(b.entries)]
    assert any(n.startswith(f"{late} ") for n in lines)


@pytest.mark.django_db(transaction=True)
@on_postgres
def test_who_began_after_the_mark_holds_nothing_of_it_back() -> None:
    """One after the other always writes; the log is sealed all the same."""
    with contextlib.closing(another()) as first, contextlib.closing(another()) as second:
        (one,) = first.execute(ONE_MORE).fetchone()
        first_mark = append(1)[0]
        assert newest_seal() < one
        (two,) = second.execute(ONE_MORE).fetchone()
        first.commit()
        assert newest_seal() == first_mark
        assert first_mark < two
        second.rollback()
    assert newest_seal() == first_mark


@pytest.mark.django_db(transaction=True)
@on_postgres
def test_an_id_that_was_taken_before_anything_was_written_counts() -> None:
    """A transaction has no number yet when it asks the sequence; its lock is there already."""
    with contextlib.closing(another()) as other:
        other.execute("LOCK TABLE wubu_audit_change IN ROW EXCLUSIVE MODE")
        other.execute("SELECT nextval(pg_get_serial_sequence('wubu_audit_change', 'id'))")
        append(1)
        assert newest_seal() == 0


@pytest.mark.django_db(transaction=True)
@on_postgres
@pytest.mark.parametrize("place", ["this database", "another database"])
def test_who_does_not_write_to_the_log_holds_nothing_back(place: str) -> None:
    with contextlib.closing(another("" if place == "this database" else "postgres")) as other:
        other.execute("CREATE TEMPORARY TABLE busy (n int)")
        other.execute("INSERT INTO busy VALUES (1)")
        higher = append(1)[0]
        assert newest_seal() == higher


def test_nothing_in_the_program_rewrites_the_log() -> None:
    """Only appending: no update, save or delete of a Change, no SQL that does the same."""
    wrong = re.compile(
        r"(UPDATE|DELETE FROM|TRUNCATE)\s+\"?wubu_audit_change"
        r"|\bChange\.objects\.(?!order_by|filter\(id__(lte|gt|gte)|filter\(batch_id)",
        re.IGNORECASE,
    )
    rewriting = re.compile(r"\bChange\.objects\b[^\n]*\.(update|delete|save|bulk_update)\(")
    found = []
    for path in WUBU.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "migrations" in path.parts:
            continue
        if rewriting.search(text) or re.search(wrong, text):
            found.append(str(path.relative_to(WUBU)))
    assert found == []
