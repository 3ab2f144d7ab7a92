import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from accounts import cognito, directory, sessions
from accounts.errors import SignedOut
from accounts.middleware import attach_customer
from cloudcart.dynamo import count_calls
from cloudcart.identity import find_identity
from cloudcart.sessions import SessionStore, StoredSession, revoke_sessions
from tests.accounts.autofill import text_of
from tests.accounts.conftest import let_access_token_expire, session_of
from tests.accounts.fakes import FakePool
from tests.cast import Shopper


def test_a_guest_without_a_session_cookie_costs_no_read() -> None:
    with count_calls() as log:
        assert find_identity(_request({})) is None
    assert log.count == 0


def test_a_customer_costs_one_read_however_often_they_are_asked_for(alice: Shopper) -> None:
    with count_calls() as log:
        request = _request_of(alice.client)
        found = [find_identity(request) for _ in range(3)]
    assert [identity.customer_id for identity in found if identity] == [alice.customer_id] * 3
    assert log.calls == [("GetItem", "sessions")]


def test_an_expired_access_token_is_renewed_on_the_next_use(carol: Shopper) -> None:
    before = dict(session_of(carol.client).items())
    let_access_token_expire(carol.client)
    assert carol.client.get("/accounts/profile/").status_code == 200
    after = session_of(carol.client)
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] == before["refresh_token"]
    assert after["refresh_at"] > time.time() + 3000


def test_renewing_costs_one_write_and_keeps_the_session_id(carol: Shopper) -> None:
    key = session_of(carol.client).session_key
    let_access_token_expire(carol.client)
    with count_calls() as log:
        find_identity(_request_of(carol.client))
    assert log.calls == [("GetItem", "sessions"), ("PutItem", "sessions")]
    assert session_of(carol.client).session_key == key


def test_renewing_takes_over_a_new_name(carol: Shopper) -> None:
    directory.create_confirmed_account(email=carol.email, password=carol.password, name="Carola Fuchs")
    let_access_token_expire(carol.client)
    carol.client.get("/accounts/profile/")
    assert session_of(carol.client)["name"] == "Carola Fuchs"


def test_a_customer_whose_tokens_were_revoked_is_a_guest_and_told_so(carol: Shopper) -> None:
    _admin("admin_user_global_sign_out", carol)
    let_access_token_expire(carol.client)
    response: Any = carol.client.get("/accounts/profile/", follow=True)
    assert response.redirect_chain == [("/accounts/sign-in/?next=%2Faccounts%2Fprofile%2F", 302)]
    assert "You have been signed out. Please sign in again." in text_of(response)
    assert StoredSession.count() == 0
    assert carol.client.cookies[settings.SESSION_COOKIE_NAME].value == ""


@pytest.mark.parametrize("act", ["admin_disable_user", "admin_delete_user"])
def test_a_customer_whose_account_was_closed_is_a_guest_and_told_so(carol: Shopper, act: str) -> None:
    _admin(act, carol)
    let_access_token_expire(carol.client)
    response = carol.client.get("/accounts/profile/", follow=True)
    assert "This account is closed." in text_of(response)
    assert StoredSession.count() == 0


def test_while_cognito_is_away_the_session_goes_on_and_asks_again_a_minute_later(
    carol: Shopper, unplug_cognito: Callable[[], None]
) -> None:
    let_access_token_expire(carol.client)
    unplug_cognito()
    assert carol.client.get("/accounts/profile/").status_code == 200
    assert 50 < session_of(carol.client)["refresh_at"] - time.time() <= 60


def test_a_limit_of_cognito_ends_no_session(carol: Shopper, refusing_cognito: FakePool) -> None:
    refusing_cognito.refuse("LimitExceededException")
    let_access_token_expire(carol.client)
    for _ in range(2):
        assert carol.client.get("/accounts/profile/").status_code == 200
    assert refusing_cognito.calls == ["InitiateAuth"]


def test_a_session_that_is_revoked_while_cognito_answers_does_not_come_back(carol: Shopper) -> None:
    let_access_token_expire(carol.client)
    request = _request_of(carol.client)
    assert request.session["customer_id"] == carol.customer_id
    revoke_sessions(customer_id=carol.customer_id)
    assert find_identity(request) is None
    assert StoredSession.count() == 0


def test_what_is_done_for_the_customer_gets_a_token_that_is_valid(carol: Shopper) -> None:
    let_access_token_expire(carol.client)
    request = _request_of(carol.client)
    cognito.change_name(access_token=sessions.get_access_token(request), name="Carola Fuchs")
    assert sessions.get_access_token(request) == session_of(carol.client)["access_token"]


def test_nobody_gets_a_token_without_being_signed_in() -> None:
    with pytest.raises(SignedOut):
        sessions.get_access_token(_request({}))


def _admin(act: str, shopper: Shopper) -> None:
    getattr(cognito.client(), act)(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=shopper.email)


def _request_of(client: Client) -> Any:
    name = settings.SESSION_COOKIE_NAME
    return _request({name: client.cookies[name].value})


def _request(cookies: dict[str, str]) -> Any:
    request: Any = RequestFactory().get("/")
    request.COOKIES = cookies
    request.session = SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    attach_customer(lambda request: request)(request)  # type: ignore[arg-type, return-value]
    return request
