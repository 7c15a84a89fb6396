from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model

from tests.cast import PASSWORD, acting
from wubu.kernel.people import actions, queries
from wubu.kernel.people.access import LOCK, MAX_FAILURES
from wubu.kernel.types import SYSTEM, Forbidden, Refused

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_it_works(cast):
    assert actions.sign_in(" Zhang_Wei ", PASSWORD).person == cast.zhang_wei


@pytest.mark.parametrize("login", ["zhang_wei", "nobody"])
def test_known_and_unknown_logins_get_the_same_answers(cast, clock, login):
    codes = [actions.sign_in(login, "wrong").problem.code for _ in range(MAX_FAILURES + 1)]
    assert codes == ["sign_in_refused"] * (MAX_FAILURES - 1) + ["sign_in_locked"] * 2
    assert actions.sign_in(login, PASSWORD).problem.code == "sign_in_locked"


def test_the_lock_opens_again(cast, clock):
    for _ in range(MAX_FAILURES):
        actions.sign_in("zhang_wei", "wrong")
    clock.shift(LOCK + timedelta(seconds=1))
    assert actions.sign_in("zhang_wei", PASSWORD).person == cast.zhang_wei
    assert actions.sign_in("zhang_wei", "wrong").problem.code == "sign_in_refused"


def test_old_failures_are_forgotten(cast, clock):
    for _ in range(MAX_FAILURES - 1):
        actions.sign_in("zhang_wei", "wrong")
    clock.shift(LOCK * 2)
    assert actions.sign_in("zhang_wei", "wrong").problem.code == "sign_in_refused"


def test_changing_ones_password_ends_sessions(cast):
    member = get_user_model().objects.get(pk=cast.zhang_wei.id)
    before = member.get_session_auth_hash()
    me = acting(cast.zhang_wei)
    with pytest.raises(Refused):
        actions.change_password(actor=me, old="wrong", new="another-good-one")
    with pytest.raises(Refused) as refused:
        actions.change_password(actor=me, old=PASSWORD, new="zhang_wei")
    assert refused.value.problems[0].code == "weak_password"
    actions.change_password(actor=me, old=PASSWORD, new="another-good-one")
    assert actions.sign_in("zhang_wei", "another-good-one").person
    member.refresh_from_db()
    changed = member.get_session_auth_hash()
    assert changed != before
    actions.sign_out_everywhere(actor=me, member_id=cast.zhang_wei.id)
    member.refresh_from_db()
    assert member.get_session_auth_hash() != changed


def test_setting_passwords_of_others(cast):
    with pytest.raises(Forbidden):
        actions.set_password(
            actor=acting(cast.zhang_wei), member_id=cast.liu_yang.id, password="a-good-password"
        )
    actions.set_password(actor=SYSTEM, member_id=cast.liu_yang.id, password="a-good-password")
    assert actions.sign_in("liu_yang", "a-good-password").person


def test_keys(cast, clock):
    me = acting(cast.zhang_wei)
    info, raw = actions.create_token(actor=me, name="报表脚本", expires_at=NOW + timedelta(days=1))
    assert raw.endswith(info.hint)
    assert raw not in repr(queries.tokens(cast.zhang_wei.id))
    assert queries.member_for_token(raw) == cast.zhang_wei
    assert queries.member_for_token(raw + "x") is None
    actions.token_used(raw)
    assert queries.tokens(cast.zhang_wei.id)[0].last_used_at == NOW
    clock.shift(timedelta(days=1))
    assert queries.member_for_token(raw) is None


def test_revoking(cast):
    me = acting(cast.zhang_wei)
    info, raw = actions.create_token(actor=me, name="x")
    with pytest.raises(Forbidden):
        actions.revoke_token(actor=acting(cast.liu_yang), token_id=info.id)
    with pytest.raises(Forbidden):
        actions.create_token(actor=me, name="x", member_id=cast.liu_yang.id)
    actions.revoke_token(actor=me, token_id=info.id)
    assert queries.member_for_token(raw) is None
