from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import CreateError, UpdateError

from cloudcart.dynamo import count_calls
from cloudcart.sessions import CUSTOMER_KEY, SessionStore, StoredSession, revoke_sessions


def test_a_session_keeps_what_was_put_into_it() -> None:
    session = _saved(color="green")
    assert SessionStore(session.session_key).get("color") == "green"


def test_a_session_is_read_once_and_written_once() -> None:
    key = _saved(color="green").session_key
    with count_calls() as log:
        session = SessionStore(key)
        session["color"] = "blue"
        session["size"] = 3
        session.save()
    assert [operation for operation, _ in log.calls] == ["GetItem", "PutItem"]


def test_the_table_does_not_hold_what_the_cookie_says() -> None:
    session = _saved(color="green")
    stored = next(iter(StoredSession.scan()))
    assert str(session.session_key) not in str(stored.serialize())


def test_the_lifetime_is_the_one_of_the_settings() -> None:
    before = datetime.now(UTC)
    _saved(color="green")
    stored = next(iter(StoredSession.scan()))
    lifetime = stored.expires_at - before
    assert abs(lifetime - timedelta(seconds=settings.SESSION_COOKIE_AGE)) < timedelta(seconds=10)


def test_an_expired_session_counts_as_gone_though_dynamodb_still_has_it() -> None:
    session = _saved(color="green")
    stored = next(iter(StoredSession.scan()))
    stored.update(actions=[StoredSession.expires_at.set(datetime.now(UTC) - timedelta(seconds=1))])
    assert StoredSession.count() == 1
    assert not session.exists(str(session.session_key))
    revived = SessionStore(session.session_key)
    assert revived.get("color") is None
    assert revived.session_key is None


def test_a_key_that_somebody_invented_gets_a_new_one() -> None:
    session = SessionStore("chosen-by-the-attacker-0000000000")
    session["color"] = "green"
    session.save()
    assert session.session_key != "chosen-by-the-attacker-0000000000"
    assert SessionStore("chosen-by-the-attacker-0000000000").get("color") is None


def test_a_new_key_takes_the_content_along_and_ends_the_old_one() -> None:
    session = _saved(color="green")
    old_key = session.session_key
    session.cycle_key()
    assert session.session_key != old_key
    assert SessionStore(session.session_key).get("color") == "green"
    assert SessionStore(old_key).get("color") is None


def test_a_taken_key_is_not_overwritten() -> None:
    session = _saved(color="green")
    rival = SessionStore(session.session_key)
    with pytest.raises(CreateError):
        rival.save(must_create=True)
    assert SessionStore(session.session_key).get("color") == "green"


def test_deleting_ends_a_session() -> None:
    session = _saved(color="green")
    session.flush()
    assert StoredSession.count() == 0
    assert session.session_key is None


def test_revoking_ends_all_sessions_of_one_customer_and_no_other() -> None:
    first, second = _saved(**{CUSTOMER_KEY: "alice"}), _saved(**{CUSTOMER_KEY: "alice"})
    other, guest = _saved(**{CUSTOMER_KEY: "bob"}), _saved(color="green")
    assert revoke_sessions(customer_id="alice") == 2
    assert [SessionStore(session.session_key).get(CUSTOMER_KEY) for session in (first, second)] == [None, None]
    assert SessionStore(other.session_key).get(CUSTOMER_KEY) == "bob"
    assert SessionStore(guest.session_key).get("color") == "green"


def test_revoking_nothing_is_nothing() -> None:
    assert revoke_sessions(customer_id="alice") == 0


def test_a_request_that_is_under_way_cannot_bring_a_revoked_session_back() -> None:
    key = _saved(**{CUSTOMER_KEY: "alice"}).session_key
    under_way = SessionStore(key)
    under_way["color"] = "green"
    revoke_sessions(customer_id="alice")
    with pytest.raises(UpdateError):
        under_way.save()
    assert StoredSession.count() == 0


def test_a_customer_who_signs_out_of_a_session_is_no_longer_found_by_it() -> None:
    session = _saved(**{CUSTOMER_KEY: "alice"})
    del session[CUSTOMER_KEY]
    session.save()
    assert revoke_sessions(customer_id="alice") == 0
    assert StoredSession.count() == 1


def test_of_two_requests_that_change_a_session_the_later_one_counts() -> None:
    key = _saved(color="green").session_key
    first, second = SessionStore(key), SessionStore(key)
    first["color"], second["color"] = "blue", "red"
    first.save()
    second.save()
    assert SessionStore(key).get("color") == "red"


def test_a_payload_that_was_tampered_with_is_an_empty_session() -> None:
    session = _saved(color="green")
    stored = next(iter(StoredSession.scan()))
    stored.update(actions=[StoredSession.payload.set(stored.payload[:-2] + "xx")])
    assert SessionStore(session.session_key).get("color") is None


def _saved(**content: Any) -> SessionStore:
    session = SessionStore()
    session.update(content)
    session.save()
    return session
